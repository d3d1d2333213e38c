"""What the lifecycle knows of a trade when it decides: a frozen copy, without a database."""

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.identity import Speed
from models.trades import TradeStatus
from server.trades import rules


class Actor(enum.StrEnum):
    """Who acts on a trade."""

    BUYER = "buyer"
    SELLER = "seller"
    STAFF = "staff"
    CLOCK = "clock"
    SYSTEM = "system"
    """The matching of two orders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A trade as the lifecycle's guards see it, under its lock or in one read."""

    status: TradeStatus
    deadline_at: datetime | None
    window_ends_at: datetime
    window_s: int
    speed: Speed
    payer_declared: bool = False
    paid_at: datetime | None = None
    late: bool = False
    extended_by_seller: bool = False
    extended_by_buyer: bool = False
    paid_undone: bool = False
    third_party_payer: bool = False
    name_mismatch: bool = False
    cancel_requested: bool = False
    """The seller's request waits for the buyer's answer."""
    split_offered_by: Actor | None = None
    """Whose offer to split waits for the other side's answer."""
    seller_fault_named: bool = False
    """The buyer ended the trade by naming a fault of the seller, not contested yet."""
    ended_at: datetime | None = None
    frozen_until: datetime | None = None
    """Until when staff hold the escrow where it is."""

    @property
    def is_payer_odd(self) -> bool:
        """Whether somebody else pays than should."""
        return self.name_mismatch or self.third_party_payer

    def is_frozen(self, now: datetime) -> bool:
        """Whether nothing moves the escrow at `now`."""
        return self.frozen_until is not None and now < self.frozen_until

    @property
    def dispute_opens_at(self) -> datetime | None:
        """From when a party may open a case; None before "paid"."""
        if self.paid_at is None or self.status is not TradeStatus.PAID:
            return None
        wait = timedelta(0) if self.is_payer_odd else rules.DISPUTE_WAIT[self.speed]
        return self.paid_at + wait
