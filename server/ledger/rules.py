"""How much of an escrow goes where. Pure; every division rounds down, as the fees do."""

from typing import NamedTuple, Protocol
from uuid import UUID

from server.core.money import MICRO, PPM, fee_down

BOND_PPM = 20_000
"""A bond is 2 % of the order's amount ..."""
BOND_MIN_MICRO = 20 * MICRO
"""... and at least 20 USDT."""


class TradeTerms(Protocol):
    """What the ledger must know of a trade; amounts in micro-units, rates in parts per million."""

    @property
    def id(self) -> UUID:
        """The trade."""
        ...

    @property
    def asset(self) -> str:
        """What is traded."""
        ...

    @property
    def amount(self) -> int:
        """Without fees."""
        ...

    @property
    def buyer_id(self) -> UUID:
        """Who receives."""
        ...

    @property
    def seller_id(self) -> UUID:
        """Whose escrow it is."""
        ...

    @property
    def buyer_fee_ppm(self) -> int:
        """Paid out of what the buyer receives."""
        ...

    @property
    def seller_fee_ppm(self) -> int:
        """Paid on top of the amount."""
        ...


class Parts(NamedTuple):
    """Where a resolved hold went, in micro-units; the three sum to the hold."""

    paid_out: int
    """To the buyer, after his fee."""
    fees: int
    """Of both sides, to the platform."""
    given_back: int
    """To the seller's reserved account."""


def compute_hold(amount: int, seller_fee_ppm: int) -> int:
    """What a trade locks: the amount and the seller's fee, rounded down."""
    return amount + fee_down(amount, seller_fee_ppm)


def compute_reservation(amount: int, maker_fee_ppm: int, taker_fee_ppm: int) -> int:
    """What a sell order reserves: the amount and its fee at the higher rate, rounded down."""
    return amount + fee_down(amount, max(maker_fee_ppm, taker_fee_ppm))


def compute_bond(amount: int) -> int:
    """The bond behind a resting buy order: 2 %, rounded up, at least 20 USDT."""
    return max(BOND_MIN_MICRO, -(-amount * BOND_PPM // PPM))


def divide_hold(amount: int, *, buyer_part: int, buyer_fee_ppm: int, seller_fee_ppm: int) -> Parts:
    """The parts of the hold of a trade over `amount` when the buyer is awarded `buyer_part`.

    The whole amount is a release, zero is a refund, anything between is a split: both fees are
    taken on the buyer's part only, rounded down, and the rest goes back.
    """
    assert 0 <= buyer_part <= amount, "the buyer's part lies within the amount"
    buyer_fee = fee_down(buyer_part, buyer_fee_ppm)
    fees = buyer_fee + fee_down(buyer_part, seller_fee_ppm)
    paid_out = buyer_part - buyer_fee
    given_back = compute_hold(amount, seller_fee_ppm) - paid_out - fees
    assert given_back >= 0, "the parts are more than the hold"
    return Parts(paid_out, fees, given_back)
