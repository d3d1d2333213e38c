"""Reports of users about one another, their private notes, and the words that sign our mails."""

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import BLOB, Base, Id, Instant, one_of, word


class ReportKind(enum.StrEnum):
    """What is reported."""

    USER = "user"
    ORDER = "order"
    MESSAGE = "message"


class ReportReason(enum.StrEnum):
    """Why it is reported."""

    SCAM = "scam"
    OFF_PLATFORM = "off_platform"
    """Wants to talk or deal where there is no escrow."""
    IMPERSONATION = "impersonation"
    """Pretends to be staff or somebody else."""
    FAKE_PROOF = "fake_proof"
    ABUSE = "abuse"
    ILLEGAL = "illegal"
    OTHER = "other"


class ReportStatus(enum.StrEnum):
    """What became of a report."""

    OPEN = "open"
    DISMISSED = "dismissed"
    ACTED = "acted"
    """Something was done about it, which the audit tells."""


class UserReport(Base):
    """One user says that something of another one is wrong."""

    __tablename__ = "user_reports"
    __table_args__ = (
        one_of("kind", ReportKind),
        one_of("reason", ReportReason),
        one_of("status", ReportStatus),
        CheckConstraint("reporter_id <> user_id", name="not_oneself"),
        CheckConstraint("status <> 'open' OR decided_at IS NULL", name="open_not_decided"),
        UniqueConstraint("reporter_id", "kind", "subject_id"),
        Index("ix_user_reports_reporter_id_id", "reporter_id", "id"),
        Index("ix_user_reports_status_id", "status", "id"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    reporter_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(word(12))
    subject_id: Mapped[UUID] = mapped_column(Id)
    """The user, order or message."""
    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    """Whose it is."""
    reason: Mapped[str] = mapped_column(word(16))
    sealed: Mapped[bytes | None] = mapped_column(BLOB)
    """What the reporter wrote, encrypted; bound to this row. Gone once he is forgotten."""
    status: Mapped[str] = mapped_column(word(12))
    created_at: Mapped[datetime] = mapped_column(Instant)
    decided_by: Mapped[UUID | None] = mapped_column(Id)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)


class UserNote(Base):
    """What one user notes about another one; nobody else reads it, the staff neither."""

    __tablename__ = "user_notes"
    __table_args__ = (
        UniqueConstraint("writer_id", "subject_id"),
        Index("ix_user_notes_subject_id", "subject_id"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    writer_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    subject_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    sealed: Mapped[bytes] = mapped_column(BLOB)
    """The note, encrypted; bound to this row."""
    written_at: Mapped[datetime] = mapped_column(Instant)


class AntiPhishingCode(Base):
    """The word that a user chose, which our mails to him carry and others' do not."""

    __tablename__ = "anti_phishing_codes"

    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(BLOB)
    """The word, encrypted; bound to the user."""
    set_at: Mapped[datetime] = mapped_column(Instant)
