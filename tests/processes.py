"""Real servers in processes of their own, their people, and callers in other processes."""

import asyncio
import contextlib
import json
import os
import re
import signal
import sys
import time
from datetime import UTC, datetime

import aiohttp

from server.identity.rails import upsert_payment_methods
from server.monitor.verifier import verify
from server.settings import load_settings
from server.wiring import open_kernel
from tests.market_world import MARKET, RAILS, World, add_market
from tests.programs import Program, obtain_nursery
from tests.services import ROOT

READY_MAX_S = 10
ANSWERS = re.compile(rb"IQX answers on http://\S+:(\d+)")


class MachineClock:
    """The machine's own time, as the servers under test have it."""

    def now(self):
        return datetime.now(UTC)


class RunningServer(Program):
    """One server process."""

    def __init__(self, pid, log):
        super().__init__(pid, log)
        self.port = 0

    def signal(self, number):
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    async def arm(self, points):
        """Let it kill itself at these points, `name:nth,name@whom:nth`; those before are void."""
        asked = self.log.with_name(self.log.name + ".arm")
        asked.write_text(points)
        self.signal(signal.SIGUSR1)
        deadline = time.monotonic() + READY_MAX_S
        while asked.exists():
            assert self.alive, self.read_log()
            assert time.monotonic() < deadline, self.read_log()
            await asyncio.sleep(0.002)

    async def kill(self):
        self.signal(signal.SIGKILL)
        await self.wait_end()

    async def wait_end(self, wait_s=10):
        deadline = time.monotonic() + wait_s
        while self.alive:
            assert time.monotonic() < deadline, f"the process still runs\n{self.read_log()}"
            await asyncio.sleep(0.01)

    def read_log(self):
        return self.log.read_text(errors="replace")[-6000:] if self.log.exists() else ""

    async def wait_port(self, wait_s=READY_MAX_S):
        """Wait until it says where it answers."""
        deadline = time.monotonic() + wait_s
        while True:
            found = ANSWERS.search(self.log.read_bytes()) if self.log.exists() else None
            if found:
                self.port = int(found[1])
                return self
            assert self.alive, self.read_log()
            assert time.monotonic() < deadline, self.read_log()
            await asyncio.sleep(0.01)


class Farm:
    """A database with a market, and the servers on it. The database may be read here too."""

    def __init__(self, database_url):
        self.database_url = database_url
        self.servers = []
        self.sessions = []
        self.kernel = open_kernel(self._settings(), clock=MachineClock())
        self.database = self.kernel.database

    def _environment(self, **settings):
        values = {
            "database_url": self.database_url,
            "port": 0,
            "bcrypt_rounds": 4,
            "reads_per_s": 0,
            "writes_per_s": 0,
            "public_per_s": 0,
            "price_feed_s": 0,
            "first_trade_cap_usdt": 0,
            "open_unpaid_max": 1000,
            "open_unpaid_max_new": 1000,
            "level_limits_usdt": "0,200,10000000,10000000",
            **settings,
        }
        return {f"IQX_{name.upper()}": str(value) for name, value in values.items()}

    def _settings(self):
        return load_settings(self._environment())

    async def prepare(self):
        clock = MachineClock()

        async def work(unit):
            await upsert_payment_methods(unit, RAILS)
            await add_market(unit, clock)

        await self.database.transact(work, name="test")

    def spawn(self, **settings):
        """A server process, however far it comes."""
        program = obtain_nursery().fork(self._environment(**settings))
        server = RunningServer(program.pid, program.log)
        self.servers.append(server)
        return server

    async def start(self, **settings):
        """A server that answers; `start_ready` waits until it also serves the market."""
        return await self.spawn(**settings).wait_port()

    async def start_ready(self, **settings):
        """A server that serves the market, and how long that took."""
        started = time.monotonic()
        server = await self.start(**settings)
        world = self.world(server)
        while True:
            async with world.client.get(f"/api/v1/markets/{MARKET}/book") as reply:
                if reply.status == 200:
                    break
            assert time.monotonic() < started + READY_MAX_S, server.read_log()
            await asyncio.sleep(0.02)
        return server, time.monotonic() - started

    def world(self, server):
        """The people's way to a server."""
        session = aiohttp.ClientSession(f"http://127.0.0.1:{server.port}")
        self.sessions.append(session)
        return World(session, self.kernel, MachineClock())

    def move(self, world, server):
        """The same people at another server: their tokens are good everywhere."""
        world.client = self.world(server).client

    async def check(self):
        """Every invariant holds."""
        assert await verify(self.database, full=True) == []

    async def close(self):
        for session in self.sessions:
            await session.close()
        for server in self.servers:
            if server.alive:
                await server.kill()
        await self.kernel.close()


@contextlib.asynccontextmanager
async def open_farm(database_url):
    farm = Farm(database_url)
    try:
        await farm.prepare()
        yield farm
    finally:
        await farm.close()


async def call_together(calls, *, processes=4):
    """Send all calls at one instant from several processes; (status, body) of each, in order.

    A call is port, method, path, headers and body. Every caller is connected before the barrier
    opens.
    """
    parts = [calls[number::processes] for number in range(processes)]
    callers = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            str(ROOT / "tests" / "races" / "caller.py"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        for _ in parts
    ]
    try:
        for caller, part in zip(callers, parts, strict=True):
            caller.stdin.write(json.dumps(part).encode() + b"\n")
            await caller.stdin.drain()
        for caller in callers:
            assert await caller.stdout.readline() == b"ready\n"
        for caller in callers:
            caller.stdin.write(b"go\n")
        answers = [json.loads(await caller.stdout.read()) for caller in callers]
    finally:
        for caller in callers:
            if caller.returncode is None:
                caller.stdin.close()
                await caller.wait()
    merged = [None] * len(calls)
    for number, part in enumerate(answers):
        merged[number::processes] = part
    return [tuple(answer) for answer in merged]


def call_of(server, person, method, path, body=None, *, key, **headers):
    """A call for `call_together`."""
    return {
        "port": server.port,
        "method": method,
        "path": f"/api/v1{path}",
        "headers": {
            "Authorization": f"Bearer {person.token}",
            "Idempotency-Key": key,
            "Content-Type": "application/json",
            **headers,
        },
        "body": body,
    }
