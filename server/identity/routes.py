"""The endpoints of registering, of one's own account, and of people."""

from dataclasses import replace
from functools import cache

from server.db import Unit
from server.http.endpoint import Access, Call, Endpoint, Reply, Routes
from server.identity import (
    anti_phishing_routes,
    contact_routes,
    factor_routes,
    key_routes,
    list_routes,
    password_routes,
    schemas,
    session_routes,
    sessions,
    sign_in_routes,
    verification_routes,
)
from server.identity import service as people
from server.identity.context import IDENTITY
from server.identity.cookies import (
    answer_tokens,
    check_same_site,
    forget_cookie,
    read_cookie,
    wants_cookie,
)
from server.identity.countries import check_country
from server.identity.refusals import (
    CountryBlocked,
    CrossSiteRefused,
    IdentityTaken,
    PasswordRefused,
    RefreshRefused,
    RegistrationsLimited,
    SignInsLimited,
)
from server.identity.sign_in_history import Visitor
from server.identity.views import show_user

ROUTES = Routes("Identity")
AUTH = "/api/v1/auth/"
CLIENT_FIELDS = ("session", "device_token")
"""What a registration says of the client and not of the user."""
LEGACY_AUTH = "/api/auth/"


@cache
def list_endpoints() -> tuple[Endpoint, ...]:
    """The endpoints, those of /api/v1/auth/ under their legacy address too."""
    endpoints = [
        *ROUTES.endpoints,
        *list_routes.ROUTES.endpoints,
        *sign_in_routes.ROUTES.endpoints,
        *session_routes.ROUTES.endpoints,
        *factor_routes.ROUTES.endpoints,
        *verification_routes.ROUTES.endpoints,
        *contact_routes.ROUTES.endpoints,
        *password_routes.ROUTES.endpoints,
        *key_routes.ROUTES.endpoints,
        *anti_phishing_routes.ROUTES.endpoints,
    ]
    legacy = [
        replace(
            endpoint,
            path=LEGACY_AUTH + endpoint.path.removeprefix(AUTH),
            name=f"legacy_{endpoint.name}",
        )
        for endpoint in endpoints
        if endpoint.path.startswith(AUTH)
    ]
    return (*endpoints, *legacy)


@ROUTES.own(
    "POST",
    "/api/v1/auth/register",
    summary="Open an account and sign in.",
    access=Access.PUBLIC,
    keyed=False,
    body=schemas.RegisterSchema(),
    response=schemas.SignedInSchema(),
    status=201,
    refusals=(
        IdentityTaken,
        RegistrationsLimited,
        PasswordRefused,
        SignInsLimited,
        CrossSiteRefused,
        CountryBlocked,
    ),
)
async def register(call: Call) -> Reply:
    """A new user."""
    identity = call.app[IDENTITY]
    check_country(call)
    by_cookie = wants_cookie(call)
    told = {name: value for name, value in call.body.items() if name not in CLIENT_FIELDS}
    visitor = Visitor(call.ip, call.device, call.country)
    row, credentials = await people.register_user(identity, told, visitor)
    return answer_tokens(
        identity,
        credentials,
        by_cookie=by_cookie,
        status=201,
        more={"user": show_user(row), "device_token": credentials.device_token},
    )


@ROUTES.own(
    "POST",
    "/api/v1/auth/refresh",
    summary="New tokens for a refresh token or the cookie, which then is used up.",
    access=Access.PUBLIC,
    keyed=False,
    body=schemas.RefreshSchema(),
    response=schemas.TokensSchema(),
    refusals=(RefreshRefused, CrossSiteRefused, CountryBlocked),
)
async def refresh(call: Call) -> Reply:
    """The next pair of tokens."""
    check_country(call)
    identity = call.app[IDENTITY]
    token, by_cookie = call.body.get("refresh_token"), False
    if token is None:
        check_same_site(call)
        token, by_cookie = read_cookie(call), True
    if token is None:
        raise RefreshRefused
    credentials = await sessions.refresh_session(identity, token)
    return answer_tokens(identity, credentials, by_cookie=by_cookie)


@ROUTES.own(
    "POST",
    "/api/v1/auth/logout",
    summary="End the session of the access token, else of the refresh token, else of the cookie.",
    access=Access.PUBLIC,
    keyed=False,
    body=schemas.SignOutSchema(),
    response=None,
    status=204,
    refusals=(CrossSiteRefused,),
)
async def logout(call: Call) -> Reply:
    """The end of a session; what has ended already is no error."""
    identity, token = call.app[IDENTITY], call.body.get("refresh_token")
    if call.actor is None and token is None and (token := read_cookie(call)) is not None:
        check_same_site(call)

    async def work(unit: Unit) -> None:
        if call.actor is not None:
            await sessions.end_session(identity, unit, call.actor.session_id, "logout")
        elif token is not None:
            await sessions.end_session_of_token(identity, unit, token)

    await call.database.transact(work, name="logout")
    return Reply(None, 204, forget_cookie(call))


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
