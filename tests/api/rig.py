"""A small application of test endpoints on a real database, served over real HTTP."""

import asyncio
from contextlib import asynccontextmanager
from types import SimpleNamespace
from uuid import UUID

import aiohttp
import orjson
from aiohttp import web
from marshmallow import Schema, fields, validate
from sqlalchemy import func, insert, select

from models.identity import User
from models.operations import IdempotencyKey, Outbox
from server.core import refusals
from server.core.clock import ManualClock
from server.core.events import Event
from server.core.ids import SystemRandom
from server.core.permissions import BUILT_IN_ROLES, Permission
from server.db import Database
from server.db.engine import open_engine
from server.db.idempotency import StoredReply, store_reply
from server.http.connection import DrainingRunner
from server.http.edge import EDGE, Edge
from server.http.endpoint import (
    AUTHENTICATOR,
    DATABASE,
    REFUSED_ACCESS,
    REQUEST_LISTENER,
    STAFF_RIGHTS,
    Access,
    Actor,
    Reply,
    Routes,
    Subject,
)
from server.http.fields import UsdtAmount
from server.http.pages import PageQuery, read_cursor
from server.http.rate import RateLimiter, Rates
from server.http.server import add_endpoints
from server.http.stock import make_application

ROOM = "user:test"
STATE = web.AppKey("state", SimpleNamespace)


class NoteSchema(Schema):
    amount = UsdtAmount(required=True)
    note = fields.String(load_default=None, validate=validate.Length(max=50))


class NoteReply(Schema):
    id = fields.String(required=True)
    amount = fields.String(required=True)
    note = fields.String(required=True, allow_none=True)


class TokenTable:
    """Tokens that were handed out by the test."""

    def __init__(self):
        self.actors = {}

    async def identify(self, token, _ip):
        if token not in self.actors:
            raise refusals.Unauthenticated
        return self.actors[token], 2**40


ROLE_OF = {"support": "support_agent", "admin": "administrator"}


class RightsOfTable:
    """What the callers of a `TokenTable` may do, by their role."""

    def __init__(self, tokens):
        self.tokens = tokens

    def permissions_of(self, user_id):
        role = self.tokens.actors[str(user_id)].role
        return BUILT_IN_ROLES[ROLE_OF[role]].permissions if role in ROLE_OF else frozenset()

    def allows(self, user_id, permission):
        return permission in self.permissions_of(user_id)

    def elevation_for(self, _user_id, _permission):
        return None


class RefusedHeard:
    def __init__(self):
        self.refused = []

    async def note_refused(self, user_id, endpoint):
        self.refused.append((user_id, endpoint))


class Heard:
    def __init__(self):
        self.users = []

    def note_request(self, user_id):
        self.users.append(user_id)


routes = Routes("test")


@routes.write(
    "POST",
    "/api/v1/notes",
    summary="Write a note",
    body=NoteSchema(),
    response=NoteReply(),
    status=201,
    refusals=(refusals.InsufficientFunds,),
)
async def add_note(call, unit):
    state = call.app[STATE]
    state.calls += 1
    if state.hold is not None:
        state.entered.set()
        await state.hold.wait()
    if state.poor:
        raise refusals.InsufficientFunds
    note_id = unit.ids.new_id()
    unit.emit(Event(ROOM, "note_created", {"id": str(note_id)}))
    return Reply(
        {"id": str(note_id), "amount": str(call.body["amount"]), "note": call.body["note"]}, 201
    )


@routes.write(
    "DELETE",
    "/api/v1/notes/{id}",
    subject=Subject.OWN,
    summary="Forget a note",
    response=None,
    status=204,
)
async def drop_note(call, unit):
    unit.emit(Event(ROOM, "note_dropped", {"id": str(call.path_id())}))
    return Reply(None, 204)


@routes.read("GET", "/api/v1/notes", summary="List", query=PageQuery(), response=None)
async def list_notes(call):
    if call.query["cursor"] is not None:
        read_cursor(call.query["cursor"])
    return Reply({"limit": call.query["limit"], "user": str(call.user.user_id)})


@routes.read("GET", "/api/v1/notes/{id}", subject=Subject.OWN, summary="One", response=None)
async def get_note(call):
    raise refusals.NotFound if call.path_id() else AssertionError


@routes.read("GET", "/api/v1/open", summary="Open", access=Access.PUBLIC, response=None)
async def get_open(call):
    return Reply({"ip": call.ip, "device": call.device})


@routes.read("GET", "/api/v1/lies", summary="Lies", access=Access.PUBLIC, response=NoteReply())
async def get_lies(call):
    return Reply({"id": 1})


@routes.read("GET", "/api/v1/broken", summary="Broken", access=Access.PUBLIC, response=None)
async def get_broken(call):
    raise RuntimeError("the secret inside")


