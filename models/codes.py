"""Codes that prove who reads a mailbox or holds a telephone."""

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Digest, Id, Instant, one_of, text, word


class CodePurpose(enum.StrEnum):
    """What a code is good for, and for nothing else."""

    VERIFY_EMAIL = "verify_email"
    VERIFY_PHONE = "verify_phone"
    RECOVER_EMAIL = "recover_email"
    RECOVER_PHONE = "recover_phone"
    """To ask for the recovery of lost second factors."""
    CHANGE_EMAIL = "change_email"
    CHANGE_PHONE = "change_phone"


class ContactKind(enum.StrEnum):
    """How a user is reached and signs in."""

    EMAIL = "email"
    PHONE = "phone"


class OneTimeCode(Base):
    """A code that was sent, by its keyed digest; the newest of a purpose alone counts."""

    __tablename__ = "one_time_codes"
    __table_args__ = (
        one_of("purpose", CodePurpose),
        CheckConstraint("errors >= 0", name="errors_not_negative"),
        Index("ix_one_time_codes_user_id_purpose_id", "user_id", "purpose", "id"),
        Index("ix_one_time_codes_recipient_id", "recipient", "id"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    purpose: Mapped[str] = mapped_column(word(16))
    digest: Mapped[bytes] = mapped_column(Digest(32))
    """Keyed digest of the code, its address, and this row's identifier."""
    sent_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    errors: Mapped[int] = mapped_column(SmallInteger)
    """How often something else was given for it."""
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    recipient: Mapped[bytes | None] = mapped_column(Digest(32))
    """Keyed digest of purpose and mailbox, whoever asked; none for a text message."""


class ContactChange(Base):
    """A new address or number that was asked for, and the former one once it is in use."""

    __tablename__ = "contact_changes"
    __table_args__ = (
        one_of("kind", ContactKind),
        Index("ix_contact_changes_user_id_id", "user_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    session_id: Mapped[UUID] = mapped_column(Id)
    """The session that asked, and that alone may finish."""
    kind: Mapped[str] = mapped_column(word(8))
    contact: Mapped[str] = mapped_column(text(254))
    """The new address, or number in E.164."""
    expires_at: Mapped[datetime] = mapped_column(Instant)
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    """When it came into use."""
    former: Mapped[str | None] = mapped_column(text(254))
    """What it replaced; it is still told of what happens, for a while."""


class PasswordReset(Base):
    """A password was said to be forgotten; a row is written whether or not there is an account."""

    __tablename__ = "password_resets"
    __table_args__ = (
        Index("ix_password_resets_account_asked_at", "account", "asked_at"),
        Index("ix_password_resets_asked_at", "asked_at"),
    )

    digest: Mapped[bytes] = mapped_column(Digest(32), primary_key=True)
    """Of the token in the mail."""
    account: Mapped[bytes] = mapped_column(Digest(32))
    """Keyed digest of the address that was given."""
    user_id: Mapped[UUID | None] = mapped_column(Id)
    """Whose address it is; none for nobody's."""
    asked_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
