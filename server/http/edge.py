"""What the wrapper knows besides the application: limits, proxies, origins, keys in flight."""

import asyncio
import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from uuid import UUID

from aiohttp import web

from server.http.app_version import CheckApp
from server.http.endpoint import Actor
from server.http.meter import RequestMeter
from server.http.rate import WRITE, Limiter, RateLimiter, Rates

PREFLIGHT_KEPT_S = 600
SUBSCRIBER_BITS = 64
ADDRESSES_KNOWN_MAX = 16_384
COOKIE_PATH = "/api/v1/auth/"
"""The only calls that a cookie means something to."""
SESSION_HEADER = "IQX-Session"
"""What a browser sends with a call that uses its cookie."""
METHODS = "GET, POST, PUT, PATCH, DELETE"


@dataclass(slots=True)
class Edge:
    """The state and the settings of the wrapper."""

    limiter: RateLimiter
    rates: Rates
    shared: Limiter | None = None
    """Counts for all processes, where they share a Redis; `limiter` is then for its absence."""
    trusted_proxies: frozenset[str] = frozenset()
    allowed_origins: frozenset[str] = frozenset()
    """Origins whose scripts may read our answers, compared whole; never `*` or `null`."""
    country_header: str = ""
    """In which a trusted proxy says the caller's country; empty is none."""
    body_wait_s: float = 10
    """Seconds in which a body must have arrived."""
    key_wait_s: float = 2
    """Seconds to wait for a call with the same key that is under way."""
    check_writable: Callable[[], None] = lambda: None
    """Refuses `ReadOnly` while users may change nothing."""
    check_app: CheckApp = lambda _version: None
    """Refuses `AppOutdated` to an app that is too old."""
    check_replies: bool = False
    """Compare every reply with its declared schema: on outside production."""
    meter: RequestMeter = field(default_factory=RequestMeter)
    in_flight: dict[tuple[UUID, str], asyncio.Event] = field(default_factory=dict)


EDGE = web.AppKey("edge", Edge)


def client_country(request: web.Request, edge: Edge) -> str | None:
    """The caller's country in two letters, when a trusted proxy says it in the named header."""
    if not edge.country_header or (request.remote or "") not in edge.trusted_proxies:
        return None
    told = _read_last(request, edge.country_header).upper()
    return told if len(told) == 2 and told.isascii() and told.isalpha() else None


def client_ip(request: web.Request, trusted_proxies: frozenset[str]) -> str:
    """The caller's address; a forwarded one counts only when a trusted proxy says it."""
    peer = request.remote or ""
    if peer in trusted_proxies:
        forwarded = _read_last(request, "X-Forwarded-For").rpartition(",")[2].strip()
        try:
            return str(ipaddress.ip_address(forwarded))
        except ValueError:
            return peer
    return peer


def _read_last(request: web.Request, name: str) -> str:
    """What the nearest proxy says: some add a line of their own below those of the caller."""
    return request.headers.getall(name, [""])[-1].strip()


@lru_cache(maxsize=ADDRESSES_KNOWN_MAX)
def counted_address(ip: str) -> str:
    """What a caller's address counts as: IPv6 gives every subscriber a network of 2**64 addresses,
    so such a network is one caller."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return ip
    if isinstance(address, ipaddress.IPv4Address):
        return ip
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((address.packed[:8] + bytes(8), SUBSCRIBER_BITS)))


async def count_call(edge: Edge, method: str, actor: Actor | None, ip: str, count: int = 1) -> None:
    """Count a call against its caller's limit, as `count` when it does several changes; refuses
    `RateLimited` when he has none left. A call with an API key counts for the key and its owner."""
    if actor is None:
        return await _take(edge, ("ip", counted_address(ip)), edge.rates.public_per_s, count)
    if actor.by_key:
        await _take(edge, ("key", actor.session_id), edge.rates.per_key_per_s)
    is_read = method == "GET"
    per_s = edge.rates.reads_per_s if is_read else edge.rates.writes_per_s
    await _take(edge, ("read" if is_read else WRITE, actor.user_id), per_s, count)
    return None


async def _take(edge: Edge, caller: tuple[str, object], per_s: int, count: int = 1) -> None:
    if edge.shared is None:
        edge.limiter.take(caller, per_s, count)
    else:
        await edge.shared.take(caller, per_s, count)


def allow_origin(edge: Edge, origin: str | None, path: str) -> Mapping[str, str]:
    """The header fields that let a listed origin's scripts read an answer; none for others.

    Where the cookie counts they may send it too.
    """
    if not edge.allowed_origins:
        return {}
    if origin is None or origin not in edge.allowed_origins:
        # A cache must not hand one origin's answer to another.
        return {"Vary": "Origin"}
    cookies = {"Access-Control-Allow-Credentials": "true"} if path.startswith(COOKIE_PATH) else {}
    return {
        **cookies,
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": (
            "X-Request-Id, Retry-After, RateLimit, RateLimit-Policy, Idempotency-Replayed,"
            " X-Next-Cursor"
        ),
        "Vary": "Origin",
    }


def answer_preflight(edge: Edge, origin: str, path: str) -> Mapping[str, str]:
    """The header fields that answer a listed origin's question before its request."""
    return {
        **allow_origin(edge, origin, path),
        "Access-Control-Allow-Methods": METHODS,
        "Access-Control-Allow-Headers": (
            f"Authorization, Content-Type, Idempotency-Key, Step-Up, Recovery-Token,"
            f" {SESSION_HEADER}"
        ),
        "Access-Control-Max-Age": str(PREFLIGHT_KEPT_S),
    }
