"""The badges of a profile, each by one rule. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

MONTH_TRADES_MIN = 20
RELIABLE_BP = 9_800
FAST_S = 300
PEOPLE_MANY = 50
OLD = timedelta(days=365)
ACCLAIMED_CENTI = 480
ACCLAIMED_RATERS = 10


@dataclass(frozen=True, slots=True)
class Figures:
    """What badges are given by."""

    verified: bool
    kyc_level: int
    counterparties: int
    month_ended: int
    month_completion_bp: int | None
    median_pay_s: int | None
    median_release_s: int | None
    age: timedelta
    raters: int
    score_centi: int | None


def _is_within(median_s: int | None, bound_s: int) -> bool:
    return median_s is not None and median_s <= bound_s


RULES: tuple[tuple[str, Callable[[Figures], bool]], ...] = (
    ("merchant", lambda f: f.verified),
    ("identity_checked", lambda f: f.kyc_level >= 2),
    ("address_checked", lambda f: f.kyc_level >= 3),
    (
        "reliable",
        lambda f: f.month_ended >= MONTH_TRADES_MIN and (f.month_completion_bp or 0) >= RELIABLE_BP,
    ),
    ("pays_fast", lambda f: _is_within(f.median_pay_s, FAST_S)),
    ("releases_fast", lambda f: _is_within(f.median_release_s, FAST_S)),
    ("many_people", lambda f: f.counterparties >= PEOPLE_MANY),
    ("long_here", lambda f: f.age >= OLD),
    (
        "acclaimed",
        lambda f: f.raters >= ACCLAIMED_RATERS and (f.score_centi or 0) >= ACCLAIMED_CENTI,
    ),
)
BADGES = tuple(name for name, _ in RULES)


def list_badges(figures: Figures) -> list[str]:
    """The badges that the figures earn, in the order of the rules."""
    return [name for name, is_earned in RULES if is_earned(figures)]
