"""Declaring the payer, saying paid, taking it back, giving more time; what is shown to whom."""

from datetime import timedelta

import orjson
import pytest
from sqlalchemy import select

from models.operations import Outbox
from models.trades import Trade, TradeStatus
from server.core.refusals import Invalid
from server.trades import refusals
from server.trades.facts import Actor
from server.trades.views import view_details, view_shared
from tests.trade_world import DETAILS, PAYER

S = TradeStatus


async def details(world, trade_id, actor):
    trade = await world.trade(trade_id)
    async with world.database.read() as connection:
        return await view_details(connection, world.desk, trade, actor, world.clock.now())


async def test_the_buyer_sees_where_to_pay_only_after_naming_the_payer(world):
    trade_id = await world.open_trade()
    assert (await details(world, trade_id, Actor.BUYER))["payment_details"] is None
    await world.do("declare_payer", trade_id)
    assert (await details(world, trade_id, Actor.BUYER))["payment_details"] == DETAILS
    assert (await details(world, trade_id, Actor.SELLER))["payment_details"] is None


async def test_an_unpaid_end_hides_where_to_pay(world):
    trade_id = await world.open_trade()
    await world.do("declare_payer", trade_id)
    await world.do("cancel", trade_id)
    assert (await details(world, trade_id, Actor.BUYER))["payment_details"] is None


async def test_the_seller_sees_the_declared_name_only_in_a_case_or_at_the_end(world):
    trade_id = await world.open_trade(S.PAID)
    assert (await details(world, trade_id, Actor.SELLER))["payer_name"] is None
    assert (await details(world, trade_id, Actor.BUYER))["payer_name"] == PAYER
    await world.do("open_case", trade_id, world.staff)
    assert (await details(world, trade_id, Actor.SELLER))["payer_name"] == PAYER


async def test_the_payers_name_is_kept_sealed_and_out_of_events(world):
    trade_id = await world.open_trade(S.PAID)
    stored = await world.fetch(select(Trade.payer_name).where(Trade.id == trade_id))
    assert PAYER.encode() not in bytes(stored[0].payer_name)
    for (body,) in await world.fetch(select(Outbox.body)):
        assert PAYER not in body
        assert DETAILS["account_number"] not in body


@pytest.mark.parametrize("name", ["", " ", "x", "y" * 121])
async def test_a_payers_name_has_2_to_120_characters(world, name):
    trade_id = await world.open_trade()
    with pytest.raises(Invalid):
        await world.do("declare_payer", trade_id, payer_name=name)


async def test_paid_without_a_declared_payer_is_refused(world):
    trade_id = await world.open_trade()
    with pytest.raises(refusals.PayerNotDeclared):
        await world.do("mark_paid", trade_id)


async def test_paid_starts_the_sellers_30_minutes(world):
    trade_id = await world.open_trade(S.PAID)
    trade = await world.trade(trade_id)
    assert trade.paid_at == world.clock.now()
    assert trade.deadline_at == world.clock.now() + timedelta(minutes=30)
    assert not trade.late
    assert trade.reference == "FT2603"


async def test_paid_in_grace_needs_a_proof_and_is_late(world):
    trade_id = await world.open_trade()
    await world.do("declare_payer", trade_id)
    world.clock.advance(minutes=30)
    with pytest.raises(refusals.ProofRequired):
        await world.do("mark_paid", trade_id, reference=None)
    await world.do("mark_paid", trade_id, reference="FT1")
    trade = await world.trade(trade_id)
    assert (trade.status, trade.late, trade.reference) == (S.PAID, True, "FT1")
    with pytest.raises(refusals.UndoNotOffered):
        await world.do("undo_paid", trade_id)


async def test_undoing_paid_returns_to_the_original_deadline_once(world):
    trade_id = await world.open_trade()
    window_ends_at = (await world.trade(trade_id)).deadline_at
    await world.do("declare_payer", trade_id)
    await world.do("mark_paid", trade_id)
    world.clock.advance(minutes=29)
    await world.do("undo_paid", trade_id)
    trade = await world.trade(trade_id)
    assert (trade.status, trade.deadline_at, trade.paid_at) == (
        S.AWAITING_PAYMENT,
        window_ends_at,
        None,
    )
    await world.do("mark_paid", trade_id)
    with pytest.raises(refusals.UndoNotOffered):
        await world.do("undo_paid", trade_id)