@routes.read("GET", "/api/v1/down", summary="Down", access=Access.PUBLIC, response=None)
async def get_down(call):
    raise refusals.Unavailable(retry_after_s=2)


@routes.own(
    "POST",
    "/api/v1/sign",
    summary="Sign",
    access=Access.PUBLIC,
    keyed=False,
    body=NoteSchema(),
    response=None,
    body_bytes_max=1000,
)
async def sign(call):
    return Reply({"note": call.body["note"]})


@routes.own("POST", "/api/v1/lane", summary="Own commit", body=NoteSchema(), response=None)
async def own_commit(call):
    async def work(unit):
        unit.emit(Event(ROOM, "note_created", {}))
        reply = StoredReply(200, b'{"by":"the lane"}')
        await store_reply(unit, call.user.user_id, call.key.text, call.key.request_hash, reply)

    await call.database.transact(work, name="lane")
    return Reply(b'{"by":"the lane"}')


@routes.write(
    "POST",
    "/api/v1/staff",
    summary="Staff",
    access=Permission.WORK_TICKETS,
    body=NoteSchema(),
    response=None,
)
async def staff_write(call, unit):
    unit.emit(Event(ROOM, "staff_wrote", {}))
    return Reply({})


@routes.read("GET", "/api/v1/staff", summary="Staff", access=Permission.WORK_TICKETS, response=None)
async def staff_read(call):
    return Reply({"role": call.user.role})


@routes.read("GET", "/api/v1/admin", summary="Admin", access=Permission.MANAGE_STAFF, response=None)
async def admin_read(call):
    return Reply({"role": call.user.role})


class Rig:
    """The running application and its callers."""

    def __init__(self, database, clock, app, port, session):
        self.database = database
        self.clock = clock
        self.app = app
        self.state = app[STATE]
        self.port = port
        self.session = session
        self.base = f"http://127.0.0.1:{port}"

    async def add_user(self, role="user"):
        """A user with a row and a token, which is the text of his id."""

        async def work(unit):
            user_id = unit.ids.new_id()
            await unit.execute(insert(User).values(id=user_id, created_at=unit.now))
            return user_id

        user_id = await self.database.transact(work, name="test")
        token = str(user_id)
        self.app_actors[token] = Actor(user_id, UUID(int=1), role)
        return token

    @property
    def app_actors(self):
        return self.app[AUTHENTICATOR].actors

    def give_role(self, token, role):
        actor = self.app_actors[token]
        self.app_actors[token] = Actor(actor.user_id, actor.session_id, role)

    async def call(self, method, path, *, token=None, key=None, headers=None, **options):
        """Status, header fields and body of one call."""
        sent = dict(headers or {})
        if token:
            sent["Authorization"] = f"Bearer {token}"
        if key:
            sent["Idempotency-Key"] = key
        async with self.session.request(
            method, self.base + path, headers=sent, allow_redirects=False, **options
        ) as response:
            return response.status, response.headers, await response.read()

    async def problem(self, method, path, **options):
        """Status and code of a refused call."""
        status, headers, body = await self.call(method, path, **options)
        assert headers["Content-Type"] == "application/problem+json", (status, body)
        problem = orjson.loads(body)
        assert problem["status"] == status
        assert problem["request_id"] == headers["X-Request-Id"]
        return status, problem["code"]

    async def count_events(self):
        async with self.database.read() as connection:
            return (await connection.execute(select(func.count()).select_from(Outbox))).scalar_one()

    async def count_keys(self):
        async with self.database.read() as connection:
            return (
                await connection.execute(select(func.count()).select_from(IdempotencyKey))
            ).scalar_one()


@asynccontextmanager
async def serve_rig(database_url, *, endpoints=None, head_wait_s=10.0, extend=None, **edge_options):
    """A running rig; `edge_options` go to its `Edge`, `extend` adds to the application."""
    clock = ManualClock()
    database = Database(open_engine(database_url), clock=clock, random=SystemRandom())
    options = {"rates": Rates(0, 0, 0), "check_replies": True, **edge_options}
    app = make_application()
    app[DATABASE] = database
    app[AUTHENTICATOR] = TokenTable()
    app[STAFF_RIGHTS] = RightsOfTable(app[AUTHENTICATOR])
    app[REFUSED_ACCESS] = RefusedHeard()
    app[REQUEST_LISTENER] = Heard()
    app[EDGE] = Edge(limiter=RateLimiter(clock), **options)
    app[STATE] = SimpleNamespace(calls=0, poor=False, hold=None, entered=asyncio.Event())
    add_endpoints(app, endpoints or routes.endpoints)
    if extend is not None:
        extend(app)
    runner = DrainingRunner(app, head_wait_s=head_wait_s)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    # Tests decide themselves what a header says and how often a connection is used.
    try:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            yield Rig(database, clock, app, port, session)
    finally:
        await runner.cleanup()
        await database.close()
