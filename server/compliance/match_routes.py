"""The endpoints with which compliance decides about names that are on lists."""

from functools import partial
from typing import Any

from models.screening import HitStatus
from server.compliance import match_schemas as schemas
from server.compliance import matches, refusals
from server.core.clock import format_instant
from server.core.permissions import Permission
from server.core.refusals import NotFound
from server.db import Unit
from server.http.endpoint import Call, Reply, Routes
from server.identity.context import IDENTITY
from server.identity.views import read_page, show_claim, show_instant
from server.kyc import screening_queries as queries

ROUTES = Routes("Name screening")


def _show(row: Any) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "user_id": str(row.user_id),
        "username": row.username,
        "application_id": str(row.application_id),
        "status": row.status,
        "version": row.version,
        "found_at": format_instant(row.found_at),
        **show_claim(row),
        "decided_by": None if row.decided_by is None else str(row.decided_by),
        "decided_at": show_instant(row.decided_at),
        "reason": row.reason,
    }


@ROUTES.read(
    "GET",
    "/api/admin/screening-hits",
    summary="Users whose names are on a list, longest waiting first; names of accounts only.",
    access=Permission.DECIDE_SCREENINGS,
    query=schemas.HitQuery(),
    response=schemas.HIT_PAGE,
)
async def list_screening_hits(call: Call) -> Reply:
    """A page of hits."""
    return await read_page(call, partial(queries.queue, call.query["status"]), _show)


@ROUTES.write(
    "POST",
    "/api/admin/screening-hits/{id}/claim",
    summary="Take a hit for half an hour.",
    access=Permission.DECIDE_SCREENINGS,
    response=schemas.HitSchema(),
    refusals=(NotFound, refusals.OwnHold, refusals.HitDecided, refusals.HitClaimed),
)
async def claim_screening_hit(call: Call, unit: Unit) -> Reply:
    """The hit, claimed."""
    return Reply(_show(await matches.claim_hit(unit, call.user.user_id, call.path_id())))


@ROUTES.own(
    "POST",
    "/api/admin/screening-hits/{id}/read",
    summary="See the person and the entry of a claimed hit, which is audited.",
    access=Permission.DECIDE_SCREENINGS,
    response=schemas.HitReadSchema(),
    refusals=(NotFound, refusals.OwnHold, refusals.HitNotClaimed),
)
async def read_screening_hit(call: Call) -> Reply:
    """The hit; being secret it is kept under no key, a repeated call reads it again."""

    async def work(unit: Unit) -> tuple[Any, dict[str, Any] | None]:
        return await matches.read_hit(call.app[IDENTITY], unit, call.user.user_id, call.path_id())

    row, said = await call.database.transact(work, name="read_screening_hit")
    return Reply({**_show(row), **(said or {"person": None, "listed": None})})


@ROUTES.write(
    "POST",
    "/api/admin/screening-hits/{id}/decision",
    summary="Say whether the listed person is the user; a true match freezes the account.",
    access=Permission.DECIDE_SCREENINGS,
    body=schemas.HitDecisionSchema(),
    response=schemas.HitSchema(),
    refusals=(
        NotFound,
        refusals.OwnHold,
        refusals.HitDecided,
        refusals.HitNotClaimed,
        refusals.HitChanged,
    ),
)
async def decide_screening_hit(call: Call, unit: Unit) -> Reply:
    """The hit after the decision."""
    asked = call.body
    row = await matches.decide_hit(
        call.app[IDENTITY], unit, call.user.user_id, call.path_id(),
        version=asked["version"], status=HitStatus(asked["status"]), reason=asked["reason"],
    )  # fmt: skip
    return Reply(_show(row))
