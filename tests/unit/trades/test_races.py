"""Several actions at one instant: one wins, the others are told what became of the trade."""

import asyncio

import pytest

from models.trades import TradeStatus
from server.core.refusals import Refusal
from server.trades.cancels import CancelReason, cancel
from server.trades.clocks import apply_due_rows
from tests.trade_world import ACTIONS

S = TradeStatus
ROUNDS = 4


async def act_at_once(world, trade_id, *actions):
    """Run actions in parallel, each as its own caller; the refusals of those that lost."""
    callers = [
        await world.caller(world.seller if action == "release" else world.buyer, action, trade_id)
        for action in actions
    ]

    async def run(action, caller):
        async def work(unit):
            return await ACTIONS[action](unit, world.desk, caller, trade_id)

        await apply_due_rows(world.desk, trade_id)
        return await world.run(work, name=action)

    results = await asyncio.gather(
        *(run(action, caller) for action, caller in zip(actions, callers, strict=True)),
        return_exceptions=True,
    )
    assert all(not isinstance(r, BaseException) or isinstance(r, Refusal) for r in results)
    return [result for result in results if isinstance(result, Refusal)]


@pytest.mark.parametrize(
    "actions",
    [
        ("release", "did_not_pay", "open_dispute"),
        ("did_not_pay", "open_dispute", "release"),
        ("open_dispute", "release", "did_not_pay"),
    ],
)
async def test_release_cancel_and_dispute_at_one_instant_end_a_trade_once(world, actions):
    for _ in range(ROUNDS):
        trade_id = await world.open_trade(S.PAID, method="vn-momo")
        world.clock.advance(minutes=10)
        lost = await act_at_once(world, trade_id, *actions)
        history = await world.history(trade_id)
        # A seller may still release after the case was opened; each step follows another.
        assert len(lost) == len(actions) - (len(history) - 3)
        for refusal in lost:
            assert refusal.status in (403, 409)


async def test_expiry_and_cancel_at_one_instant_end_a_trade_once(world):
    for _ in range(ROUNDS):
        trade_id = await world.open_trade(S.GRACE)
        world.clock.advance(minutes=15)
        lost = await act_at_once(world, trade_id, "cancel", "cancel", "cancel")
        assert [refusal.params["status"] for refusal in lost] == ["expired"] * 3


async def test_eight_releases_at_once_pay_once(world):
    trade_id = await world.open_trade(S.PAID)
    lost = await act_at_once(world, trade_id, *["release"] * 8)
    assert len(lost) == 7
    assert {refusal.status for refusal in lost} == {409}
    assert await world.balances(world.buyer) == {"available": 99_850_000}


async def test_paid_and_cancel_at_one_instant_leave_one_of_both(world):
    for _ in range(ROUNDS):
        trade_id = await world.open_trade()
        await world.do("declare_payer", trade_id)
        lost = await act_at_once(world, trade_id, "mark_paid", "cancel")
        assert len(lost) == 1
        assert lost[0].status == 409


async def test_two_named_faults_at_once_do_not_make_three(world):
    trades = [await world.open_trade() for _ in range(4)]

    async def name_fault(trade_id):
        caller = await world.caller(world.buyer, "cancel", trade_id)

        async def work(unit):
            reason = CancelReason.DETAILS_WRONG
            return await cancel(unit, world.desk, caller, trade_id, reason=reason)

        return await world.run(work)

    results = await asyncio.gather(*map(name_fault, trades), return_exceptions=True)
    refused = [result for result in results if isinstance(result, Refusal)]
    assert [refusal.code for refusal in refused] == ["seller_fault_claims_used"] * 2


async def test_many_trades_of_the_same_two_people_do_not_block_one_another(world):
    trades = [await world.open_trade(S.PAID) for _ in range(8)]
    back = [
        await world.open_trade(S.PAID, buyer_id=world.seller, seller_id=world.buyer)
        for _ in range(8)
    ]

    async def finish(trade_id):
        await world.do("release", trade_id)

    await asyncio.gather(*map(finish, [*trades, *back]))
    assert (await world.standing(world.buyer)).trades_completed == 60 + 16


async def act_one_after_the_other(world, trade_id, first, then):
    """The second step begins while the first is not committed; the outcome of the second."""
    (early, early_user), (late, late_user) = first, then
    early_caller = await world.caller(early_user, early, trade_id)
    late_caller = await world.caller(late_user, late, trade_id)
    begun = asyncio.Event()

    async def follow():
        await begun.wait()
        return await world.do_as(late_caller, late, trade_id)

    following = asyncio.create_task(follow())

    async def lead(unit):
        await ACTIONS[early](unit, world.desk, early_caller, trade_id)
        begun.set()
        await asyncio.sleep(0.2)

    await world.run(lead, name=early)
    (outcome,) = await asyncio.gather(following, return_exceptions=True)
    return outcome


async def test_step_that_waited_is_refused_for_what_it_then_finds(world):
    trade_id = await world.open_trade(S.PAID)

    lost = await act_one_after_the_other(
        world, trade_id, ("did_not_pay", world.buyer), ("release", world.seller)
    )

    assert isinstance(lost, Refusal), lost
    assert (await world.trade(trade_id)).status is S.CANCELLED


async def test_step_that_waited_keeps_what_the_other_one_wrote(world):
    trade_id = await world.open_trade(S.AWAITING_PAYMENT)
    await world.do("declare_payer", trade_id, world.buyer)

    await act_one_after_the_other(
        world, trade_id, ("extend", world.seller), ("mark_paid", world.buyer)
    )

    trade = await world.trade(trade_id)
    assert (trade.status, trade.extended_by_seller) == (S.PAID, True)
