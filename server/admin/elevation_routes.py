"""The endpoints of roles that are taken for a short time in an emergency."""

from datetime import timedelta
from typing import Any

from server.admin import elevations, refusals, schemas
from server.admin.context import OFFICE
from server.core.clock import format_instant
from server.core.permissions import Permission
from server.core.refusals import Forbidden, NotFound
from server.db import Unit
from server.http.endpoint import Call, Reply, Routes, Subject
from server.http.pages import PageQuery
from server.identity.step_up import STAFF, use_request_proof
from server.identity.views import read_page
from server.staff import queries

ROUTES = Routes("Emergencies")


def _show(row: Any) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "user_id": str(row.user_id),
        "role": row.role_id,
        "reason": row.reason,
        "began_at": format_instant(row.began_at),
        "ends_at": format_instant(row.ends_at),
        "ended_by": None if row.ended_by is None else str(row.ended_by),
    }


@ROUTES.read(
    "GET",
    "/api/admin/elevations",
    summary="Roles that were taken in an emergency, newest first.",
    access=Permission.READ_ELEVATIONS,
    query=PageQuery(),
    response=schemas.ELEVATION_PAGE,
)
async def list_elevations(call: Call) -> Reply:
    """A page of them."""
    return await read_page(call, queries.list_elevations, _show)


@ROUTES.write(
    "POST",
    "/api/admin/elevations",
    summary="Take a role for up to half an hour in an emergency; every administrator is told.",
    access=Permission.BREAK_GLASS,
    body=schemas.BreakGlassSchema(),
    response=schemas.ElevationSchema(),
    status=201,
    refusals=(NotFound, Forbidden, refusals.NothingToTake),
    step_up=True,
)
async def begin_elevation(call: Call, unit: Unit) -> Reply:
    """A role for a short time."""
    office, asked = call.app[OFFICE], call.body
    await use_request_proof(unit, call, STAFF)
    row = await elevations.begin_elevation(
        office.identity,
        unit,
        office.rights,
        call.user.user_id,
        asked["role"],
        asked["reason"],
        timedelta(minutes=asked["minutes"]),
    )
    return Reply(_show(row), 201)


@ROUTES.write(
    "DELETE",
    "/api/admin/elevations",
    summary="Give back before its time what one took.",
    access=Permission.BREAK_GLASS,
    response=None,
    status=204,
)
async def end_own_elevations(call: Call, unit: Unit) -> Reply:
    """Everything that one took and still holds."""
    await elevations.end_own(unit, call.app[OFFICE].rights, call.user.user_id)
    return Reply(None, 204)


@ROUTES.write(
    "DELETE",
    "/api/admin/elevations/{id}",
    summary="End what somebody took before its time.",
    access=Permission.READ_ELEVATIONS,
    subject=Subject.STAFF,
    response=None,
    status=204,
    refusals=(NotFound,),
)
async def end_elevation(call: Call, unit: Unit) -> Reply:
    """A role less."""
    rights = call.app[OFFICE].rights
    await elevations.end_elevation(unit, rights, call.user.user_id, call.path_id())
    return Reply(None, 204)
