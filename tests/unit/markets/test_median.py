"""The index out of several quotes."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.markets.median import add_crosses, find_index
from server.markets.price_apis import Quote

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def quote(price, source="a", *, age_s=0, currency="VND", base="USDT"):
    return Quote(source, base, currency, Decimal(str(price)), NOW - timedelta(seconds=age_s))


def quotes(*prices):
    return [quote(price, f"source{place}") for place, price in enumerate(prices)]


@pytest.mark.parametrize(
    ("prices", "index_ticks"),
    [
        ((100, 101, 103), 101),
        ((100, 101, 103, 104), 102),
        # Exactly 5 % off the median counts, a hair more does not.
        ((100, 100, 105), 100),
        ((95, 96, 100, 100, 105, 108), 100),
        ((100, 101, 102, 200), 101),
        ((1, 100, 101, 102), 101),
        ((100, 100), None),
        ((), None),
        # Nobody agrees with anybody.
        ((50, 100, 150, 200), None),
        # Half to even.
        (("100.5", "100.5", "100.5"), 100),
        (("101.5", "101.5", "101.5"), 102),
    ],
)
def test_index_is_the_median_of_those_within_five_percent_of_it(prices, index_ticks):
    assert find_index(quotes(*prices), 0, NOW).index_ticks == index_ticks


def test_five_percent_is_measured_against_the_median_of_all():
    found = find_index(quotes(100, 100, "105.0001", "94.9999"), 2, NOW)

    assert [each.verdict for each in found.judged] == ["counted", "counted", "outlier", "outlier"]
    assert found.index_ticks is None


def test_price_older_than_two_minutes_or_from_the_future_counts_no_more():
    fresh = [quote(100, "a", age_s=120), quote(101, "b"), quote(102, "c")]
    others = [quote(500, "d", age_s=121), quote(500, "e", age_s=-3)]

    found = find_index(fresh + others, 0, NOW)

    assert found.index_ticks == 101
    assert {each.source: each.verdict for each in found.judged} == {
        "a": "counted", "b": "counted", "c": "counted", "d": "stale", "e": "stale",
    }  # fmt: skip
    assert find_index(fresh[:2] + others, 0, NOW).index_ticks is None


def test_one_source_is_one_voice_however_often_it_speaks():
    repeated = [quote(100, "a", age_s=age_s) for age_s in range(5)]

    assert find_index([*repeated, quote(100, "b")], 0, NOW).index_ticks is None


def test_index_is_no_fresher_than_most_of_its_sources():
    given_quotes = [quote(100, "a", age_s=100), quote(100, "b", age_s=60), quote(100, "c")]

    assert find_index(given_quotes, 0, NOW).read_at == NOW - timedelta(seconds=60)


def test_cross_needs_a_fresh_price_of_usdt_and_rates_of_today():
    dollars = dollars_of("0.999", "0.998", "1")
    rates = quote(26_000, "erapi", base="USD", age_s=25 * 3600)
    old = quote(26_000, "other", base="USD", age_s=27 * 3600)
    stale = [*dollars[:2], quote("0.999", "late", currency="USD", age_s=121)]

    assert add_crosses([*dollars, rates, old], NOW) == [*dollars, quote("25974.000", "erapi")]
    assert add_crosses([*stale, rates], NOW) == stale
    assert add_crosses([rates], NOW) == []


def dollars_of(*prices):
    return [
        quote(price, f"source{place}", currency="USD") for place, price in enumerate(prices)
    ]  # fmt: skip


def test_dollars_of_a_cross_are_agreed_as_an_index_is():
    rates = quote(26_000, "erapi", base="USD")

    def cross(*dollars):
        found = [each for each in add_crosses([*dollars, rates], NOW) if each.currency == "VND"]
        return found[0].price if found else None

    # One that is off moves nothing, two that speak are too few, and one speaks once.
    assert cross(*dollars_of("1", "1", "1", "5")) == 26_000
    assert cross(*dollars_of("1", "1")) is None
    assert cross(*dollars_of("1", "1"), *dollars_of("1")) is None
    assert cross(*dollars_of("1", "2", "3", "4")) is None


@given(
    st.lists(
        st.decimals("0.000001", "100000000000", places=6), min_size=0, max_size=9
    ),
    st.integers(0, 6),
)  # fmt: skip
def test_index_lies_between_the_prices_that_count(prices, digits):
    found = find_index(quotes(*prices), digits, NOW)
    counted = [each.price for each in found.judged if each.verdict == "counted"]

    assert len(found.judged) == len(prices)
    if found.index_ticks is not None:
        low, high = (edge(counted).scaleb(digits) for edge in (min, max))
        assert low - 1 <= found.index_ticks <= high + 1
        assert len(prices) >= 3
        assert 2 * len(counted) > len(prices)
