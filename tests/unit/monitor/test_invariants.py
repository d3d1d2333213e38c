"""Each invariant of money is broken on purpose, and the verifier finds exactly that."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from models.ledger import Account, Hold, PlatformPosting, PlatformRollup, Posting, Transfer
from models.orders import Order
from models.trades import Trade, TradeEvent
from server.core.ids import first_id_at
from server.ledger.rollup import roll_up_platform_accounts
from server.monitor.invariants import ALLOWED_STEPS, CHECKS
from server.monitor.verifier import find_breaches
from server.trades.lifecycle import OUTAGE_CREDITED, ROWS
from tests.unit.monitor.finding import account, find, last_posting, of_account

pytestmark = pytest.mark.breaks_the_ledger

HOLD = 1_000_500


async def test_healthy_market_has_no_breach(deals, full):
    assert await find(deals, full=full) == set()


async def test_empty_database_has_no_breach(deals):
    """A watermark ahead of everything leaves nothing to look at."""
    since = first_id_at(deals.clock.now() + timedelta(hours=1))

    assert await find_breaches(deals.database, since=since) == []


async def test_i1_lost_platform_posting_is_found(deals, full):
    async with deals.database.read() as connection:
        row = (
            await connection.execute(
                select(PlatformPosting.transfer_id).where(PlatformPosting.account == "fees")
            )
        ).one()
    await deals.corrupt(delete(PlatformPosting).where(PlatformPosting.account == "fees"))

    expected = {("I1", f"transfer:{row.transfer_id}")}
    if full:
        expected.add(("I1", "asset:USDT"))
    assert await find(deals, full=full) == expected


async def test_i1_posting_without_transfer_is_found(deals):
    last = await last_posting(deals, deals.buyer, "held")
    await deals.corrupt(delete(Transfer).where(Transfer.id == last.transfer_id))

    assert ("I1", account(deals.buyer, "held")) in await find(deals)


async def test_i1_money_from_nowhere_on_a_platform_account_is_found(deals):
    transfer_id = deals.database.ids.new_id()
    await deals.corrupt(
        insert(PlatformPosting).values(
            account="dust", transfer_id=transfer_id, asset="USDT", amount=1
        )
    )

    assert await find(deals) == {("I1", "asset:USDT"), ("I1", "platform:dust")}


async def test_i1_wrong_rollup_is_found(deals):
    deals.pass_time(minutes=5)
    await roll_up_platform_accounts(deals.database)
    await deals.corrupt(
        update(PlatformRollup).where(PlatformRollup.account == "fees").values(balance=1)
    )

    assert await find(deals) == {("I1", "platform:fees")}


async def test_i2_changed_balance_is_found(deals, full):
    await deals.corrupt(
        update(Account).where(of_account(Account, deals.buyer, "available")).values(balance=5)
    )

    assert await find(deals, full=full) == {("I2", account(deals.buyer, "available"))}


async def test_i2_gap_in_the_numbers_of_an_account_is_found(deals, full):
    where = of_account(Posting, deals.seller, "available") & (Posting.account_seq == 2)
    await deals.corrupt(update(Posting).where(where).values(account_seq=3))

    assert await find(deals, full=full) == {("I2", account(deals.seller, "available"))}


async def test_i2_changed_running_balance_is_found(deals, full):
    where = of_account(Posting, deals.seller, "escrow") & (Posting.account_seq == 1)
    await deals.corrupt(update(Posting).where(where).values(balance_after=7))

    assert await find(deals, full=full) == {("I2", account(deals.seller, "escrow"))}


async def test_i3_account_below_zero_is_found(deals, full):
    await deals.corrupt(
        update(Account).where(of_account(Account, deals.buyer, "available")).values(balance=-1)
    )

    assert ("I3", account(deals.buyer, "available")) in await find(deals, full=full)


async def test_i3_posting_below_zero_is_found(deals, full):
    where = of_account(Posting, deals.buyer, "held") & (Posting.account_seq == 1)
    await deals.corrupt(update(Posting).where(where).values(balance_after=-1))

    assert ("I3", account(deals.buyer, "held")) in await find(deals, full=full)


async def test_i4_missing_hold_is_found(deals, full):
    await deals.corrupt(delete(Hold).where(Hold.trade_id == deals.open.id))

    found = await find(deals, full=full)

    assert ("I4", f"trade:{deals.open.id}") in found
    assert {invariant for invariant, _ in found} == {"I4", "I29"}


async def test_i4_hold_without_the_sellers_fee_is_found(deals, full):
    await deals.corrupt(update(Hold).where(Hold.trade_id == deals.open.id).values(amount=1_000_000))

    found = await find(deals, full=full)

    assert ("I4", f"trade:{deals.open.id}") in found
    assert (("I4", "asset:USDT") in found) == full


@pytest.mark.parametrize("amount", [10**15, 999_999_999_999_999, 1, 1_999])
async def test_i4_fee_is_computed_exactly_at_any_size(deals, amount):
    """The question's own arithmetic must agree with the code's for the largest amounts."""
    expected = amount + amount * 500 // 1_000_000
    await deals.corrupt(update(Trade).where(Trade.id == deals.open.id).values(amount=amount))
    await deals.corrupt(update(Hold).where(Hold.trade_id == deals.open.id).values(amount=expected))

    found = {breach.detail for breach in await find_breaches(deals.database, since=None)}

    assert not any("seller's fee" in detail for detail in found)


async def test_i5_hold_resolved_before_its_trade_ended_is_found(deals, full):
    await deals.corrupt(
        update(Hold)
        .where(Hold.trade_id == deals.open.id)
        .values(
            resolution="refunded",
            resolved_at=deals.clock.now() - timedelta(minutes=10),
            given_back=HOLD,
        )
    )

    assert ("I5", f"trade:{deals.open.id}") in await find(deals, full=full)


async def test_i5_ended_trade_with_an_unresolved_hold_is_found(deals, full):
    await deals.step(deals.open, 2, "awaiting_payment", "cancelled")

    assert ("I5", f"trade:{deals.open.id}") in await find(deals, full=full)


async def test_i5_ended_order_that_still_reserves_is_found(deals, full):
    await deals.corrupt(update(Order).where(Order.id == deals.order).values(status="cancelled"))

    found = await find(deals, full=full)

    assert ("I5", f"order:{deals.order}") in found


async def test_i5_hold_without_trade_is_found(deals):
    trade_id = deals.database.ids.new_id()
    await deals.corrupt(
        insert(Hold).values(trade_id=trade_id, seller_id=deals.buyer, asset="USDT", amount=1)
    )

    assert ("I5", f"trade:{trade_id}") in await find(deals)


async def test_i6_fee_that_was_not_moved_is_found(deals, full):
    where = Hold.trade_id == deals.completed.id
    await deals.corrupt(
        update(Hold).where(where).values(paid_out=Hold.paid_out + 1, fees=Hold.fees - 1)
    )

    assert await find(deals, full=full) == {("I6", f"trade:{deals.completed.id}")}


async def test_i7_gap_in_the_versions_is_found(deals, full):
    where = (TradeEvent.trade_id == deals.completed.id) & (TradeEvent.version == 2)
    await deals.corrupt(delete(TradeEvent).where(where))

    assert await find(deals, full=full) == {("I7", f"trade:{deals.completed.id}")}


async def test_i7_step_that_the_lifecycle_does_not_know_is_found(deals, full):
    await deals.step(deals.completed, 4, "completed", "paid")
    await deals.step(deals.completed, 5, "paid", "completed")

    assert await find(deals, full=full) == {("I7", f"trade:{deals.completed.id}")}


async def test_i7_status_without_an_event_is_found(deals, full):
    await deals.corrupt(update(Trade).where(Trade.id == deals.paid.id).values(status="disputed"))

    assert await find(deals, full=full) == {("I7", f"trade:{deals.paid.id}")}


async def test_i7_history_that_does_not_begin_with_an_opening_is_found(deals, full):
    where = (TradeEvent.trade_id == deals.open.id) & (TradeEvent.version == 1)
    await deals.corrupt(update(TradeEvent).where(where).values(status_from="grace"))

    assert await find(deals, full=full) == {("I7", f"trade:{deals.open.id}")}


async def test_i8_parts_that_do_not_sum_to_the_hold_are_found(deals, full):
    where = Hold.trade_id == deals.completed.id
    await deals.corrupt(update(Hold).where(where).values(given_back=3))

    assert ("I8", f"trade:{deals.completed.id}") in await find(deals, full=full)


async def test_i8_parts_that_do_not_fit_the_resolution_are_found(deals, full):
    where = Hold.trade_id == deals.completed.id
    await deals.corrupt(update(Hold).where(where).values(resolution="split"))

    assert await find(deals, full=full) == {("I8", f"trade:{deals.completed.id}")}


async def test_i9_order_that_forgot_a_trade_is_found(deals, full):
    where = Order.id == deals.order
    await deals.corrupt(
        update(Order).where(where).values(matched=Order.matched - 5, remaining=Order.remaining + 5)
    )

    assert await find(deals, full=full) == {("I9", f"order:{deals.order}")}


async def test_i9_parts_that_do_not_add_up_are_found(deals, full):
    await deals.corrupt(update(Order).where(Order.id == deals.order).values(closed=1))

    assert await find(deals, full=full) == {("I9", f"order:{deals.order}")}


def test_every_check_says_which_invariant_it_is():
    for name, check in CHECKS.items():
        assert (check.__doc__ or "").startswith(f"{name}: ")


def test_allowed_steps_are_those_of_the_lifecycle():
    known = {}
    for row in (*ROWS, OUTAGE_CREDITED):
        for status in row.statuses:
            if row.versioned:
                known.setdefault(status.value, set()).add((row.to or status).value)
    assert {status: set(map(str, steps)) for status, steps in ALLOWED_STEPS.items()} == known
