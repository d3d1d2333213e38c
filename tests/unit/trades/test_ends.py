"""How trades end: what the escrow, the fees, the lots, the lanes and the records get."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.disputes import Dispute
from models.ledger import Lot, PlatformPosting
from models.operations import Switch
from models.trades import Fault, TradeStatus
from server.core.money import MICRO
from server.core.refusals import Invalid, StepUpRequired
from server.identity.step_up import Act
from server.trades import refusals
from server.trades.desk import Caller
from server.trades.releases import note_mismatch
from tests.trade_world import ACTIONS, PAYER, HttpActor

S = TradeStatus
AMOUNT = 100 * MICRO
BUYER_FEE = 150_000
SELLER_FEE = 50_000


async def fees(world):
    rows = await world.fetch(
        select(PlatformPosting.amount).where(PlatformPosting.account == "fees")
    )
    return sum(row.amount for row in rows)


async def lots(world):
    return await world.fetch(select(Lot.amount, Lot.release_at, Lot.user_id))


async def do_with(world, action, trade_id, user_id, proof, **given):
    caller = Caller(HttpActor(user_id, user_id, "user"), proof)

    async def work(unit):
        return await ACTIONS[action](unit, world.desk, caller, trade_id, **given)

    return await world.run(work)


async def test_a_release_pays_the_buyer_and_takes_both_fees(world):
    trade_id = await world.open_trade(S.COMPLETED)
    assert await world.balances(world.buyer) == {"available": AMOUNT - BUYER_FEE}
    assert await world.balances(world.seller) == {}
    assert await fees(world) == BUYER_FEE + SELLER_FEE
    hold = await world.hold(trade_id)
    assert (hold.resolution, hold.paid_out, hold.fees, hold.given_back) == (
        "released",
        AMOUNT - BUYER_FEE,
        BUYER_FEE + SELLER_FEE,
        0,
    )


@pytest.mark.parametrize("status", [S.AWAITING_PAYMENT, S.GRACE, S.PAID, S.DISPUTED])
async def test_the_seller_releases_from_every_open_status(world, status):
    trade_id = await world.open_trade(status)
    await world.do("release", trade_id)
    assert (await world.trade(trade_id)).status is S.COMPLETED
    for user_id in (world.buyer, world.seller):
        assert (await world.standing(user_id)).trades_completed in (61, 101)


@pytest.mark.parametrize(
    ("method", "completed", "held"),
    [
        ("vn-momo", 0, False),
        ("vn-bank", 9, True),
        ("vn-bank", 10, False),
        ("vn-card", 49, True),
        ("vn-card", 50, False),
    ],
)
async def test_bought_usdt_is_held_for_24_hours_by_rail_and_record(world, method, completed, held):
    await world.set_standing(world.buyer, trades_completed=completed)
    await world.open_trade(S.COMPLETED, method=method)
    bought = AMOUNT - BUYER_FEE
    if held:
        assert await world.balances(world.buyer) == {"held": bought}
        release_at = world.clock.now() + timedelta(hours=24)
        assert [tuple(lot) for lot in await lots(world)] == [(bought, release_at, world.buyer)]
    else:
        assert await world.balances(world.buyer) == {"available": bought}
        assert await lots(world) == []


async def test_a_trade_of_test_money_is_never_held_and_counts_to_no_record(world):
    await world.set_standing(world.buyer, trades_completed=0, trades_ended=0)
    before = await world.standing(world.buyer)
    await world.open_trade(S.COMPLETED, asset="USDT_TEST")
    await world.open_trade(S.EXPIRED, asset="USDT_TEST")
    assert await world.balances(world.buyer, "USDT_TEST") == {"available": AMOUNT - BUYER_FEE}
    assert await world.standing(world.buyer) == before
    assert await world.fetch(select(Fault.trade_id)) == []


async def test_a_completed_trade_goes_to_the_tape_and_an_unpaid_one_does_not(world):
    await world.open_trade(S.CANCELLED)
    trade_id = await world.open_trade(S.COMPLETED)
    tape = await world.inbox("tape")
    assert [(row["cause"], row["body"]["amount"]) for row in tape] == [
        (f"tape:{trade_id}", "100.000000")
    ]
    assert tape[0]["body"]["price"] == "25500"


@pytest.mark.parametrize(
    ("status", "reason", "fault"),
    [
        (S.CANCELLED, "changed_mind", "buyer"),
        (S.EXPIRED, "grace_over", "buyer"),
        (S.REFUNDED, "conceded", "buyer"),
    ],
)
async def test_an_unpaid_end_gives_everything_back_without_a_fee(world, status, reason, fault):
    trade_id = await world.open_trade(status)
    trade = await world.trade(trade_id)
    assert (trade.end_reason, trade.fault) == (reason, fault)
    assert await world.balances(world.seller) == {"reserved": AMOUNT + SELLER_FEE}
    assert await fees(world) == 0
    [row] = await world.inbox("return")
    assert (row["cause"], row["amount"], row["user_id"]) == (
        f"return:{trade_id}",
        AMOUNT + SELLER_FEE,
        world.seller,
    )
    assert row["body"] == {
        "trade_id": str(trade_id),
        "maker_order_id": str(trade.maker_order_id),
        "taker_order_id": str(trade.taker_order_id),
        "seller_order_id": str(trade.maker_order_id),
        "buyer_order_id": str(trade.taker_order_id),
        "seller_id": str(world.seller),
        "amount": AMOUNT,
        "reserved": AMOUNT + SELLER_FEE,
        "unpaid": True,
    }


async def test_the_returned_order_is_the_sellers_also_when_the_buyer_was_the_maker(world):
    trade_id = await world.open_trade(S.CANCELLED, maker_side="buy")
    trade = await world.trade(trade_id)
    [row] = await world.inbox("return")
    assert row["body"]["seller_order_id"] == str(trade.taker_order_id)
    assert row["body"]["buyer_order_id"] == str(trade.maker_order_id)


async def test_an_unpaid_end_counts_to_no_limit_and_to_the_buyers_record_alone(world):
    await world.open_trade(S.CANCELLED)
    buyer, seller = await world.standing(world.buyer), await world.standing(world.seller)
    assert (buyer.limit_used_micro, seller.limit_used_micro) == (0, 0)
    assert (buyer.trades_ended, seller.trades_ended) == (61, 100)
    assert (buyer.ladder_step, seller.ladder_step) == (1, 0)


async def test_a_completed_trade_stays_in_the_limit(world):
    await world.open_trade(S.COMPLETED)
    assert (await world.standing(world.buyer)).limit_used_micro == AMOUNT


async def test_each_changed_record_is_announced_to_the_lanes(world):
    await world.open_trade(S.CANCELLED)
    assert sorted(world.changed) == sorted([world.buyer, world.seller])


async def test_a_release_without_a_proof_is_refused(world):
    trade_id = await world.open_trade(S.PAID)
    with pytest.raises(StepUpRequired):
        await do_with(world, "release", trade_id, world.seller, None)


@pytest.mark.parametrize("wrong", ["trade", "amount", "version", "action", "used"])
async def test_a_proof_is_bound_to_trade_amount_version_and_used_once(world, wrong):
    trade_id = await world.open_trade(S.PAID)
    other_id = await world.open_trade(S.PAID)
    trade = await world.trade(trade_id)
    act = Act(
        "split" if wrong == "action" else "release",
        other_id if wrong == "trade" else trade_id,
        trade.amount - (wrong == "amount"),
        trade.version - (wrong == "version"),
    )
    user = HttpActor(world.seller, world.seller, "user")
    proof = await world.prove(user, act)
    if wrong == "used":
        await do_with(world, "release", trade_id, world.seller, proof)
        trade_id = other_id
    with pytest.raises(StepUpRequired):
        await do_with(world, "release", trade_id, world.seller, proof)


async def test_another_payers_name_releases_nothing_and_opens_the_way_to_a_case(world):
    trade_id = await world.open_trade(S.PAID)
    before = await world.trade(trade_id)
    with pytest.raises(refusals.DisputeTooEarly):
        await world.do("open_dispute", trade_id, world.seller)
    caller = await world.caller(world.seller, "release", trade_id)
    await note_mismatch(world.desk, caller, trade_id, "Somebody Else")
    with pytest.raises(refusals.PayerMismatch):
        await world.do("release", trade_id, payer_name_seen="Somebody Else")
    after = await world.trade(trade_id)
    assert after.name_mismatch
    assert (after.status, after.version, after.deadline_at) == (
        before.status,
        before.version,
        before.deadline_at,
    )
    await world.do("open_dispute", trade_id, world.seller)
    assert (await world.trade(trade_id)).status is S.DISPUTED


async def test_an_agreeing_name_notes_no_mismatch(world):
    trade_id = await world.open_trade(S.PAID)
    caller = await world.caller(world.seller, "release", trade_id)
    await note_mismatch(world.desk, caller, trade_id, PAYER.upper())
    assert not (await world.trade(trade_id)).name_mismatch


async def test_a_mismatch_without_a_proof_is_not_noted(world):
    trade_id = await world.open_trade(S.PAID)
    caller = Caller(HttpActor(world.seller, world.seller, "user"), "nonsense")
    with pytest.raises(StepUpRequired):
        await note_mismatch(world.desk, caller, trade_id, "Somebody Else")
    assert not (await world.trade(trade_id)).name_mismatch


async def test_a_declared_payer_must_be_confirmed_at_release(world):
    trade_id = await world.open_trade(S.PAID)
    with pytest.raises(Invalid):
        await world.do("release", trade_id, payer_name_seen=None)


async def test_no_name_is_asked_before_one_is_declared(world):
    trade_id = await world.open_trade()
    await world.do("release", trade_id, payer_name_seen=None)
    assert (await world.trade(trade_id)).status is S.COMPLETED


async def test_the_switch_stops_releases(world):
    trade_id = await world.open_trade(S.PAID)
    await world.insert(
        Switch, name="releases_stopped", active=True, reason="x", changed_at=world.clock.now()
    )
    with pytest.raises(refusals.ReleasesStopped):
        await world.do("release", trade_id)


@pytest.mark.parametrize("proposer", ["buyer", "seller"])
async def test_a_split_pays_the_part_with_fees_on_it_and_returns_the_rest(world, proposer):
    trade_id = await world.open_trade(S.PAID)
    other = "seller" if proposer == "buyer" else "buyer"
    part = 33_333_333
    await world.do("propose_split", trade_id, getattr(world, proposer), buyer_amount_micro=part)
    await world.do("accept_split", trade_id, getattr(world, other))
    paid_out, taken = part - 49_999, 49_999 + 16_666
    hold = await world.hold(trade_id)
    assert (hold.resolution, hold.paid_out, hold.fees) == ("split", paid_out, taken)
    given_back = AMOUNT + SELLER_FEE - paid_out - taken
    assert await world.balances(world.buyer) == {"available": paid_out}
    assert await world.balances(world.seller) == {"reserved": given_back}
    [row] = await world.inbox("return")
    assert (row["body"]["amount"], row["amount"]) == (AMOUNT - part, given_back)
    assert row["body"]["unpaid"] is False
    assert (await world.standing(world.buyer)).trades_completed == 61


@pytest.mark.parametrize("part", [0, AMOUNT, AMOUNT + 1])
async def test_a_split_gives_something_to_both(world, part):
    trade_id = await world.open_trade(S.PAID)
    with pytest.raises(Invalid):
        await world.do("propose_split", trade_id, world.buyer, buyer_amount_micro=part)


async def test_the_seller_proves_himself_for_his_offer_and_for_his_yes(world):
    trade_id = await world.open_trade(S.PAID)
    with pytest.raises(StepUpRequired):
        await do_with(world, "propose_split", trade_id, world.seller, None)
    await do_with(world, "propose_split", trade_id, world.buyer, None)
    with pytest.raises(StepUpRequired):
        await do_with(world, "accept_split", trade_id, world.seller, None)


async def test_an_offer_that_was_replaced_is_not_accepted(world):
    trade_id = await world.open_trade(S.PAID)
    first = (await world.do("propose_split", trade_id, world.buyer)).split_offer_id
    await world.do("decline_split", trade_id, world.seller)
    await world.do("propose_split", trade_id, world.buyer, buyer_amount_micro=60 * MICRO)
    with pytest.raises(refusals.SplitOfferChanged):
        await world.do("accept_split", trade_id, world.seller, offer_id=first)


async def test_the_case_closes_with_the_sellers_release(world):
    trade_id = await world.open_trade(S.DISPUTED)
    await world.do("release", trade_id)
    [case] = await world.fetch(select(Dispute.status, Dispute.outcome, Dispute.version))
    assert tuple(case) == ("closed", "released", 2)


async def test_the_case_closes_when_the_buyer_concedes(world):
    await world.open_trade(S.REFUNDED)
    [case] = await world.fetch(select(Dispute.status, Dispute.outcome, Dispute.closed_at))
    assert tuple(case) == ("closed", "conceded", world.clock.now())


async def test_conceding_needs_a_proof(world):
    trade_id = await world.open_trade(S.DISPUTED)
    with pytest.raises(StepUpRequired):
        await do_with(world, "concede", trade_id, world.buyer, None)


async def test_staff_open_a_case_with_a_reason(world):
    trade_id = await world.open_trade()
    with pytest.raises(Invalid):
        await world.do("open_case", trade_id, world.staff, reason=" ")
    await world.do("open_case", trade_id, world.staff)
    [case] = await world.fetch(select(Dispute.opened_by, Dispute.statement))
    assert tuple(case) == ("staff", "check")
    assert (await world.standing(world.buyer)).open_unpaid_as_buyer == 0


async def test_a_party_opens_a_case_with_reason_and_statement(world):
    trade_id = await world.open_trade(S.PAID, method="vn-momo")
    world.clock.advance(minutes=10)
    await world.do("open_dispute", trade_id, world.buyer)
    [case] = await world.fetch(select(Dispute.opened_by, Dispute.reason, Dispute.statement))
    assert tuple(case) == ("buyer", "other", "see chat")
    assert await world.balances(world.seller) == {"escrow": AMOUNT + SELLER_FEE}


@pytest.mark.parametrize("amount", [1, 666, 667, 10 * MICRO, 50_000 * MICRO - 1])
async def test_the_parts_of_every_release_sum_to_the_hold(world, amount):
    trade_id = await world.open_trade(S.COMPLETED, amount=amount)
    hold = await world.hold(trade_id)
    assert hold.paid_out + hold.fees + hold.given_back == hold.amount
