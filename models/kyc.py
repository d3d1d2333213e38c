"""Who a user is: applications, their documents, the name that was found true."""

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import BLOB, Base, Digest, Id, Instant, one_of, text, word


class KycStatus(enum.StrEnum):
    """Where an application stands."""

    COLLECTING = "collecting"
    """The user adds documents, at first or because more was asked for."""
    PENDING = "pending"
    """Staff look at it."""
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    """The user took it back."""
    SUPERSEDED = "superseded"
    """A newer one of the same level was approved."""
    EXPIRED = "expired"
    """It was approved, and its documents or the time until the next check ran out."""


class DocumentKind(enum.StrEnum):
    """What a picture shows."""

    FRONT = "front"
    BACK = "back"
    SELFIE = "selfie"
    ADDRESS = "address"


class KycApplication(Base):
    """A user asks for a level and says who he is."""

    __tablename__ = "kyc_applications"
    __table_args__ = (
        one_of("status", KycStatus),
        CheckConstraint("level IN (2, 3)", name="level_known"),
        CheckConstraint(
            "status <> 'approved' OR decided_by IS NOT NULL OR provider IS NOT NULL",
            name="approved_by_somebody",
        ),
        CheckConstraint(
            "status <> 'approved' OR level < 3 OR (first_approver_id IS NOT NULL"
            " AND decided_by IS NOT NULL AND first_approver_id <> decided_by)",
            name="level_3_by_two",
        ),
        CheckConstraint(
            "(open_user_id IS NOT NULL OR status NOT IN ('collecting', 'pending'))"
            " AND (open_user_id IS NULL OR status NOT IN"
            " ('approved', 'rejected', 'withdrawn', 'superseded', 'expired'))",
            name="open_counted",
        ),
        CheckConstraint("decided_by IS NULL OR decided_by <> user_id", name="not_by_oneself"),
        UniqueConstraint("open_user_id"),
        Index("ix_kyc_applications_user_id_id", "user_id", "id"),
        Index("ix_kyc_applications_status_id", "status", "id"),
        Index("ix_kyc_applications_status_expires_at", "status", "expires_at"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    open_user_id: Mapped[UUID | None] = mapped_column(Id)
    """The user while it is open: a user has one open application."""
    level: Mapped[int] = mapped_column(SmallInteger)
    """The level asked for."""
    status: Mapped[str] = mapped_column(word(12))
    version: Mapped[int] = mapped_column(BigInteger)
    sealed: Mapped[bytes | None] = mapped_column(BLOB)
    """JSON of name, birth date, country, document and address, encrypted; gone once purged."""
    fingerprint: Mapped[bytes | None] = mapped_column(Digest(32))
    """Keyed digest of the identity document, the same for the same document of anyone."""
    document_expires_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    submitted_at: Mapped[datetime | None] = mapped_column(Instant)
    claimed_by: Mapped[UUID | None] = mapped_column(Id)
    claimed_until: Mapped[datetime | None] = mapped_column(Instant)
    first_approver_id: Mapped[UUID | None] = mapped_column(Id)
    """The first of the two people that level 3 takes."""
    decided_by: Mapped[UUID | None] = mapped_column(Id)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    reason: Mapped[str | None] = mapped_column(text(500))
    """What the user is told: why it was rejected, or what is missing."""
    provider: Mapped[str | None] = mapped_column(word(16))
    """Who else looked at it."""
    provider_ref: Mapped[str | None] = mapped_column(word(64))
    provider_at: Mapped[datetime | None] = mapped_column(Instant)
    """When the provider spoke last; what he said before is not heard."""
    provider_note: Mapped[str | None] = mapped_column(text(200))
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    """When an approved one must be made anew."""
    warned_at: Mapped[datetime | None] = mapped_column(Instant)
    purged_at: Mapped[datetime | None] = mapped_column(Instant)


class KycDocument(Base):
    """A picture; its bytes lie in the document store, encrypted under a key of their own."""

    __tablename__ = "kyc_documents"
    __table_args__ = (
        one_of("kind", DocumentKind),
        CheckConstraint("size > 0", name="size_positive"),
        Index("ix_kyc_documents_application_id_id", "application_id", "id"),
        Index("ix_kyc_documents_user_id_id", "user_id", "id"),
        Index("ix_kyc_documents_purged_at_removed_at", "purged_at", "removed_at"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    application_id: Mapped[UUID] = mapped_column(Id)
    """What it was sent for: an application, or the recovery of lost factors."""
    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(word(12))
    size: Mapped[int] = mapped_column(Integer)
    """Bytes of the picture as it is kept."""
    sealed_key: Mapped[bytes | None] = mapped_column(BLOB)
    """The key of its bytes, sealed; gone once purged, which alone makes them unreadable."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)
    """When a newer one took its place."""
    purged_at: Mapped[datetime | None] = mapped_column(Instant)


class LegalName(Base):
    """The name that was found true, of users at level 2 and above."""

    __tablename__ = "legal_names"

    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(BLOB)
    application_id: Mapped[UUID] = mapped_column(Id)
    verified_at: Mapped[datetime] = mapped_column(Instant)


class IdentityFingerprint(Base):
    """Whose an identity document is: one person has one account."""

    __tablename__ = "identity_fingerprints"

    fingerprint: Mapped[bytes] = mapped_column(Digest(32), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    claimed_at: Mapped[datetime] = mapped_column(Instant)


class KycProviderEvent(Base):
    """A message of the provider that was heard; a repetition has no effect."""

    __tablename__ = "kyc_provider_events"
    __table_args__ = (Index("ix_kyc_provider_events_received_at", "received_at"),)

    digest: Mapped[bytes] = mapped_column(Digest(32), primary_key=True)
    """SHA-256 of the message."""
    provider: Mapped[str] = mapped_column(word(16))
    received_at: Mapped[datetime] = mapped_column(Instant)
