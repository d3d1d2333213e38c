"""The endpoints of signing in, of one's own account, and of people."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from server.core.clock import format_instant
from server.core.refusals import Invalid, NotFound
from server.db import Unit
from server.http.endpoint import Access, Call, Endpoint, Reply, Routes, Subject
from server.http.pages import PageQuery, read_cursor, write_cursor
from server.identity import queries, schemas, sessions
from server.identity import service as people
from server.identity.context import IDENTITY, Identity
from server.identity.refusals import (
    BlockOfOneself,
    IdentityTaken,
    PasswordRefused,
    RefreshRefused,
    SignInsLimited,
    StepUpRefused,
    TooManyBlocks,
    WrongCredentials,
)
from server.identity.standing import BP
from server.identity.step_up import Act, prove_by_password
from server.identity.tokens import LIFETIME

ROUTES = Routes("Identity")
AUTH = "/api/v1/auth/"
LEGACY_AUTH = "/api/auth/"


def list_endpoints() -> list[Endpoint]:
    """The endpoints, those of /api/v1/auth/ under their legacy address too."""
    legacy = [
        replace(
            endpoint,
            path=LEGACY_AUTH + endpoint.path.removeprefix(AUTH),
            name=f"legacy_{endpoint.name}",
        )
        for endpoint in ROUTES.endpoints
        if endpoint.path.startswith(AUTH)
    ]
    return [*ROUTES.endpoints, *legacy]


def read_id_cursor(cursor: str | None) -> UUID | None:
    """The identifier at which the page before ended. Refuses `Invalid` for a forged cursor."""
    if cursor is None:
        return None
    place = read_cursor(cursor)
    if len(place) != 16:
        raise Invalid(errors={"cursor": ["This is not a cursor of this list."]})
    return UUID(bytes=place)


def page_of(items: list[Any], last_id: UUID | None) -> Reply:
    """A page; without `last_id` it is the last one."""
    cursor = None if last_id is None else write_cursor(last_id.bytes)
    return Reply({"items": items, "next_cursor": cursor})


def show_user(row: Any) -> dict[str, Any]:
    """A user as he sees himself."""
    return {
        "id": str(row.user_id),
        "username": row.username,
        "email": row.email,
        "phone": row.phone,
        "language": row.language,
        "role": row.role,
        "kyc_level": row.kyc_level,
        "verified": row.verified,
        "created_at": format_instant(row.created_at),
    }


def _show_tokens(identity: Identity, credentials: sessions.Credentials) -> dict[str, Any]:
    return {
        "access_token": identity.tokens.issue(credentials.actor),
        "refresh_token": credentials.refresh_token,
        "expires_in": int(LIFETIME.total_seconds()),
    }


@ROUTES.own(
    "POST",
    "/api/v1/auth/register",
    summary="Open an account and sign in.",
    access=Access.PUBLIC,
    keyed=False,
    body=schemas.RegisterSchema(),
    response=schemas.SignedInSchema(),
    status=201,
    refusals=(IdentityTaken, PasswordRefused, SignInsLimited),
)
async def register(call: Call) -> Reply:
    """A new user."""
    identity = call.app[IDENTITY]
    row, credentials = await people.register_user(
        identity, call.body, ip=call.ip, device=call.device
    )
    return Reply({"user": show_user(row), **_show_tokens(identity, credentials)}, 201)


@ROUTES.own(
    "POST",
    "/api/v1/auth/login",
    summary="Sign in with e-mail address and password.",
    access=Access.PUBLIC,
    keyed=False,
    body=schemas.SignInSchema(),
    response=schemas.SignedInSchema(),
    refusals=(WrongCredentials, SignInsLimited),
)
async def login(call: Call) -> Reply:
    """A new session."""
    identity = call.app[IDENTITY]
    row, credentials = await people.sign_in(
        identity, call.body["email"], call.body["password"], ip=call.ip, device=call.device
    )
    return Reply({"user": show_user(row), **_show_tokens(identity, credentials)})


@ROUTES.own(
    "POST",
    "/api/v1/auth/refresh",
    summary="New tokens for a refresh token, which then is used up.",
    access=Access.PUBLIC,
    keyed=False,
    body=schemas.RefreshSchema(),
    response=schemas.TokensSchema(),
    refusals=(RefreshRefused,),
)
async def refresh(call: Call) -> Reply:
    """The next pair of tokens."""
    identity = call.app[IDENTITY]
    credentials = await sessions.refresh_session(identity, call.body["refresh_token"])
    return Reply(_show_tokens(identity, credentials))


@ROUTES.own(
    "POST",
    "/api/v1/auth/logout",
    summary="End the session of the access token, or else that of the refresh token.",
    access=Access.PUBLIC,
    keyed=False,
    body=schemas.SignOutSchema(),
    response=None,
    status=204,
)
async def logout(call: Call) -> Reply:
    """The end of a session; what has ended already is no error."""
    identity = call.app[IDENTITY]

    async def work(unit: Unit) -> None:
        if call.actor is not None:
            await sessions.end_session(identity, unit, call.actor.session_id, "logout")
        elif "refresh_token" in call.body:
            await sessions.end_session_of_token(identity, unit, call.body["refresh_token"])

    await call.database.transact(work, name="logout")
    return Reply(None, 204)


@ROUTES.own(
    "POST",
    "/api/v1/auth/step-up",
    summary="A proof of two minutes, for the Step-Up header, that it is really you.",
    keyed=False,
    body=schemas.StepUpSchema(),
    response=schemas.ProofSchema(),
    refusals=(StepUpRefused, SignInsLimited),
)
async def step_up(call: Call) -> Reply:
    """A proof bound to the listed acts."""
    asked = call.body
    acts = [
        Act(asked["action"], act["subject_id"], act["amount"], act["version"])
        for act in asked.get("acts", (asked,))
    ]
    proof, expires_at = await prove_by_password(
        call.app[IDENTITY], call.user, asked["password"], acts, ip=call.ip
    )
    return Reply({"proof": proof, "expires_at": format_instant(expires_at)})


@ROUTES.read("GET", "/api/v1/me", summary="The signed-in user.", response=schemas.UserSchema())
async def get_me(call: Call) -> Reply:
    """Oneself."""
    return Reply(show_user(await people.get_profile(call.app[IDENTITY], call.user.user_id)))


@ROUTES.write(
    "PATCH",
    "/api/v1/me",
    summary="Change what needs no further proof.",
    body=schemas.ProfileChangeSchema(),
    response=schemas.UserSchema(),
)
async def change_me(call: Call, unit: Unit) -> Reply:
    """Oneself after the change."""
    return Reply(show_user(await people.change_profile(unit, call.user.user_id, call.body)))


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
            "device": row.device,
            "ip": row.ip,
            "created_at": format_instant(row.created_at),
            "used_at": format_instant(row.used_at),
            "expires_at": format_instant(row.expires_at),
            "current": row.id == call.user.session_id,
        }
        for row in rows[:limit]
    ]
    return page_of(items, rows[limit - 1].id if len(rows) > limit else None)


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
    "/api/v1/users/{username}",
    subject=Subject.PUBLIC,
    summary="What everybody may see of a user.",
    access=Access.PUBLIC,
    response=schemas.PublicProfileSchema(),
    refusals=(NotFound,),
)
async def get_user(call: Call) -> Reply:
    """A public profile."""
    row = await people.get_profile_by_username(call.app[IDENTITY], call.path["username"])
    rate_bp = row.trades_completed * BP // row.trades_ended if row.trades_ended else None
    return Reply(
        {
            "username": row.username,
            "verified": row.verified,
            "kyc_level": row.kyc_level,
            "present": row.present,
            "trades_completed": row.trades_completed,
            "completion_rate": None if rate_bp is None else f"{rate_bp // 100}.{rate_bp % 100:02}",
            "created_at": format_instant(row.created_at),
        }
    )


@ROUTES.read(
    "GET",
    "/api/v1/me/blocks",
    summary="Whom one does not trade with.",
    query=PageQuery(),
    response=schemas.BLOCK_PAGE,
)
async def list_blocks(call: Call) -> Reply:
    """A page of blocks."""
    limit, after = call.query["limit"], read_id_cursor(call.query["cursor"])
    async with call.database.read() as connection:
        statement = queries.blocks_of(call.user.user_id, after, limit + 1)
        rows = (await connection.execute(statement)).all()
    items = [
        {"username": row.username, "created_at": format_instant(row.created_at)}
        for row in rows[:limit]
    ]
    return page_of(items, rows[limit - 1].blocked_id if len(rows) > limit else None)


@ROUTES.write(
    "POST",
    "/api/v1/me/blocks",
    summary="Never be matched with a user; he is not told.",
    body=schemas.NewBlockSchema(),
    response=schemas.BlockSchema(),
    status=201,
    refusals=(NotFound, BlockOfOneself, TooManyBlocks),
)
async def create_block(call: Call, unit: Unit) -> Reply:
    """A block."""
    username, created_at = await people.block_user(
        call.app[IDENTITY], unit, call.user.user_id, call.body["username"]
    )
    return Reply({"username": username, "created_at": format_instant(created_at)}, 201)


@ROUTES.write(
    "DELETE",
    "/api/v1/me/blocks/{username}",
    summary="Take a block back.",
    response=None,
    status=204,
    refusals=(NotFound,),
)
async def delete_block(call: Call, unit: Unit) -> Reply:
    """The end of a block."""
    await people.unblock_user(call.app[IDENTITY], unit, call.user.user_id, call.path["username"])
    return Reply(None, 204)
