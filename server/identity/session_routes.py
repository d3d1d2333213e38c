"""The endpoints of one's sessions and of the password."""

from server.core.clock import format_instant
from server.core.refusals import NotFound
from server.db import Unit
from server.db.audit import Action, record_audit
from server.http.endpoint import Call, Reply, Routes
from server.http.pages import PageQuery
from server.identity import queries, schemas, sessions
from server.identity import service as people
from server.identity.context import IDENTITY
from server.identity.password_change import change_password
from server.identity.refusals import (
    PasswordRefused,
    SignInsLimited,
    StepUpRefused,
    TermsChanged,
)
from server.identity.rules import label_device, mask_address
from server.identity.sign_in_queries import sign_ins_of
from server.identity.sign_in_schemas import SIGN_IN_PAGE
from server.identity.standing import read_standings
from server.identity.views import page_of, read_id_cursor

ROUTES = Routes("Identity")


@ROUTES.read(
    "GET",
    "/api/v1/me/sessions",
    summary="Where one is signed in, newest first.",
    query=PageQuery(),
    response=schemas.SESSION_PAGE,
)
async def list_sessions(call: Call) -> Reply:
    """A page of living sessions."""
    limit, before = call.query["limit"], read_id_cursor(call.query["cursor"])
    now = call.app[IDENTITY].clock.now()
    async with call.database.read() as connection:
        statement = queries.live_sessions(call.user.user_id, now, before, limit + 1)
        rows = (await connection.execute(statement)).all()
    items = [
        {
            "id": str(row.id),
            "device": label_device(row.device),
            "ip": mask_address(row.ip),
            "created_at": format_instant(row.created_at),
            "used_at": format_instant(row.used_at),
            "expires_at": format_instant(row.expires_at),
            "current": row.id == call.user.session_id,
        }
        for row in rows[:limit]
    ]
    return page_of(items, rows, limit)


@ROUTES.read(
    "GET",
    "/api/v1/me/sign-ins",
    summary="Attempts to sign in to one's account, good and bad, newest first.",
    query=PageQuery(),
    response=SIGN_IN_PAGE,
)
async def list_sign_ins(call: Call) -> Reply:
    """A page of the history."""
    limit, before = call.query["limit"], read_id_cursor(call.query["cursor"])
    async with call.database.read() as connection:
        statement = sign_ins_of(call.user.user_id, before, limit + 1)
        rows = (await connection.execute(statement)).all()
    items = [
        {
            "id": str(row.id),
            "at": format_instant(row.at),
            "kind": row.kind,
            "outcome": row.outcome,
            "device": label_device(row.device),
            "ip": mask_address(row.ip),
            "country": row.country,
        }
        for row in rows[:limit]
    ]
    return page_of(items, rows, limit)


@ROUTES.write(
    "DELETE",
    "/api/v1/me/sessions",
    summary="Sign out everywhere else.",
    response=None,
    status=204,
)
async def delete_other_sessions(call: Call, unit: Unit) -> Reply:
    """The end of all of one's sessions but this one."""
    identity, actor = call.app[IDENTITY], call.user
    await sessions.end_sessions(
        identity, unit, actor.user_id, "ended_by_user", spared=actor.session_id, with_keys=False
    )
    await record_audit(unit, Action.SESSION_ENDED, "user", actor.user_id, reason="all_others")
    return Reply(None, 204)


@ROUTES.write(
    "DELETE",
    "/api/v1/me/sessions/{id}",
    summary="Sign out somewhere else.",
    response=None,
    status=204,
    refusals=(NotFound,),
)
async def delete_session(call: Call, unit: Unit) -> Reply:
    """The end of one of one's sessions."""
    await sessions.end_own_session(call.app[IDENTITY], unit, call.user.user_id, call.path_id())
    return Reply(None, 204)


@ROUTES.read(
    "GET",
    "/api/v1/me/terms",
    summary="Which terms one has accepted, and which count now.",
    response=schemas.TermsSchema(),
)
async def get_terms(call: Call) -> Reply:
    """Two versions."""
    async with call.database.read() as connection:
        user_id = call.user.user_id
        standing = (await read_standings(connection, [user_id]))[user_id]
    current = call.app[IDENTITY].policy.terms_version
    return Reply({"accepted": standing.terms_version, "current": current})


@ROUTES.write(
    "POST",
    "/api/v1/me/terms",
    summary="Accept the terms that count now.",
    body=schemas.AcceptTermsSchema(),
    response=schemas.TermsSchema(),
    refusals=(TermsChanged,),
)
async def accept_terms(call: Call, unit: Unit) -> Reply:
    """The versions after it."""
    version = await people.accept_terms(
        call.app[IDENTITY], unit, call.user.user_id, call.body["version"]
    )
    return Reply({"accepted": version, "current": version})


@ROUTES.own(
    "POST",
    "/api/v1/me/password",
    summary="Change the password; other sessions end and money is locked for a day.",
    body=schemas.NewPasswordSchema(),
    response=None,
    status=204,
    refusals=(StepUpRefused, PasswordRefused, SignInsLimited),
    step_up=True,
)
async def change_my_password(call: Call) -> Reply:
    """Nothing; the new password counts from now on."""
    await change_password(call.app[IDENTITY], call)
    return Reply(None, 204)
