"""What a command did."""

from dataclasses import dataclass, field
from typing import NamedTuple

from server.matching.orders import BookOrder, Key


class Fill(NamedTuple):
    """One trade to be made. `price_ticks` is the maker's; fiat is what the buyer pays."""

    maker_id: Key
    taker_id: Key
    buy_order_id: Key
    sell_order_id: Key
    buyer: Key
    seller: Key
    amount_micro: int
    fiat_minor: int
    price_ticks: int
    method: Key
    payment_account: Key | None
    is_new_buyer: bool
    """Counted against the sell order's share for buyers of few completed trades."""


@dataclass(slots=True)
class Outcome:
    """`touched` holds the book's own orders: read their end state when the batch is run."""

    fills: list[Fill] = field(default_factory=list)
    touched: dict[Key, BookOrder] = field(default_factory=dict)
    refusal: str | None = None
    """The code of an expected no; nothing was changed then."""
    continuing: bool = False
    """The bound was met; `continue_matching` goes on."""
    examined: int = 0
    skipped: list[tuple[Key, str]] = field(default_factory=list)
    """Candidates that did not fit, in order, with the reason their owners may read."""
