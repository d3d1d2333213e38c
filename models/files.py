"""Files that the parties of a trade send each other, and which of them are alike."""

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import BLOB, Base, Digest, Id, Instant, one_of, word


class FileStatus(enum.StrEnum):
    """Where a file stands; others see it only when it is clean."""

    DRAFT = "draft"
    """Its room is reserved; its bytes may lie in the store or not. Nobody was told that it is
    kept."""
    WAITING = "waiting"
    """It is kept and waits for the scanner."""
    CLEAN = "clean"
    REFUSED = "refused"
    """The scanner found something; its bytes are gone."""


class MediaType(enum.StrEnum):
    """What is kept: pictures are drawn anew as JPEG."""

    JPEG = "image/jpeg"
    PDF = "application/pdf"
    MP4 = "video/mp4"


class Likeness(enum.StrEnum):
    """How much two files are alike."""

    SAME = "same"
    """The bytes that were sent are equal, or the kept ones."""
    SIMILAR = "similar"
    """The pictures look alike."""


class Attachment(Base):
    """A file of a trade; its bytes lie in the file store, encrypted under a key of their own."""

    __tablename__ = "attachments"
    __table_args__ = (
        one_of("status", FileStatus),
        one_of("media_type", MediaType),
        CheckConstraint("size > 0", name="size_positive"),
        CheckConstraint("tries >= 0", name="tries_not_negative"),
        CheckConstraint("purged_at IS NULL OR sealed_key IS NULL", name="no_key_once_purged"),
        CheckConstraint(
            "scanned_at IS NOT NULL OR status NOT IN ('clean', 'refused')",
            name="scanned_when_decided",
        ),
        CheckConstraint("(status = 'waiting') = (due_at IS NOT NULL)", name="due_while_waiting"),
        Index("ix_attachments_trade_id_id", "trade_id", "id"),
        Index("ix_attachments_user_id_id", "user_id", "id"),
        Index("ix_attachments_status_id", "status", "id"),
        Index("ix_attachments_due_at_id", "due_at", "id"),
        Index("ix_attachments_compared_at_id", "compared_at", "id"),
        Index("ix_attachments_purged_at_id", "purged_at", "id"),
        Index("ix_attachments_stored_purged_at_id", "stored", "purged_at", "id"),
        Index("ix_attachments_digest_id", "digest", "id"),
        Index("ix_attachments_kept_digest_id", "kept_digest", "id"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    trade_id: Mapped[UUID] = mapped_column(Id)
    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    """Who sent it."""
    media_type: Mapped[str] = mapped_column(word(20))
    size: Mapped[int] = mapped_column(Integer)
    """Bytes of the file as it is kept."""
    digest: Mapped[bytes] = mapped_column(Digest(32))
    """SHA-256 of the file as it was sent."""
    kept_digest: Mapped[bytes] = mapped_column(Digest(32))
    """SHA-256 of the file as it is kept and handed out."""
    look: Mapped[bytes | None] = mapped_column(Digest(32))
    """What the picture looks like, 256 bits; none for a plain one and for what is no picture."""
    sealed_key: Mapped[bytes | None] = mapped_column(BLOB)
    """The key of its bytes, sealed; gone once purged, which alone makes them unreadable."""
    status: Mapped[str] = mapped_column(word(8))
    tries: Mapped[int] = mapped_column(SmallInteger)
    """How often the scanner was asked in vain."""
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    """When the scanner is asked again."""
    scanned_at: Mapped[datetime | None] = mapped_column(Instant)
    scanned_by: Mapped[str | None] = mapped_column(word(16))
    """`rules` or the scanner's name."""
    compared_at: Mapped[datetime | None] = mapped_column(Instant)
    """When it was looked for in other trades."""
    stored: Mapped[bool] = mapped_column()
    """Whether bytes may lie in the store."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    purged_at: Mapped[datetime | None] = mapped_column(Instant)
    """When it was given up: never kept, refused, or its time was over."""


class AttachmentBand(Base):
    """A sixteenth of a picture's look: pictures that look alike share at least one."""

    __tablename__ = "attachment_bands"

    band: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    value: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    attachment_id: Mapped[UUID] = mapped_column(Id, primary_key=True)


class AttachmentFlag(Base):
    """The same file, or nearly, in two trades of different people."""

    __tablename__ = "attachment_flags"
    __table_args__ = (
        one_of("likeness", Likeness),
        CheckConstraint("distance >= 0", name="distance_not_negative"),
        CheckConstraint("attachment_id <> other_id", name="not_itself"),
        UniqueConstraint("attachment_id", "other_id"),
        Index("ix_attachment_flags_trade_id_id", "trade_id", "id"),
        Index("ix_attachment_flags_other_trade_id_id", "other_trade_id", "id"),
        Index("ix_attachment_flags_user_id_id", "user_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    attachment_id: Mapped[UUID] = mapped_column(Id)
    """The newer one."""
    trade_id: Mapped[UUID] = mapped_column(Id)
    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    """Who sent the newer one."""
    other_id: Mapped[UUID] = mapped_column(Id)
    other_trade_id: Mapped[UUID] = mapped_column(Id)
    other_user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    likeness: Mapped[str] = mapped_column(word(8))
    distance: Mapped[int] = mapped_column(SmallInteger)
    """In how many of 256 bits the looks differ."""
    created_at: Mapped[datetime] = mapped_column(Instant)
