"""What people are told in the application, what they switched off, and how far events were read."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import LONG_TEXT, Base, Id, Instant, word


class Notification(Base):
    """Something that one user should know. Its words are made when it is read."""

    __tablename__ = "notifications"
    __table_args__ = (
        # Whatever is read or tried twice is told once.
        UniqueConstraint("user_id", "cause_id", "kind"),
        CheckConstraint("happened >= 1", name="happened_at_least_once"),
        Index("ix_notifications_user_id_id", "user_id", "id"),
        Index("ix_notifications_user_id_read_at_id", "user_id", "read_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    kind: Mapped[str] = mapped_column(word(40))
    """One of `server.notifications.kinds.KINDS`."""
    cause_id: Mapped[UUID] = mapped_column(Id)
    """What it is told of: an event, a step of a trade, a request, a deadline."""
    subject: Mapped[str | None] = mapped_column(word(12))
    """What a click opens: `trade` or `order`; none where there is nothing to open."""
    subject_id: Mapped[UUID | None] = mapped_column(Id)
    happened: Mapped[int] = mapped_column(Integer)
    """How many such things it stands for: messages of one trade share one until it is read."""
    params: Mapped[str] = mapped_column(LONG_TEXT)
    """JSON of names and strings, typed by the kind."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    read_at: Mapped[datetime | None] = mapped_column(Instant)


class NotificationSetting(Base):
    """A user's own wish for one kind on one channel; without a row the kind is on."""

    __tablename__ = "notification_settings"

    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(word(40), primary_key=True)
    channel: Mapped[str] = mapped_column(word(8), primary_key=True)
    enabled: Mapped[bool] = mapped_column()
    updated_at: Mapped[datetime] = mapped_column(Instant)


class NotificationMark(Base):
    """How far the dispatcher has read the outbox."""

    __tablename__ = "notification_marks"

    name: Mapped[str] = mapped_column(word(16), primary_key=True)
    relay_batch: Mapped[int] = mapped_column(BigInteger)
    """Events of the relay's batches up to this one have been told."""
