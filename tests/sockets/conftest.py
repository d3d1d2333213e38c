"""Socket.IO servers for the tests: the stock one and ours, the same in everything else."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
import socketio
from aiohttp import web

from sockets.fanout import FanoutServer
from tests.market_world import World, start_world
from tests.sockets.js_clients import JsClients
from tests.sockets.live import Listener
from tests.sockets.loops import ClosingLoop

Serve = Callable[..., Awaitable[tuple[Any, str]]]
Connect = Callable[..., Awaitable[JsClients]]


def pytest_asyncio_loop_factories(config: Any, item: Any) -> dict[str, Any]:
    """Run on the loop that the service runs on."""
    return {"uvloop": ClosingLoop}


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Start a server of the kind "stock" or "ours" on a free port; returns it and its URL."""
    async with AsyncExitStack() as stack:

        async def start(kind: str, **options: Any) -> tuple[Any, str]:
            make = FanoutServer if kind == "ours" else socketio.AsyncServer
            server = make(namespaces="*", cors_allowed_origins=[], **options)
            app = web.Application()
            server.attach(app)
            runner = web.AppRunner(app, shutdown_timeout=0.1)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            stack.push_async_callback(server.shutdown)
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            return server, f"http://127.0.0.1:{runner.addresses[0][1]}"

        yield start


@pytest.fixture
async def connect_js() -> AsyncIterator[Connect]:
    """Start official clients and wait until they are connected."""
    async with AsyncExitStack() as stack:

        async def connect(url: str, clients: list[dict[str, Any]]) -> JsClients:
            started = await JsClients.start(url, clients)
            stack.push_async_callback(started.stop)
            await started.wait_for_each("connected")
            return started

        yield connect


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """The real application with one market, on each database."""
    async with start_world(database_url) as started:
        yield started


@pytest.fixture
async def listen() -> AsyncIterator[Callable[..., Awaitable[Listener]]]:
    """Connect a listener to a world, as a person or as nobody."""
    async with AsyncExitStack() as stack:

        async def connect(world: World, person: Any = None, **options: Any) -> Listener:
            listener = Listener(str(world.client.make_url("")))
            stack.push_async_callback(listener.close)
            token = None if person is None else person.token
            assert await listener.connect(token=token, **options), listener.refused
            return listener

        yield connect
