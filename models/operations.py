"""What keeps the service running: outbox, idempotency, leases, switches, the verifier's marks."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import BLOB, LONG_TEXT, Base, Digest, Id, Instant, text, word


class Outbox(Base):
    """An event written in the transaction that caused it, sent by the relay or its lane."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("room", "seq"),
        Index("ix_outbox_relay_batch_id", "relay_batch", "id"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    room: Mapped[str] = mapped_column(word(60), server_default="")
    name: Mapped[str] = mapped_column(word(32), server_default="")
    body: Mapped[str] = mapped_column(LONG_TEXT)
    """JSON as every member of the room may see it."""
    created_at: Mapped[datetime] = mapped_column(Instant, server_default="0")
    seq: Mapped[int | None] = mapped_column(BigInteger)
    """The event's number in its room; none until the relay has numbered it."""
    relay_batch: Mapped[int | None] = mapped_column(BigInteger)
    """The relay's batch that numbered it; zero for what a lane numbered and sends itself."""


class RoomSeq(Base):
    """The last number that the relay gave in a room."""

    __tablename__ = "room_seqs"

    room: Mapped[str] = mapped_column(word(60), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)


class Relay(Base):
    """The lease and the progress of the one relay."""

    __tablename__ = "relays"

    name: Mapped[str] = mapped_column(word(16), primary_key=True)
    owner: Mapped[str] = mapped_column(word(64))
    epoch: Mapped[int] = mapped_column(BigInteger)
    numbered_batch: Mapped[int] = mapped_column(BigInteger)
    sent_batch: Mapped[int] = mapped_column(BigInteger)
    """Batches above this one may not have been sent and are sent again."""
    expires_at: Mapped[datetime] = mapped_column(Instant)


class IdempotencyKey(Base):
    """The reply to a request that had an effect, kept for its repetition."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index("ix_idempotency_keys_created_at", "created_at"),)

    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"), primary_key=True)
    key: Mapped[bytes] = mapped_column(Digest(255), primary_key=True)
    request_hash: Mapped[bytes] = mapped_column(Digest(32))
    status: Mapped[int] = mapped_column(SmallInteger)
    body: Mapped[bytes] = mapped_column(BLOB)
    created_at: Mapped[datetime] = mapped_column(Instant)


class CommitMarker(Base):
    """Proof that a unit of work without any other fresh row was committed."""

    __tablename__ = "commit_markers"

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    created_at: Mapped[datetime] = mapped_column(Instant, index=True)


class JobLease(Base):
    """Which process runs a duty of the schedule."""

    __tablename__ = "job_leases"

    name: Mapped[str] = mapped_column(word(40), primary_key=True)
    owner: Mapped[str] = mapped_column(word(64))
    expires_at: Mapped[datetime] = mapped_column(Instant)
    last_run_at: Mapped[datetime | None] = mapped_column(Instant)


class Switch(Base):
    """A way of operators, or of the verifier, to stop one kind of change."""

    __tablename__ = "switches"

    name: Mapped[str] = mapped_column(word(48), primary_key=True)
    """`read_only`, `trading_stopped`, `releases_stopped`, `withdrawals_stopped`, `market:<id>`,
    `rail:<id>`."""
    active: Mapped[bool] = mapped_column()
    reason: Mapped[str] = mapped_column(text(200))
    changed_at: Mapped[datetime] = mapped_column(Instant)
    stopped_by: Mapped[UUID | None] = mapped_column(Id)
    """Who stopped it; none for the verifier, and for what is not stopped."""


class AppVersion(Base):
    """The oldest version of our app for a platform that is served."""

    __tablename__ = "app_versions"

    platform: Mapped[str] = mapped_column(word(12), primary_key=True)
    """`android` or `ios`."""
    least: Mapped[str] = mapped_column(word(20))
    """Three numbers with dots between them."""
    message: Mapped[str] = mapped_column(text(200))
    """What who has an older one is told."""
    changed_at: Mapped[datetime] = mapped_column(Instant)
    changed_by: Mapped[UUID] = mapped_column(Id)


class VerifierMark(Base):
    """How far a check has read."""

    __tablename__ = "verifier_marks"

    name: Mapped[str] = mapped_column(word(40), primary_key=True)
    through_id: Mapped[bytes] = mapped_column(Digest(64))
    checked_at: Mapped[datetime] = mapped_column(Instant)


class Breach(Base):
    """A broken invariant that the verifier found."""

    __tablename__ = "breaches"

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    invariant: Mapped[str] = mapped_column(word(8))
    subject: Mapped[str] = mapped_column(text(200))
    detail: Mapped[str] = mapped_column(LONG_TEXT)
    found_at: Mapped[datetime] = mapped_column(Instant)
    settled_at: Mapped[datetime | None] = mapped_column(Instant)
