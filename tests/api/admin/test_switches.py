"""Stopping what is in danger: at once and by one person; letting it go on takes two."""

import asyncio

import orjson
import pytest
from sqlalchemy import insert, select

from models.audit import AuditEntry
from models.operations import Breach, Outbox, Switch
from models.trades import Outage
from server.admin.context import OFFICE
from server.core.refusals import ReadOnly
from server.monitor.settling import settle_breaches
from server.monitor.verifier import verify
from server.orders.lane import loop
from server.staff import switch_queries
from server.staff.audit_chain import chain_waiting
from server.trades.desk import DESK
from server.trades.outages import credit_outages
from tests.lane.lanes import until
from tests.market_world import start_world
from tests.staff_world import agree, ask_as_staff, join_staff

REASON = {"reason": "The bank sends everything back."}
FINANCE, MANAGER = "fay", "max"


@pytest.fixture
async def world(database_url):
    async with start_world(database_url) as started:
        yield started
        await chain_waiting(started.database)
        assert await verify(started.database, full=True) == []


@pytest.fixture
async def staff(world):
    """Somebody of finance, who stops and approves; a manager of markets, who stops and proposes."""
    return {
        FINANCE: await join_staff(world, FINANCE, "finance"),
        MANAGER: await join_staff(world, MANAGER, "market_manager"),
    }


async def stop(world, person, name, expected=200):
    path = f"/switches/{name}/stop"
    status, found = await ask_as_staff(person, "POST", path, REASON, proven=True)
    assert status == expected, found
    await world.wait_for_inbox()
    return found


async def restart(world, staff, name):
    await agree(staff[MANAGER], staff[FINANCE], "restart", name)
    await world.wait_for_inbox()


async def list_stopped(world):
    """What anybody reads."""
    async with world.client.get("/api/v1/status") as reply:
        assert reply.status == 200
        return {one["switch"] for one in (await reply.json())["items"]}


async def status_of_market(world):
    async with world.client.get("/api/v1/markets/USDT-VND") as reply:
        return (await reply.json())["status"]


ORDER = {"market": "USDT-VND", "side": "buy", "pricing": {"type": "fixed", "price": "25000"},
         "amount": "20", "payment_method_ids": ["vn-one"]}  # fmt: skip


@pytest.mark.parametrize("name", ["market:USDT-VND", "trading_stopped"])
async def test_stopped_market_takes_no_orders_until_two_let_it_go_on(world, staff, name):
    seller, buyer = await world.join("seller", usdt="1000"), await world.join("buyer")
    resting = await seller.sell("100", "26000")
    assert await list_stopped(world) == set()

    stopped = await stop(world, staff[MANAGER], name)

    assert (stopped["active"], stopped["stopped_by"]) == (True, staff[MANAGER].id)
    assert (await list_stopped(world), await status_of_market(world)) == ({name}, "paused")
    status, problem = await buyer.ask("POST", "/orders", ORDER)
    assert (status, problem["code"]) == (409, "market_closed")
    take = {"amount": "40", "payment_method_id": "vn-one", "worst_price": "26000"}
    status, problem = await buyer.ask("POST", f"/orders/{resting['id']}/take", take)
    assert (status, problem["code"]) == (409, "market_closed")

    await restart(world, staff, name)

    assert (await list_stopped(world), await status_of_market(world)) == (set(), "open")
    assert len((await buyer.buy("40", "26000"))["trades"]) == 1


async def test_what_is_stopped_is_still_cancelled(world, staff):
    seller = await world.join("seller", usdt="1000")
    resting = await seller.sell("100", "26000")
    await stop(world, staff[MANAGER], "trading_stopped")
    ended = await seller.must("DELETE", f"/orders/{resting['id']}")
    assert ended["status"] == "cancelled"


