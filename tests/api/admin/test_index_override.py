"""An index that two people set for a time: it counts everywhere, is public, and ends by itself."""

from datetime import timedelta

import orjson
import pytest
from sqlalchemy import select

from models.audit import AuditEntry
from models.markets import IndexOverride
from models.operations import Outbox
from server.jobs.end_overrides import end_overrides
from server.markets.service import record_reading, stop_stale_indexes
from server.monitor.verifier import verify
from server.orders.lane import loading
from server.orders.lane.commands import FromInbox
from server.staff.audit_chain import chain_waiting
from server.trades.desk import DESK
from tests.market_world import start_world
from tests.staff_world import agree, ask_as_staff, join_staff

BODY = {"price": "30000", "minutes": 60, "public_reason": "The sources are wrong."}
KIND = "override_index"
MARKET = "USDT-VND"
PATH = f"/markets/{MARKET}/index-override/end"
REASON = {"reason": "The sources are right again."}


@pytest.fixture
async def world(database_url):
    async with start_world(database_url) as started:
        yield started
        await chain_waiting(started.database)
        assert await verify(started.database, full=True) == []


@pytest.fixture
async def manager(world):
    return await join_staff(world, "max", "market_manager")


@pytest.fixture
async def fay(world):
    return await join_staff(world, "fay", "finance")


async def override(world, manager, fay, **more):
    await agree(manager, fay, KIND, MARKET, {**BODY, **more})
    await world.wait_for_inbox()


async def read_source(world, ticks, *, seconds=5):
    async def work(unit):
        verdict = await record_reading(
            unit, MARKET, index_ticks=ticks, read_at=unit.now, source="test"
        )
        return verdict.accepted

    world.clock.advance(seconds=seconds)
    accepted = await world.database.transact(work, name="test")
    await world.wait_for_inbox()
    return accepted


async def end_due(world):
    ended = await end_overrides(world.client.server.app[DESK])
    await world.wait_for_inbox()
    return ended


async def fetch(world, path=f"/markets/{MARKET}/index"):
    async with world.client.get(f"/api/v1{path}") as reply:
        assert reply.status == 200
        return await reply.json()


def index_of_book(world):
    state = world.lane.desk.book.state
    return state.index_ticks, state.is_floating_on


async def test_override_is_shown_with_its_reason_and_its_end(world, manager, fay):
    await override(world, manager, fay)
    index = await fetch(world)
    assert (index["index"], index["floating_on"]) == ("30000", True)
    shown = index["override"]
    assert shown["reason"] == BODY["public_reason"]
    assert (shown["began_at"], shown["ends_at"]) == (
        "2026-01-01T00:00:00.000Z", "2026-01-01T01:00:00.000Z",
    )  # fmt: skip
    market = await fetch(world, f"/markets/{MARKET}")
    assert (market["index"], market["floating_on"]) == ("30000", True)
    assert index_of_book(world) == (30_000, True)


async def test_floating_orders_trade_at_it(world, manager, fay):
    seller, buyer = await world.join("seller", usdt="1000"), await world.join("buyer")
    floating = {"pricing": {"type": "floating", "margin_bp": 100}}
    await seller.sell("100", "26000", **floating)
    await override(world, manager, fay)
    (trade,) = (await buyer.buy("40", "31000"))["trades"]
    assert trade["price"] == "30300"


async def test_price_band_follows_it(world, manager, fay):
    seller = await world.join("seller", usdt="1000")
    await seller.add_account()
    high = {"market": MARKET, "side": "sell", "pricing": {"type": "fixed", "price": "36000"},
            "amount": "20", "payment_account_ids": list(seller.accounts.values())}  # fmt: skip
    status, problem = await seller.ask("POST", "/orders", high)
    assert (status, problem["code"]) == (422, "price_out_of_band")
    await override(world, manager, fay)
    assert (await seller.ask("POST", "/orders", high))[0] == 201
    low = {**high, "pricing": {"type": "fixed", "price": "23999"}}
    assert (await seller.ask("POST", "/orders", low))[1]["code"] == "price_out_of_band"


