"""One's own list of notifications: read in one's language, marked, counted, and switched off."""

import contextlib

import orjson
import pytest
from sqlalchemy import event, select, update

from models.identity import Profile
from models.operations import Outbox
from server.http.endpoint import Actor
from server.identity.notices import tell_owner
from server.notifications import inbox, routes
from server.notifications.channels import dispatch, keep_notice
from server.notifications.kinds import KINDS
from server.notifications.wanted import Wanted
from tests.api.trades.conftest import serve_world
from tests.trade_world import open_world
from tests.unit.notifications.conftest import CHANNELS, Told


class InboxApi(Told):
    """The calls of notifications over the world of trades."""

    def __init__(self, api):
        super().__init__(api.world)
        self.api = api

    async def get(self, path="/notifications", name="seller", **query):
        reply = await self.api.get(path, name, **query)
        assert reply.status == 200, await reply.text()
        return await reply.json()

    async def send(self, method, path, body=None, name="seller"):
        self.api.keys += 1
        headers = {"Authorization": f"Bearer {name}", "Idempotency-Key": f"n-{self.api.keys}"}
        reply = await self.api.client.request(
            method, f"/api/v1{path}", json=body or {}, headers=headers
        )
        return reply.status, await reply.json()

    async def speak(self, language):
        async def work(unit):
            await unit.execute(
                update(Profile)
                .where(Profile.user_id == self.world.seller)
                .values(language=language)
            )

        await self.world.run(work)

    @contextlib.contextmanager
    def count_statements(self):
        seen = []

        def note(_connection, _cursor, statement, *_rest):
            seen.append(statement)

        engine = self.world.database.engine.sync_engine
        event.listen(engine, "before_cursor_execute", note)
        yield seen
        event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
async def box(database_url):
    async with (
        open_world(database_url) as world,
        serve_world(world, *routes.ROUTES.endpoints) as api,
    ):
        yield InboxApi(api)


async def tell_seller(box, count):
    """As many things that the seller is told."""
    for _ in range(count):
        cause = box.world.database.ids.new_id()
        wanted = Wanted(
            user_id=box.world.seller, kind="trade_cancelled", cause_id=cause, subject="trade",
            subject_id=cause, params={"market": "USDT-VND", "amount": "1", "counterparty": "x"},
        )  # fmt: skip
        await box.world.run(lambda unit, wanted=wanted: dispatch(unit, CHANNELS, [wanted]))


async def test_notification_is_read_in_ones_language_with_amounts_and_time_left(box):
    world = box.world
    trade_id = await world.open_trade()
    await world.do("declare_payer", trade_id)
    await world.do("mark_paid", trade_id)
    await box.tell()
    world.clock.advance(minutes=10, seconds=1)
    page = await box.get()
    item, opened = page["items"]
    assert (page["unread"], opened["kind"]) == (2, "trade_opened")
    assert (item["kind"], item["topic"], item["count"]) == ("trade_paid", "trades", 1)
    assert (item["subject"], item["subject_id"]) == ("trade", str(trade_id))
    assert item["title"].startswith("buyer has paid ₫")
    assert item["text"].endswith("then release 100 USDT. 19 min left.")
    assert item["params"]["amount"] == "100.000000"
    assert item["read_at"] is None
    await box.speak("vi")
    world.clock.advance(minutes=20)
    item, _ = (await box.get())["items"]
    assert item["title"].startswith("buyer đã trả")
    assert item["text"].endswith("100 USDT. Đã hết giờ.")


async def test_pages_are_newest_first_and_unread_ones_can_be_asked_for(box):
    await tell_seller(box, 5)
    first = await box.get(limit=3)
    rest = await box.get(limit=3, cursor=first["next_cursor"])
    ids = [item["id"] for item in first["items"] + rest["items"]]
    assert ids == sorted(ids, reverse=True)
    assert (len(ids), rest["next_cursor"], first["unread"]) == (5, None, 5)
    status, item = await box.send("POST", f"/notifications/{ids[1]}/read")
    assert (status, item["id"]) == (200, ids[1])
    assert item["read_at"] is not None
    box.world.clock.advance(minutes=1)
    assert (await box.send("POST", f"/notifications/{ids[1]}/read"))[1] == item
    unread = await box.get(unread="true")
    assert [one["id"] for one in unread["items"]] == [ids[0], *ids[2:]]
    status, left = await box.send("POST", "/notifications/read", {"through": ids[2]})
    assert (status, left) == (200, {"unread": 1})
    assert [one["id"] for one in (await box.get(unread="true"))["items"]] == [ids[0]]
    for cursor in ("x", "AAAA"):
        assert (await box.api.get("/notifications", "seller", cursor=cursor)).status == 422


