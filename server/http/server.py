"""The one wrapper around every endpoint, and the application that is made of them.

Checks run in this order: size, parse, identity, rate, role, replay, shape, then what the handler
checks: existence and ownership, step-up, status, amount, funds.
"""

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
import structlog
from aiohttp import web
from marshmallow import ValidationError
from sqlalchemy.exc import IntegrityError

from server.core import fault, refusals
from server.core.refusals import Invalid, KeyInFlight, KeyInvalid, KeyMissing, Refusal
from server.db import Unit, is_unique_violation
from server.db.idempotency import StoredReply, find_reply, hash_request, store_reply
from server.http.endpoint import (
    AUTHENTICATOR,
    DATABASE,
    REQUEST_LISTENER,
    Access,
    Actor,
    Call,
    Endpoint,
    Key,
    Reply,
)
from server.http.parsing import parse_json
from server.http.problems import Fault, problem_response
from server.http.rate import RateLimiter, Rates

BODY_WAIT_S = 10
KEY_WAIT_S = 2
KEY_CHARS_MAX = 255
DEVICE_CHARS_MAX = 200
ROLES = {
    Access.USER: frozenset({"user", "support", "admin"}),
    Access.SUPPORT: frozenset({"support", "admin"}),
    Access.ADMIN: frozenset({"admin"}),
}
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
log = structlog.get_logger()


@dataclass(slots=True)
class Edge:
    """What the wrapper knows besides the application: limits, proxies, keys in flight."""

    limiter: RateLimiter
    rates: Rates
    trusted_proxies: frozenset[str] = frozenset()
    check_replies: bool = False
    """Compare every reply with its declared schema: on outside production."""
    in_flight: dict[tuple[UUID, str], asyncio.Event] = field(default_factory=dict)


EDGE = web.AppKey("edge", Edge)


def add_endpoints(app: web.Application, endpoints: Iterable[Endpoint]) -> None:
    """Serve every declared endpoint."""
    for endpoint in endpoints:
        app.router.add_route(endpoint.method, endpoint.path, _wrap(endpoint))


def _wrap(endpoint: Endpoint) -> Any:
    async def handle(request: web.Request) -> web.StreamResponse:
        request_id = request.app[DATABASE].ids.new_bytes().hex()
        try:
            reply = await _answer(request, endpoint, request_id)
            response = _respond(reply, request_id)
        except Refusal as refusal:
            log.info("refused", endpoint=endpoint.name, code=refusal.code, request_id=request_id)
            response = problem_response(refusal, request_id)
        except web.HTTPRequestEntityTooLarge:
            response = problem_response(refusals.TooLarge(), request_id)
        except Exception:
            log.exception("fault", endpoint=endpoint.name, request_id=request_id)
            response = problem_response(Fault(), request_id)
        response.headers.update(SECURITY_HEADERS)
        return response

    handle.__name__ = endpoint.name
    return handle


def _respond(reply: Reply, request_id: str) -> web.Response:
    body = reply.body
    if not isinstance(body, bytes):
        body = b"" if reply.status == 204 else orjson.dumps(body)
    headers = {"X-Request-Id": request_id, **reply.headers}
    return web.Response(
        body=body,
        status=reply.status,
        content_type=None if reply.status == 204 else reply.content_type,
        headers=headers,
    )


async def _answer(request: web.Request, endpoint: Endpoint, request_id: str) -> Reply:
    body = await _read_body(request, endpoint)
    actor = _identify(request, endpoint)
    ip = client_ip(request, request.app[EDGE].trusted_proxies)
    _limit(request.app[EDGE], endpoint, actor, ip)
    if actor is not None and actor.role not in ROLES.get(endpoint.access, {actor.role}):
        raise refusals.Forbidden
    call = Call(
        app=request.app,
        endpoint=endpoint,
        path=request.match_info,
        query={},
        body=body,
        actor=actor,
        key=_read_key(request, body) if endpoint.keyed else None,
        step_up=request.headers.get("Step-Up"),
        request_id=request_id,
        ip=ip,
        device=request.headers.get("User-Agent", "")[:DEVICE_CHARS_MAX],
        accept=request.headers.get("Accept", ""),
    )
    if call.key is None:
        reply = await _act(request, call)
    else:
        reply = await _act_once(request, call, call.key)
    return reply


async def _read_body(request: web.Request, endpoint: Endpoint) -> Any:
    if request.content_length is not None and request.content_length > endpoint.body_bytes_max:
        raise refusals.TooLarge
    if not request.body_exists:
        return None
    try:
        async with asyncio.timeout(BODY_WAIT_S):
            raw = await request.read()
    except TimeoutError:
        raise refusals.BadRequest("The body did not arrive in time.") from None
    if len(raw) > endpoint.body_bytes_max:
        raise refusals.TooLarge
    if not raw:
        return None
    if request.content_type != "application/json" or (request.charset or "utf-8").lower() not in (
        "utf-8",
        "utf8",
    ):
        raise refusals.UnsupportedMedia
    return parse_json(raw)


def _identify(request: web.Request, endpoint: Endpoint) -> Actor | None:
    header = request.headers.get("Authorization")
    if header is None:
        if endpoint.access is Access.PUBLIC:
            return None
        raise refusals.Unauthenticated
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise refusals.Unauthenticated
    actor = request.app[AUTHENTICATOR].authenticate(token)
    request.app[REQUEST_LISTENER].note_request(actor.user_id)
    return actor


