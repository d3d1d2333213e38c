"""The corridor index: what USDT really changed hands for in a market, from completed trades.

Nobody moves it by trading with himself or with one friend: two people count once, whatever they
did together; who is far from the rest does not count at all; and below a number of pairs there is
no index.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median_low

from server.markets.index import BP

WINDOW = timedelta(hours=24)
TRADES_MAX = 2_000
"""The newest trades of the window that are looked at."""
PAIRS_MIN = 5
OUTLIER_BP = 500
"""A pair whose price is further from the median does not count."""


@dataclass(frozen=True, slots=True)
class Deal:
    """One completed trade: who, at what price in ticks, how much in micro-USDT."""

    pair: frozenset[object]
    price_ticks: int
    amount_micro: int


@dataclass(frozen=True, slots=True)
class Corridor:
    """The index in ticks, or None where too few people traded, and what it stands on."""

    index_ticks: int | None
    pairs: int
    """Pairs that counted."""
    outliers: int
    """Pairs that were too far away."""
    volume_micro: int
    """What the pairs that counted moved."""


def compute_corridor(deals: Sequence[Deal]) -> Corridor:
    """The median over pairs, each with its mean price by volume, without those far from it."""
    sums: dict[frozenset[object], tuple[int, int]] = {}
    for deal in deals:
        worth, volume = sums.get(deal.pair, (0, 0))
        sums[deal.pair] = (
            worth + deal.price_ticks * deal.amount_micro,
            volume + deal.amount_micro,
        )
    prices = {pair: worth // volume for pair, (worth, volume) in sums.items()}
    if not prices:
        return Corridor(None, 0, 0, 0)
    middle = median_low(prices.values())
    near = [
        pair for pair, price in prices.items() if abs(price - middle) * BP <= OUTLIER_BP * middle
    ]
    volume = sum(sums[pair][1] for pair in near)
    index = median_low(prices[pair] for pair in near) if len(near) >= PAIRS_MIN else None
    return Corridor(index, len(near), len(prices) - len(near), volume)