async def test_length_of_the_list_changes_nothing_in_the_statements(box):
    await tell_seller(box, 1)
    with box.count_statements() as short:
        await box.get()
    await tell_seller(box, 4)
    with box.count_statements() as long:
        await box.get()
    selects = [one for one in long if one.startswith("SELECT")]
    assert len(long) == len(short)
    assert len(selects) == 3


async def test_marking_and_counting_have_their_bounds(box, monkeypatch):
    monkeypatch.setattr(inbox, "READ_AT_ONCE_MAX", 2)
    monkeypatch.setattr(inbox, "UNREAD_SHOWN_MAX", 4)
    await tell_seller(box, 5)
    page = await box.get()
    assert page["unread"] == 4
    newest = page["items"][0]["id"]
    assert (await box.send("POST", "/notifications/read", {"through": newest}))[1] == {"unread": 3}


async def test_what_is_anothers_is_not_there(box):
    await tell_seller(box, 1)
    (item,) = (await box.get())["items"]
    assert (await box.get(name="stranger"))["items"] == []
    status, problem = await box.send("POST", f"/notifications/{item['id']}/read", name="stranger")
    assert (status, problem["code"]) == (404, "not_found")
    body = {"through": item["id"]}
    assert (await box.send("POST", "/notifications/read", body, "stranger"))[0] == 200
    assert (await box.get())["unread"] == 1
    assert (await box.api.get("/notifications", None)).status == 401


async def test_kind_is_switched_off_and_on_again(box):
    path = "/me/notification-settings"
    shown = (await box.get(path))["items"]
    assert [one["kind"] for one in shown] == list(KINDS)
    assert all(one["enabled"] for one in shown)
    wish = {"kind": "trade_cancelled", "channel": "in_app", "enabled": False}
    status, changed = await box.send("PATCH", path, {"items": [{**wish, "enabled": True}, wish]})
    off = [one["kind"] for one in changed["items"] if not one["enabled"]]
    assert (status, off) == (200, ["trade_cancelled"])
    await tell_seller(box, 1)
    assert (await box.get())["items"] == []
    await box.send("PATCH", path, {"items": [{**wish, "enabled": True}]})
    await tell_seller(box, 1)
    assert len((await box.get())["items"]) == 1
    for wrong in ({**wish, "kind": "x"}, {**wish, "channel": "pigeon"}):
        assert (await box.send("PATCH", path, {"items": [wrong]}))[0] == 422
    assert (await box.send("PATCH", path, {"items": []}))[0] == 422


async def test_safety_of_the_account_cannot_be_switched_off(box):
    wish = {"kind": "password_changed", "channel": "in_app", "enabled": False}
    status, problem = await box.send("PATCH", "/me/notification-settings", {"items": [wish]})
    assert (status, problem["code"]) == (409, "notification_fixed")
    shown = {one["kind"]: one for one in (await box.get("/me/notification-settings"))["items"]}
    assert shown["password_changed"]["enabled"]
    assert shown["password_changed"]["fixed"]
    assert not shown["trade_paid"]["fixed"]


async def test_notice_of_the_account_is_kept_under_the_identifier_of_its_event(box):
    world = box.world
    hooks = world.desk.identity_hooks
    hooks.on_notice.append(keep_notice)
    actor = Actor(world.seller, world.seller, "user")

    async def work(unit):
        await tell_owner(unit, hooks, actor.user_id, "new_device", device="Firefox")

    await world.run(work)

    async def fail(unit):
        await work(unit)
        raise LookupError

    with pytest.raises(LookupError):
        await world.run(fail)
    (item,) = (await box.get())["items"]
    (told,) = await world.fetch(select(Outbox.body).where(Outbox.name == "notification_created"))
    body = orjson.loads(told.body)
    assert {name: item[name] for name in body} == body
    assert item["topic"] == "security"
    assert "Firefox" in item["text"]
