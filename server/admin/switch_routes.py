"""The endpoints of switches: what is stopped, and stopping it."""

from typing import Any

from server.admin import refusals, switches
from server.admin import switch_schemas as schemas
from server.admin.context import OFFICE
from server.core.clock import format_instant
from server.core.permissions import Permission
from server.core.refusals import NotFound
from server.db import Unit
from server.http.endpoint import Access, Call, Reply, Routes
from server.identity.step_up import STAFF, use_request_proof
from server.staff import switch_queries as queries

ROUTES = Routes("Switches")


@ROUTES.read(
    "GET",
    "/api/v1/status",
    summary="What is stopped for the moment.",
    access=Access.PUBLIC,
    response=schemas.StatusSchema(),
)
async def get_status(call: Call) -> Reply:
    """Switches that are on; why is for the staff."""
    async with call.database.read() as connection:
        rows = (await connection.execute(queries.list_active())).all()
    items = [{"switch": row.name, "since": format_instant(row.changed_at)} for row in rows]
    return Reply({"items": items})


def _show(row: Any) -> dict[str, Any]:
    return {
        "name": row.name,
        "active": bool(row.active),
        "reason": row.reason,
        "changed_at": format_instant(row.changed_at),
        "stopped_by": None if row.stopped_by is None else str(row.stopped_by),
    }


@ROUTES.read(
    "GET",
    "/api/admin/switches",
    summary="Everything that was ever stopped, with the reason and who did it.",
    access=Permission.READ_HEALTH,
    response=schemas.SwitchesSchema(),
)
async def list_switches(call: Call) -> Reply:
    """Every switch that was ever set."""
    async with call.database.read() as connection:
        rows = (await connection.execute(queries.list_switches())).all()
    return Reply({"items": [_show(row) for row in rows]})


@ROUTES.write(
    "POST",
    "/api/admin/switches/{name}/stop",
    summary="Stop something at once; that it goes on is proposed and approved by two.",
    access=Permission.STOP_SERVICES,
    body=schemas.StopSchema(),
    response=schemas.SwitchSchema(),
    refusals=(NotFound, refusals.AlreadyStopped),
    step_up=True,
)
async def stop_service(call: Call, unit: Unit) -> Reply:
    """The switch after it."""
    office, name = call.app[OFFICE], call.path["name"]
    await switches.require_switch(unit, name)
    await use_request_proof(unit, call, STAFF)
    row = await switches.stop(
        unit, office.gate, office.wake_lane, name, reason=call.body["reason"], by=call.user.user_id
    )
    return Reply(_show(row))
