"""Invariants of replies, events, clocks, parties and buckets are broken on purpose."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, update

from models.identity import PaymentAccount
from models.ledger import Lot
from models.operations import IdempotencyKey, Outbox, RoomSeq
from models.orders import LaneInbox, Order
from models.trades import Trade, TradeEvent
from server.core.ids import first_id_at
from server.monitor.verifier import find_breaches
from tests.unit.monitor.finding import account, find

pytestmark = pytest.mark.breaks_the_ledger


async def test_i19_kept_refusal_is_found(deals, full):
    await deals.corrupt(
        insert(IdempotencyKey).values(
            user_id=deals.buyer,
            key=b"k",
            request_hash=b"h" * 32,
            status=422,
            body=b"",
            created_at=deals.clock.now(),
        )
    )

    assert await find(deals, full=full) == {("I19", f"user:{deals.buyer}")}


async def test_i20_gap_in_a_room_is_found(deals, full):
    room = f"trade:{deals.completed.id}"
    await deals.corrupt(update(Outbox).where(Outbox.room == room, Outbox.seq == 3).values(seq=4))
    await deals.corrupt(update(RoomSeq).where(RoomSeq.room == room).values(seq=4))

    assert await find(deals, full=full) == {("I20", f"room:{room}")}


async def test_i20_number_that_the_relay_did_not_give_is_found(deals, full):
    room = f"trade:{deals.completed.id}"
    await deals.corrupt(update(RoomSeq).where(RoomSeq.room == room).values(seq=2))

    assert await find(deals, full=full) == {("I20", f"room:{room}")}


async def test_i20_step_without_an_event_is_found(deals, full):
    room = f"trade:{deals.completed.id}"
    await deals.corrupt(delete(Outbox).where(Outbox.room == room, Outbox.seq == 3))

    assert await find(deals, full=full) == {("I20", f"trade:{deals.completed.id}")}


async def test_i20_deleted_old_events_are_no_breach(deals):
    room = f"trade:{deals.completed.id}"
    await deals.corrupt(delete(Outbox).where(Outbox.room == room, Outbox.seq < 3))
    deals.pass_time(minutes=10)
    await deals.step(deals.open, 2, "awaiting_payment", "paid")
    deals.pass_time(hours=24)

    assert await find(deals) == set()


async def test_i20_room_that_was_silent_for_a_day_is_no_breach(deals, full):
    room = f"trade:{deals.completed.id}"
    await deals.corrupt(delete(Outbox).where(Outbox.room == room, Outbox.seq < 3))

    assert await find(deals, full=full) == {("I20", f"trade:{deals.completed.id}")}


async def test_i25_unpaid_trade_past_its_deadline_is_found(deals, full):
    deals.pass_time(minutes=17)

    found = await find_breaches(
        deals.database, since=None if full else first_id_at(deals.clock.now())
    )

    assert [(breach.invariant, breach.subject) for breach in found] == [
        ("I25", f"trade:{deals.open.id}")
    ]


async def test_i25_clock_that_ends_a_paid_trade_is_found(deals, full):
    where = (TradeEvent.trade_id == deals.completed.id) & (TradeEvent.version == 3)
    await deals.corrupt(update(TradeEvent).where(where).values(actor="clock"))

    assert await find(deals, full=full) == {("I25", f"trade:{deals.completed.id}")}


async def test_i26_shared_payment_account_is_found(deals, full):
    await deals.add_payment_account(deals.buyer, b"s")
    early = deals.clock.now() - timedelta(hours=1)
    await deals.corrupt(
        update(PaymentAccount).where(PaymentAccount.user_id == deals.buyer).values(created_at=early)
    )

    trades = (deals.completed, deals.paid, deals.open)
    assert await find(deals, full=full) == {("I26", f"trade:{trade.id}") for trade in trades}


async def test_i26_payment_account_of_somebody_else_is_found(deals, full):
    foreign = await deals.add_payment_account(deals.buyer, b"b")
    await deals.corrupt(
        update(Trade).where(Trade.id == deals.open.id).values(payment_account_id=foreign)
    )

    assert await find(deals, full=full) == {("I26", f"trade:{deals.open.id}")}


async def test_i29_reservation_without_money_is_found(deals, full):
    await deals.corrupt(
        update(Order).where(Order.id == deals.order).values(reserved=Order.reserved + 1)
    )

    assert await find(deals, full=full) == {("I29", account(deals.seller, "reserved"))}


async def test_i29_lot_without_money_is_found(deals, full):
    await deals.corrupt(update(Lot).values(amount=Lot.amount + 1))

    assert await find(deals, full=full) == {("I29", account(deals.buyer, "held"))}


async def test_i29_return_that_waits_in_the_inbox_counts_as_reserved(deals, full):
    await deals.corrupt(
        insert(LaneInbox).values(
            id=deals.database.ids.new_id(),
            market="USDT-VND",
            kind="return",
            cause="return:1",
            body="{}",
            amount=7,
            user_id=deals.seller,
            created_at=deals.clock.now(),
        )
    )

    assert await find(deals, full=full) == {("I29", account(deals.seller, "reserved"))}
