"""The SQL of copies for people: who asked for them, and their pieces."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Delete, Insert, Select, Update, delete, func, insert, select, update

from models.privacy import DataExport, DataExportPart, ExportStatus
from server.db.pages import read_along

Selected = Select[*tuple[Any, ...]]
WAITING = ExportStatus.WAITING.value
READY = ExportStatus.READY.value
_COLUMNS = tuple(DataExport.__table__.columns)


def insert_export(values: dict[str, Any]) -> Insert:
    """A new wish for a copy."""
    return insert(DataExport).values(**values)


def newest_asked(user_id: UUID, since: datetime) -> Selected:
    """When a user last asked for a copy that did not fail, not before `since`."""
    return select(func.max(DataExport.asked_at).label("asked_at")).where(
        DataExport.user_id == user_id,
        DataExport.asked_at > since,
        DataExport.status != ExportStatus.FAILED.value,
    )


def waiting_of(user_id: UUID) -> Selected:
    """The copy of a user that is being made."""
    return select(DataExport.id).where(DataExport.waiting_user_id == user_id)


def export_of(user_id: UUID, export_id: UUID) -> Selected:
    """One copy of a user."""
    return select(*_COLUMNS).where(DataExport.user_id == user_id, DataExport.id == export_id)


def exports_of(user_id: UUID, before: UUID | None, limit: int) -> Selected:
    """A user's copies, newest first, older than `before`."""
    statement = (
        select(*_COLUMNS)
        .where(DataExport.user_id == user_id)
        .order_by(DataExport.id.desc())
        .limit(limit)
    )
    statement = read_along(statement, DataExport, "ix_data_exports_user_id_id")
    return statement if before is None else statement.where(DataExport.id < before)


def due_exports(now: datetime, limit: int) -> Selected:
    """Copies that wait, longest due first."""
    return (
        select(DataExport.id, DataExport.user_id, DataExport.tries)
        .where(DataExport.status == WAITING, DataExport.due_at <= now)
        .order_by(DataExport.due_at, DataExport.id)
        .limit(limit)
    )


def claim_export(export_id: UUID, tries: int, due_at: datetime) -> Update:
    """Make a copy one's own until `due_at`."""
    return (
        update(DataExport)
        .where(DataExport.id == export_id, DataExport.status == WAITING, DataExport.tries == tries)
        .values(tries=tries + 1, due_at=due_at)
    )


def end_export(export_id: UUID, values: dict[str, Any]) -> Update:
    """A copy that waits waits no more."""
    return (
        update(DataExport)
        .where(DataExport.id == export_id, DataExport.status == WAITING)
        .values(waiting_user_id=None, **values)
    )


def insert_part(values: dict[str, Any]) -> Insert:
    """A piece of an archive."""
    return insert(DataExportPart).values(**values)


def parts_of(export_id: UUID) -> Selected:
    """The pieces of an archive in their order."""
    return (
        select(DataExportPart.id, DataExportPart.sealed)
        .where(DataExportPart.export_id == export_id)
        .order_by(DataExportPart.number)
    )


def over_exports(now: datetime, limit: int) -> Selected:
    """Copies whose time to be fetched is over."""
    return (
        select(DataExport.id)
        .where(DataExport.status == READY, DataExport.expires_at <= now)
        .limit(limit)
    )


def delete_parts(export_ids: Sequence[UUID]) -> Delete:
    """Forget the pieces of archives."""
    return delete(DataExportPart).where(DataExportPart.export_id.in_(export_ids))


def expire_exports(export_ids: Sequence[UUID]) -> Update:
    """Nothing is left of these copies."""
    return (
        update(DataExport)
        .where(DataExport.id.in_(export_ids), DataExport.status == READY)
        .values(status=ExportStatus.EXPIRED.value, size=None)
    )


def old_exports(before: UUID, limit: int) -> Selected:
    """Copies that were asked for before an identifier and do not wait."""
    return (
        select(DataExport.id)
        .where(DataExport.id < before, DataExport.status.not_in((WAITING, READY)))
        .limit(limit)
    )


def delete_exports(export_ids: Sequence[UUID]) -> Delete:
    """Forget that copies were asked for."""
    return delete(DataExport).where(DataExport.id.in_(export_ids))
