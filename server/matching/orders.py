"""Orders as the book sees them, and the words for what can happen to them."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from server.matching.standings import Member

Key = Hashable
"""An opaque key of an order, a user or an account: UUID, bytes or int."""

SELL = "sell"
BUY = "buy"

FIXED = "fixed"
FLOATING = "floating"
MARKET = "market"

OPEN = "open"
PARTIALLY_FILLED = "partially_filled"
FILLED = "filled"
PAUSED = "paused"
CANCELLED = "cancelled"
EXPIRED = "expired"
SUSPENDED = "suspended"

LIVE = frozenset({OPEN, PARTIALLY_FILLED})
"""Statuses in which an order can trade."""
HELD = frozenset({PAUSED, SUSPENDED})
"""Statuses of an order that lives but cannot trade."""

BP = 10_000
"""Basis points in one; prices are compared in this fraction of a tick."""


@dataclass(slots=True, frozen=True)
class Requirements:
    """What an order asks of its counterparty; zero asks nothing."""

    kyc_level: int = 0
    completed_trades: int = 0
    completion_bp: int = 0
    account_age_days: int = 0
    verified_only: bool = False


@dataclass(slots=True, frozen=True)
class Guard:
    """Index ticks between which the order is armed; outside it pauses, back inside it re-arms."""

    low_ticks: int | None = None
    high_ticks: int | None = None

    def holds_back(self, index_ticks: int) -> bool:
        """Whether the order must be paused at this index."""
        return (self.low_ticks is not None and index_ticks < self.low_ticks) or (
            self.high_ticks is not None and index_ticks > self.high_ticks
        )


@dataclass(slots=True, eq=False)
class BookOrder:
    """One order. The caller fills the terms, the book owns everything from `status` on.

    `price_ticks` is the fixed price, or the worst price of a market order. `methods` are in
    order of preference; a seller's `accounts` names a payment account for each. Always
    amount = remaining + matched - returned + closed.
    """

    id: Key
    user: Key
    side: str
    pricing: str
    amount_micro: int
    methods: tuple[Key, ...]
    price_ticks: int = 0
    margin_bp: int = 0
    min_fiat_minor: int = 0
    max_fiat_minor: int = 0
    accounts: Mapping[Key, Key] = field(default_factory=dict)
    immediate: bool = False
    """Time in force `ioc`, and every market order and take: ends with its command."""
    manual: bool = False
    """Only taken by hand, never matched by itself."""
    max_trades: int = 1
    needs: Requirements | None = None
    guard: Guard | None = None
    always_on: bool = False
    listed: bool = True
    bonded: bool = False
    """A buy order that rests on a bond instead of on its owner's record."""
    window_s: int = 0
    target: Key | None = None
    """The order that a take is bound to."""
    fiat_left_minor: int | None = None
    """What is left of a sum given in fiat (takes and quotes), else None."""
    version: int = 1
    status: str = OPEN
    reason: str | None = None
    """Why it is paused, suspended or ended before it was filled."""
    paused_for: str | None = None
    """Why a suspended order is paused once its suspension is lifted; None trades again then."""
    seq: int = 0
    remaining_micro: int = -1
    matched_micro: int = 0
    returned_micro: int = 0
    closed_micro: int = 0
    takes_made: int = 0
    new_unpaid_micro: int = 0
    """Of a sell order: what is unpaid with buyers of few completed trades."""
    failed: frozenset[Key] = frozenset()
    """Orders whose trade with this one ended unpaid."""
    member: "Member" = field(init=False, repr=False)
    skips: dict[str, int] = field(init=False, repr=False, default_factory=dict)
    shelf_key: int = field(init=False, repr=False, default=0)
    is_shelved: bool = field(init=False, repr=False, default=False)

    def __post_init__(self) -> None:
        if self.remaining_micro < 0:
            self.remaining_micro = self.amount_micro


class OrderChanges(TypedDict, total=False):
    """What an edit may change; absent keys stay as they are."""

    pricing: str
    price_ticks: int
    margin_bp: int
    amount_micro: int
    min_fiat_minor: int
    max_fiat_minor: int
    methods: tuple[Key, ...]
    accounts: Mapping[Key, Key]
    manual: bool
    max_trades: int
    needs: Requirements | None
    guard: Guard | None
    always_on: bool
    listed: bool
    window_s: int


_DERIVED = {"id", "user", "member", "skips", "shelf_key", "is_shelved"}
SAVED_FIELDS = tuple(f.name for f in fields(BookOrder) if f.name not in _DERIVED)


_read_fields = attrgetter(*SAVED_FIELDS)


def read_fields(order: BookOrder) -> tuple[Any, ...]:
    """Every field that a command may change, for the journal and for comparisons."""
    values: tuple[Any, ...] = _read_fields(order)
    return values


def write_fields(order: BookOrder, values: tuple[Any, ...]) -> None:
    """Put back what `read_fields` read."""
    for name, value in zip(SAVED_FIELDS, values, strict=True):
        setattr(order, name, value)


def own_price(order: BookOrder, index_ticks: int) -> int:
    """The order's price in ticks; floating prices round in the favour of its owner."""
    if order.pricing != FLOATING:
        return order.price_ticks
    scaled = index_ticks * (BP + order.margin_bp)
    return scaled // BP if order.side == BUY else -(-scaled // BP)


def live_status(order: BookOrder) -> str:
    """`open`, or `partially_filled` once something is matched and not returned."""
    return PARTIALLY_FILLED if order.matched_micro > order.returned_micro else OPEN
