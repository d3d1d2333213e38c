"""The SQL of the audit's chain and of its search."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Delete, Insert, Select, Update, delete, func, insert, select, text, update

from models.audit import AuditEntry, AuditHead, AuditLink, AuditPending
from models.operations import VerifierMark
from server.core.ids import first_id_at
from server.db.pages import read_along

Selected = Select[*tuple[Any, ...]]
HEAD = "main"
EXPORT = "audit_head"
"""The mark of the last export of the head."""
ENTRY = (
    AuditEntry.id,
    AuditEntry.created_at,
    AuditEntry.actor_kind,
    AuditEntry.actor_id,
    AuditEntry.action,
    AuditEntry.object_kind,
    AuditEntry.object_id,
    AuditEntry.before,
    AuditEntry.after,
    AuditEntry.reason,
    AuditEntry.request_id,
    AuditEntry.ip,
    AuditEntry.elevation_id,
)
"""Everything that an entry says; all of it is under the hash."""
UNIT_LIFE = timedelta(minutes=1)
"""An identifier is made at most this long after the instant of its unit."""


def head(*, lock: bool = False) -> Selected:
    """The end of the chain."""
    statement = select(AuditHead.number, AuditHead.hash, AuditHead.chained_at).where(
        AuditHead.name == HEAD
    )
    return statement.with_for_update() if lock else statement


def insert_head(number: int, digest: bytes, now: datetime) -> Insert:
    """The end of an empty chain."""
    return insert(AuditHead).values(name=HEAD, number=number, hash=digest, chained_at=now)


def move_head(number: int, digest: bytes, now: datetime, *, before: int) -> Update:
    """Move the end on from `before`."""
    return (
        update(AuditHead)
        .where(AuditHead.name == HEAD, AuditHead.number == before)
        .values(number=number, hash=digest, chained_at=now)
    )


def waiting(limit: int) -> Selected:
    """Entries that wait for their place, oldest first."""
    return (
        select(*ENTRY)
        .join(AuditPending, AuditPending.entry_id == AuditEntry.id)
        .order_by(AuditEntry.id)
        .limit(limit)
    )


def any_waiting() -> Selected:
    """Whether an entry waits."""
    return select(AuditPending.entry_id).limit(1)


def insert_links(rows: list[dict[str, Any]]) -> tuple[Insert, list[dict[str, Any]]]:
    """Give entries their places."""
    return insert(AuditLink), rows


def delete_waiting(entry_ids: Iterable[UUID]) -> Delete:
    """They wait no more."""
    return delete(AuditPending).where(AuditPending.entry_id.in_(list(entry_ids)))


def links(first: int, last: int, limit: int) -> Selected:
    """A stretch of the chain with its entries; without the entry its columns are None."""
    return (
        select(AuditLink.number, AuditLink.hash, AuditLink.entry_id, *ENTRY)
        .outerjoin(AuditEntry, AuditEntry.id == AuditLink.entry_id)
        .where(AuditLink.number >= first, AuditLink.number <= last)
        .order_by(AuditLink.number)
        .limit(limit)
    )


def link_hash(number: int) -> Selected:
    """The hash of one place."""
    return select(AuditLink.hash).where(AuditLink.number == number)


def last_number() -> Selected:
    """The highest place in the chain."""
    return select(func.max(AuditLink.number))


def unchained(since: UUID | None, limit: int) -> Selected:
    """Entries that are neither in the chain nor wait for it."""
    statement = (
        select(AuditEntry.id)
        .outerjoin(AuditLink, AuditLink.entry_id == AuditEntry.id)
        .outerjoin(AuditPending, AuditPending.entry_id == AuditEntry.id)
        .where(AuditLink.number.is_(None), AuditPending.entry_id.is_(None))
        .order_by(AuditEntry.id)
        .limit(limit)
    )
    return statement if since is None else statement.where(AuditEntry.id > since)


def waiting_since_before(instant: datetime, limit: int) -> Selected:
    """What has waited since before `instant`, and what waits without an entry."""
    return (
        select(AuditPending.entry_id)
        .outerjoin(AuditEntry, AuditEntry.id == AuditPending.entry_id)
        .where((AuditEntry.created_at < instant) | AuditEntry.id.is_(None))
        .order_by(AuditPending.entry_id)
        .limit(limit)
    )


def trigger_names(dialect: str) -> Any:
    """The triggers that the database has."""
    if dialect == "sqlite":
        return text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    return text(
        "SELECT trigger_name AS name FROM information_schema.triggers"
        " WHERE trigger_schema = DATABASE()"
    )


@dataclass(frozen=True, slots=True)
class Filter:
    """What of the audit is asked for; None asks for all."""

    actor_id: UUID | None = None
    object_kind: str | None = None
    object_id: str | None = None
    action: str | None = None
    elevation_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


INDEXES = {
    "object_id": "ix_audit_entries_object_id_id",
    "elevation_id": "ix_audit_entries_elevation_id_id",
    "actor_id": "ix_audit_entries_actor_id_id",
    "action": "ix_audit_entries_action_id",
}
"""Along which index a search is read, the one that leaves fewest entries first."""


def search(asked: Filter, before: UUID | None, limit: int) -> Selected:
    """Entries with their places, newest first, older than `before`."""
    statement = (
        select(AuditLink.number, *ENTRY)
        .select_from(AuditEntry)
        .outerjoin(AuditLink, AuditLink.entry_id == AuditEntry.id)
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    )
    for column, wanted in (
        (AuditEntry.actor_id, asked.actor_id),
        (AuditEntry.object_kind, asked.object_kind),
        (AuditEntry.object_id, asked.object_id),
        (AuditEntry.action, asked.action),
        (AuditEntry.elevation_id, asked.elevation_id),
    ):
        if wanted is not None:
            statement = statement.where(column == wanted)
    index = next((found for name, found in INDEXES.items() if getattr(asked, name)), "PRIMARY")
    statement = read_along(statement, AuditEntry, index)
    if asked.since is not None:
        # By identifier as well, which every index ends with.
        statement = statement.where(
            AuditEntry.created_at >= asked.since, AuditEntry.id >= first_id_at(asked.since)
        )
    if asked.until is not None:
        statement = statement.where(
            AuditEntry.created_at < asked.until,
            AuditEntry.id < first_id_at(asked.until + UNIT_LIFE),
        )
    return statement if before is None else statement.where(AuditEntry.id < before)


def export_mark() -> Selected:
    """When the head was last exported."""
    return select(VerifierMark.checked_at).where(VerifierMark.name == EXPORT)


def insert_export_mark(digest: bytes, now: datetime) -> Insert:
    """The first export."""
    return insert(VerifierMark).values(name=EXPORT, through_id=digest, checked_at=now)


def move_export_mark(digest: bytes, now: datetime) -> Update:
    """Another export."""
    return (
        update(VerifierMark)
        .where(VerifierMark.name == EXPORT)
        .values(through_id=digest, checked_at=now)
    )
