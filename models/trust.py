"""Sanctions of people, their appeals, and whom people trust."""

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Instant, one_of, text, word


class SanctionKind(enum.StrEnum):
    """What a sanction does."""

    WARNING = "warning"
    """Nothing but to be read."""
    NO_TAKING = "no_taking"
    """The person takes no order for a time."""
    NO_RESTING = "no_resting"
    """No order of the person waits for others for a time."""
    LIMITS_LOWERED = "limits_lowered"
    """The limit of 24 hours is a part of what it was for a time."""
    CLOSED = "closed"
    """The person orders and releases nothing; given by two people."""


class SanctionReason(enum.StrEnum):
    """Why a sanction was given; the words say more."""

    FALSE_PROOF = "false_proof"
    THIRD_PARTY_PAYMENT = "third_party_payment"
    NOT_RELEASED = "not_released"
    UNPAID_TRADES = "unpaid_trades"
    LOST_DISPUTES = "lost_disputes"
    ABUSE = "abuse"
    """Insults, threats, pressure, fraud in words."""
    SEVERAL_ACCOUNTS = "several_accounts"
    REPUTATION_FRAUD = "reputation_fraud"
    FRAUD = "fraud"
    OTHER = "other"


class SanctionStatus(enum.StrEnum):
    """Where a sanction stands."""

    ACTIVE = "active"
    ENDED = "ended"
    """By the clock, when its time was over."""
    LIFTED = "lifted"
    """By people, on an appeal or without one."""


class Sanction(Base):
    """Something that the staff did to a person, with its reason and its time."""

    __tablename__ = "sanctions"
    __table_args__ = (
        one_of("kind", SanctionKind),
        one_of("reason", SanctionReason),
        one_of("status", SanctionStatus),
        CheckConstraint("ends_at IS NULL OR ends_at > begins_at", name="ends_later"),
        CheckConstraint(
            "(status IN ('ended', 'lifted')) = (ended_at IS NOT NULL)", name="ended_when_not_active"
        ),
        Index("ix_sanctions_user_id_id", "user_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(word(16))
    reason: Mapped[str] = mapped_column(word(24))
    explanation: Mapped[str] = mapped_column(text(1000))
    """What the person reads."""
    imposed_by: Mapped[UUID] = mapped_column(Id)
    dispute_id: Mapped[UUID | None] = mapped_column(Id)
    """The case that it followed from."""
    begins_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime | None] = mapped_column(Instant)
    """None: until it is lifted."""
    status: Mapped[str] = mapped_column(word(8))
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    lifted_by: Mapped[UUID | None] = mapped_column(Id)


class SanctionAppeal(Base):
    """What a person says against a sanction, once, and how somebody else decided it."""

    __tablename__ = "sanction_appeals"
    __table_args__ = (
        CheckConstraint("(decided_at IS NULL) = (granted IS NULL)", name="decided_whole"),
        Index("ix_sanction_appeals_decided_at_sanction_id", "decided_at", "sanction_id"),
    )

    sanction_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    statement: Mapped[str] = mapped_column(text(2000))
    created_at: Mapped[datetime] = mapped_column(Instant)
    decided_by: Mapped[UUID | None] = mapped_column(Id)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    granted: Mapped[bool | None] = mapped_column()
    answer: Mapped[str | None] = mapped_column(text(1000))
    """What the person reads."""
