"""People who lost every second factor and ask to be let in without them."""

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Digest, Id, Instant, one_of, text, word


class RecoveryStatus(enum.StrEnum):
    """What has become of a recovery."""

    OPEN = "open"
    COMPLETED = "completed"
    """The old factors are gone."""
    STOPPED = "stopped"
    """Somebody with a session or a working factor said no."""
    REFUSED = "refused"
    """By staff."""
    EXPIRED = "expired"


class RecoveryProof(enum.StrEnum):
    """What the person shows besides password and mailbox; as much as is known of him."""

    IDENTITY = "identity"
    """Pictures of the document and of himself, compared with those of his verification."""
    PHONE = "phone"
    """A code to the verified telephone, given back when he asked."""
    MAIL = "mail"
    """Nothing more: nothing more is known of him."""


class Recovery(Base):
    """One case of a user who lost his second factors."""

    __tablename__ = "recoveries"
    __table_args__ = (
        one_of("status", RecoveryStatus),
        one_of("proof", RecoveryProof),
        CheckConstraint(
            "(open_user_id IS NOT NULL OR status <> 'open') AND (open_user_id IS NULL OR"
            " status NOT IN ('completed', 'stopped', 'refused', 'expired'))",
            name="open_counted",
        ),
        CheckConstraint(
            "(closed_at IS NULL OR status <> 'open') AND (closed_at IS NOT NULL OR"
            " status NOT IN ('completed', 'stopped', 'refused', 'expired'))",
            name="closed_at_its_end",
        ),
        CheckConstraint("asked_at < ready_at AND ready_at < expires_at", name="times_ordered"),
        CheckConstraint("status <> 'completed' OR closed_at >= ready_at", name="waited_before_end"),
        Index("ix_recoveries_user_id_asked_at", "user_id", "asked_at"),
        Index("ix_recoveries_status_id", "status", "id"),
        Index("ix_recoveries_closed_at", "closed_at"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    open_user_id: Mapped[UUID | None] = mapped_column(Id, unique=True)
    """The user while it is open: a user has one open recovery."""
    status: Mapped[str] = mapped_column(word(12))
    version: Mapped[int] = mapped_column(BigInteger)
    proof: Mapped[str] = mapped_column(word(12))
    pictures: Mapped[int] = mapped_column(SmallInteger)
    """How many pictures were sent, replaced ones too; what was approved before is void after one
    more."""
    token_digest: Mapped[bytes] = mapped_column(Digest(32), unique=True)
    """Of the secret with which the person follows his case without a session."""
    asked_at: Mapped[datetime] = mapped_column(Instant)
    ready_at: Mapped[datetime] = mapped_column(Instant)
    """Nothing is approved before."""
    expires_at: Mapped[datetime] = mapped_column(Instant)
    tell_at: Mapped[datetime] = mapped_column(Instant)
    """When the owner is told of it again."""
    claimed_by: Mapped[UUID | None] = mapped_column(Id)
    claimed_until: Mapped[datetime | None] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_by: Mapped[UUID | None] = mapped_column(Id)
    """Who of the staff refused or proposed it; none for the owner and the clock."""
    reason: Mapped[str | None] = mapped_column(text(500))
    """Why it was refused, as the person is told."""
    purged_at: Mapped[datetime | None] = mapped_column(Instant)
    """When its pictures were forgotten."""
