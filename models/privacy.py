"""Copies of everything about a person, made for himself."""

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

from models.base import BLOB, Base, Id, Instant, one_of, word


class ExportStatus(enum.StrEnum):
    """How far the copy is."""

    WAITING = "waiting"
    """It is being made."""
    READY = "ready"
    """Its owner may fetch it."""
    FAILED = "failed"
    """It could not be made, in several tries."""
    EXPIRED = "expired"
    """Its time is over; nothing of it is left but this row."""


class DataExport(Base):
    """A person asked for a copy of everything about him."""

    __tablename__ = "data_exports"
    __table_args__ = (
        one_of("status", ExportStatus),
        CheckConstraint("tries >= 0", name="tries_not_negative"),
        CheckConstraint(
            "status <> 'ready' OR (size IS NOT NULL AND size > 0 AND expires_at IS NOT NULL)",
            name="ready_to_fetch",
        ),
        UniqueConstraint("waiting_user_id"),
        Index("ix_data_exports_user_id_id", "user_id", "id"),
        Index("ix_data_exports_status_due_at", "status", "due_at"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    waiting_user_id: Mapped[UUID | None] = mapped_column(Id)
    """The user while it waits: one copy is made at a time."""
    status: Mapped[str] = mapped_column(word(12))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    tries: Mapped[int] = mapped_column(SmallInteger)
    due_at: Mapped[datetime] = mapped_column(Instant)
    """When to try next; while it is being made, when another may take it over."""
    ready_at: Mapped[datetime | None] = mapped_column(Instant)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
    """Until when it can be fetched."""
    size: Mapped[int | None] = mapped_column(BigInteger)
    """Bytes of the archive."""


class DataExportPart(Base):
    """A piece of an archive, encrypted."""

    __tablename__ = "data_export_parts"
    __table_args__ = (
        CheckConstraint("number >= 0", name="number_not_negative"),
        UniqueConstraint("export_id", "number"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    export_id: Mapped[UUID] = mapped_column(Id)
    number: Mapped[int] = mapped_column(Integer)
    sealed: Mapped[bytes] = mapped_column(BLOB)
    """Bound to this row."""