async def test_readings_of_sources_are_kept_and_move_nothing_meanwhile(world, manager, fay):
    await override(world, manager, fay)
    assert await read_source(world, 26_100)
    index = await fetch(world)
    assert (index["index"], index["items"][0]["index"]) == ("30000", "26100")
    assert index_of_book(world) == (30_000, True)


async def test_silent_sources_do_not_switch_it_off(world, manager, fay):
    await override(world, manager, fay)
    world.clock.advance(minutes=5)
    await stop_stale_indexes(world.database)
    await world.wait_for_inbox()
    assert index_of_book(world) == (30_000, True)
    assert (await fetch(world))["floating_on"] is True


async def test_it_ends_by_itself_and_the_last_reading_counts(world, manager, fay):
    await override(world, manager, fay)
    await read_source(world, 26_100, seconds=3570)
    assert await end_due(world) == 0
    world.clock.advance(seconds=30)
    assert await end_due(world) == 1
    assert await end_due(world) == 0
    index = await fetch(world)
    assert (index["index"], index["floating_on"], index["override"]) == ("26100", True, None)
    assert index_of_book(world) == (26_100, True)


async def test_when_it_ends_after_silence_floating_orders_wait(world, manager, fay):
    await override(world, manager, fay)
    world.clock.advance(minutes=60)
    assert await end_due(world) == 1
    assert index_of_book(world) == (26_000, False)
    assert (await fetch(world))["floating_on"] is False


async def test_lane_that_looked_at_the_market_during_it_hears_of_silent_sources_after_it(
    world, manager, fay
):
    world.clock.advance(seconds=1)
    await override(world, manager, fay)
    path = "/switches/rail:vn-one/stop"
    assert (await ask_as_staff(manager, "POST", path, REASON, proven=True))[0] == 200
    await world.wait_for_inbox()
    assert (await ask_as_staff(manager, "POST", PATH, REASON, proven=True))[0] == 204
    await world.wait_for_inbox()
    assert index_of_book(world) == (26_000, True)
    world.clock.advance(seconds=121)
    await stop_stale_indexes(world.database)
    await world.wait_for_inbox()
    assert index_of_book(world) == (26_000, False)


async def test_schedule_ends_it_without_being_asked(world, manager, fay):
    await override(world, manager, fay, minutes=1)
    world.clock.advance(minutes=1)
    for _ in range(300):
        if (await fetch(world))["override"] is None:
            break
        await world.settle()
    assert (await fetch(world))["override"] is None


async def test_lane_that_begins_after_its_end_does_not_know_it(world, manager, fay):
    await override(world, manager, fay)
    now = world.clock.now()
    async with world.database.read() as connection:
        during = await loading.load_market(connection, MARKET, now)
        after = await loading.load_market(connection, MARKET, now + timedelta(minutes=60))
    assert (during.index_ticks, during.floating_on) == (30_000, True)
    assert (after.index_ticks, after.index_read_at) == (26_000, now)


def test_row_of_an_override_that_is_over_is_never_matched_on():
    def row(**body):
        return FromInbox(inbox_id=None, kind="index", body=body)

    began, ended = "2026-01-01T00:00:00.000Z", "2026-01-01T01:00:00.000Z"
    late = row(index_ticks=1, floating_on=True, read_at=began, until=ended)
    from server.core.clock import EPOCH

    now = EPOCH.replace(year=2026)
    loading.mark_superseded([late], None, now + timedelta(minutes=59))
    assert not late.superseded
    loading.mark_superseded([late], None, now + timedelta(minutes=60))
    assert late.superseded
    # The end of one counts although what it goes back to was read before it began.
    end = row(index_ticks=1, floating_on=False, read_at="2025-12-31T23:00:00.000Z", at=ended)
    loading.mark_superseded([end], now + timedelta(minutes=30), now + timedelta(minutes=61))
    assert not end.superseded


