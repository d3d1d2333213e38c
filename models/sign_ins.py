"""The history of sign-ins, good and bad."""

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Instant, one_of, text, word


class SignInKind(enum.StrEnum):
    """What was shown."""

    REGISTRATION = "registration"
    PASSWORD = "password"  # noqa: S105 - a word, not a password
    TOTP = "totp"
    PASSKEY = "passkey"
    RECOVERY_CODE = "recovery_code"


class SignInOutcome(enum.StrEnum):
    """What came of it."""

    SIGNED_IN = "signed_in"
    FACTOR_ASKED = "factor_asked"
    """The password was right; a second factor was asked for."""
    REFUSED = "refused"


class SignIn(Base):
    """One attempt to sign in."""

    __tablename__ = "sign_ins"
    __table_args__ = (
        one_of("kind", SignInKind),
        one_of("outcome", SignInOutcome),
        Index("ix_sign_ins_user_id_id", "user_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    user_id: Mapped[UUID | None] = mapped_column(Id, ForeignKey("users.id"))
    """Whose account it was; none where nobody has one, so that both are as much work."""
    kind: Mapped[str] = mapped_column(word(16))
    outcome: Mapped[str] = mapped_column(word(16))
    device: Mapped[str] = mapped_column(text(200))
    """The user agent as sent, cut."""
    ip: Mapped[str] = mapped_column(word(45))
    country: Mapped[str | None] = mapped_column(word(2))
    """In two letters, where a proxy that we trust says it."""
    at: Mapped[datetime] = mapped_column(Instant)
