"""What the book must know of users and of the market."""

import copy
from dataclasses import dataclass, field

from server.core.money import PriceScale
from server.matching.orders import SELL, BookOrder, Key

NO_CAP_MICRO = 2**62
"""Stands for "no cap"; larger than any amount."""


@dataclass(slots=True)
class Standing:
    """One user's row of eligibility. The book owns the object and counts fills into it."""

    version: int = 0
    kyc_level: int = 0
    completed_trades: int = 0
    completion_bp: int = 0
    account_age_days: int = 0
    is_verified: bool = False
    is_present: bool = True
    may_trade: bool = True
    has_factor: bool = True
    """False while the user has yet to add the second factor that everybody needs."""
    has_accepted_terms: bool = True
    """False while newer terms wait: what rests goes on, nothing new is placed."""
    may_take: bool = True
    """False while the cancel ladder or a sanction forbids taking."""
    may_rest: bool = True
    """False while a sanction lets none of the user's orders wait for others."""
    may_sell: bool = True
    """False for a day after a change of credentials."""
    has_earned_resting: bool = False
    limit_left_micro: int = 0
    """The rolling allowance of the KYC level, for both sides together."""
    trade_cap_micro: int = NO_CAP_MICRO
    """The cap of a first trade."""
    open_unpaid: int = 0
    open_unpaid_max: int = 1
    apart: frozenset[Key] = frozenset()
    """Users blocked or linked, either way."""


@dataclass(slots=True, frozen=True)
class MarketTerms:
    """Settings and switches of one market."""

    scale: PriceScale
    amount_min_micro: int = 10_000_000
    amount_max_micro: int = 50_000_000_000
    band_bp: int = 2_000
    """Fixed prices and margins within this of the index; 0 for no band."""
    level_min: int = 0
    """Below this KYC level a user may place and take nothing."""
    new_buyer_trades: int = 5
    new_buyer_share_bp: int = 1_000
    candidates_max: int = 200
    orders_max: int = 0
    """Living orders that one user may have; 0 for no bound."""
    is_open: bool = True
    methods_off: frozenset[Key] = frozenset()


@dataclass(slots=True, eq=False)
class Member:
    """One user inside the book: his standing, his orders, why a side of his sleeps (or None)."""

    user: Key
    standing: Standing
    orders: dict[Key, BookOrder] = field(default_factory=dict)
    buy_sleep: str | None = None
    sell_sleep: str | None = None

    def find_sleep(self, side: str) -> str | None:
        """Why none of the user's orders of this side can trade now, presence apart."""
        return self.sell_sleep if side == SELL else self.buy_sleep


def derive_sleep(standing: Standing, side: str, terms: MarketTerms) -> str | None:
    """Why a user cannot trade on a side at all, or None; the reason is for himself to read."""
    if not standing.may_trade:
        return "not_eligible"
    if not standing.has_factor:
        return "second_factor_required"
    if side == SELL and not standing.may_sell:
        return "selling_paused"
    if side != SELL and standing.open_unpaid >= standing.open_unpaid_max:
        return "open_trades"
    if min(standing.limit_left_micro, standing.trade_cap_micro) < terms.amount_min_micro:
        return "limit_used"
    return None


def copy_standing(standing: Standing) -> Standing:
    """A standing of one's own, for callers that keep theirs."""
    return copy.copy(standing)
