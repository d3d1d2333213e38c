"""Linked accounts: found signal by signal, kept apart, and the staff has the last word."""

from uuid import UUID

import pytest
from sqlalchemy import select

from models.audit import AuditEntry
from models.links import AccountLink, LinkSignal
from server.identity.context import IDENTITY
from server.identity.hooks import Seen
from server.trades.desk import DESK
from server.trust.links import find_links
from tests.api.trust.deals import complete, rate
from tests.market_world import PASSWORD, start_world
from tests.staff_world import ask_as_staff, join_staff

NOTE = {"note": "We have looked at both."}


@pytest.fixture
async def ann(world):
    return await world.join("ann", usdt="1000")


@pytest.fixture
async def bea(world):
    return await world.join("bea")


async def see(world, person, **what):
    identity = world.client.server.app[IDENTITY]

    async def work(unit):
        for hook in identity.hooks.on_seen:
            await hook(unit, Seen(UUID(person.id), **what))

    await world.database.transact(work, name="test")


async def compare(world):
    desk = world.client.server.app[DESK]
    while await find_links(desk.database, desk.sealer, desk.identity_hooks):
        pass
    await world.wait_for_inbox()


async def link(world, one, other):
    """Two accounts on one telephone that tried one payment account."""
    for person in (one, other):
        await see(world, person, ip="42.112.7.9", devices=(b"phone",), payment_account=b"bank")
    await compare(world)


async def list_links(staff, query=""):
    status, page = await ask_as_staff(staff, "GET", f"/links{query}")
    assert status == 200
    return page["items"]


async def decide(staff, link_id, *, confirmed):
    body = {"confirmed": confirmed, **NOTE}
    return await ask_as_staff(staff, "POST", f"/links/{link_id}/decision", body, proven=True)


async def do_match(buyer, amount="20"):
    """Whether a purchase finds what is for sale, and its order taken back if not."""
    order = await buyer.buy(amount, "26000")
    if not order["trades"]:
        await buyer.must("DELETE", f"/orders/{order['id']}")
    return bool(order["trades"])


async def test_linked_accounts_never_match_until_the_staff_says_they_are_two(world, carl, ann, bea):
    await ann.sell("100", "26000")
    await link(world, ann, bea)
    assert not await do_match(bea)
    (found,) = await list_links(carl, "?status=linked")
    assert {one["username"] for one in found["users"]} == {"ann", "bea"}
    assert {one["signal"] for one in found["reasons"]} >= {"device", "payment_account"}
    assert sum(one["points"] for one in found["reasons"]) == found["score"] >= 60
    _, of_ann = await ask_as_staff(carl, "GET", f"/users/{ann.id}/links")
    assert of_ann["items"] == [found]

    status, decided = await decide(carl, found["id"], confirmed=False)
    assert (status, decided["status"], decided["note"]) == (200, "dismissed", NOTE["note"])
    await world.wait_for_inbox()
    assert await do_match(bea)
    # What the staff decided stays, whatever else they share.
    await see(world, ann, devices=(b"tablet",))
    await see(world, bea, devices=(b"tablet",))
    await compare(world)
    assert (await list_links(carl))[0]["status"] == "dismissed"

    assert (await decide(carl, found["id"], confirmed=True))[1]["status"] == "confirmed"
    await world.wait_for_inbox()
    assert not await do_match(bea)
    audited = await world.read(
        select(AuditEntry.reason).where(
            AuditEntry.action == "link_decided", AuditEntry.actor_id == UUID(carl.id)
        )
    )
    assert [row.reason for row in audited] == [NOTE["note"]] * 2


async def test_what_linked_accounts_did_together_counts_nothing(world, carl, ann, bea):
    async def profile():
        async with world.client.get("/api/v1/users/ann") as reply:
            return await reply.json()

    for number in range(3):
        person = await world.join(f"buyer{number}")
        trade = await complete(ann, person)
        await rate(person, trade, 3)
        await rate(ann, trade)
    before = await profile()
    assert before["rating"] == {"score": "3.00", "raters": 3, "ratings": 3}
    for _ in range(2):
        trade = await complete(ann, bea, "200")
        await rate(bea, trade, 5)
        await rate(ann, trade, 5)
    assert (await profile())["rating"]["score"] == "4.73"
    await link(world, ann, bea)
    after = await profile()
    assert (after["rating"], after["counterparties"]) == (before["rating"], 3)
    (found,) = await list_links(carl)
    await decide(carl, found["id"], confirmed=False)
    assert (await profile())["rating"]["score"] == "4.73"


async def test_little_in_common_is_for_the_staff_to_see_and_keeps_nobody_apart(
    world, carl, ann, bea
):
    await ann.sell("100", "26000")
    for person in (ann, bea):
        await see(world, person, devices=(b"phone",))
    await compare(world)
    (found,) = await list_links(carl)
    assert (found["status"], found["score"]) == ("suspected", 55)
    assert await do_match(bea)
    for person in (ann, bea):
        await see(world, person, payment_account=b"bank")
    await compare(world)
    assert (await list_links(carl))[0]["status"] == "linked"
    rows = await world.read(select(AccountLink.__table__))
    assert len(rows) == 1


async def test_signals_come_from_sign_ins_and_tell_nothing_by_themselves(database_url):
    proxied = {"trusted_proxies": "127.0.0.1", "device_hold_hours": 24}
    async with start_world(database_url, **proxied) as world:
        ann = await world.join("ann")
        account = {"email": "ann@example.com", "password": PASSWORD}
        headers = {"X-Forwarded-For": "42.112.7.9"}
        for _ in range(2):
            async with world.client.post(
                "/api/v1/auth/login", json=account, headers=headers
            ) as reply:
                assert reply.status == 200
        rows = await world.read(
            select(LinkSignal.__table__).where(LinkSignal.user_id == UUID(ann.id))
        )
        kinds = [row.kind for row in rows]
        assert (kinds.count("address"), kinds.count("network")) == (1, 1)
        assert kinds.count("device") >= 1
        assert all(len(row.digest) == 32 for row in rows)
        assert b"42.112" not in b"".join(bytes(row.digest) for row in rows)


async def test_nobody_decides_about_himself_and_only_who_may_sees_links(world, carl, ruth, ann):
    await link(world, ann, carl)
    (found,) = await list_links(carl)
    assert (await decide(carl, found["id"], confirmed=False))[1]["code"] == "own_link"
    assert (await ask_as_staff(ruth, "GET", "/links"))[0] == 403
    assert (await ask_as_staff(ruth, "GET", f"/users/{ann.id}/links"))[0] == 403
    other = await join_staff(world, "cleo", "compliance")
    assert (await decide(other, UUID(int=5), confirmed=True))[0] == 404
    assert (await decide(other, found["id"], confirmed=True))[0] == 200