async def test_stopped_rail_carries_no_new_trade(world, staff):
    seller, buyer = await world.join("seller", usdt="1000"), await world.join("buyer")
    await seller.sell("100", "26000")
    await stop(world, staff[FINANCE], "rail:vn-one")
    assert (await buyer.buy("40", "26000", time_in_force="ioc"))["trades"] == []
    await restart(world, staff, "rail:vn-one")
    assert len((await buyer.buy("40", "26000", time_in_force="ioc"))["trades"]) == 1


async def test_stopped_releases_keep_the_escrow_until_two_let_them_go_on(world, staff):
    seller, buyer = await world.join("seller", usdt="1000"), await world.join("buyer")
    await seller.sell("100", "26000")
    (trade,) = (await buyer.buy("40", "26000"))["trades"]
    await buyer.must("POST", f"/trades/{trade['id']}/payer", {"payer_name": "Nguyen Van A"})
    await buyer.must("POST", f"/trades/{trade['id']}/paid", {})
    await stop(world, staff[FINANCE], "releases_stopped")
    shown = await seller.must("GET", f"/trades/{trade['id']}")
    proof = await seller.prove("release", trade["id"], shown["amount"], shown["version"])
    name = {"payer_name_seen": "Nguyen Van A"}
    path = f"/trades/{trade['id']}/release"
    status, problem = await seller.ask("POST", path, name, **{"Step-Up": proof})
    assert (status, problem["code"]) == (503, "releases_stopped")

    await restart(world, staff, "releases_stopped")

    assert (await seller.release(trade["id"], "Nguyen Van A"))["status"] == "completed"


async def test_read_only_refuses_every_change_by_users_and_stops_their_clocks(world, staff):
    seller, buyer = await world.join("seller", usdt="1000"), await world.join("buyer")
    resting = await seller.sell("100", "26000")
    key = {"key": "before"}
    first = await buyer.ask("POST", "/me/blocks", {"username": "max"}, **key)
    (trade,) = (await buyer.buy("40", "26000"))["trades"]
    before = await buyer.must("GET", f"/trades/{trade['id']}")

    await stop(world, staff[MANAGER], "read_only")

    changes = (("POST", "/orders", ORDER), ("DELETE", f"/orders/{resting['id']}", None),
               ("POST", f"/trades/{trade['id']}/payer", {"payer_name": "A"}))  # fmt: skip
    for method, path, body in changes:
        status, problem = await buyer.ask(method, path, body)
        assert (status, problem["code"]) == (503, "read_only"), path
    assert await buyer.ask("POST", "/me/blocks", {"username": "max"}, **key) == first
    assert (await buyer.ask("GET", "/wallet"))[0] == 200
    world.clock.advance(minutes=10)
    await restart(world, staff, "read_only")

    (outage,) = await world.read(select(Outage.announced, Outage.reason, Outage.ended_at))
    assert (outage.announced, outage.reason) == (True, "maintenance")
    assert outage.ended_at is not None
    await credit_outages(world.client.server.app[DESK])
    after = await buyer.must("GET", f"/trades/{trade['id']}")
    assert after["deadline"] > before["deadline"]
    assert (await seller.must("DELETE", f"/orders/{resting['id']}"))["status"] == "cancelled"


async def pass_for_a_second(gate):
    for _ in range(100):
        gate.check_writable()
        await asyncio.sleep(0.01)


async def test_another_process_refuses_changes_within_a_second(world, staff):
    """Its gate follows the switch in the database without being told."""
    gate = world.client.server.app[OFFICE].gate
    buyer = await world.join("buyer")

    async def switch_on(unit):
        await unit.execute(
            insert(Switch).values(name="read_only", active=True, reason="x", changed_at=unit.now)
        )

    await world.database.transact(switch_on, name="test")
    with pytest.raises(ReadOnly):
        await pass_for_a_second(gate)
    assert (await buyer.ask("POST", "/orders", ORDER))[0] == 503


