"""The real application of the wiring behind real HTTP, with a clock that the test moves."""

import contextlib
import tempfile

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import event, select, text

from models.identity import Profile
from models.messages import Message
from server.core.clock import ManualClock
from server.identity.context import IDENTITY
from server.identity.rails import upsert_payment_methods
from server.settings import load_settings
from server.wiring import build_app, open_kernel

PASSWORD = "correct horse battery"
VIETCOMBANK = {
    "id": "vn-vietcombank",
    "name": "Vietcombank",
    "currency": "VND",
    "region": "VN",
    "reversibility": "recallable",
    "speed": "instant",
    "fields": [
        {"name": "holder", "label": "Holder", "kind": "name", "identifies": False},
        {"name": "number", "label": "Number", "kind": "digits", "length_min": 6, "length_max": 20},
    ],
}
MOMO = {
    "id": "vn-momo",
    "name": "MoMo",
    "currency": "VND",
    "region": "VN",
    "reversibility": "final",
    "speed": "instant",
    "fields": [{"name": "phone", "label": "Phone", "kind": "phone"}],
}
WISE = {
    "id": "eu-wise",
    "name": "Wise",
    "currency": "EUR",
    "region": "DE",
    "reversibility": "reversible",
    "speed": "other",
    "fields": [
        {"name": "email", "label": "E-mail", "kind": "email"},
        {"name": "tag", "label": "Tag", "kind": "text", "required": False, "pattern": "@[a-z]+"},
    ],
}


class Api:
    """One instance of the application, and people who use it."""

    def __init__(self, client, kernel, clock):
        self.client = client
        self.kernel = kernel
        self.database = kernel.database
        self.clock = clock
        self.keys = 0

    @property
    def identity(self):
        return self.client.server.app[IDENTITY]

    async def ask(self, method, path, body=None, *, token=None, key=None, headers=None):
        """One request; a change by a signed-in user gets a key of its own."""
        sent = dict(headers or {})
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
            if method != "GET":
                self.keys += 1
                sent["Idempotency-Key"] = key or f"{id(self)}-{self.keys}"
        return await self.client.request(
            method, path, json=body, headers=sent, skip_auto_headers=("Content-Type",)
            if body is None else (),
        )  # fmt: skip

    async def prove(self, token, action, method, path, body=None):
        """A proof of one whole request, by the password."""
        request = {"method": method, "path": path}
        if body is not None:
            request["body"] = body
        asked = {"password": PASSWORD, "action": action, "request": request}
        reply = await self.ask("POST", "/api/v1/auth/step-up", asked, token=token)
        assert reply.status == 200, await reply.text()
        return (await reply.json())["proof"]

    async def register(self, name, **more):
        """A new user; the reply's body."""
        body = {
            "email": f"{name}@example.com",
            "password": PASSWORD,
            "username": name,
            **more,
        }
        reply = await self.ask("POST", "/api/v1/auth/register", body)
        assert reply.status == 201, await reply.text()
        return await reply.json()

    async def login(self, name, password=PASSWORD):
        return await self.ask(
            "POST", "/api/v1/auth/login", {"email": f"{name}@example.com", "password": password}
        )

    async def refresh(self, refresh_token):
        return await self.ask("POST", "/api/v1/auth/refresh", {"refresh_token": refresh_token})

    async def status_of_me(self, token):
        return (await self.ask("GET", "/api/v1/me", token=token)).status

    async def read(self, statement):
        async with self.database.read() as connection:
            return (await connection.execute(statement)).all()

    async def dump(self, table):
        """Every value of a table as one text, bytes as they are."""
        rows = await self.read(text(f"SELECT * FROM {table}"))
        return b"\n".join(
            value if isinstance(value, bytes) else str(value).encode()
            for row in rows
            for value in row
        )

    async def read_waiting(self):
        """Messages that are due and not sent yet."""
        statement = select(Message.id).where(
            Message.status == "waiting", Message.due_at <= self.clock.now()
        )
        return await self.read(statement)

    async def id_of(self, name):
        (row,) = await self.read(select(Profile.user_id).where(Profile.username == name))
        return row.user_id

    @contextlib.contextmanager
    def count_statements(self):
        """The statements that reach the database in the block."""
        seen = []
        engine = self.database.engine.sync_engine

        def note(connection, cursor, statement, *rest):
            seen.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(engine, "before_cursor_execute", note)


@contextlib.asynccontextmanager
async def start_api(database_url, clock, *, make=Api, **settings):
    """An instance on a database; several may share one."""
    written = {
        "IQX_DATABASE_URL": database_url,
        "IQX_BCRYPT_ROUNDS": "4",
        "IQX_WEB_FOLDER": "",
        "IQX_READS_PER_S": "0",
        "IQX_WRITES_PER_S": "0",
        "IQX_PUBLIC_PER_S": "0",
        "IQX_KEY_CALLS_PER_S": "0",
        **{f"IQX_{name.upper()}": str(value) for name, value in settings.items()},
    }
    with tempfile.TemporaryDirectory() as folder:
        written.setdefault("IQX_MAIL_FOLDER", folder)
        kernel = open_kernel(load_settings(written), clock=clock)
        async with TestClient(TestServer(build_app(kernel))) as client:
            yield make(client, kernel, clock)


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
async def api(database_url, clock):
    async with start_api(database_url, clock) as started:
        yield started


@pytest.fixture
async def other_api(database_url, clock, api):
    """A second process's application on the same database."""
    async with start_api(database_url, clock) as started:
        yield started


@pytest.fixture
async def rails(api):
    """Three payment methods."""

    async def work(unit):
        await upsert_payment_methods(unit, [VIETCOMBANK, MOMO, WISE])

    await api.database.transact(work, name="test")
