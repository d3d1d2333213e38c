"""Cases about trades: where each stands, its history, whose lists it is on; freezes of trades."""

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
from models.trades import OfferStatus


class DisputeStatus(enum.StrEnum):
    """Where a case stands."""

    OPEN = "open"
    """Both sides give evidence, each in its own time; they may agree at any moment."""
    EVIDENCE = "evidence"
    """The evidence is in; staff have to rule."""
    RULED = "ruled"
    """Staff have ruled; the money moves when the time to object is over."""
    OBJECTED = "objected"
    """One side objected with new evidence; somebody else has to rule."""
    CLOSED = "closed"
    """The trade has ended, and the case with it."""


class Award(enum.StrEnum):
    """Where the escrow goes by an offer or a ruling."""

    RELEASE = "release"
    """To the buyer."""
    REFUND = "refund"
    """Back to the seller."""
    SPLIT = "split"
    """A part to the buyer, the rest back."""


class FreezeStatus(enum.StrEnum):
    """Where a freeze stands."""

    ACTIVE = "active"
    """Nothing moves the trade's escrow."""
    LIFTED = "lifted"
    """Staff ended it."""
    OVER = "over"
    """Its time ended."""


class Dispute(Base):
    """The case about a trade."""

    __tablename__ = "disputes"
    __table_args__ = (
        one_of("status", DisputeStatus),
        one_of("award", Award),
        UniqueConstraint("trade_id"),
        CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="closed_has_time"),
        CheckConstraint("(status = 'closed') = (outcome IS NOT NULL)", name="closed_has_outcome"),
        CheckConstraint("(status = 'closed') = (deadline_at IS NULL)", name="open_has_deadline"),
        CheckConstraint(
            "(COALESCE(award, '-') = 'split') = (award_buyer_amount IS NOT NULL)",
            name="split_has_part",
        ),
        Index("ix_disputes_status_opened_at", "status", "opened_at"),
        Index("ix_disputes_status_deadline_at", "status", "deadline_at"),
        Index("ix_disputes_reason_closed_at", "reason", "closed_at", "outcome"),
        Index("ix_disputes_opened_by_id_closed_at", "opened_by_id", "closed_at"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    trade_id: Mapped[UUID] = mapped_column(Id)
    opened_by: Mapped[str] = mapped_column(word(8))
    """buyer, seller, staff or clock."""
    opened_by_id: Mapped[UUID | None] = mapped_column(Id)
    """Who opened it; none for the clock."""
    reason: Mapped[str] = mapped_column(word(40))
    statement: Mapped[str] = mapped_column(text(2000))
    status: Mapped[str] = mapped_column(word(12))
    outcome: Mapped[str | None] = mapped_column(word(24))
    """The row of the trade's lifecycle by which it ended; none while it is open."""
    version: Mapped[int] = mapped_column(Integer)
    """Grows by one with each row of the case's lifecycle."""
    deadline_at: Mapped[datetime | None] = mapped_column(Instant)
    """When the clock of the present status strikes; none when closed."""
    buyer_evidence_until: Mapped[datetime] = mapped_column(Instant)
    seller_evidence_until: Mapped[datetime] = mapped_column(Instant)
    buyer_done: Mapped[bool] = mapped_column()
    """The buyer has nothing more to show."""
    seller_done: Mapped[bool] = mapped_column()
    overdue_count: Mapped[int] = mapped_column(Integer)
    """How often the time to rule has run out; the desk takes the most overdue first."""
    award: Mapped[str | None] = mapped_column(word(8))
    """The ruling that stands."""
    award_buyer_amount: Mapped[int | None] = mapped_column(BigInteger)
    """The buyer's part of a split by ruling, in micro-USDT before his fee."""
    objected_by: Mapped[str | None] = mapped_column(word(8))
    """The side that objected to the ruling; once a case."""
    lost: Mapped[bool] = mapped_column()
    """It ended against the party who opened it, by a ruling or by his own concession."""
    opened_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)