async def test_lane_of_another_process_reads_its_switches_within_a_second(world, staff):
    """Nobody nudges it: it looks into its inbox by itself."""
    path = "/switches/market:USDT-VND/stop"
    before = world.lane.nudge
    world.lane.nudge = lambda: None
    try:
        assert (await ask_as_staff(staff[MANAGER], "POST", path, REASON, proven=True))[0] == 200
        async with asyncio.timeout(1):
            while world.lane.desk.book.state.terms.is_open:
                await asyncio.sleep(0.01)
    finally:
        world.lane.nudge = before


async def test_market_stopped_while_its_lane_reads_its_orders_stays_stopped(
    world, staff, monkeypatch
):
    """What the lane had read of the switches by then is older than the stop."""
    read_orders = loop.load_living

    async def stop_meanwhile(connection, market):
        monkeypatch.setattr(loop, "load_living", read_orders)
        path = "/switches/market:USDT-VND/stop"
        stopped = await ask_as_staff(staff[MANAGER], "POST", path, REASON, proven=True)
        assert stopped[0] == 200
        return await read_orders(connection, market)

    buyer = await world.join("buyer")
    await loop.stop_lane(world.lane)
    monkeypatch.setattr(loop, "load_living", stop_meanwhile)
    loop.start_lane(world.lane)
    await until(lambda: world.lane.serving, "the lane serves again")
    await world.wait_for_inbox()
    await world.settle()
    status, problem = await buyer.ask("POST", "/orders", ORDER)
    assert (status, problem["code"]) == (409, "market_closed")


async def test_room_of_each_market_is_told(world, staff):
    await stop(world, staff[FINANCE], "withdrawals_stopped")
    await restart(world, staff, "withdrawals_stopped")
    rows = await world.read(
        select(Outbox.room, Outbox.body).where(Outbox.name == "switch_updated").order_by(Outbox.seq)
    )
    told = [(row.room, orjson.loads(row.body)) for row in rows]
    assert [(room, one["switch"], one["active"]) for room, one in told] == [
        ("market:USDT-VND", "withdrawals_stopped", True),
        ("market:USDT-VND", "withdrawals_stopped", False),
    ]


async def test_stop_and_restart_are_audited_with_reason_and_shown_to_the_staff(world, staff):
    await stop(world, staff[FINANCE], "market:USDT-VND")
    await restart(world, staff, "market:USDT-VND")
    statement = select(AuditEntry).where(AuditEntry.action == "switch_set").order_by(AuditEntry.id)
    first, second = await world.read(statement)
    assert (str(first.actor_id), first.object_id) == (staff[FINANCE].id, "market:USDT-VND")
    assert (first.reason, first.after) == (REASON["reason"], '{"active":true}')
    assert (str(second.actor_id), second.after) == (staff[FINANCE].id, '{"active":false}')
    _, page = await ask_as_staff(staff[MANAGER], "GET", "/switches")
    (shown,) = page["items"]
    assert (shown["name"], shown["active"], shown["stopped_by"]) == (
        "market:USDT-VND", False, None,
    )  # fmt: skip


async def test_who_may_not_stop_or_restart_does_not(world, staff):
    user, auditor = await world.join("user"), await join_staff(world, "aud", "auditor")
    for person in (user, auditor):
        path = "/switches/trading_stopped/stop"
        assert (await ask_as_staff(person, "POST", path, REASON, proven=True))[0] == 403
    unproven = await ask_as_staff(staff[FINANCE], "POST", "/switches/trading_stopped/stop", REASON)
    assert (unproven[0], unproven[1]["code"]) == (403, "step_up_required")
    await stop(world, staff[FINANCE], "trading_stopped")
    asked = {"kind": "restart", "object_id": "trading_stopped", "body": {}, "reason": "Over."}
    for person in (staff[FINANCE], auditor):
        status, problem = await ask_as_staff(person, "POST", "/approvals", asked, proven=True)
        assert (status, problem["code"]) == (403, "forbidden")
    _, made = await ask_as_staff(staff[MANAGER], "POST", "/approvals", asked, proven=True)
    path, shown = f"/approvals/{made['id']}/approve", {"hash": made["hash"]}
    status, problem = await ask_as_staff(staff[MANAGER], "POST", path, shown, proven=True)
    assert (status, problem["code"]) == (403, "own_proposal")
    assert await list_stopped(world) == {"trading_stopped"}


