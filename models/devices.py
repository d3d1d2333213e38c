"""Devices that users signed in on, and sessions of those that are too new to release."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Digest, Id, Instant


class Device(Base):
    """A device of a user, by the digest of the token that it keeps."""

    __tablename__ = "devices"
    __table_args__ = (
        UniqueConstraint("user_id", "digest"),
        Index("ix_devices_seen_at", "seen_at"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    digest: Mapped[bytes] = mapped_column(Digest(32))
    known_at: Mapped[datetime] = mapped_column(Instant)
    """From then on it may release."""
    seen_at: Mapped[datetime] = mapped_column(Instant)
    """The last sign-in on it."""


class DeviceHold(Base):
    """A session on a device that was not known when it was opened."""

    __tablename__ = "device_holds"
    __table_args__ = (Index("ix_device_holds_until", "until"),)

    session_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    until: Mapped[datetime] = mapped_column(Instant)
    """Nothing is released in the session before."""


class DeviceWarning(Base):
    """The buyer of a trade was told that the seller's device is too new; he is told once."""

    __tablename__ = "device_warnings"

    trade_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    told_at: Mapped[datetime] = mapped_column(Instant, index=True)
