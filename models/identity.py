"""Users, their sessions, payment accounts, blocks and standing."""

import enum
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.base import BLOB, LONG_TEXT, Base, Digest, Id, Instant, one_of, text, word


class Role(enum.StrEnum):
    """What a user is to the platform."""

    USER = "user"
    SUPPORT = "support"
    ADMIN = "admin"


class Reversibility(enum.StrEnum):
    """How surely a payment on a rail stays paid."""

    FINAL = "final"
    RECALLABLE = "recallable"
    REVERSIBLE = "reversible"


class Speed(enum.StrEnum):
    """How fast money arrives on a rail; sets the payment window."""

    INSTANT = "instant"
    DOMESTIC = "domestic"
    OTHER = "other"


class User(Base):
    """A person or merchant. Insert-only: what changes is in the profile and the standing."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    created_at: Mapped[datetime] = mapped_column(Instant)


class Profile(Base):
    """Names, addresses and the password of a user."""

    __tablename__ = "user_profiles"
    __table_args__ = (one_of("role", Role),)

    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"), primary_key=True)
    username: Mapped[str] = mapped_column(text(32))
    """As the user wrote it."""
    username_key: Mapped[str] = mapped_column(text(64), unique=True)
    """Normalised in code; what makes it unique."""
    email: Mapped[str] = mapped_column(text(254))
    email_key: Mapped[str] = mapped_column(text(254), unique=True)
    email_verified_at: Mapped[datetime | None] = mapped_column(Instant)
    """When the owner of the account showed that he reads the mailbox."""
    phone: Mapped[str | None] = mapped_column(word(20))
    """E.164."""
    phone_key: Mapped[str | None] = mapped_column(word(20), unique=True)
    """The telephone number once its holder has shown that it is his; one account has it."""
    language: Mapped[str] = mapped_column(word(12))
    referral_code: Mapped[str | None] = mapped_column(word(32))
    """Whose invitation it was, as given at registration."""
    role: Mapped[str] = mapped_column(word(12))
    password_hash: Mapped[str] = mapped_column(word(72))
    """bcrypt over base64(sha256(password))."""
    updated_at: Mapped[datetime] = mapped_column(Instant)


class Standing(Base):
    """What matching must know of a user: one versioned row.

    Columns other than the key have defaults in the database, because the lane writes rows of
    final values by upsert and names only the columns that it changes.
    """

    __tablename__ = "standings"
    __table_args__ = (
        CheckConstraint("open_unpaid_as_buyer >= 0", name="open_unpaid_not_negative"),
        CheckConstraint("limit_used_micro >= 0", name="limit_used_not_negative"),
        Index("ix_standings_recheck_at", "recheck_at"),
    )

    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"), primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """Grows with every change."""
    kyc_level: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    verified: Mapped[bool] = mapped_column(server_default="0")
    """A merchant checked by staff."""
    trades_completed: Mapped[int] = mapped_column(Integer, server_default="0")
    trades_ended: Mapped[int] = mapped_column(Integer, server_default="0")
    """Completed ones and those that this user's fault ended."""
    open_unpaid_as_buyer: Mapped[int] = mapped_column(Integer, server_default="0")
    """Trades of this buyer in awaiting_payment or grace."""
    limit_used_micro: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """Matched in the last 24 hours on both sides, less trades that ended unpaid."""
    ladder_step: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    """How many cancels by fault count in the last 24 hours."""
    taking_blocked_until: Mapped[datetime | None] = mapped_column(Instant)
    selling_blocked_until: Mapped[datetime | None] = mapped_column(Instant)
    frozen_at: Mapped[datetime | None] = mapped_column(Instant)
    """Set while staff or screening keeps the user from trading."""
    seen_at: Mapped[datetime | None] = mapped_column(Instant)
    """Last request or socket, written at most once a minute."""
    present: Mapped[bool] = mapped_column(server_default="0")
    second_factor: Mapped[bool] = mapped_column(server_default="0")
    """Whether the user has one; where the settings want it, nobody trades without."""
    terms_version: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    """The newest version of the terms that the user has accepted; 0 is none."""
    taking_barred: Mapped[bool] = mapped_column(server_default="0")
    """A sanction keeps the user from taking."""
    resting_barred: Mapped[bool] = mapped_column(server_default="0")
    """A sanction keeps the user's orders from resting."""
    limits_lowered: Mapped[bool] = mapped_column(server_default="0")
    """A sanction lowers the limit of 24 hours."""
    trust_step: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    """How far age and different counterparties have raised the limit of 24 hours."""
    recheck_at: Mapped[datetime | None] = mapped_column(Instant)
    """When time next changes something above."""


class TermsAcceptance(Base):
    """A version of the terms that a user has accepted, and when."""

    __tablename__ = "terms_acceptances"

    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"), primary_key=True)
    version: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    accepted_at: Mapped[datetime] = mapped_column(Instant)


class Session(Base):
    """A sign-in on one device; the family of its refresh tokens."""

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_user_id_id", "user_id", "id"),)

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    device: Mapped[str] = mapped_column(text(200))
    """The user agent as sent, cut."""
    ip: Mapped[str] = mapped_column(word(45))
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    """The absolute end."""


class SessionState(Base):
    """What changes of a session; nothing references it."""

    __tablename__ = "session_states"

    session_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    used_at: Mapped[datetime] = mapped_column(Instant)
    idle_until: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_reason: Mapped[str | None] = mapped_column(word(24))


