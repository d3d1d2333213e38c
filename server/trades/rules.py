"""The numbers of trades and what follows from them. Pure: no clock, no database."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from models.identity import Reversibility, Speed
from server.core.money import MICRO, REAL_ASSET, PriceScale

WINDOW = {
    Speed.INSTANT: timedelta(minutes=15),
    Speed.DOMESTIC: timedelta(minutes=30),
    Speed.OTHER: timedelta(minutes=60),
}
"""The payment window of a rail."""
WINDOW_S_MIN = 15 * 60
WINDOW_S_MAX = 180 * 60
GRACE = timedelta(minutes=15)
"""After the window, in which the buyer may still say that he paid."""
RELEASE_TIME = timedelta(minutes=30)
"""What the seller has after "paid" before a case opens by itself."""
BUYER_EXTENSION = timedelta(minutes=30)
DISPUTE_WAIT = {
    Speed.INSTANT: timedelta(minutes=10),
    Speed.DOMESTIC: timedelta(minutes=30),
    Speed.OTHER: timedelta(minutes=30),
}
"""After "paid", before a party may open a case."""

ROLLING = timedelta(hours=24)
"""The time over which limits, the ladder and claims of the other's fault are counted."""
FREE_FAULTS = 3
LADDER = (
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=24),
)
"""No taking for this long after the fault beyond the free ones, and after each further one."""
SELLER_FAULT_CLAIMS_MAX = 2
"""How often in 24 hours a buyer may end a trade by naming a fault of the seller."""
CONTEST_TIME = timedelta(hours=24)
"""In which the seller may contest a fault that the buyer named."""

TRADING_LEVEL_MIN = 1
"""Level 0 reads only."""
NEW_BELOW_TRADES = 5
OPEN_UNPAID_MAX_NEW = 1
OPEN_UNPAID_MAX = 3
FIRST_TRADE_CAP_MICRO = 200 * MICRO
LEVEL_LIMITS_MICRO = (0, 200 * MICRO, 20_000 * MICRO, 200_000 * MICRO)
"""What a user of each KYC level may match in 24 hours."""

TRUST_STEPS = ((0, 0), (5, 30), (20, 90), (50, 180))
"""Different counterparties, no linked ones, and days of the account that each step needs."""
TRUST_BONUS_PERCENT = (0, 25, 50, 100)
"""What each step adds to the limit of 24 hours of an identity that was checked."""
GROWING_LEVEL_MIN = 2
"""From this KYC level on limits grow with trust; below they are the regulator's."""
LOWERED_DIVISOR = 10
"""A sanction that lowers the limit leaves one part in so many, rounded down."""

HOLD = timedelta(hours=24)
RECALLABLE_HOLD_BELOW_TRADES = 10
REVERSIBLE_HOLD_BELOW_TRADES = 50

PRESENT_FOR = timedelta(minutes=5)
"""How long a user counts as present after a request or a sign of his socket."""

NAME_CHARS_MIN = 2
NAME_CHARS_MAX = 120


def counts_to_record(asset: str) -> bool:
    """Whether trades of this asset touch limits, counters, ladder and holds."""
    return asset == REAL_ASSET


def window_s(speed: Speed, order_window_s: int) -> int:
    """The payment window of a trade in seconds: the maker's choice, or the rail's for zero."""
    if order_window_s == 0:
        return int(WINDOW[speed].total_seconds())
    assert WINDOW_S_MIN <= order_window_s <= WINDOW_S_MAX, "the order's window is out of bounds"
    return order_window_s


