"""The one wrapper around every endpoint, and the application that is made of them.

Checks run in this order: size, parse, identity, rate, role, replay, shape, then what the handler
checks: existence and ownership, step-up, status, amount, funds.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
import structlog
from aiohttp import web
from aiohttp.http import HttpVersion11
from marshmallow import ValidationError
from sqlalchemy.exc import IntegrityError

from server.core import fault, refusals
from server.core.permissions import Permission
from server.core.refusals import (
    Forbidden,
    Invalid,
    KeyInFlight,
    KeyInvalid,
    KeyMissing,
    Refusal,
    Unavailable,
)
from server.db import Unit, is_unique_violation
from server.db.audit import Origin, note_elevation, set_origin
from server.db.idempotency import StoredReply, find_reply, hash_request, store_reply
from server.http.app_version import ALWAYS_SERVED, HEADER
from server.http.bodies import read_body, read_bytes
from server.http.edge import (
    EDGE,
    Edge,
    allow_origin,
    answer_preflight,
    client_country,
    client_ip,
    count_call,
)
from server.http.endpoint import (
    AUTHENTICATOR,
    DATABASE,
    REFUSED_ACCESS,
    REQUEST_LISTENER,
    STAFF_RIGHTS,
    Access,
    Actor,
    Call,
    Endpoint,
    Key,
    Reply,
)
from server.http.problems import Fault, problem_response
from server.http.shapes import Load, compile_loader
from server.http.wire import WireResponse

KEY_CHARS_MAX = 255
DEVICE_CHARS_MAX = 200
log = structlog.get_logger()


def add_endpoints(app: web.Application, endpoints: Iterable[Endpoint]) -> None:
    """Serve every declared endpoint."""
    for endpoint in endpoints:
        app.router.add_route(endpoint.method, endpoint.path, _wrap(app, endpoint))


@dataclass(frozen=True, slots=True)
class _Served:
    """An endpoint where it is served."""

    app: web.Application
    edge: Edge
    endpoint: Endpoint
    load_body: Load | None


def _wrap(app: web.Application, endpoint: Endpoint) -> Any:
    edge, ids = app[EDGE], app[DATABASE].ids
    loader = None if endpoint.body is None else compile_loader(endpoint.body)
    served = _Served(app, edge, endpoint, loader)

    async def handle(request: web.Request) -> web.StreamResponse:
        time = asyncio.get_running_loop().time
        started = time()
        request_id = ids.new_bytes().hex()
        try:
            reply = await _answer(request, served, request_id)
            response = _respond(reply, request_id)
        except Refusal as refusal:
            log.info("refused", endpoint=endpoint.name, code=refusal.code, request_id=request_id)
            edge.meter.note_refusal(refusal.code)
            response = problem_response(refusal, request_id)
        except Exception:
            log.exception("fault", endpoint=endpoint.name, request_id=request_id)
            response = problem_response(Fault(), request_id)
        if edge.allowed_origins:
            origin = request.headers.get("Origin")
            response.add_fields(allow_origin(edge, origin, request.path))
        edge.meter.note(endpoint.name, response.status, time() - started)
        return response

    handle.__name__ = endpoint.name
    return handle


def _respond(reply: Reply, request_id: str) -> WireResponse:
    body = reply.body
    if not isinstance(body, bytes):
        body = b"" if reply.status == 204 else orjson.dumps(body)
    response = WireResponse(reply.status, body, content_type=reply.content_type)
    response.add_fields({"X-Request-Id": request_id, **reply.headers})
    return response


async def _answer(request: web.Request, served: _Served, request_id: str) -> Reply:
    edge, endpoint, headers = served.edge, served.endpoint, request.headers
    ip = client_ip(request, edge.trusted_proxies)
    body: Any
    if endpoint.takes:
        # Files are large: nobody sends one before he is known and counted.
        actor = await _identify(served, headers.get("Authorization"), ip)
        await count_call(edge, endpoint.method, actor, ip)
        _check_caller(served, headers, actor)
        if endpoint.admit is not None:
            await endpoint.admit(served.app, headers)
        body = await read_bytes(request, endpoint, edge.body_wait_s)
    else:
        wait_s = edge.body_wait_s
        body = await read_body(request, endpoint, wait_s) if request.body_exists else None
        actor = await _identify(served, headers.get("Authorization"), ip)
        changes = endpoint.count_changes(body) if endpoint.count_changes is not None else 1
        await count_call(edge, endpoint.method, actor, ip, changes)
        _check_caller(served, headers, actor)
    set_origin(Origin("user", None if actor is None else actor.user_id, request_id, ip))
    if isinstance(endpoint.access, Permission):
        assert actor is not None, "only public endpoints have no caller"
        return await _answer_staff(request, served, actor, body, request_id, ip)
    call = _make_call(request, served, actor, body, request_id, ip)
    if call.key is None:
        return await _act(request, served, call)
    return await _act_once(request, served, call, call.key)


def _check_caller(served: _Served, headers: Mapping[str, str], actor: Actor | None) -> None:
    """Refuse an app that is too old, and a key that does not open the call; of calls of the staff
    that is left to `_require_permission`, because it is noted."""
    endpoint = served.endpoint
    if endpoint.path not in ALWAYS_SERVED:
        served.edge.check_app(headers.get(HEADER))
    if actor is not None and not isinstance(endpoint.access, Permission):
        endpoint.check_scope(actor)


async def _answer_staff(
    request: web.Request, served: _Served, actor: Actor, body: Any, request_id: str, ip: str
) -> Reply:
    """An endpoint of the staff: its permission is checked, and a refusal of rights is noted."""
    app, endpoint = served.app, served.endpoint
    try:
        note_elevation(_require_permission(app, endpoint, actor))
        call = _make_call(request, served, actor, body, request_id, ip)
        if call.key is None:
            return await _act(request, served, call)
        return await _act_once(request, served, call, call.key)
    except Forbidden:
        await app[REFUSED_ACCESS].note_refused(actor.user_id, endpoint.name)
        raise


def _require_permission(app: web.Application, endpoint: Endpoint, actor: Actor) -> UUID | None:
    """What the actor took in an emergency and calls by, if he does. Refuses `Forbidden`."""
    assert isinstance(endpoint.access, Permission)
    rights = app[STAFF_RIGHTS]
    endpoint.check_scope(actor)
    if not rights.allows(actor.user_id, endpoint.access):
        raise Forbidden
    return rights.elevation_for(actor.user_id, endpoint.access)


def _make_call(
    request: web.Request,
    served: _Served,
    actor: Actor | None,
    body: Any,
    request_id: str,
    ip: str,
) -> Call:
    endpoint, headers = served.endpoint, request.headers
    return Call(
        app=served.app,
        endpoint=endpoint,
        path=request.match_info,
        query={},
        body=body,
        actor=actor,
        key=_read_key(request, body) if endpoint.keyed else None,
        step_up=headers.get("Step-Up"),
        request_id=request_id,
        ip=ip,
        device=_read_text(headers.get("User-Agent", ""))[:DEVICE_CHARS_MAX],
        accept=headers.get("Accept", ""),
        country=client_country(request, served.edge),
        headers=headers,
    )


def _read_text(header: str) -> str:
    """A header that is written down: bytes that are no UTF-8 can be stored nowhere."""
    return header.encode(errors="replace").decode()


async def _identify(served: _Served, header: str | None, ip: str) -> Actor | None:
    if header is None:
        if served.endpoint.access is Access.PUBLIC:
            return None
        raise refusals.Unauthenticated
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise refusals.Unauthenticated
    actor, _ = await served.app[AUTHENTICATOR].identify(token, ip)
    served.app[REQUEST_LISTENER].note_request(actor.user_id)
    return actor


def _read_key(request: web.Request, body: Any) -> Key:
    text = request.headers.get("Idempotency-Key")
    if text is None:
        raise KeyMissing
    if not (text.isascii() and text.isprintable() and 0 < len(text) <= KEY_CHARS_MAX):
        raise KeyInvalid
    if " " in text:
        raise KeyInvalid
    return Key(text, hash_request(request.method, request.path, body))


async def _act_once(request: web.Request, served: _Served, call: Call, key: Key) -> Reply:
    """Run the call unless its key already has a reply; the same key in parallel waits shortly."""
    edge, in_flight = served.edge, served.edge.in_flight
    place = (call.user.user_id, key.text)
    running = in_flight.get(place)
    if running is not None:
        try:
            async with asyncio.timeout(edge.key_wait_s):
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
            return await _act(request, served, call)
        except (Refusal, IntegrityError) as error:
            if isinstance(error, IntegrityError) and not is_unique_violation(error):
                raise
            # Another process, or this one before a restart, may have done it already.
            try:
                stored = await _find_stored(call, key)
            except Unavailable:
                if isinstance(error, IntegrityError):
                    raise
                # The database cannot tell, and the first answer knows more than that.
                raise error from None
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


async def _act(request: web.Request, served: _Served, call: Call) -> Reply:
    endpoint = served.endpoint
    if endpoint.keyed and endpoint.access is Access.USER:
        served.edge.check_writable()
    _check_shape(request, served, call)
    if not endpoint.transactional:
        reply = await endpoint.handler(call)
        _check_reply(served.edge, endpoint, reply)
        fault.point("http.before_reply", endpoint.name)
        return reply

    async def work(unit: Unit) -> Reply:
        reply = await endpoint.handler(call, unit)
        _check_reply(served.edge, endpoint, reply)
        if call.key is not None:
            body = b"" if reply.status == 204 else orjson.dumps(reply.body)
            stored = StoredReply(reply.status, body)
            await store_reply(unit, call.user.user_id, call.key.text, call.key.request_hash, stored)
        return reply

    reply = await call.database.transact(work, name=endpoint.name)
    fault.point("http.before_reply", endpoint.name)
    return reply


def _check_shape(request: web.Request, served: _Served, call: Call) -> None:
    endpoint = served.endpoint
    try:
        if endpoint.query is not None:
            call.query = endpoint.query.load(_single_values(request))
        elif request.query_string and request.query:
            raise Invalid(errors={key: ["Unknown field."] for key in request.query})
        if served.load_body is not None:
            if not isinstance(call.body, dict):
                raise Invalid("The body must be a JSON object.")
            call.body = served.load_body(call.body)
        elif not endpoint.takes and call.body not in (None, {}):
            raise Invalid("This call takes no body.")
    except ValidationError as error:
        raise Invalid(errors=error.messages_dict) from None


def _single_values(request: web.Request) -> dict[str, str]:
    values: dict[str, str] = {}
    for name, value in request.query.items():
        if name in values:
            raise Invalid(errors={name: ["Given more than once."]})
        if not (name + value).isprintable():
            raise Invalid(errors={ascii(name): ["Has characters that cannot be printed."]})
        values[name] = value
    return values


def _check_reply(edge: Edge, endpoint: Endpoint, reply: Reply) -> None:
    if not edge.check_replies or isinstance(reply.body, bytes):
        return
    if endpoint.response is not None and reply.status != 204:
        errors = [one.validate(reply.body) for one in (endpoint.response, *endpoint.also)]
        assert not all(errors), f"{endpoint.name} answers outside its schema: {errors}"


@web.middleware
async def answer_unmatched(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Turn what no endpoint answers into problems: no such path or method, old protocols."""
    allowed: Iterable[str] | None = None
    refusal: Refusal
    try:
        _check_protocol(request)
        return await handler(request)
    except web.HTTPMethodNotAllowed as error:
        edge = request.app[EDGE]
        origin = request.headers.get("Origin")
        if origin is not None and _is_preflight(request, edge, origin):
            return WireResponse(204, b"", headers=answer_preflight(edge, origin, request.path))
        allowed = error.allowed_methods
        refusal = refusals.MethodNotAllowed()
    except web.HTTPException as error:
        if error.status < 400:
            raise
        refusal = refusals.NotFound() if error.status == 404 else refusals.BadRequest()
    except Refusal as refused:
        refusal = refused
    request_id = request.app[DATABASE].ids.new_bytes().hex()
    log.info("refused", endpoint="none", code=refusal.code, request_id=request_id)
    request.app[EDGE].meter.note_refusal(refusal.code)
    response = problem_response(refusal, request_id)
    if allowed is not None:
        response.add_fields({"Allow": ", ".join(sorted(allowed))})
    if refusal.status == 400:
        response.force_close()
    return response


def _check_protocol(request: web.Request) -> None:
    """Refuse what proxies and servers are known to read differently."""
    if request.version != HttpVersion11:
        raise refusals.BadRequest("Use HTTP/1.1.")
    headers = request.headers
    if "Upgrade" in headers and (request.method != "GET" or request.body_exists):
        raise refusals.BadRequest("A request that changes the protocol has no body.")


def _is_preflight(request: web.Request, edge: Edge, origin: str) -> bool:
    return (
        request.method == "OPTIONS"
        and origin in edge.allowed_origins
        and "Access-Control-Request-Method" in request.headers
    )