async def test_paid_counts_the_trade_out_of_the_buyers_unpaid_ones_and_undo_back_in(world):
    trade_id = await world.open_trade()
    assert (await world.standing(world.buyer)).open_unpaid_as_buyer == 1
    await world.do("declare_payer", trade_id)
    await world.do("mark_paid", trade_id)
    assert (await world.standing(world.buyer)).open_unpaid_as_buyer == 0
    await world.do("undo_paid", trade_id)
    assert (await world.standing(world.buyer)).open_unpaid_as_buyer == 1
    assert world.changed == [world.buyer, world.buyer]


async def test_the_seller_extends_once_from_grace_by_one_window(world):
    trade_id = await world.open_trade(S.GRACE)
    await world.do("extend", trade_id, world.seller)
    trade = await world.trade(trade_id)
    expected = world.clock.now() + timedelta(minutes=30)
    assert trade.status is S.AWAITING_PAYMENT
    assert (trade.deadline_at, trade.window_ends_at) == (expected, expected)
    with pytest.raises(refusals.AlreadyExtended):
        await world.do("extend", trade_id, world.seller)


async def test_the_buyer_extends_the_release_time_once_by_30_minutes(world):
    trade_id = await world.open_trade(S.PAID)
    before = (await world.trade(trade_id)).deadline_at
    await world.do("extend", trade_id, world.buyer)
    assert (await world.trade(trade_id)).deadline_at == before + timedelta(minutes=30)
    with pytest.raises(refusals.AlreadyExtended):
        await world.do("extend", trade_id, world.buyer)


async def test_a_new_buyers_share_is_free_while_he_says_that_he_paid(world):
    trade_id = await world.open_trade(new_buyer=True)
    for step in ("declare_payer", "mark_paid", "undo_paid", "mark_paid"):
        await world.do(step, trade_id)
    trade = await world.trade(trade_id)
    shares = [row["body"] for row in await world.inbox("share")]
    assert [share["counts"] for share in shares] == [False, True, False]
    assert shares[1] == {
        "trade_id": str(trade_id),
        "order_id": str(trade.seller_order_id),
        "amount": trade.amount,
        "counts": True,
    }


async def test_price_fees_and_account_of_a_trade_never_change(world):
    trade_id = await world.open_trade()
    copied = ("price_ticks", "amount", "fiat_minor", "buyer_fee_ppm", "seller_fee_ppm",
              "method_id", "payment_account_id", "window_s")  # fmt: skip
    before = await world.trade(trade_id)
    await world.bring_to(trade_id, S.COMPLETED)
    after = await world.trade(trade_id)
    assert [getattr(after, name) for name in copied] == [getattr(before, name) for name in copied]


async def test_every_step_tells_the_room_and_each_party(world):
    trade_id = await world.open_trade(S.COMPLETED)
    rows = await world.fetch(select(Outbox.room, Outbox.name).order_by(Outbox.id))
    room = [row.name for row in rows if row.room == f"trade:{trade_id}"]
    assert room == ["trade_updated", "trade_paid", "trade_released"]
    for user_id in (world.buyer, world.seller):
        own = [row.name for row in rows if row.room == f"user:{user_id}"]
        assert own.count("trade_updated") == 3
        assert "balance_updated" in own


async def test_the_last_event_of_a_room_is_what_a_fresh_reading_shows(world):
    trade_id = await world.open_trade(S.DISPUTED)
    rows = await world.fetch(
        select(Outbox.body)
        .where(Outbox.room == f"trade:{trade_id}", Outbox.name.like("trade_%"))
        .order_by(Outbox.id.desc())
    )
    assert orjson.loads(rows[0].body) == view_shared(await world.trade(trade_id))