def normalise_name(name: str) -> str:
    """A holder's name as it is compared: NFKC, case folded, single spaces."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return " ".join(folded.split())


def names_agree(seen: str, declared: str) -> bool:
    """Whether the name that the seller saw is the declared one."""
    return normalise_name(seen) == normalise_name(declared)


def hold_until(
    reversibility: Reversibility, trades_completed: int, now: datetime
) -> datetime | None:
    """When bought USDT becomes withdrawable; None for at once.

    `trades_completed` is the buyer's record before this trade.
    """
    below = {
        Reversibility.FINAL: 0,
        Reversibility.RECALLABLE: RECALLABLE_HOLD_BELOW_TRADES,
        Reversibility.REVERSIBLE: REVERSIBLE_HOLD_BELOW_TRADES,
    }[reversibility]
    return now + HOLD if trades_completed < below else None


def ladder_block(faults: int) -> timedelta:
    """How long a buyer may not take after the `faults`-th fault of 24 hours; zero is not at all."""
    over = faults - FREE_FAULTS
    return LADDER[min(over, len(LADDER)) - 1] if over > 0 else timedelta(0)


def price_scale(minor_digits: int, price_digits: int) -> PriceScale:
    """One tick of a market in minor units of its currency."""
    difference = minor_digits - price_digits
    return PriceScale(10**difference, 1) if difference >= 0 else PriceScale(1, 10**-difference)


class StandingRow(Protocol):
    """What these rules read of a standing."""

    @property
    def kyc_level(self) -> int:
        """0 to 3."""
        ...

    @property
    def trades_completed(self) -> int:
        """On both sides, real trades only."""
        ...

    @property
    def open_unpaid_as_buyer(self) -> int:
        """In awaiting_payment or grace."""
        ...

    @property
    def limit_used_micro(self) -> int:
        """Matched in 24 hours."""
        ...

    @property
    def taking_blocked_until(self) -> datetime | None:
        """The ladder's block."""
        ...

    @property
    def selling_blocked_until(self) -> datetime | None:
        """After a change of password, factor or payment account."""
        ...

    @property
    def frozen_at(self) -> datetime | None:
        """By staff or screening."""
        ...

    @property
    def second_factor(self) -> bool:
        """Whether the user has one."""
        ...

    @property
    def terms_version(self) -> int:
        """The newest terms that the user has accepted."""
        ...

    @property
    def taking_barred(self) -> bool:
        """By a sanction."""
        ...

    @property
    def resting_barred(self) -> bool:
        """By a sanction."""
        ...

    @property
    def limits_lowered(self) -> bool:
        """By a sanction."""
        ...

    @property
    def trust_step(self) -> int:
        """How far age and different counterparties have raised the limit."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """The numbers that an operator may change; the defaults are the product's."""

    open_unpaid_max: int = OPEN_UNPAID_MAX
    open_unpaid_max_new: int = OPEN_UNPAID_MAX_NEW
    first_trade_cap_micro: int = FIRST_TRADE_CAP_MICRO
    """Zero is no cap."""
    level_limits_micro: tuple[int, ...] = LEVEL_LIMITS_MICRO
    factor_required: bool = False
    """Whether nobody trades without a second factor."""
    terms_version: int = 0
    """The terms that must have been accepted before an order is placed."""


@dataclass(frozen=True, slots=True)
class StandingTerms:
    """What a standing allows of new trades of the real asset."""

    open_unpaid_max: int
    open_unpaid_left: int
    """How many more unpaid trades this buyer may open."""
    trade_cap_micro: int | None
    """The largest trade of somebody without a completed one; None for no cap of this kind."""
    limit_left_micro: int
    """What may still be matched in the rolling 24 hours."""
    may_take: bool
    may_rest: bool
    """False while a sanction lets no order wait for others."""
    may_sell: bool
    may_trade: bool
    """False while frozen."""
    has_factor: bool
    """False for who still has to add the second factor that everybody needs."""
    has_accepted_terms: bool
    """False for who still has to accept the terms that count now."""


def day_limit_micro(standing: StandingRow, limits: Limits = Limits()) -> int:
    """What may be matched in 24 hours: the level's, raised by trust, lowered by a sanction."""
    level_limit = limits.level_limits_micro[standing.kyc_level]
    if standing.kyc_level >= GROWING_LEVEL_MIN:
        level_limit = level_limit * (100 + TRUST_BONUS_PERCENT[standing.trust_step]) // 100
    return level_limit // LOWERED_DIVISOR if standing.limits_lowered else level_limit


def trust_step(counterparties: int, age: timedelta) -> int:
    """The highest step of trust that somebody has reached: both sides of it are needed."""
    reached = [
        step
        for step, (people, days) in enumerate(TRUST_STEPS)
        if counterparties >= people and age >= timedelta(days=days)
    ]
    return max(reached)


def standing_terms(
    standing: StandingRow, now: datetime, limits: Limits = Limits()
) -> StandingTerms:
    """What `standing` allows at `now`."""
    new = standing.trades_completed < NEW_BELOW_TRADES
    unpaid_max = limits.open_unpaid_max_new if new else limits.open_unpaid_max
    capped = standing.trades_completed == 0 and limits.first_trade_cap_micro > 0
    level_limit = day_limit_micro(standing, limits)
    frozen = standing.frozen_at is not None
    return StandingTerms(
        open_unpaid_max=unpaid_max,
        open_unpaid_left=max(0, unpaid_max - standing.open_unpaid_as_buyer),
        trade_cap_micro=limits.first_trade_cap_micro if capped else None,
        limit_left_micro=max(0, level_limit - standing.limit_used_micro),
        may_take=(
            not frozen
            and not standing.taking_barred
            and _is_over(standing.taking_blocked_until, now)
        ),
        may_rest=not frozen and not standing.resting_barred,
        may_sell=not frozen and _is_over(standing.selling_blocked_until, now),
        may_trade=not frozen,
        has_factor=standing.second_factor or not limits.factor_required,
        has_accepted_terms=standing.terms_version >= limits.terms_version,
    )


def _is_over(until: datetime | None, now: datetime) -> bool:
    return until is None or until <= now
