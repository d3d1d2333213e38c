"""What a row of the lifecycle is made of."""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.trades import TradeStatus
from server.trades import guards, rules
from server.trades.facts import Actor, Facts
from server.trades.guards import Guard

AWAITING, GRACE, PAID = TradeStatus.AWAITING_PAYMENT, TradeStatus.GRACE, TradeStatus.PAID
DISPUTED, COMPLETED = TradeStatus.DISPUTED, TradeStatus.COMPLETED
CANCELLED, EXPIRED, REFUNDED = TradeStatus.CANCELLED, TradeStatus.EXPIRED, TradeStatus.REFUNDED
BUYER, SELLER, STAFF = Actor.BUYER, Actor.SELLER, Actor.STAFF

FINAL = frozenset({COMPLETED, CANCELLED, EXPIRED, REFUNDED})
UNPAID = frozenset({AWAITING, GRACE})
"""Statuses that count as an open unpaid trade of the buyer."""
RUNNING = frozenset({AWAITING, GRACE, PAID})
"""Statuses with a clock."""


class Action(enum.StrEnum):
    """What a person can do, as `allowed_actions` names it."""

    DECLARE_PAYER = "declare_payer"
    REFUSE_PAYER = "refuse_payer"
    MARK_PAID = "mark_paid"
    UNDO_PAID = "undo_paid"
    CANCEL = "cancel"
    DID_NOT_PAY = "did_not_pay"
    REQUEST_CANCEL = "request_cancel"
    ACCEPT_CANCEL = "accept_cancel"
    DECLINE_CANCEL = "decline_cancel"
    EXTEND = "extend"
    RELEASE = "release"
    PROPOSE_SPLIT = "propose_split"
    ACCEPT_SPLIT = "accept_split"
    DECLINE_SPLIT = "decline_split"
    OPEN_DISPUTE = "open_dispute"
    CONCEDE = "concede"
    CONTEST_FAULT = "contest_fault"
    OPEN_CASE = "open_case"


class Escrow(enum.StrEnum):
    """What a row does to the escrow."""

    NONE = "-"
    LOCK = "seller reserved -> escrow (amount + seller's fee)"
    RETURN = "escrow -> seller reserved -> order or seller"
    RELEASE = "escrow -> buyer (available or a lot), fees"
    SPLIT = "escrow -> buyer's part, fees; the rest as returned"


class AtFault(enum.StrEnum):
    """Whose fault an end without a trade is."""

    NOBODY = "-"
    BUYER = "buyer"
    BY_REASON = "buyer, or seller by the reason"


Clock = Callable[[Facts, datetime], datetime | None]


def same_clock(facts: Facts, _now: datetime) -> datetime | None:
    """The deadline stays."""
    return facts.deadline_at


def no_clock(_facts: Facts, _now: datetime) -> datetime | None:
    """No clock decides any more."""
    return None


def window(facts: Facts, _now: datetime) -> datetime | None:
    """The payment window's end."""
    return facts.window_ends_at


def window_from_now(facts: Facts, now: datetime) -> datetime | None:
    """One window more from now, never less than there was."""
    return max(facts.window_ends_at, now + timedelta(seconds=facts.window_s))


def grace_after_window(facts: Facts, _now: datetime) -> datetime | None:
    """15 minutes after the window, however late the clock was seen."""
    return facts.window_ends_at + rules.GRACE


def release_time(_facts: Facts, now: datetime) -> datetime | None:
    """30 minutes from now."""
    return now + rules.RELEASE_TIME


def later_release_time(facts: Facts, _now: datetime) -> datetime | None:
    """30 minutes more."""
    assert facts.deadline_at is not None, "a paid trade has a deadline"
    return facts.deadline_at + rules.BUYER_EXTENSION


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the lifecycle."""

    event: str
    """What happened, as `trade_events` keeps it."""
    actors: tuple[Actor, ...]
    statuses: tuple[TradeStatus, ...]
    to: TradeStatus | None = None
    """None: the status stays."""
    action: Action | None = None
    """None: no person does it."""
    guard: Guard = guards.always
    clock: Clock = same_clock
    escrow: Escrow = Escrow.NONE
    fault: AtFault = AtFault.NOBODY
    flag: str | None = None
    """The column that remembers that this was done, for what is done once."""
    step_up: frozenset[Actor] = frozenset()
    """Who must prove that it is him."""
    versioned: bool = True
    by_case: bool = False
    """Applied when a row of the case's lifecycle says so; the conditions stand there."""
    published: str = "trade_updated"

    @property
    def ends_escrow(self) -> bool:
        """Whether the escrow goes somewhere; a freeze stops every such row."""
        return self.escrow not in (Escrow.NONE, Escrow.LOCK)

    def leads_to(self, status: TradeStatus) -> TradeStatus:
        """The status after the row."""
        return self.to or status
