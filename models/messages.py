"""Mails and text messages that wait to be sent, and what is counted of text messages."""

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from models.base import BLOB, Base, Id, Instant, one_of, word


class Channel(enum.StrEnum):
    """How a message reaches a person."""

    MAIL = "mail"
    SMS = "sms"


class MessageStatus(enum.StrEnum):
    """How far a message got."""

    WAITING = "waiting"
    """It is to be sent, again perhaps."""
    SENT = "sent"
    """A server took it."""
    REFUSED = "refused"
    """A server said that it can never be delivered."""
    EXPIRED = "expired"
    """It became useless before a server took it."""


class Message(Base):
    """One mail or text message; what it says is forgotten when it was sent."""

    __tablename__ = "messages"
    __table_args__ = (
        one_of("channel", Channel),
        one_of("status", MessageStatus),
        CheckConstraint("tries >= 0", name="tries_not_negative"),
        Index("ix_messages_status_due_at", "status", "due_at"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    channel: Mapped[str] = mapped_column(word(8))
    status: Mapped[str] = mapped_column(word(12))
    sealed: Mapped[bytes | None] = mapped_column(BLOB)
    """Whom it goes to and what it says, encrypted; bound to this row. Gone at the end."""
    tries: Mapped[int] = mapped_column(SmallInteger)
    due_at: Mapped[datetime] = mapped_column(Instant)
    """When to try next; while it is being sent, when another may take it over."""
    expires_at: Mapped[datetime] = mapped_column(Instant)
    """It is useless from then on."""
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class SmsCountry(Base):
    """A country that codes are sent to: locked while its text messages are counted."""

    __tablename__ = "sms_countries"

    country: Mapped[str] = mapped_column(word(2), primary_key=True)


class SmsNotice(Base):
    """A notice by text message, for the limit of one person; its identifier tells when."""

    __tablename__ = "sms_notices"
    __table_args__ = (Index("ix_sms_notices_user_id_id", "user_id", "id"),)

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Id)


class SmsCount(Base):
    """A code that was sent by text message, for the limits against toll fraud."""

    __tablename__ = "sms_counts"
    __table_args__ = (
        Index("ix_sms_counts_country_id", "country", "id"),
        Index("ix_sms_counts_prefix_id", "prefix", "id"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    """Of the code; tells when it was sent."""
    country: Mapped[str] = mapped_column(word(2))
    prefix: Mapped[str] = mapped_column(word(20))
    """The number without its last four digits."""
    number: Mapped[str] = mapped_column(word(20))
    """E.164."""
    sent_at: Mapped[datetime] = mapped_column(Instant)
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    """When the code was given back."""