def client_ip(request: web.Request, trusted_proxies: frozenset[str]) -> str:
    """The caller's address; a forwarded one counts only when a trusted proxy says it."""
    peer = request.remote or ""
    if peer in trusted_proxies:
        forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        try:
            return str(ipaddress.ip_address(forwarded))
        except ValueError:
            return peer
    return peer


def _limit(edge: Edge, endpoint: Endpoint, actor: Actor | None, ip: str) -> None:
    if actor is None:
        edge.limiter.take(("ip", ip), edge.rates.public_per_s)
    elif endpoint.method == "GET":
        edge.limiter.take(("read", actor.user_id), edge.rates.reads_per_s)
    else:
        edge.limiter.take(("write", actor.user_id), edge.rates.writes_per_s)


def _read_key(request: web.Request, body: Any) -> Key:
    text = request.headers.get("Idempotency-Key")
    if text is None:
        raise KeyMissing
    if not (0 < len(text) <= KEY_CHARS_MAX and text.isascii() and text.isprintable()):
        raise KeyInvalid
    return Key(text, hash_request(request.method, request.path, body))


async def _act_once(request: web.Request, call: Call, key: Key) -> Reply:
    """Run the call unless its key already has a reply; the same key in parallel waits shortly."""
    in_flight = request.app[EDGE].in_flight
    place = (call.user.user_id, key.text)
    running = in_flight.get(place)
    if running is not None:
        try:
            async with asyncio.timeout(KEY_WAIT_S):
                await running.wait()
        except TimeoutError:
            raise KeyInFlight(retry_after_s=1) from None
        if place in in_flight:
            raise KeyInFlight(retry_after_s=1)
    done = in_flight[place] = asyncio.Event()
    try:
        if call.endpoint.transactional or running is not None:
            stored = await _find_stored(call, key)
            if stored is not None:
                return stored
        try:
            return await _act(request, call)
        except (Refusal, IntegrityError) as error:
            if isinstance(error, IntegrityError) and not is_unique_violation(error):
                raise
            # Another process, or this one before a restart, may have done it already.
            stored = await _find_stored(call, key)
            if stored is None:
                raise
            return stored
    finally:
        del in_flight[place]
        done.set()


async def _find_stored(call: Call, key: Key) -> Reply | None:
    async with call.database.read() as connection:
        stored = await find_reply(connection, call.user.user_id, key.text, key.request_hash)
    if stored is None:
        return None
    return Reply(stored.body, stored.status, {"Idempotency-Replayed": "true"})


async def _act(request: web.Request, call: Call) -> Reply:
    _check_shape(request, call)
    endpoint = call.endpoint
    if not endpoint.transactional:
        reply = await endpoint.handler(call)
        _check_reply(request, endpoint, reply)
        return reply

    async def work(unit: Unit) -> Reply:
        reply = await endpoint.handler(call, unit)
        _check_reply(request, endpoint, reply)
        if call.key is not None:
            body = b"" if reply.status == 204 else orjson.dumps(reply.body)
            stored = StoredReply(reply.status, body)
            await store_reply(unit, call.user.user_id, call.key.text, call.key.request_hash, stored)
        return reply

    reply = await call.database.transact(work, name=endpoint.name)
    fault.point("http.before_reply")
    return reply


def _check_shape(request: web.Request, call: Call) -> None:
    endpoint = call.endpoint
    try:
        if endpoint.query is not None:
            call.query = endpoint.query.load(_single_values(request))
        elif request.query:
            raise Invalid(errors={key: ["Unknown field."] for key in request.query})
        if endpoint.body is not None:
            if not isinstance(call.body, dict):
                raise Invalid("The body must be a JSON object.")
            call.body = endpoint.body.load(call.body)
        elif call.body not in (None, {}):
            raise Invalid("This call takes no body.")
    except ValidationError as error:
        raise Invalid(errors=error.messages_dict) from None


def _single_values(request: web.Request) -> dict[str, str]:
    values: dict[str, str] = {}
    for name, value in request.query.items():
        if name in values:
            raise Invalid(errors={name: ["Given more than once."]})
        values[name] = value
    return values


def _check_reply(request: web.Request, endpoint: Endpoint, reply: Reply) -> None:
    if not request.app[EDGE].check_replies or isinstance(reply.body, bytes):
        return
    if endpoint.response is not None and reply.status != 204:
        errors = endpoint.response.validate(reply.body)
        assert not errors, f"{endpoint.name} answers outside its schema: {errors}"


@web.middleware
async def answer_unmatched(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Turn the router's own refusals (no such path, no such method) into problems."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        request_id = request.app[DATABASE].ids.new_bytes().hex()
        refusal: Refusal
        if isinstance(error, web.HTTPMethodNotAllowed):
            refusal = refusals.MethodNotAllowed()
        elif error.status == 413:
            refusal = refusals.TooLarge()
        elif error.status == 404:
            refusal = refusals.NotFound()
        else:
            refusal = refusals.BadRequest()
        response = problem_response(refusal, request_id)
        response.headers.update(SECURITY_HEADERS)
        if isinstance(error, web.HTTPMethodNotAllowed):
            response.headers["Allow"] = ", ".join(sorted(error.allowed_methods))
        return response
