"""The endpoints of holds, closing, waking and reports of suspicion."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any

from aiohttp import web

from models.compliance import HoldKind, SuspicionStatus
from server.compliance import closure, holds, queries, refusals, schemas, suspicions
from server.core.clock import format_instant
from server.core.permissions import Permission
from server.core.refusals import NotFound
from server.db import Unit
from server.http.endpoint import STAFF_RIGHTS, Call, Reply, Routes
from server.http.pages import PageQuery
from server.identity.context import IDENTITY
from server.identity.step_up import STAFF, use_request_proof
from server.identity.views import read_page, show_instant

ROUTES = Routes("Compliance")
CLOSED_KEPT = web.AppKey("closed_kept", timedelta)
"""How long what names the owner of a closed account is kept."""
PROVEN = "account"
"""The action for which closing and waking are proven."""
Change = Callable[..., Awaitable[None]]


async def _hold(call: Call, unit: Unit, change: Change, kind: HoldKind) -> Reply:
    identity, by = call.app[IDENTITY], call.user.user_id
    await change(identity, unit, call.path_id(), kind, call.body["reason"], by)
    return Reply(None, 204)


def _refuse_higher(call: Call) -> None:
    """Refuse `StaffAboveOneself` to sign out somebody on the staff who may do more than oneself."""
    rights, user_id = call.app[STAFF_RIGHTS], call.path_id()
    if user_id == call.user.user_id:
        return
    if not rights.permissions_of(user_id) <= rights.permissions_of(call.user.user_id):
        raise refusals.StaffAboveOneself


@ROUTES.write(
    "POST",
    "/api/admin/users/{id}/freeze",
    summary="Stop a user's orders and releases and sign him out; his wallet stays readable.",
    access=Permission.FREEZE_ACCOUNTS,
    body=schemas.ReasonSchema(),
    response=None,
    status=204,
    refusals=(NotFound, refusals.StaffAboveOneself, refusals.HoldExists, refusals.OwnHold),
    step_up=True,
)
async def freeze_account(call: Call, unit: Unit) -> Reply:
    """Nothing; the user is frozen."""
    _refuse_higher(call)
    await use_request_proof(unit, call, STAFF)
    return await _hold(call, unit, holds.place_hold, HoldKind.FREEZE)


@ROUTES.write(
    "POST",
    "/api/admin/users/{id}/unfreeze",
    summary="Let a frozen user trade again.",
    access=Permission.FREEZE_ACCOUNTS,
    body=schemas.ReasonSchema(),
    response=None,
    status=204,
    refusals=(NotFound, refusals.OwnHold),
    step_up=True,
)
async def unfreeze_account(call: Call, unit: Unit) -> Reply:
    """Nothing; the freeze has ended."""
    await use_request_proof(unit, call, STAFF)
    return await _hold(call, unit, holds.lift_hold, HoldKind.FREEZE)


@ROUTES.write(
    "POST",
    "/api/admin/users/{id}/legal-hold",
    summary="Keep everything of a user for an authority.",
    access=Permission.HOLD_LEGALLY,
    body=schemas.ReasonSchema(),
    response=None,
    status=204,
    refusals=(NotFound, refusals.HoldExists, refusals.OwnHold),
)
async def place_legal_hold(call: Call, unit: Unit) -> Reply:
    """Nothing; the hold is placed."""
    return await _hold(call, unit, holds.place_hold, HoldKind.LEGAL)


@ROUTES.write(
    "POST",
    "/api/admin/users/{id}/legal-hold/lift",
    summary="End a legal hold.",
    access=Permission.HOLD_LEGALLY,
    body=schemas.ReasonSchema(),
    response=None,
    status=204,
    refusals=(NotFound, refusals.OwnHold),
)
async def lift_legal_hold(call: Call, unit: Unit) -> Reply:
    """Nothing; the hold has ended."""
    return await _hold(call, unit, holds.lift_hold, HoldKind.LEGAL)


@ROUTES.write(
    "POST",
    "/api/admin/users/{id}/sessions/end",
    summary="Sign a user out everywhere; he is told.",
    access=Permission.END_SESSIONS,
    body=schemas.ReasonSchema(),
    response=schemas.EndedSessionsSchema(),
    refusals=(NotFound, refusals.StaffAboveOneself),
    step_up=True,
)
async def end_sessions_of_user(call: Call, unit: Unit) -> Reply:
    """How many sessions ended."""
    identity, reason = call.app[IDENTITY], call.body["reason"]
    _refuse_higher(call)
    await use_request_proof(unit, call, STAFF)
    ended = await holds.end_sessions_of(identity, unit, call.path_id(), reason)
    return Reply({"ended": ended})


@ROUTES.read(
    "GET",
    "/api/admin/users/{id}/holds",
    summary="Every hold of a user, newest first.",
    access=Permission.FREEZE_ACCOUNTS,
    query=PageQuery(),
    response=schemas.HOLD_PAGE,
)
async def list_holds(call: Call) -> Reply:
    """A page of holds."""
    return await read_page(call, partial(queries.holds_of, call.path_id()), _show_hold)


def _show_hold(row: Any) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "kind": row.kind,
        "reason": row.reason,
        "placed_by": _show_id(row.placed_by),
        "placed_at": format_instant(row.placed_at),
        "lifted_by": _show_id(row.lifted_by),
        "lifted_at": show_instant(row.lifted_at),
    }


@ROUTES.write(
    "POST",
    "/api/v1/me/wake",
    summary="Use an account again that was not used for long.",
    response=None,
    status=204,
    refusals=(NotFound,),
    step_up=True,
)
async def wake_account(call: Call, unit: Unit) -> Reply:
    """Nothing; the account is awake."""
    await use_request_proof(unit, call, PROVEN)
    identity, user_id = call.app[IDENTITY], call.user.user_id
    await holds.lift_hold(identity, unit, user_id, HoldKind.DORMANT, "by its owner", user_id)
    return Reply(None, 204)


@ROUTES.write(
    "POST",
    "/api/v1/me/close",
    summary="Close one's account for ever; nothing may be open and no balance left.",
    response=None,
    status=204,
    refusals=(refusals.AccountInUse, refusals.AccountHeld),
    step_up=True,
)
async def close_account(call: Call, unit: Unit) -> Reply:
    """Nothing; the account is closed and its sessions have ended."""
    await use_request_proof(unit, call, PROVEN)
    await closure.close_account(call.app[IDENTITY], unit, call.user.user_id, call.app[CLOSED_KEPT])
    return Reply(None, 204)


def _show_id(value: Any) -> str | None:
    return None if value is None else str(value)


def _show_report(row: Any) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "user_id": str(row.user_id),
        "trade_id": _show_id(row.trade_id),
        "reported_by": str(row.reported_by),
        "created_at": format_instant(row.created_at),
        "status": row.status,
        "decided_by": _show_id(row.decided_by),
        "decided_at": show_instant(row.decided_at),
    }


@ROUTES.write(
    "POST",
    "/api/admin/suspicions",
    summary="Report what one suspects of a user, who never hears of it.",
    access=Permission.REPORT_SUSPICIONS,
    body=schemas.NewSuspicionSchema(),
    response=schemas.SuspicionSchema(),
    status=201,
    refusals=(NotFound,),
)
async def report_suspicion(call: Call, unit: Unit) -> Reply:
    """The report, without its statement."""
    asked, sealer = call.body, call.app[IDENTITY].sealer
    row = await suspicions.report_suspicion(
        unit, sealer, asked["user_id"], asked["trade_id"], asked["statement"], call.user.user_id
    )
    return Reply(_show_report(row), 201)


@ROUTES.read(
    "GET",
    "/api/admin/suspicions",
    summary="Reports of suspicion, newest first, without their statements.",
    access=Permission.DECIDE_SUSPICIONS,
    query=schemas.SuspicionQuery(),
    response=schemas.SUSPICION_PAGE,
)
async def list_suspicions(call: Call) -> Reply:
    """A page of reports."""
    return await read_page(call, partial(queries.reports, call.query["status"]), _show_report)


@ROUTES.own(
    "POST",
    "/api/admin/suspicions/{id}/read",
    summary="Read one report with its statement, which is audited.",
    access=Permission.DECIDE_SUSPICIONS,
    response=schemas.SuspicionReadSchema(),
    refusals=(NotFound,),
)
async def read_suspicion(call: Call) -> Reply:
    """The report; being secret it is kept under no key, a repeated call reads it again."""

    async def work(unit: Unit) -> tuple[Any, str]:
        return await suspicions.read_report(unit, call.app[IDENTITY].sealer, call.path_id())

    row, statement = await call.database.transact(work, name="read_suspicion")
    return Reply({**_show_report(row), "statement": statement})


@ROUTES.write(
    "POST",
    "/api/admin/suspicions/{id}/decision",
    summary="File a report with the authority, or dismiss it.",
    access=Permission.DECIDE_SUSPICIONS,
    body=schemas.SuspicionDecisionSchema(),
    response=schemas.SuspicionSchema(),
    refusals=(NotFound, refusals.SuspicionDecided),
)
async def decide_suspicion(call: Call, unit: Unit) -> Reply:
    """The report after the decision."""
    status = SuspicionStatus(call.body["status"])
    row = await suspicions.decide_report(
        unit, call.path_id(), status, call.body["reason"], call.user.user_id
    )
    return Reply(_show_report(row))
