"""The index out of what several sources say. Pure: no clock, no network.

Dollars in a currency count once multiplied by what USDT costs in dollars (a cross, one for each
source of rates). A source that is 5 % off the median is dropped. There is an index when at least
three sources answered lately and more than half of them agree.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import NamedTuple

from server.markets.index import AHEAD_MAX, STALE_AFTER
from server.markets.price_apis import HALF, USD, USDT, Quote

SOURCES_MIN = 3
OUTLIER_BP = 500
BP = 10_000
RATES_STALE_AFTER = timedelta(hours=26)
"""Rates of currencies against the dollar are made once a day; the price of USDT is fresh."""
DIGITS = 40


class Judged(NamedTuple):
    """A quote and what became of it."""

    source: str
    price: Decimal
    verdict: str
    """`counted`, `stale` or `outlier`."""


class Found(NamedTuple):
    """An index, or None where too few sources agree, and what each source said."""

    index_ticks: int | None
    read_at: datetime
    """More than half of the sources that count are at least as fresh."""
    judged: tuple[Judged, ...]


def add_crosses(quotes: Sequence[Quote], now: datetime) -> list[Quote]:
    """The quotes of USDT with those that come of rates against the dollar.

    What USDT costs in dollars must be agreed as the index of a market is: no single source moves
    the markets that crosses feed.
    """
    direct = [each for each in quotes if each.base == USDT]
    dollars = _agreeing([each for each in direct if each.currency == USD], now)
    rates = [each for each in quotes if each.base == USD and each.currency != USD]
    if not dollars:
        return direct
    with localcontext() as context:
        context.prec = DIGITS
        dollar = find_median([each.price for each in dollars])
        read_at = _middle_time(dollars)
        return direct + [
            Quote(each.source, USDT, each.currency, each.price * dollar, read_at)
            for each in rates
            if now - each.read_at <= RATES_STALE_AFTER and each.read_at <= now + AHEAD_MAX
        ]


def _agreeing(quotes: Sequence[Quote], now: datetime) -> list[Quote]:
    """The fresh quotes, one of each source, that are near their median; none where fewer than
    three sources answered or no more than half of them agree."""
    latest = {each.source: each for each in sorted(quotes, key=lambda each: each.read_at)}
    fresh = [each for each in latest.values() if not _is_stale(each, now)]
    if len(fresh) < SOURCES_MIN:
        return []
    with localcontext() as context:
        context.prec = DIGITS
        kept = _keep_near(fresh)
    return kept if 2 * len(kept) > len(fresh) else []


def _keep_near(fresh: Sequence[Quote]) -> list[Quote]:
    about = find_median([each.price for each in fresh])
    return [each for each in fresh if abs(each.price - about) * BP <= about * OUTLIER_BP]


def find_index(quotes: Sequence[Quote], price_digits: int, now: datetime) -> Found:
    """The index of one market, whose quotes these are, in ticks of `price_digits` decimals."""
    latest = {each.source: each for each in sorted(quotes, key=lambda each: each.read_at)}
    fresh = [each for each in latest.values() if not _is_stale(each, now)]
    stale = [
        Judged(each.source, each.price, "stale") for each in latest.values() if _is_stale(each, now)
    ]
    if len(fresh) < SOURCES_MIN:
        judged = [Judged(each.source, each.price, "counted") for each in fresh]
        return Found(None, now, tuple(sorted(judged + stale)))

    with localcontext() as context:
        context.prec = DIGITS
        kept = _keep_near(fresh)
        judged = [
            Judged(each.source, each.price, "counted" if each in kept else "outlier")
            for each in fresh
        ]
        shown = tuple(sorted(judged + stale))
        if 2 * len(kept) <= len(fresh):
            return Found(None, now, shown)
        exact = find_median([each.price for each in kept]).scaleb(price_digits)
        # Half to even: an index favours neither side.
        ticks = int(exact.to_integral_value(ROUND_HALF_EVEN))
    return Found(ticks or None, min(_middle_time(kept), now), shown)


def find_median(prices: Sequence[Decimal]) -> Decimal:
    """The middle price, or the mean of the two in the middle."""
    ordered = sorted(prices)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) * HALF


def group_by_currency(quotes: Sequence[Quote]) -> dict[str, list[Quote]]:
    """Quotes of USDT by currency."""
    groups: defaultdict[str, list[Quote]] = defaultdict(list)
    for each in quotes:
        if each.base == USDT:
            groups[each.currency].append(each)
    return dict(groups)


def _is_stale(each: Quote, now: datetime) -> bool:
    return now - each.read_at > STALE_AFTER or each.read_at > now + AHEAD_MAX


def _middle_time(quotes: Sequence[Quote]) -> datetime:
    times = sorted(each.read_at for each in quotes)
    return times[(len(times) - 1) // 2]
