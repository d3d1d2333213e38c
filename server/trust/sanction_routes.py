"""The endpoints of sanctions: one's own with an appeal, and those of the staff."""

from datetime import timedelta
from functools import partial
from typing import Any

from models.trust import SanctionKind, SanctionReason, SanctionStatus
from server.core.clock import format_instant
from server.core.permissions import Permission
from server.core.refusals import NotFound
from server.db import Unit
from server.http.endpoint import Call, Reply, Routes
from server.http.pages import PageQuery
from server.identity.context import IDENTITY
from server.identity.step_up import STAFF, use_request_proof
from server.identity.views import read_page, show_instant
from server.trust import refusals, sanctions
from server.trust import sanction_queries as queries
from server.trust import sanction_schemas as schemas

ROUTES = Routes("Sanctions")


def show_sanction(row: Any) -> dict[str, Any]:
    """A sanction as the person reads it: who gave it is not said."""
    appeal = None
    if row.appealed_at is not None:
        appeal = {
            "statement": row.statement,
            "created_at": format_instant(row.appealed_at),
            "decided_at": show_instant(row.decided_at),
            "granted": row.granted,
            "answer": row.answer,
        }
    may_appeal = row.status == SanctionStatus.ACTIVE and appeal is None
    return {
        "id": str(row.id),
        "kind": row.kind,
        "reason": row.reason,
        "explanation": row.explanation,
        "begins_at": format_instant(row.begins_at),
        "ends_at": show_instant(row.ends_at),
        "status": row.status,
        "ended_at": show_instant(row.ended_at),
        "appeal": appeal,
        "allowed_actions": ["appeal"] if may_appeal else [],
    }


def _show_to_staff(row: Any) -> dict[str, Any]:
    people = ("user_id", "imposed_by", "dispute_id", "lifted_by", "decided_by")
    named = {name: getattr(row, name) for name in people}
    return {
        **show_sanction(row),
        **{name: None if value is None else str(value) for name, value in named.items()},
    }


@ROUTES.read(
    "GET",
    "/api/v1/me/sanctions",
    summary="One's sanctions, newest first, with their reasons, times and appeals.",
    query=PageQuery(),
    response=schemas.SANCTION_PAGE,
)
async def list_own_sanctions(call: Call) -> Reply:
    """A page of one's sanctions."""
    return await read_page(call, partial(queries.sanctions_of, call.user.user_id), show_sanction)


@ROUTES.write(
    "POST",
    "/api/v1/me/sanctions/{id}/appeal",
    summary="Say once why a sanction is wrong; somebody who did not give it decides.",
    body=schemas.AppealSchema(),
    response=schemas.SanctionSchema(),
    status=201,
    refusals=(NotFound, refusals.AlreadyAppealed, refusals.SanctionOver),
)
async def appeal_sanction(call: Call, unit: Unit) -> Reply:
    """The sanction with the appeal."""
    sanction_id = call.path_id()
    await sanctions.appeal(unit, call.user.user_id, sanction_id, call.body["statement"])
    return Reply(show_sanction(await sanctions.get_sanction(unit, sanction_id)), 201)


@ROUTES.read(
    "GET",
    "/api/admin/users/{id}/sanctions",
    summary="Every sanction of a user, newest first.",
    access=Permission.SANCTION_PEOPLE,
    query=PageQuery(),
    response=schemas.STAFF_SANCTION_PAGE,
)
async def list_sanctions(call: Call) -> Reply:
    """A page of a user's sanctions."""
    return await read_page(call, partial(queries.sanctions_of, call.path_id()), _show_to_staff)


@ROUTES.write(
    "POST",
    "/api/admin/users/{id}/sanctions",
    summary="Give a person a sanction; closing is proposed under /api/admin/approvals.",
    access=Permission.SANCTION_PEOPLE,
    body=schemas.NewSanctionSchema(),
    response=schemas.StaffSanctionSchema(),
    status=201,
    refusals=(NotFound, refusals.OwnSanction, refusals.SanctionExists),
    step_up=True,
)
async def impose_sanction(call: Call, unit: Unit) -> Reply:
    """The sanction."""
    await use_request_proof(unit, call, STAFF)
    asked = call.body
    sanction_id = await sanctions.impose_sanction(
        unit,
        call.app[IDENTITY].hooks,
        user_id=call.path_id(),
        kind=SanctionKind(asked["kind"]),
        reason=SanctionReason(asked["reason"]),
        explanation=asked["explanation"],
        imposed_by=call.user.user_id,
        duration=None if asked["hours"] is None else timedelta(hours=asked["hours"]),
    )
    return Reply(_show_to_staff(await sanctions.get_sanction(unit, sanction_id)), 201)


@ROUTES.write(
    "POST",
    "/api/admin/sanctions/{id}/lift",
    summary="End a sanction before its time, with a reason.",
    access=Permission.SANCTION_PEOPLE,
    body=schemas.LiftSchema(),
    response=schemas.StaffSanctionSchema(),
    refusals=(NotFound, refusals.OwnSanction, refusals.SanctionOver),
    step_up=True,
)
async def lift_sanction(call: Call, unit: Unit) -> Reply:
    """The sanction as it is then."""
    sanction_id = call.path_id()
    await sanctions.get_sanction(unit, sanction_id)
    await use_request_proof(unit, call, STAFF)
    await sanctions.lift_sanction(
        unit, call.app[IDENTITY].hooks, sanction_id,
        reason=call.body["reason"], by=call.user.user_id,
    )  # fmt: skip
    return Reply(_show_to_staff(await sanctions.get_sanction(unit, sanction_id)))


@ROUTES.read(
    "GET",
    "/api/admin/appeals",
    summary="Sanctions whose appeals wait for a decision, the oldest first.",
    access=Permission.SANCTION_PEOPLE,
    query=PageQuery(),
    response=schemas.STAFF_SANCTION_PAGE,
)
async def list_appeals(call: Call) -> Reply:
    """A page of the queue of appeals."""
    return await read_page(call, queries.waiting_appeals, _show_to_staff)


@ROUTES.write(
    "POST",
    "/api/admin/sanctions/{id}/appeal/decision",
    summary="Grant an appeal, which lifts the sanction, or dismiss it.",
    access=Permission.SANCTION_PEOPLE,
    body=schemas.AppealDecisionSchema(),
    response=schemas.StaffSanctionSchema(),
    refusals=(NotFound, refusals.OwnSanction, refusals.OwnDecision, refusals.AppealDecided),
    step_up=True,
)
async def decide_appeal(call: Call, unit: Unit) -> Reply:
    """The sanction with the decided appeal."""
    sanction_id = call.path_id()
    await sanctions.get_sanction(unit, sanction_id)
    await use_request_proof(unit, call, STAFF)
    await sanctions.decide_appeal(
        unit, call.app[IDENTITY].hooks, sanction_id, by=call.user.user_id, **call.body
    )
    return Reply(_show_to_staff(await sanctions.get_sanction(unit, sanction_id)))
