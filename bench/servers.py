"""The servers that are loaded: the service itself, the naive one, and an empty aiohttp one."""

import asyncio
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path

import uvloop
from aiohttp import web

from bench.baselines import NaiveWriter
from bench.capture import Written
from bench.market import RAISED_LIMITS, open_bench_kernel
from server.http.connection import DrainingRunner
from server.http.edge import EDGE, Edge
from server.http.endpoint import AUTHENTICATOR, DATABASE, REQUEST_LISTENER, Call, Reply
from server.http.rate import RateLimiter, Rates
from server.http.server import add_endpoints
from server.http.stock import make_application
from server.orders.routes import ROUTES
from server.wiring import open_identity
from tests.services import find_free_port

ROOT = Path(__file__).resolve().parent.parent
READY_MAX_S = 60.0
STOP_MAX_S = 30.0
ORDERS_PATH = "/api/v1/orders"
NAIVE_POOL = 4


@dataclass(frozen=True, slots=True)
class Served:
    """A running server."""

    port: int
    pid: int

    def read_cpu_s(self) -> float:
        """CPU seconds that its process has used."""
        stat = Path(f"/proc/{self.pid}/stat").read_text()
        fields = stat.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _wait_for_port(port: int, pid_alive: object) -> None:
    deadline = time.monotonic() + READY_MAX_S
    while time.monotonic() < deadline:
        assert callable(pid_alive)
        assert pid_alive(), "the server ended before it answered"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    msg = "the server does not answer"
    raise TimeoutError(msg)


@contextmanager
def start_service(url: str, log: Path) -> Iterator[Served]:
    """The service as `iqx run` starts it, with default settings but for the raised limits."""
    port = find_free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("IQX_")}
    settings = {"IQX_DATABASE_URL": url, "IQX_PORT": str(port), **RAISED_LIMITS}
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "server", "run"],
            cwd=ROOT, env={**kept, **settings}, stdout=output, stderr=output,
        )  # fmt: skip
    try:
        _wait_for_port(port, lambda: process.poll() is None)
        yield Served(port, process.pid)
        process.send_signal(signal.SIGTERM)
        code = process.wait(STOP_MAX_S)
        assert code == 0, f"the service ended with {code}: {log.read_text()[-2000:]}"
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


async def _serve(app: web.Application, control: Connection, *, stock: bool) -> None:
    runner = web.AppRunner(app, access_log=None) if stock else DrainingRunner(app)
    await runner.setup()
    port = find_free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    control.send(port)
    while not control.poll():
        await asyncio.sleep(0.05)
    await runner.cleanup()


def run_empty(control: Connection) -> None:
    """aiohttp as it comes: reads a JSON body and answers with a small one."""

    async def post(request: web.Request) -> web.Response:
        await request.json()
        return web.json_response({"id": "0"})

    app = web.Application()
    app.router.add_post(ORDERS_PATH, post)
    uvloop.run(_serve(app, control, stock=True))


def run_naive(control: Connection, url: str, written: list[Written]) -> None:
    """The service's own HTTP around the naive writer."""
    uvloop.run(_run_naive(control, url, written))


async def _run_naive(control: Connection, url: str, written: list[Written]) -> None:
    kernel = open_bench_kernel(url)
    writer = NaiveWriter(url, written, NAIVE_POOL)

    async def place(call: Call) -> Reply:
        assert call.key is not None
        reply = await writer.write_next()
        assert reply is not None, "more requests than captured orders"
        return Reply(reply, 201)

    app = make_application()
    app[DATABASE] = kernel.database
    app[EDGE] = Edge(limiter=RateLimiter(kernel.clock), rates=Rates(0, 0, 0))
    with ThreadPoolExecutor(1) as thread:
        identity = open_identity(kernel, thread)
        app[AUTHENTICATOR] = identity.bearers
        app[REQUEST_LISTENER] = identity.presence
        ours = next(one for one in ROUTES.endpoints if one.handler.__name__ == "place_order")
        add_endpoints(app, [replace(ours, handler=place)])
        await _serve(app, control, stock=False)
    await writer.close()
    await kernel.close()


@contextmanager
def start_apart(target: object, *arguments: object) -> Iterator[Served]:
    """A server of this module in a process of its own."""
    context = multiprocessing.get_context("spawn")
    control, there = context.Pipe()
    process = context.Process(target=target, args=(there, *arguments), daemon=True)  # type: ignore[arg-type]  # one of the functions above
    process.start()
    there.close()
    try:
        port = control.recv()
        assert process.pid is not None
        yield Served(port, process.pid)
        control.send("stop")
        process.join(STOP_MAX_S)
    finally:
        if process.is_alive():
            process.kill()
        process.join()
