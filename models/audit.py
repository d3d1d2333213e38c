"""The audit: what was done by whom, and the chain that shows that none of it was changed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import LONG_TEXT, Base, Digest, Id, Instant, text, word


class AuditEntry(Base):
    """One thing that was done. Written with it, never changed; triggers refuse it.

    The origin's columns have no foreign keys: a row must stay readable whatever else goes.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_actor_id_id", "actor_id", "id"),
        Index("ix_audit_entries_action_id", "action", "id"),
        Index("ix_audit_entries_object_id_id", "object_id", "id"),
        Index("ix_audit_entries_elevation_id_id", "elevation_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    actor_kind: Mapped[str] = mapped_column(word(12))
    """`user`, `operator` (a command) or `system`."""
    actor_id: Mapped[UUID | None] = mapped_column(Id)
    action: Mapped[str] = mapped_column(word(40))
    object_kind: Mapped[str] = mapped_column(word(24))
    object_id: Mapped[str] = mapped_column(text(80))
    before: Mapped[str | None] = mapped_column(LONG_TEXT)
    """JSON of what was changed, as it was; secrets masked."""
    after: Mapped[str | None] = mapped_column(LONG_TEXT)
    """JSON of what was changed, as it became; secrets masked."""
    reason: Mapped[str | None] = mapped_column(text(500))
    """What the actor said."""
    request_id: Mapped[str | None] = mapped_column(word(32))
    ip: Mapped[str | None] = mapped_column(word(45))
    elevation_id: Mapped[UUID | None] = mapped_column(Id)
    """What the actor had taken in an emergency and could not have done this without."""


class AuditPending(Base):
    """An entry that waits for its place in the chain."""

    __tablename__ = "audit_pending"

    entry_id: Mapped[UUID] = mapped_column(Id, primary_key=True)


class AuditLink(Base):
    """An entry's place in the chain. Never changed; triggers refuse it."""

    __tablename__ = "audit_chain"
    __table_args__ = (UniqueConstraint("entry_id"),)

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """From 1, without a gap."""
    entry_id: Mapped[UUID] = mapped_column(Id)
    hash: Mapped[bytes] = mapped_column(Digest(32))
    """SHA-256 over the hash before it and the canonical JSON of number and entry."""


class AuditHead(Base):
    """The end of the chain, one row; who extends the chain holds its lock."""

    __tablename__ = "audit_heads"
    __table_args__ = (CheckConstraint("number >= 0", name="number_not_negative"),)

    name: Mapped[str] = mapped_column(word(16), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes] = mapped_column(Digest(32))
    chained_at: Mapped[datetime] = mapped_column(Instant)


_GUARDED = ("audit_entries", "audit_chain")
_REFUSAL = "the audit is written once"


def list_guards(dialect: str) -> list[str]:
    """The statements that make the triggers which refuse changes of the audit.

    They are made anew after every migration, because a migration that rebuilds a table on SQLite
    drops its triggers with it.
    """
    guards = []
    for table in _GUARDED:
        for change in ("UPDATE", "DELETE"):
            name = guard_name(table, change)
            head = f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {change} ON {table} FOR EACH ROW"
            if dialect == "sqlite":
                guards.append(f"{head} BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END")
            else:
                guards.append(f"{head} SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{_REFUSAL}'")
    return guards


def guard_name(table: str, change: str) -> str:
    """The name of the trigger that refuses a change."""
    return f"tr_{table}_no_{change.lower()}"


GUARD_NAMES = frozenset(
    guard_name(table, kind) for table in _GUARDED for kind in ("UPDATE", "DELETE")
)