class RefreshToken(Base):
    """One refresh token, by its digest; used once, and then it has exactly one successor."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (Index("ix_refresh_tokens_session_id", "session_id"),)

    digest: Mapped[bytes] = mapped_column(Digest(32), primary_key=True)
    session_id: Mapped[UUID] = mapped_column(Id)
    generation: Mapped[int] = mapped_column(Integer)
    issued_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    successor: Mapped[bytes | None] = mapped_column(Digest(32))
    """The next token under a mask made of this one; gone once the next one is used."""


class SessionRevocation(Base):
    """The feed that tells every process which sessions have ended."""

    __tablename__ = "session_revocations"

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    session_id: Mapped[UUID] = mapped_column(Id)
    revoked_at: Mapped[datetime] = mapped_column(Instant, index=True)


class StepUpProof(Base):
    """One act that a fresh proof of identity allows once; a proof may list several."""

    __tablename__ = "step_up_proofs"
    __table_args__ = (Index("ix_step_up_proofs_expires_at", "expires_at"),)

    digest: Mapped[bytes] = mapped_column(Digest(32), primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    """The trade or other object that the act is done to."""
    user_id: Mapped[UUID] = mapped_column(Id)
    session_id: Mapped[UUID] = mapped_column(Id)
    action: Mapped[str] = mapped_column(word(24))
    amount_micro: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(BigInteger)
    request_hash: Mapped[bytes] = mapped_column(Digest(32))
    """The whole request that the act is, or zeros for an act of amount and version."""
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class PaymentMethod(Base):
    """A rail: bank, wallet or cash of one currency."""

    __tablename__ = "payment_methods"
    __table_args__ = (one_of("reversibility", Reversibility), one_of("speed", Speed))

    id: Mapped[str] = mapped_column(word(40), primary_key=True)
    """A readable slug: `vn-vietcombank`."""
    name: Mapped[str] = mapped_column(text(80))
    currency: Mapped[str] = mapped_column(word(3))
    region: Mapped[str] = mapped_column(word(2))
    reversibility: Mapped[str] = mapped_column(word(12))
    speed: Mapped[str] = mapped_column(word(12))
    hours: Mapped[str | None] = mapped_column(LONG_TEXT)
    """JSON: when its banks work; none for a rail that moves money at any hour."""
    schema_version: Mapped[int] = mapped_column(Integer, default=1)
    """The version of its fields that new accounts are added with."""


class PaymentMethodSchema(Base):
    """One version of the fields of a payment method. Insert-only: old accounts keep theirs."""

    __tablename__ = "payment_method_schemas"
    __table_args__ = (CheckConstraint("version > 0", name="version_positive"),)

    method_id: Mapped[str] = mapped_column(
        word(40), ForeignKey("payment_methods.id"), primary_key=True
    )
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    fields: Mapped[str] = mapped_column(LONG_TEXT)
    """JSON: the fields an account on this rail has, with types, labels and patterns."""
    created_at: Mapped[datetime] = mapped_column(Instant)


class PaymentAccount(Base):
    """One user's account on a rail. Insert-only; an edit is a new row."""

    __tablename__ = "payment_accounts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["method_id", "schema_version"],
            ["payment_method_schemas.method_id", "payment_method_schemas.version"],
        ),
        Index("ix_payment_accounts_user_id_id", "user_id", "id"),
        Index("ix_payment_accounts_fingerprint", "fingerprint"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    method_id: Mapped[str] = mapped_column(word(40))
    schema_version: Mapped[int] = mapped_column(Integer, default=1)
    """The version of the rail's fields that the details were written by."""
    sealed: Mapped[bytes] = mapped_column(BLOB)
    """The details, encrypted; bound to this row's identifier."""
    fingerprint: Mapped[bytes] = mapped_column(Digest(32))
    """Keyed digest of the normalised details, the same for the same account of anyone."""
    created_at: Mapped[datetime] = mapped_column(Instant)


class PaymentAccountState(Base):
    """What changes of a payment account; nothing references it."""

    __tablename__ = "payment_account_states"

    account_id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)


class PaymentFingerprint(Base):
    """Whose a real account is: the first user who added it, for good, removed or not.

    The key lets one of two users who add the same account at one instant fail.
    """

    __tablename__ = "payment_fingerprints"

    fingerprint: Mapped[bytes] = mapped_column(Digest(32), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    claimed_at: Mapped[datetime] = mapped_column(Instant)


class PaymentAccountFlag(Base):
    """A user tried to add an account that belongs to another one; compliance looks at it."""

    __tablename__ = "payment_account_flags"
    __table_args__ = (
        UniqueConstraint("user_id", "fingerprint"),
        Index("ix_payment_account_flags_closed_at_id", "closed_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    """Who tried."""
    owner_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    """Whose it is."""
    method_id: Mapped[str] = mapped_column(word(40))
    fingerprint: Mapped[bytes] = mapped_column(Digest(32))
    created_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_by: Mapped[UUID | None] = mapped_column(Id)
    note: Mapped[str | None] = mapped_column(text(500))
    """What was found."""


class Block(Base):
    """`user_id` does not want to trade with `blocked_id`."""

    __tablename__ = "blocks"
    __table_args__ = (
        CheckConstraint("user_id <> blocked_id", name="not_oneself"),
        Index("ix_blocks_blocked_id", "blocked_id"),
    )

    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"), primary_key=True)
    blocked_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(Instant)


class TrustedPerson(Base):
    """`user_id` likes to trade with `trusted_id`; nobody else is told."""

    __tablename__ = "trusted_people"
    __table_args__ = (
        CheckConstraint("user_id <> trusted_id", name="not_oneself"),
        Index("ix_trusted_people_trusted_id", "trusted_id"),
    )

    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"), primary_key=True)
    trusted_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
