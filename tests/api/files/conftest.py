"""A trade room with files: the parties, a stranger and staff behind the real wrapper."""

import contextlib
import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import event, select

from models.audit import AuditEntry
from models.operations import Outbox
from server.core.permissions import BUILT_IN_ROLES
from server.files import routes, staff_routes
from server.files.context import FILES, Files
from server.files.store import FolderFiles
from server.http.edge import EDGE, Edge
from server.http.endpoint import (
    AUTHENTICATOR,
    DATABASE,
    REFUSED_ACCESS,
    REQUEST_LISTENER,
    STAFF_RIGHTS,
)
from server.http.rate import RateLimiter, Rates
from server.http.server import add_endpoints
from server.http.stock import make_application
from server.kyc.store import FolderStore
from server.wiring.kernel import run_in
from tests.api.trades.conftest import People
from tests.pictures import JPEG, draw
from tests.trade_world import open_world

PICTURE = draw((200, 160))
_keys = itertools.count()


class StaffOf:
    """The one who is on the staff may do everything."""

    def __init__(self, world):
        self.world = world

    def permissions_of(self, user_id):
        held = BUILT_IN_ROLES["administrator"].permissions
        return held if user_id == self.world.staff else frozenset()

    def allows(self, user_id, permission):
        return permission in self.permissions_of(user_id)

    def elevation_for(self, _user_id, _permission):
        return None

    async def note_refused(self, user_id, endpoint):
        """Refused access is not what these tests are about."""


class FileRoom:
    """Calls about files, and the world behind them."""

    def __init__(self, client, world, files, folder):
        self.client = client
        self.world = world
        self.files = files
        self.folder = folder

    async def get(self, path, name="buyer", **query):
        """Status and body."""
        headers = {"Authorization": f"Bearer {name}"}
        async with self.client.get(f"/api{path}", headers=headers, params=query) as reply:
            return reply.status, await reply.json()

    async def send(
        self, trade_id, content=PICTURE, media_type=JPEG, name="buyer", key=None, **headers
    ):
        """Send a file; status and body."""
        sent = {
            "Authorization": f"Bearer {name}",
            "Idempotency-Key": key or f"file-{next(_keys)}",
            "Content-Type": media_type,
            **headers,
        }
        path = f"/api/v1/trades/{trade_id}/attachments"
        async with self.client.post(path, data=content, headers=sent) as reply:
            return reply.status, await reply.json()

    async def must_send(self, trade_id, content=PICTURE, media_type=JPEG, name="buyer"):
        status, body = await self.send(trade_id, content, media_type, name)
        assert status == 201, body
        return body

    async def list(self, trade_id, name="buyer"):
        status, body = await self.get(f"/v1/trades/{trade_id}/attachments", name)
        assert status == 200, body
        return body["items"]

    async def fetch(self, url, **options):
        """Status, header fields and content of a link, as a browser without a session."""
        async with self.client.get(url, **options) as reply:
            return reply.status, reply.headers, await reply.read()

    async def link_of(self, attachment_id, name="buyer"):
        status, body = await self.get(f"/v1/attachments/{attachment_id}", name)
        assert status == 200, body
        return body["link"]

    async def events(self, name):
        rows = await self.world.fetch(select(Outbox.room, Outbox.body).where(Outbox.name == name))
        return [tuple(row) for row in rows]

    async def audited(self, action):
        rows = await self.world.fetch(
            select(AuditEntry.object_id, AuditEntry.actor_id).where(AuditEntry.action == action)
        )
        return [tuple(row) for row in rows]

    @contextlib.contextmanager
    def count_statements(self):
        """The statements that reach the database in the block."""
        seen, engine = [], self.world.database.engine.sync_engine

        def note(connection, cursor, statement, *rest):
            seen.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(engine, "before_cursor_execute", note)

    def stored(self):
        """The files in the folder."""
        return sorted(path for path in self.folder.rglob("*") if path.is_file())


@contextlib.asynccontextmanager
async def open_room(database_url, folder, **given):
    async with open_world(database_url) as world:
        thread = ThreadPoolExecutor(1)
        app = make_application()
        app[DATABASE] = world.database
        app[AUTHENTICATOR] = app[REQUEST_LISTENER] = People(world)
        app[STAFF_RIGHTS] = app[REFUSED_ACCESS] = StaffOf(world)
        app[EDGE] = Edge(RateLimiter(world.clock), Rates(0, 0, 0), check_replies=True)
        files = app[FILES] = Files(
            **{
                "database": world.database,
                "sealer": world.desk.sealer,
                "identity_hooks": world.desk.identity_hooks,
                "store": FolderFiles(FolderStore(folder), run_in(thread)),
                "run_apart": run_in(thread),
                "link_secret": b"s" * 32,
                **given,
            }
        )
        add_endpoints(app, [*routes.ROUTES.endpoints, *staff_routes.ROUTES.endpoints])
        async with TestClient(TestServer(app)) as client:
            yield FileRoom(client, world, files, folder)
        thread.shutdown()


@pytest.fixture
async def room(database_url, tmp_path):
    async with open_room(database_url, tmp_path / "files") as opened:
        yield opened
