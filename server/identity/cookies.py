"""The refresh token of browsers: in a cookie that no script reads and no other site makes travel.

A browser asks for it at sign-in with `session: "cookie"`; apps get the token in the body. The
cookie is HttpOnly and SameSite=Strict. In production its name begins with `__Host-`: browsers take
it over TLS only, from this very host and for all of it, so that no other host of the domain, no
plain page and no path can plant another in its place. It travels with every call and means
something to the calls of sign-in alone. Every call that uses it must come from a page of ours (the
`Origin` that browsers always send) and carry the header `IQX-Session: cookie`, which another site's
form cannot send and its script may not.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from server.http.edge import EDGE, SESSION_HEADER
from server.http.endpoint import Call, Reply
from server.identity.context import IDENTITY, Identity
from server.identity.refusals import CrossSiteRefused
from server.identity.sessions import Credentials
from server.identity.tokens import LIFETIME

COOKIE = "cookie"
"""What `session` in the body and the header say for a browser."""
NAME = "iqx_refresh"
SECURE_PREFIX = "__Host-"
"""Browsers take a cookie of this prefix over TLS only, without a domain and with the path `/`."""
PATH = "/"


def wants_cookie(call: Call) -> bool:
    """Whether a browser signs in that wants the cookie. Refuses `CrossSiteRefused`."""
    if call.body.get("session") != COOKIE:
        return False
    check_same_site(call)
    return True


def check_same_site(call: Call) -> None:
    """Refuse `CrossSiteRefused` for what a page of ours did not send on purpose."""
    origin = call.headers.get("Origin")
    if origin is None or call.headers.get(SESSION_HEADER) != COOKIE:
        raise CrossSiteRefused
    if origin in call.app[EDGE].allowed_origins:
        return
    try:
        told = urlsplit(origin)
    except ValueError:
        raise CrossSiteRefused from None
    needs_tls = call.app[IDENTITY].policy.secure_cookies
    if told.netloc != call.headers.get("Host") or (needs_tls and told.scheme != "https"):
        raise CrossSiteRefused


def read_cookie(call: Call) -> str | None:
    """The refresh token in the cookie; None without one, and when two claim to be it."""
    name = _name_of(call.app[IDENTITY])
    found = []
    for part in call.headers.get("Cookie", "").split(";"):
        written, _, value = part.strip().partition("=")
        if written == name:
            found.append(value)
    return found[0] if len(found) == 1 else None


def answer_tokens(
    identity: Identity, credentials: Credentials, *, by_cookie: bool, status: int = 200,
    more: Mapping[str, Any] | None = None,
) -> Reply:  # fmt: skip
    """The tokens of a session, as its client keeps them; `more` stands before them."""
    body = {
        **(more or {}),
        "access_token": identity.tokens.issue(credentials.actor),
        "refresh_token": None if by_cookie else credentials.refresh_token,
        "expires_in": int(LIFETIME.total_seconds()),
    }
    if not by_cookie:
        return Reply(body, status)
    kept_s = int(identity.policy.session_idle.total_seconds())
    return Reply(body, status, _set_cookie(identity, credentials.refresh_token, kept_s))


def forget_cookie(call: Call) -> Mapping[str, str]:
    """The header that takes the cookie away; nothing where there is none."""
    identity = call.app[IDENTITY]
    if _name_of(identity) not in call.headers.get("Cookie", ""):
        return {}
    return _set_cookie(identity, "", 0)


def _name_of(identity: Identity) -> str:
    return f"{SECURE_PREFIX}{NAME}" if identity.policy.secure_cookies else NAME


def _set_cookie(identity: Identity, value: str, kept_s: int) -> dict[str, str]:
    secure = "; Secure" if identity.policy.secure_cookies else ""
    return {
        "Set-Cookie": (
            f"{_name_of(identity)}={value}; Path={PATH}; Max-Age={kept_s}; "
            f"HttpOnly; SameSite=Strict{secure}"
        )
    }
