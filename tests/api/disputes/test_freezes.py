"""Freezes: staff hold an escrow where it is; nothing moves it until staff or the clock end that."""

from datetime import timedelta

import pytest

from models.disputes import Award, DisputeStatus
from models.trades import TradeStatus
from server.core.money import MICRO
from server.core.refusals import NotFound, Refusal
from server.disputes import freezes, refusals
from server.jobs.run_case_clocks import run_case_clocks
from server.jobs.run_clocks import run_clocks
from server.trades.lifecycle import ROWS
from server.trades.row import FINAL
from tests.case_world import open_case, read_case
from tests.trade_checks import CHECKED
from tests.trade_world import ACTIONS

S, D = TradeStatus, DisputeStatus
OPEN = sorted(set(S) - FINAL)


async def freeze(world, trade_id, hours=2, staff_id=None):
    async def work(unit):
        return await freezes.freeze_trade(
            unit, world.desk, trade_id, staff_id=staff_id or world.staff, reason="odd", hours=hours
        )

    return await world.run(work)


async def lift(world, trade_id, staff_id=None):
    async def work(unit):
        return await freezes.lift_freeze(
            unit, world.desk, trade_id, staff_id=staff_id or world.staff, reason="fine"
        )

    return await world.run(work)


@pytest.mark.parametrize("status", OPEN)
async def test_nothing_ends_the_escrow_of_a_frozen_trade_in_any_status(api, status):
    world = api.world
    trade_id = await world.open_trade(status)
    if status is S.PAID:
        await world.do("request_cancel", trade_id)
        await world.do("propose_split", trade_id, world.buyer)
    before = await world.balances(world.seller)
    frozen = await freeze(world, trade_id)
    assert frozen.frozen_until == world.clock.now() + timedelta(hours=2)
    assert (await api.read(trade_id))["frozen_until"] is not None
    ending = {row.action for row in ROWS if row.ends_escrow and row.action is not None}
    for action in ending:
        for user_id in (world.buyer, world.seller):
            with pytest.raises(Refusal):
                await world.do(action.value, trade_id, user_id)
    assert ending <= set(ACTIONS)
    seen = await api.read(trade_id, "seller")
    assert not {action.value for action in ending} & set(seen["allowed_actions"])

    if status in (S.AWAITING_PAYMENT, S.GRACE):
        world.clock.advance(minutes=110)
        await run_clocks(world.desk)
        assert (await world.trade(trade_id)).status is S.GRACE
    assert await world.balances(world.seller) == before
    world.clock.advance(hours=2)
    assert await run_case_clocks(world.desk) >= 1
    assert (await world.trade(trade_id)).frozen_until is None
    await run_clocks(world.desk)
    expected = {S.AWAITING_PAYMENT: S.EXPIRED, S.GRACE: S.EXPIRED, S.PAID: S.DISPUTED}
    assert (await world.trade(trade_id)).status is expected.get(status, status)
    assert CHECKED


async def test_frozen_case_neither_ends_by_agreement_nor_by_its_ruling(api):
    world = api.world
    trade_id, dispute_id = await open_case(world, D.RULED, award=Award.REFUND)
    await freeze(world, trade_id, hours=48)
    made = await api.post(f"/disputes/{dispute_id}/offers", {"kind": "release"}, "buyer")
    offer_id = (await made.json())["offers"][0]["id"]
    proof = await api.prove(trade_id, "seller", "concede")
    for path in (f"offers/{offer_id}/accept", "concede"):
        reply = await api.post(f"/disputes/{dispute_id}/{path}", None, "seller", proof=proof)
        assert (reply.status, (await reply.json())["code"]) == (409, "trade_frozen")
    release = await api.prove(trade_id)
    reply = await api.post(f"/trades/{trade_id}/release", None, "seller", proof=release)
    assert (reply.status, (await reply.json())["code"]) == (409, "trade_frozen")
    world.clock.advance(hours=30)
    await run_case_clocks(world.desk)
    assert (await read_case(world, dispute_id)).status is D.RULED
    await lift(world, trade_id)
    await run_case_clocks(world.desk)
    assert (await read_case(world, dispute_id)).outcome == "ruled_refund"
    assert (await world.balances(world.seller))["reserved"] >= 100 * MICRO


async def test_freeze_is_placed_once_on_open_trades_and_never_by_a_party(api):
    world = api.world
    ended = await world.open_trade(S.COMPLETED)
    with pytest.raises(refusals.TradeNotOpen):
        await freeze(world, ended)
    trade_id = await world.open_trade(S.PAID)
    for party in (world.buyer, world.seller):
        with pytest.raises(NotFound):
            await freeze(world, trade_id, staff_id=party)
    with pytest.raises(refusals.NotFrozen):
        await lift(world, trade_id)
    await freeze(world, trade_id, hours=1)
    with pytest.raises(refusals.FrozenAlready):
        await freeze(world, trade_id)
    with pytest.raises(NotFound):
        await lift(world, trade_id, world.seller)
    world.clock.advance(hours=1)
    await freeze(world, trade_id)
    await lift(world, trade_id)
    with pytest.raises(refusals.NotFrozen):
        await lift(world, trade_id)
