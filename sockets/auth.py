"""Who connects: an access token or an API key in `auth`, nowhere else, or nobody in particular."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from aiohttp import web

from server.core.refusals import Forbidden, Unauthenticated
from server.http.endpoint import Actor, Authenticator
from server.http.scopes import KeyNotEnough, Scope

QUERY_NAMES = frozenset({"EIO", "transport", "sid", "t", "b64"})
"""What the protocol itself puts into the query; everything else is refused."""


class QueryRefused(Forbidden):
    """Tokens in a query end up in logs."""

    code = "query_refused"
    title = "Give the access token in `auth`, never in the query."


async def authenticate(
    environ: Mapping[str, Any], auth: Any, tokens: Authenticator, ip: str
) -> tuple[Actor, int] | None:
    """The actor of a connection and the end of his token; None without `auth`.

    Refuses `Unauthenticated` for a token that is missing in `auth`, malformed, expired or of an
    ended session, `KeyNotEnough` for an API key that does not read, and `QueryRefused` for
    anything of the client's own in the query.
    """
    query = parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    if any(name not in QUERY_NAMES for name, _ in query):
        raise QueryRefused
    if auth is None or auth == {}:
        return None
    return await read_token(auth, tokens, ip)


async def read_token(given: Any, tokens: Authenticator, ip: str) -> tuple[Actor, int]:
    """The actor of `{"token": ...}` shown from `ip`; refuses `Unauthenticated`, `KeyNotEnough`."""
    if not isinstance(given, dict) or given.keys() != {"token"}:
        raise Unauthenticated
    token = given["token"]
    if not isinstance(token, str) or not token:
        raise Unauthenticated
    actor, expires_s = await tokens.identify(token, ip)
    if actor.scopes is not None and Scope.READ not in actor.scopes:
        raise KeyNotEnough
    return actor, expires_s


def is_welcome(origin: str, request: web.BaseRequest, allowed_origins: frozenset[str]) -> bool:
    """Whether a page of this origin may connect: a listed one, or the host that was asked."""
    return origin in allowed_origins or urlsplit(origin).netloc == request.host
