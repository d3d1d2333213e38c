"""Told to stop, the program finishes what it began, takes nothing new and ends soon."""

import asyncio
import re
import signal
import time

import aiohttp
import orjson
import pytest
from aiohttp import web

from server.http.connection import DRAIN_S, DrainingRunner
from tests.api.rig import STATE, serve_rig
from tests.server_process import run_server

BODY = b'{"email":"nobody@example.com","password":"correct horse battery"}'
LOGIN = (
    b"POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n" % len(BODY)
)
HEALTH = b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n"


async def read_answer(reader):
    """Status and body of one answer."""
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])
    body = await asyncio.wait_for(reader.readexactly(length), 10)
    return int(head.split()[1]), head, orjson.loads(body)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_stop_lets_requests_finish_and_takes_no_new_ones(database_url, number):
    async with run_server(database_url) as server:
        busy_reader, busy = await asyncio.open_connection("127.0.0.1", server.port)
        idle_reader, idle = await asyncio.open_connection("127.0.0.1", server.port)
        idle.write(HEALTH)
        assert (await read_answer(idle_reader))[0] == 200
        busy.write(LOGIN + BODY[:10])
        await asyncio.sleep(0.3)

        told = time.monotonic()
        server.tell(number)
        assert await asyncio.wait_for(idle_reader.read(), 10) == b""
        with pytest.raises(ConnectionError):
            await asyncio.open_connection("127.0.0.1", server.port)
        busy.write(BODY[10:])
        status, head, problem = await read_answer(busy_reader)
        assert (status, problem["code"]) == (401, "wrong_credentials")
        assert b"Connection: close" in head
        assert await server.wait(DRAIN_S) == 0
        assert time.monotonic() - told < DRAIN_S
        busy.close()
        idle.close()


async def test_request_that_does_not_end_is_cut_when_the_time_is_up(sqlite_url):
    async with serve_rig(sqlite_url) as rig:
        token = await rig.add_user()
        rig.app[STATE].hold = asyncio.Event()
        runner = DrainingRunner(rig.app, drain_s=0.3)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        rig.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        call = asyncio.create_task(
            rig.call("POST", "/api/v1/notes", token=token, key="k", json={"amount": "1"})
        )
        await rig.app[STATE].entered.wait()
        started = time.monotonic()
        await runner.cleanup()
        assert time.monotonic() - started < 10
        with pytest.raises(aiohttp.ClientConnectionError):
            await call
        assert await rig.count_events() == 0
