"""Trades whose parties ask for proofs, and the keys to check these with."""

import contextlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import orjson
import pytest
from aiohttp.test_utils import TestClient, TestServer
from click.testing import CliRunner

from server.cli import main
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
from server.proofs import routes
from server.proofs.context import PROOFS, Proofs
from server.proofs.signing import Signer
from server.trades.desk import DESK
from server.wiring.kernel import run_in
from tests.api.files.conftest import StaffOf
from tests.api.trades.conftest import People
from tests.services import ROOT
from tests.trade_world import open_world

KEYS = {"new": b"n" * 32, "old": b"o" * 32}


class ProofRoom:
    """Calls about proofs, and checks of what they gave."""

    def __init__(self, client, world, folder):
        self.client = client
        self.world = world
        self.folder = folder
        self.run_apart = client.server.app[PROOFS].run_apart

    async def get(self, path, name="buyer", **query):
        """Status, content type and content; a path of staff begins with /admin."""
        headers = {} if name is None else {"Authorization": f"Bearer {name}"}
        root = "/api" if path.startswith("/admin") else "/api/v1"
        async with self.client.get(root + path, headers=headers, params=query) as reply:
            return reply.status, reply.content_type, await reply.read()

    async def must(self, path, name="buyer", **query):
        status, _, content = await self.get(path, name, **query)
        assert status == 200, content
        return content

    async def keep(self, path, file, name="buyer", **query):
        """Keep an answer as a file; its place."""
        kept = self.folder / file
        kept.write_bytes(await self.must(path, name, **query))
        return kept

    async def keep_keys(self):
        return await self.keep("/proofs/keys", "keys.json", None)

    def use_keys(self, keys):
        """As after a restart with other keys."""
        self.client.server.app._state[PROOFS] = Proofs(Signer(keys), self.run_apart)


def run_script(script, *files):
    """Run a script of the documents as somebody without our code; its end and what it says."""
    done = subprocess.run(
        [sys.executable, "-I", ROOT / "docs" / script, *files],
        capture_output=True, text=True, check=False, timeout=60, cwd="/",
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout


def run_command(*words):
    """Run `iqx`; its end and what it says."""
    done = CliRunner().invoke(main, list(map(str, words)))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def write_json(path, value):
    path.write_bytes(orjson.dumps(value))
    return path


@contextlib.asynccontextmanager
async def open_proofs(database_url, folder):
    async with open_world(database_url) as world:
        app = make_application()
        app[DATABASE] = world.database
        app[AUTHENTICATOR] = app[REQUEST_LISTENER] = People(world)
        app[EDGE] = Edge(RateLimiter(world.clock), Rates(0, 0, 0), check_replies=True)
        app[DESK] = world.desk
        app[STAFF_RIGHTS] = app[REFUSED_ACCESS] = StaffOf(world)
        thread = ThreadPoolExecutor(1)
        app[PROOFS] = Proofs(Signer(KEYS), run_in(thread))
        add_endpoints(app, routes.ROUTES.endpoints)
        async with TestClient(TestServer(app)) as client:
            yield ProofRoom(client, world, folder)
        thread.shutdown()


@pytest.fixture
async def room(database_url, tmp_path):
    async with open_proofs(database_url, tmp_path) as opened:
        yield opened