class DisputeParty(Base):
    """A case from the side of one of its parties; lists are read from here by keyset."""

    __tablename__ = "dispute_parties"
    __table_args__ = (
        Index("ix_dispute_parties_user_id_open_dispute_id", "user_id", "open", "dispute_id"),
    )

    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"), primary_key=True)
    dispute_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    role: Mapped[str] = mapped_column(word(8))
    open: Mapped[bool] = mapped_column()


class DisputeEvent(Base):
    """One row of the lifecycle applied to a case; versions run from 1 without a gap."""

    __tablename__ = "dispute_events"

    dispute_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    event: Mapped[str] = mapped_column(word(32))
    actor: Mapped[str] = mapped_column(word(8))
    """buyer, seller, staff, clock or system."""
    actor_id: Mapped[UUID | None] = mapped_column(Id)
    status_from: Mapped[str | None] = mapped_column(word(12))
    status_to: Mapped[str] = mapped_column(word(12))
    detail: Mapped[str] = mapped_column(LONG_TEXT)
    """JSON that both parties may see."""
    created_at: Mapped[datetime] = mapped_column(Instant)


class TradeFreeze(Base):
    """Staff hold a trade's escrow where it is, for a time."""

    __tablename__ = "trade_freezes"
    __table_args__ = (
        one_of("status", FreezeStatus),
        CheckConstraint("expires_at > placed_at", name="expires_later"),
        CheckConstraint("status <> 'active' OR ended_at IS NULL", name="active_not_ended"),
        Index("ix_trade_freezes_trade_id_status", "trade_id", "status"),
        Index("ix_trade_freezes_status_expires_at", "status", "expires_at"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    trade_id: Mapped[UUID] = mapped_column(Id)
    status: Mapped[str] = mapped_column(word(8))
    reason: Mapped[str] = mapped_column(text(500))
    """For the staff."""
    placed_by: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    placed_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    ended_by: Mapped[UUID | None] = mapped_column(Id)
    """Who lifted it; none for the clock."""
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class DisputeOffer(Base):
    """One side's offer to end a case; one of each side is open at a time."""

    __tablename__ = "dispute_offers"
    __table_args__ = (
        one_of("status", OfferStatus),
        one_of("kind", Award),
        CheckConstraint("(kind = 'split') = (buyer_amount IS NOT NULL)", name="split_has_part"),
        CheckConstraint("status <> 'open' OR answered_at IS NULL", name="open_not_answered"),
        Index("ix_dispute_offers_dispute_id_status", "dispute_id", "status"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    dispute_id: Mapped[UUID] = mapped_column(Id)
    by_side: Mapped[str] = mapped_column(word(8))
    kind: Mapped[str] = mapped_column(word(8))
    buyer_amount: Mapped[int | None] = mapped_column(BigInteger)
    """Of a split: the buyer's part in micro-USDT, before his fee."""
    status: Mapped[str] = mapped_column(word(12))
    created_at: Mapped[datetime] = mapped_column(Instant)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)


class Evidence(Base):
    """What one side showed in a case or a claim; never changed."""

    __tablename__ = "evidence"
    __table_args__ = (
        Index("ix_evidence_case_id_id", "case_id", "id"),
        Index("ix_evidence_user_id", "user_id"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    case_id: Mapped[UUID] = mapped_column(Id)
    """The dispute or the claim."""
    by_side: Mapped[str] = mapped_column(word(8))
    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(word(24))
    """What it is a proof of: see `server.disputes.checklists.Proof`."""
    statement: Mapped[str] = mapped_column(text(2000))
    created_at: Mapped[datetime] = mapped_column(Instant)


class EvidenceAttachment(Base):
    """A file of the trade's room that belongs to a piece of evidence."""

    __tablename__ = "evidence_attachments"

    evidence_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    attachment_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
