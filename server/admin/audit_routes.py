"""The endpoints of the audit: its search and its head. Who reads it is in it."""

from collections.abc import Mapping
from typing import Any

import orjson

from server.admin import audit_schemas as schemas
from server.admin.context import OFFICE
from server.core.clock import format_instant
from server.core.permissions import Permission
from server.db import Unit
from server.db.audit import Action, note_elevation, record_audit
from server.http.endpoint import Call, Reply, Routes
from server.identity.rules import mask_address
from server.identity.views import page_of, read_id_cursor, show_instant
from server.staff import audit_queries as queries
from server.staff.audit_chain import read_head

ROUTES = Routes("Audit")
ADDRESSES_NEED = Permission.READ_PERSONAL
"""Who has it sees whole addresses."""
ASKED = ("actor_id", "object_kind", "object_id", "action", "elevation_id", "from_", "to")


@ROUTES.read(
    "GET",
    "/api/admin/audit",
    summary="What was done, by whom, on what; newest first. Asking is audited, too.",
    access=Permission.READ_AUDIT,
    query=schemas.AuditQuery(),
    response=schemas.AUDIT_PAGE,
)
async def search_audit(call: Call) -> Reply:
    """A page of entries."""
    asked = call.query
    limit, before = asked["limit"], read_id_cursor(asked["cursor"])
    rights, reader = call.app[OFFICE].rights, call.user.user_id
    note_elevation(rights.elevation_for(reader, ADDRESSES_NEED))
    await _note_reading(call, "entries", {name: asked[name] for name in ASKED if name in asked})
    wanted = queries.Filter(
        actor_id=asked.get("actor_id"),
        object_kind=asked.get("object_kind"),
        object_id=asked.get("object_id"),
        action=asked.get("action"),
        elevation_id=asked.get("elevation_id"),
        since=asked.get("from_"),
        until=asked.get("to"),
    )
    async with call.database.read() as connection:
        rows = (await connection.execute(queries.search(wanted, before, limit + 1))).all()
    whole = rights.allows(reader, ADDRESSES_NEED)
    items = [_show_entry(row, whole=whole) for row in rows[:limit]]
    return page_of(items, rows, limit)


async def _note_reading(call: Call, what: str, asked: Mapping[str, Any]) -> None:
    """Committed before anything is answered."""

    async def work(unit: Unit) -> None:
        after = {name.rstrip("_"): str(value) for name, value in asked.items()}
        await record_audit(unit, Action.AUDIT_READ, "audit", what, after=after)

    await call.database.transact(work, name="note_audit_read")


def _show_entry(row: Any, *, whole: bool) -> dict[str, Any]:
    """An entry; the address of its caller `whole`, or as far as its network."""
    ip = row.ip if whole or row.ip is None else mask_address(row.ip)
    return {
        "id": str(row.id),
        "number": row.number,
        "created_at": format_instant(row.created_at),
        "actor_kind": row.actor_kind,
        "actor_id": None if row.actor_id is None else str(row.actor_id),
        "action": row.action,
        "object_kind": row.object_kind,
        "object_id": row.object_id,
        "before": _read_values(row.before),
        "after": _read_values(row.after),
        "reason": row.reason,
        "request_id": row.request_id,
        "ip": ip,
        "elevation_id": None if row.elevation_id is None else str(row.elevation_id),
    }


def _read_values(text: str | None) -> Any:
    return None if text is None else orjson.loads(text)


@ROUTES.read(
    "GET",
    "/api/admin/audit/head",
    summary="The end of the audit's chain, to be kept where nobody here can change it.",
    access=Permission.READ_AUDIT,
    response=schemas.AuditHeadSchema(),
)
async def get_audit_head(call: Call) -> Reply:
    """Number and hash of the last entry."""
    await _note_reading(call, "head", {})
    async with call.database.read() as connection:
        head = await read_head(connection)
    return Reply(
        {
            "number": head.number,
            "hash": head.hash.hex(),
            "chained_at": show_instant(head.chained_at),
        }
    )