@pytest.mark.parametrize("name", ["x", "market:USDT-ZZZ", "rail:none", "market:", "rail", "%C3%B1"])
async def test_what_is_no_switch_is_not_found(world, staff, name):
    path = f"/switches/{name}/stop"
    assert (await ask_as_staff(staff[FINANCE], "POST", path, REASON, proven=True))[0] == 404
    assert await list_stopped(world) == set()


async def test_what_is_stopped_twice_or_runs_is_refused(world, staff):
    asked = {"kind": "restart", "object_id": "trading_stopped", "body": {}, "reason": "Over."}
    status, problem = await ask_as_staff(staff[MANAGER], "POST", "/approvals", asked, proven=True)
    assert (status, problem["code"]) == (409, "not_stopped")
    await stop(world, staff[FINANCE], "trading_stopped")
    again = await stop(world, staff[MANAGER], "trading_stopped", 409)
    assert again["code"] == "already_stopped"


async def test_restart_that_was_proposed_before_another_stop_is_not_approved(world, staff):
    await stop(world, staff[FINANCE], "trading_stopped")
    asked = {"kind": "restart", "object_id": "trading_stopped", "body": {}, "reason": "Over."}
    _, old = await ask_as_staff(staff[MANAGER], "POST", "/approvals", asked, proven=True)

    async def go_on(unit):
        await unit.execute_guarded(switch_queries.restart("trading_stopped", unit.now))

    await world.database.transact(go_on, name="test")
    world.clock.advance(seconds=1)
    await stop(world, staff[FINANCE], "trading_stopped")
    path, shown = f"/approvals/{old['id']}/approve", {"hash": old["hash"]}
    status, problem = await ask_as_staff(staff[FINANCE], "POST", path, shown, proven=True)
    assert (status, problem["code"]) == (409, "object_changed")
    assert await list_stopped(world) == {"trading_stopped"}


async def test_what_a_breach_of_money_stopped_goes_on_with_its_settling_alone(world, staff):
    async def breach(unit):
        await unit.execute(
            insert(Breach).values(
                id=unit.ids.new_id(), invariant="I1", subject="x", detail="y", found_at=unit.now
            )
        )
        await unit.execute(
            insert(Switch).values(
                name="releases_stopped", active=True, reason="I1", changed_at=unit.now
            )
        )

    await world.database.transact(breach, name="test")
    asked = {"kind": "restart", "object_id": "releases_stopped", "body": {}, "reason": "Over."}
    status, problem = await ask_as_staff(staff[MANAGER], "POST", "/approvals", asked, proven=True)
    assert (status, problem["code"]) == (409, "breaches_open")
    world.clock.advance(seconds=1)
    await chain_waiting(world.database)
    assert await settle_breaches(world.database, "It was a test.") == 1
    assert await list_stopped(world) == set()


async def test_settling_lets_nothing_go_on_that_a_person_stopped(world, staff):
    """He took over what the check had stopped."""

    async def stopped_by_the_check(unit):
        await unit.execute(
            insert(Switch).values(
                name="releases_stopped", active=True, reason="I1", changed_at=unit.now
            )
        )

    await world.database.transact(stopped_by_the_check, name="test")
    await stop(world, staff[FINANCE], "releases_stopped")
    world.clock.advance(seconds=1)
    await chain_waiting(world.database)
    await settle_breaches(world.database, "It was a test.")
    assert await list_stopped(world) == {"releases_stopped"}


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "x" * 201}, {**REASON, "by": "x"}])
async def test_stop_without_a_fair_reason_is_refused(world, staff, body):
    path = "/switches/trading_stopped/stop"
    assert (await ask_as_staff(staff[FINANCE], "POST", path, body, proven=True))[0] == 422
    assert await list_stopped(world) == set()
