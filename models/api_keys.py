"""API keys: with which programs of a user call in his name."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Digest, Id, Instant, text, word


class ApiKey(Base):
    """One key of a user, by its keyed digest; nothing references it."""

    __tablename__ = "api_keys"
    __table_args__ = (
        CheckConstraint("expires_at > created_at", name="expires_later"),
        CheckConstraint("(ended_at IS NULL) = (ended_reason IS NULL)", name="ended_for_a_reason"),
        Index("ix_api_keys_user_id_id", "user_id", "id"),
        Index("ix_api_keys_expires_at", "expires_at"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    digest: Mapped[bytes] = mapped_column(Digest(32), unique=True)
    """Keyed; from it nobody tells the key, nor whether a guess was right."""
    name: Mapped[str] = mapped_column(text(60))
    """What the user calls it."""
    begins: Mapped[str] = mapped_column(word(12))
    """How the key begins, by which its owner tells it from others."""
    scopes: Mapped[str] = mapped_column(word(100))
    """What it opens, separated by spaces."""
    networks: Mapped[str] = mapped_column(word(500))
    """From where it may be used, separated by spaces; empty is from everywhere."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    """The last use, to a few minutes."""
    used_from: Mapped[str | None] = mapped_column(text(24))
    """From which network, without the part that tells households apart."""
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    """When it was ended before its time."""
    ended_reason: Mapped[str | None] = mapped_column(word(24))
