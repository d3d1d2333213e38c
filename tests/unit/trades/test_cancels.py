"""Cancels, whose fault they are, and the ladder."""

from datetime import timedelta

import pytest

from models.trades import TradeStatus
from server.trades import refusals
from server.trades.cancels import CancelReason

S = TradeStatus


async def test_the_fourth_fault_in_24_hours_blocks_taking_and_further_ones_longer(world):
    blocks = []
    for _ in range(8):
        await world.open_trade(S.CANCELLED)
        until = (await world.standing(world.buyer)).taking_blocked_until
        blocks.append(None if until is None else until - world.clock.now())
    hours = [None] * 3 + [timedelta(minutes=15)] + [timedelta(hours=h) for h in (1, 4, 24, 24)]
    assert blocks == hours
    assert (await world.standing(world.buyer)).ladder_step == 8


async def test_expiries_count_to_the_ladder(world):
    for _ in range(4):
        await world.open_trade(S.EXPIRED)
    standing = await world.standing(world.buyer)
    assert standing.taking_blocked_until == world.clock.now() + timedelta(minutes=15)
    assert standing.recheck_at == standing.taking_blocked_until


async def test_faults_older_than_24_hours_do_not_count(world):
    for _ in range(3):
        await world.open_trade(S.CANCELLED)
    world.clock.advance(hours=24)
    await world.open_trade(S.CANCELLED)
    standing = await world.standing(world.buyer)
    assert (standing.ladder_step, standing.taking_blocked_until) == (1, None)


async def test_an_agreed_cancel_is_nobodys_fault(world):
    trade_id = await world.open_trade(S.PAID)
    await world.do("request_cancel", trade_id)
    assert (await world.trade(trade_id)).status is S.PAID
    await world.do("accept_cancel", trade_id)
    trade = await world.trade(trade_id)
    assert (trade.status, trade.end_reason, trade.fault) == (S.CANCELLED, "cancel_agreed", None)
    assert (await world.standing(world.buyer)).trades_ended == 60


async def test_a_declined_request_to_cancel_leaves_the_trade_as_it_is(world):
    trade_id = await world.open_trade()
    await world.do("request_cancel", trade_id)
    await world.do("decline_cancel", trade_id)
    trade = await world.trade(trade_id)
    assert (trade.status, trade.version, trade.cancel_request_id) == (S.AWAITING_PAYMENT, 1, None)
    with pytest.raises(refusals.NoCancelRequest):
        await world.do("accept_cancel", trade_id)


async def test_a_request_lapses_when_the_status_changes(world):
    trade_id = await world.open_trade()
    await world.do("declare_payer", trade_id)
    await world.do("request_cancel", trade_id)
    await world.do("mark_paid", trade_id)
    assert (await world.trade(trade_id)).cancel_request_id is None


async def test_after_paid_the_buyer_cancels_only_by_saying_that_he_did_not_pay(world):
    trade_id = await world.open_trade(S.PAID)
    with pytest.raises(refusals.WrongTradeStatus):
        await world.do("cancel", trade_id)
    await world.do("did_not_pay", trade_id)
    trade = await world.trade(trade_id)
    assert (trade.status, trade.fault) == (S.CANCELLED, "buyer")


async def test_a_named_fault_of_the_seller_spares_the_buyers_ladder(world):
    trade_id = await world.open_trade()
    await world.do("cancel", trade_id, reason=CancelReason.DETAILS_WRONG)
    assert (await world.trade(trade_id)).fault == "seller"
    buyer, seller = await world.standing(world.buyer), await world.standing(world.seller)
    assert (buyer.ladder_step, buyer.trades_ended) == (0, 60)
    assert (seller.ladder_step, seller.trades_ended) == (0, 101)


async def test_a_third_named_fault_in_24_hours_is_refused(world):
    for _ in range(2):
        trade_id = await world.open_trade()
        await world.do("cancel", trade_id, reason=CancelReason.OTHER_TERMS)
    trade_id = await world.open_trade()
    with pytest.raises(refusals.SellerFaultClaimsUsed):
        await world.do("cancel", trade_id, reason=CancelReason.SELLER_ASKED)
    world.clock.advance(hours=24)
    fresh = await world.open_trade()
    await world.do("cancel", fresh, reason=CancelReason.SELLER_ASKED)
    assert (await world.trade(fresh)).fault == "seller"


async def test_a_contested_fault_does_not_count(world):
    trade_id = await world.open_trade()
    await world.do("cancel", trade_id, reason=CancelReason.DETAILS_WRONG)
    await world.do("contest_fault", trade_id)
    assert (await world.standing(world.seller)).trades_ended == 100
    with pytest.raises(refusals.NothingToContest):
        await world.do("contest_fault", trade_id)
