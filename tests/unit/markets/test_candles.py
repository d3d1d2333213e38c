"""Candles count each trade once, in any order, as a recomputation would."""

import random
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.clock import EPOCH
from server.markets.candles import SPANS, TradeDone, bar_of, draw_bars, find_start, join_bars
from server.markets.corridor import PAIRS_MIN, Deal, compute_corridor

MICRO = 1_000_000
DONE = st.builds(
    TradeDone,
    id=st.integers(1, 10**6).map(lambda number: UUID(int=number)),
    completed_at=st.integers(0, 4 * 86_400).map(lambda s: EPOCH + timedelta(seconds=s)),
    price_ticks=st.integers(1, 10**6),
    amount_micro=st.integers(1, 10**12),
)
TRADES = st.lists(DONE, min_size=1, max_size=30, unique_by=lambda trade: trade.id)


@given(TRADES, st.randoms(use_true_random=False))
def test_candles_do_not_depend_on_the_order_or_the_portions_of_counting(trades, chance):
    whole = draw_bars(trades)

    shuffled = random.Random(chance.random()).sample(trades, len(trades))
    cut = chance.randrange(len(trades) + 1)
    parts = draw_bars(shuffled[:cut])
    for key, bar in draw_bars(shuffled[cut:]).items():
        parts[key] = join_bars(parts[key], bar) if key in parts else bar

    assert parts == whole


@given(TRADES)
def test_candle_says_what_its_trades_say(trades):
    for (span_s, start), bar in draw_bars(trades).items():
        end = start + timedelta(seconds=span_s)
        inside = sorted(
            (trade for trade in trades if start <= trade.completed_at < end),
            key=lambda trade: (trade.completed_at, trade.id),
        )
        prices = [trade.price_ticks for trade in inside]
        assert (bar.open_ticks, bar.close_ticks) == (prices[0], prices[-1])
        assert (bar.high_ticks, bar.low_ticks) == (max(prices), min(prices))
        assert bar.volume_micro == sum(trade.amount_micro for trade in inside)
        assert bar.trades == len(inside)


@pytest.mark.parametrize("span_s", SPANS.values())
def test_spans_begin_at_multiples_of_their_length(span_s):
    instant = EPOCH + timedelta(days=20_000, seconds=86_399, microseconds=999_999)
    start = find_start(instant, span_s)
    assert (start - EPOCH) % timedelta(seconds=span_s) == timedelta(0)
    assert start <= instant < start + timedelta(seconds=span_s)


def test_turnover_is_rounded_down_trade_by_trade():
    trade = TradeDone(UUID(int=1), EPOCH, 26_001, 1_500_001)
    assert bar_of(trade).turnover_ticks == 39_001


def deals(*prices, pair=None, amount=100):
    return [
        Deal(pair or frozenset((f"a{number}", f"b{number}")), price, amount * MICRO)
        for number, price in enumerate(prices)
    ]


def test_corridor_is_the_median_over_pairs():
    corridor = compute_corridor(deals(26_000, 26_100, 26_200, 26_300, 26_900))
    assert corridor.index_ticks == 26_200
    assert (corridor.pairs, corridor.outliers) == (5, 0)


def test_a_thousand_trades_of_one_pair_count_once():
    honest = deals(26_000, 26_000, 26_010, 26_010, 26_020)
    washed = deals(*[27_000] * 1_000, pair=frozenset(("x", "y")), amount=10_000)
    assert compute_corridor(honest + washed).index_ticks == 26_010


def test_direction_between_two_people_makes_no_second_pair():
    both = deals(26_000, pair=frozenset(("x", "y"))) + deals(26_200, pair=frozenset(("y", "x")))
    assert compute_corridor(both).pairs == 1


def test_prices_far_from_the_median_do_not_count():
    corridor = compute_corridor(deals(26_000, 26_000, 26_000, 26_000, 26_000, 27_301, 24_699))
    assert corridor.index_ticks == 26_000
    assert (corridor.pairs, corridor.outliers) == (5, 2)
    assert corridor.volume_micro == 500 * MICRO


def test_price_exactly_at_the_bound_counts():
    assert compute_corridor(deals(26_000, 26_000, 26_000, 27_300)).outliers == 0


def test_too_few_pairs_make_no_index():
    corridor = compute_corridor(deals(*[26_000] * (PAIRS_MIN - 1)))
    assert corridor.index_ticks is None
    assert corridor.pairs == PAIRS_MIN - 1
    assert compute_corridor([]).index_ticks is None
