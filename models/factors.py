"""Second factors of users: codes, passkeys, recovery codes, and sign-ins that wait for one."""

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from models.base import BLOB, Base, Digest, Id, Instant, one_of, text, word


class ChallengePurpose(enum.StrEnum):
    """What the answer to a passkey challenge is good for."""

    REGISTER = "register"
    SIGN_IN = "sign_in"
    SECOND_FACTOR = "second_factor"
    STEP_UP = "step_up"


class Security(Base):
    """How safe a user's account is: the lock after a change, and wrong codes."""

    __tablename__ = "user_security"
    __table_args__ = (CheckConstraint("errors >= 0 AND day_errors >= 0", name="errors_counted"),)

    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"), primary_key=True)
    money_locked_until: Mapped[datetime | None] = mapped_column(Instant)
    """No withdrawal and no transfer before: something of the sign-in was changed."""
    errors: Mapped[int] = mapped_column(Integer, server_default="0")
    """Wrong codes since the last right one or the last lock."""
    day_errors: Mapped[int] = mapped_column(Integer, server_default="0")
    """Wrong codes since `day_began_at`."""
    day_began_at: Mapped[datetime | None] = mapped_column(Instant)
    codes_locked_until: Mapped[datetime | None] = mapped_column(Instant)
    """No code is accepted before, not even a right one."""
    warned_at: Mapped[datetime | None] = mapped_column(Instant)
    """When the owner was last told that somebody tried his address for another account."""


class TotpFactor(Base):
    """The authenticator app of a user; one that was not confirmed proves nothing."""

    __tablename__ = "totp_factors"

    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(BLOB)
    """The secret, encrypted; bound to the user."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    last_step: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """The newest 30-second step whose code was used; it and all before are used up."""


class RecoveryCode(Base):
    """One recovery code that was not used, by its digest."""

    __tablename__ = "recovery_codes"

    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"), primary_key=True)
    digest: Mapped[bytes] = mapped_column(Digest(32), primary_key=True)


class Passkey(Base):
    """A WebAuthn credential of a user."""

    __tablename__ = "passkeys"
    __table_args__ = (Index("ix_passkeys_user_id_id", "user_id", "id"),)

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(text(60))
    """What the user calls it."""
    credential_digest: Mapped[bytes] = mapped_column(Digest(32), unique=True)
    """SHA-256 of the credential's identifier, which may be a kilobyte long."""
    credential_id: Mapped[bytes] = mapped_column(BLOB)
    public_key: Mapped[bytes] = mapped_column(BLOB)
    """COSE key."""
    transports: Mapped[str] = mapped_column(word(100))
    """How browsers reach it, separated by spaces."""
    sign_count: Mapped[int] = mapped_column(BigInteger)
    """As the authenticator told last; 0 for those that do not count."""
    backed_up: Mapped[bool]
    """Whether it lives on several devices of its owner."""
    created_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class PasskeyChallenge(Base):
    """A challenge that was handed out and not answered yet, by its digest."""

    __tablename__ = "passkey_challenges"
    __table_args__ = (
        one_of("purpose", ChallengePurpose),
        Index("ix_passkey_challenges_expires_at", "expires_at"),
    )

    digest: Mapped[bytes] = mapped_column(Digest(32), primary_key=True)
    purpose: Mapped[str] = mapped_column(word(16))
    bound: Mapped[bytes] = mapped_column(Digest(32))
    """What the answer is good for alone: session and acts, or a waiting sign-in."""
    expires_at: Mapped[datetime] = mapped_column(Instant)


class PendingSignIn(Base):
    """A sign-in whose password was right and that waits for the second factor."""

    __tablename__ = "pending_sign_ins"
    __table_args__ = (Index("ix_pending_sign_ins_expires_at", "expires_at"),)

    digest: Mapped[bytes] = mapped_column(Digest(32), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Id)
    expires_at: Mapped[datetime] = mapped_column(Instant)
