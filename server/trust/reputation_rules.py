"""How trades and ratings become a reputation. Pure: no clock, no database.

A reputation is the sum of what each pair of people contributes. So a change of one pair changes
the sum by the difference of two contributions, and a recomputation gives the same.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import timedelta

from server.core.money import MICRO

PAIR_WEIGHT_MAX = 2_000 * MICRO
"""The most that one person's ratings weigh, however much he traded."""
PAIR_TRADES_MAX = 10
"""So many trades with one person raise trust; further ones count to nothing but the number."""
AGE_FULL_DAYS = 90
AGE_LEAST_DAYS = 9
"""An account of so few days or fewer rates with a tenth of the weight."""
RATERS_MIN = 3
"""Below so many different people there is no score to show."""
TIMES_MIN = 5
"""Below so many trades there is no median to show."""
CENTI = 100

TIME_BOUNDS_S = (
    *range(15, 300, 15),
    *range(300, 3600, 60),
    *range(3600, 24 * 3600 + 1, 900),
)
"""Within which time something was done: quarters of a minute, minutes, quarters of an hour."""
LATER_S = 7 * 24 * 3600
"""Stands for everything later."""

VOLUME_BANDS = (
    (0, "none"),
    (1, "under_1k"),
    (1_000 * MICRO, "1k_to_10k"),
    (10_000 * MICRO, "10k_to_100k"),
    (100_000 * MICRO, "100k_to_1m"),
    (1_000_000 * MICRO, "over_1m"),
)
"""The least of each band in micro-USDT, and its name. The sum itself is nobody's business."""


@dataclass(frozen=True, slots=True)
class Pair:
    """What one did with another; see `models.reputation.ReputationPair`."""

    trades: int = 0
    volume: int = 0
    ratings: int = 0
    weight: int = 0
    stars_weight: int = 0
    linked: bool = False


@dataclass(frozen=True, slots=True)
class Sums:
    """A reputation, or what one pair contributes; see `models.reputation.Reputation`."""

    counterparties: int = 0
    volume: int = 0
    excess: int = 0
    raters: int = 0
    ratings: int = 0
    score_weight: int = 0
    score_sum: int = 0

    def moved(self, before: "Sums", after: "Sums") -> "Sums":
        """These sums when one pair contributes `after` in the place of `before`."""
        return Sums(
            *(
                getattr(self, one.name) - getattr(before, one.name) + getattr(after, one.name)
                for one in fields(Sums)
            )
        )


def contribute(pair: Pair) -> Sums:
    """What a pair contributes: a linked one nothing but that its trades raise no trust."""
    if pair.linked:
        return Sums(excess=pair.trades)
    score_weight = min(pair.weight, PAIR_WEIGHT_MAX)
    return Sums(
        counterparties=int(pair.trades > 0),
        volume=pair.volume,
        excess=max(0, pair.trades - PAIR_TRADES_MAX),
        raters=int(pair.weight > 0),
        ratings=pair.ratings,
        score_weight=score_weight,
        score_sum=pair.stars_weight * score_weight // pair.weight if pair.weight else 0,
    )


def sum_up(pairs: Iterable[Pair]) -> Sums:
    """A reputation from nothing but its pairs."""
    total = Sums()
    for pair in pairs:
        total = total.moved(Sums(), contribute(pair))
    return total


def add_trade(pair: Pair, amount_micro: int) -> Pair:
    """The pair after one more completed trade."""
    return replace(pair, trades=pair.trades + 1, volume=pair.volume + amount_micro)


def add_rating(pair: Pair, stars: int, weight: int) -> Pair:
    """The pair after one more revealed rating."""
    return replace(
        pair,
        ratings=pair.ratings + 1,
        weight=pair.weight + weight,
        stars_weight=pair.stars_weight + weight * stars,
    )


def weigh_rating(amount_micro: int, rater_age: timedelta) -> int:
    """What a rating weighs: the trade's amount, less while the rater's account is young.

    Rounded down; at least one micro-USDT, so that it counts.
    """
    days = min(max(rater_age // timedelta(days=1), AGE_LEAST_DAYS), AGE_FULL_DAYS)
    return max(1, amount_micro * days // AGE_FULL_DAYS)


def score_centi(sums: Sums) -> int | None:
    """The score in hundredths of a star, rounded down; None with too few different raters."""
    if sums.raters < RATERS_MIN:
        return None
    return sums.score_sum * CENTI // sums.score_weight


def bound_of(took: timedelta) -> int:
    """The least bound, in seconds, within which something was done."""
    seconds = -(-took // timedelta(seconds=1))
    place = bisect_left(TIME_BOUNDS_S, seconds)
    return TIME_BOUNDS_S[place] if place < len(TIME_BOUNDS_S) else LATER_S


def median_s(counts: Sequence[tuple[int, int]]) -> int | None:
    """The median bound of (bound, count) rows in rising order; None for too few."""
    total = sum(count for _, count in counts)
    if total < TIMES_MIN:
        return None
    left = (total + 1) // 2
    for bound, count in counts:
        left -= count
        if left <= 0:
            return bound
    raise AssertionError("half of a total is reached")


def volume_band(volume_micro: int) -> str:
    """The name of the band that a sum lies in."""
    return next(name for least, name in reversed(VOLUME_BANDS) if volume_micro >= least)