async def test_it_is_taken_back_by_one_person_with_a_reason(world, manager, fay):
    await override(world, manager, fay)
    await read_source(world, 26_100)
    assert (await ask_as_staff(fay, "POST", PATH, REASON, proven=True))[0] == 403
    unproven = await ask_as_staff(manager, "POST", PATH, REASON)
    assert (unproven[0], unproven[1]["code"]) == (403, "step_up_required")
    assert (await ask_as_staff(manager, "POST", PATH, REASON, proven=True))[0] == 204
    await world.wait_for_inbox()
    assert index_of_book(world) == (26_100, True)
    assert (await ask_as_staff(manager, "POST", PATH, REASON, proven=True))[0] == 404
    (row,) = await world.read(select(IndexOverride.ended_by, IndexOverride.running_in))
    assert (str(row.ended_by), row.running_in) == (manager.id, None)


async def test_one_replaces_another(world, manager, fay):
    await override(world, manager, fay)
    await override(world, manager, fay, price="31000", minutes=1)
    assert (await fetch(world))["index"] == "31000"
    rows = await world.read(select(IndexOverride.running_in))
    assert sorted(str(row.running_in) for row in rows) == ["None", MARKET]


async def test_change_of_what_runs_voids_a_proposal(world, manager, fay):
    asked = {"kind": KIND, "object_id": MARKET, "body": BODY, "reason": "Wrong."}
    _, old = await ask_as_staff(manager, "POST", "/approvals", asked, proven=True)
    await override(world, manager, fay, price="31000")
    path, shown = f"/approvals/{old['id']}/approve", {"hash": old["hash"]}
    status, problem = await ask_as_staff(fay, "POST", path, shown, proven=True)
    assert (status, problem["code"]) == (409, "object_changed")


async def test_nobody_does_it_alone(world, manager, fay):
    asked = {"kind": KIND, "object_id": MARKET, "body": BODY, "reason": "Wrong."}
    status, problem = await ask_as_staff(fay, "POST", "/approvals", asked, proven=True)
    assert (status, problem["code"]) == (403, "forbidden")
    _, made = await ask_as_staff(manager, "POST", "/approvals", asked, proven=True)
    path, shown = f"/approvals/{made['id']}/approve", {"hash": made["hash"]}
    status, problem = await ask_as_staff(manager, "POST", path, shown, proven=True)
    assert (status, problem["code"]) == (403, "own_proposal")
    assert (await fetch(world))["index"] == "26000"


@pytest.mark.parametrize(
    "change",
    [{"price": "0"}, {"price": "-1"}, {"price": "1.5"}, {"price": "NaN"}, {"price": 26000},
     {"price": "1" * 20}, {"minutes": 0}, {"minutes": 1441}, {"minutes": "5"},
     {"public_reason": ""}, {"by": "me"}],
)  # fmt: skip
async def test_malformed_override_is_refused(world, manager, change):
    body = {**BODY, **change}
    asked = {"kind": KIND, "object_id": MARKET, "body": body, "reason": "Wrong."}
    status, problem = await ask_as_staff(manager, "POST", "/approvals", asked, proven=True)
    assert (status, problem["code"]) == (422, "invalid")


async def test_override_of_no_market_is_not_found(world, manager):
    asked = {"kind": KIND, "object_id": "USDT-ZZZ", "body": BODY, "reason": "Wrong."}
    assert (await ask_as_staff(manager, "POST", "/approvals", asked, proven=True))[0] == 404
    path = "/markets/USDT-ZZZ/index-override/end"
    assert (await ask_as_staff(manager, "POST", path, REASON, proven=True))[0] == 404


async def test_beginning_and_end_are_audited_and_told_to_the_room(world, manager, fay):
    await override(world, manager, fay)
    await ask_as_staff(manager, "POST", PATH, REASON, proven=True)
    await world.wait_for_inbox()
    statement = select(AuditEntry).where(AuditEntry.object_kind == "market").order_by(AuditEntry.id)
    began, ended = await world.read(statement)
    assert (began.action, str(began.actor_id)) == ("index_overridden", fay.id)
    assert (began.reason, orjson.loads(began.after)["index_ticks"]) == (
        BODY["public_reason"], 30_000,
    )  # fmt: skip
    assert (ended.action, ended.reason) == ("index_override_ended", REASON["reason"])
    rows = await world.read(
        select(Outbox.body).where(Outbox.name == "index_updated").order_by(Outbox.seq)
    )
    assert [orjson.loads(row.body)["index"] for row in rows] == ["30000", "26000"]
