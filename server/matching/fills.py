"""Making one trade of two orders that fit."""

from server.core.money import fiat_for_usdt_up
from server.matching.fit import choose_method
from server.matching.orders import BUY, BookOrder, live_status
from server.matching.outcome import Fill, Outcome
from server.matching.standings import Standing
from server.matching.state import State


def fill_pair(
    state: State,
    order: BookOrder,
    other: BookOrder,
    amount_micro: int,
    price_ticks: int,
    outcome: Outcome,
) -> None:
    """Make one trade of two orders that fit, at the older one's price."""
    maker, taker = (order, other) if order.seq < other.seq else (other, order)
    buy, sell = (order, other) if order.side == BUY else (other, order)
    buyer, seller = buy.member.standing, sell.member.standing
    method = choose_method(maker, taker, state.terms.methods_off)
    assert method is not None
    assert 0 < amount_micro <= min(buy.remaining_micro, sell.remaining_micro)
    fiat_minor = fiat_for_usdt_up(amount_micro, price_ticks, state.terms.scale)
    is_new_buyer = buyer.completed_trades < state.terms.new_buyer_trades

    for one in (order, other):
        state.save_fill(one)
        if one.fiat_left_minor is not None:
            fiat_minor = _spend_fiat(state, one, amount_micro, fiat_minor, price_ticks)
        one.remaining_micro -= amount_micro
        one.matched_micro += amount_micro
        one.status = live_status(one)
        if one.is_shelved and one.listed:
            shift = state.shelves[one.side].shift_level
            shift(one, -amount_micro, 0)
            state.journal.record(shift, one, amount_micro, 0)
        outcome.touched[one.id] = one
    taker.takes_made += 1
    if is_new_buyer:
        sell.new_unpaid_micro += amount_micro
    _count_fill(state, buyer, seller, amount_micro)
    outcome.fills.append(
        Fill(
            maker.id,
            taker.id,
            buy.id,
            sell.id,
            buy.user,
            sell.user,
            amount_micro,
            fiat_minor,
            price_ticks,
            method,
            sell.accounts.get(method),
            is_new_buyer,
        )
    )
    state.close_remainder(order)
    state.close_remainder(other)
    least = state.terms.amount_min_micro
    if buyer.limit_left_micro < least or buyer.open_unpaid >= buyer.open_unpaid_max:
        state.tire(buy.member)
    if seller.limit_left_micro < least:
        state.tire(sell.member)


def _spend_fiat(
    state: State, order: BookOrder, amount_micro: int, fiat_minor: int, price: int
) -> int:
    """Keep a sum given in fiat exactly where the fill takes all that it buys."""
    left = order.fiat_left_minor
    assert left is not None
    if fiat_for_usdt_up(amount_micro + 1, price, state.terms.scale) > left:
        fiat_minor = left
    order.fiat_left_minor = left - fiat_minor
    return fiat_minor


def _count_fill(state: State, buyer: Standing, seller: Standing, amount_micro: int) -> None:
    state.journal.record(_write_counts, buyer, buyer.limit_left_micro, buyer.open_unpaid)
    state.journal.record(_write_counts, seller, seller.limit_left_micro, seller.open_unpaid)
    buyer.limit_left_micro -= amount_micro
    buyer.open_unpaid += 1
    seller.limit_left_micro -= amount_micro


def _write_counts(standing: Standing, limit_left_micro: int, open_unpaid: int) -> None:
    standing.limit_left_micro = limit_left_micro
    standing.open_unpaid = open_unpaid
