"""Claims beside trades that have ended: the trade stays as it is, a lot is held meanwhile."""

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import LONG_TEXT, Base, Id, Instant, one_of, text, word


class ClaimKind(enum.StrEnum):
    """What a claim is about."""

    HOLD = "hold"
    """The seller's, while the bought USDT is still held: its lot is frozen."""
    LATE = "late"
    """The buyer's, after the trade ended unpaid: he paid all the same."""


class ClaimStatus(enum.StrEnum):
    """Where a claim stands."""

    OPEN = "open"
    """The other side has time to answer."""
    REVIEW = "review"
    """Staff have to decide."""
    CLOSED = "closed"
    """It was upheld, rejected or withdrawn."""


class Claim(Base):
    """A claim about an ended trade; one a trade."""

    __tablename__ = "claims"
    __table_args__ = (
        one_of("status", ClaimStatus),
        one_of("kind", ClaimKind),
        UniqueConstraint("trade_id"),
        CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="closed_has_time"),
        CheckConstraint("(status = 'closed') = (outcome IS NOT NULL)", name="closed_has_outcome"),
        CheckConstraint("(status = 'closed') = (deadline_at IS NULL)", name="open_has_deadline"),
        CheckConstraint("held_amount >= 0", name="held_not_negative"),
        Index("ix_claims_status_deadline_at", "status", "deadline_at"),
        Index("ix_claims_claimant_id_id", "claimant_id", "id"),
        Index("ix_claims_respondent_id_id", "respondent_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    trade_id: Mapped[UUID] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(word(8))
    claimant_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    respondent_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    reason: Mapped[str] = mapped_column(word(40))
    statement: Mapped[str] = mapped_column(text(2000))
    status: Mapped[str] = mapped_column(word(8))
    outcome: Mapped[str | None] = mapped_column(word(16))
    """upheld, rejected or withdrawn."""
    version: Mapped[int] = mapped_column(Integer)
    """Grows by one with each row of the claim's lifecycle."""
    deadline_at: Mapped[datetime | None] = mapped_column(Instant)
    """When the clock of the present status strikes; none when closed."""
    held_amount: Mapped[int] = mapped_column(BigInteger)
    """Micro-USDT in the frozen lot of the trade; zero when nothing is held."""
    overdue_count: Mapped[int] = mapped_column(Integer)
    first_approver_id: Mapped[UUID | None] = mapped_column(Id)
    """The first of two people who uphold a claim about a large amount."""
    decided_by: Mapped[UUID | None] = mapped_column(Id)
    """Who of the staff decided it."""
    opened_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)


class ClaimEvent(Base):
    """One row of the lifecycle applied to a claim; versions run from 1 without a gap."""

    __tablename__ = "claim_events"

    claim_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    event: Mapped[str] = mapped_column(word(32))
    actor: Mapped[str] = mapped_column(word(8))
    actor_id: Mapped[UUID | None] = mapped_column(Id)
    status_from: Mapped[str | None] = mapped_column(word(8))
    status_to: Mapped[str] = mapped_column(word(8))
    detail: Mapped[str] = mapped_column(LONG_TEXT)
    """JSON that both parties may see."""
    created_at: Mapped[datetime] = mapped_column(Instant)
