"""A client too far behind is dropped; nobody else notices."""

import asyncio

import aiohttp
import pytest
import uvloop
from aiohttp import web

from sockets.fanout import FanoutServer
from tests.sockets.js_clients import TRANSPORTS
from tests.sockets.raw_client import RawClient

BACKLOG_MAX_BYTES = 300_000
EVENT_BYTES = 20_000
EVENTS_MAX = 2_000


def backlog_bytes(server: FanoutServer, sid: str) -> int:
    """What waits for the client in the server: transport buffer and queue."""
    member = server.eio.sockets.get(server.manager.eio_sid_from_sid(sid, "/"))
    if member is None:
        return 0
    transport = member.ws.writable
    return member.queue.size_bytes + (transport.get_write_buffer_size() if transport else 0)


async def drop_slow_reader() -> None:
    server = FanoutServer(cors_allowed_origins=[], backlog_max_bytes=BACKLOG_MAX_BYTES)
    gone: dict[str, str] = {}
    members: list[str] = []
    server.on("connect", lambda sid, environ: members.append(sid))
    server.on("disconnect", lambda sid, reason: gone.update({sid: reason}))
    app = web.Application()
    server.attach(app)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    slow = await RawClient.connect(url)
    fast = await RawClient.connect(url)
    largest = sent = 0
    try:
        while not gone and sent < EVENTS_MAX:
            await server.emit("big", "x" * EVENT_BYTES)
            sent += 1
            largest = max(largest, backlog_bytes(server, members[0]))
            _, payload = await fast.read()
            assert payload.startswith(b'42["big"')
        assert gone == {members[0]: "transport close"}
        # The bound may be passed by the event that reaches it, and by one in the writer's hands.
        assert BACKLOG_MAX_BYTES - EVENT_BYTES < largest < BACKLOG_MAX_BYTES + 3 * EVENT_BYTES
        assert len(server.eio.sockets) == 1
        await server.emit("after")
        assert (await fast.read())[1] == b'42["after"]'
    finally:
        await slow.close()
        await fast.close()
        await server.shutdown()
        await runner.cleanup()


@pytest.mark.parametrize("make_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_slow_reader_is_dropped_at_the_bound_and_the_fast_one_is_served(make_loop):
    with asyncio.Runner(loop_factory=make_loop) as runner:
        runner.run(asyncio.wait_for(drop_slow_reader(), 30))


async def test_client_that_stops_polling_is_dropped_at_the_bound(serve):
    server, url = await serve("ours", backlog_max_bytes=BACKLOG_MAX_BYTES)
    gone = []
    server.on("disconnect", lambda sid, reason: gone.append(reason))
    query = "/socket.io/?EIO=4&transport=polling"
    async with aiohttp.ClientSession(url) as session:
        async with session.get(query) as response:
            eio_sid = (await response.text()).split('"sid":"')[1].split('"')[0]
        session_query = f"{query}&sid={eio_sid}"
        async with session.post(session_query, data="40") as response:
            assert response.status == 200

        sent = 0
        while not gone and sent < EVENTS_MAX:
            await server.emit("big", "x" * EVENT_BYTES)
            await server.sleep(0)
            sent += 1

        assert gone == ["transport error"]
        assert sent <= BACKLOG_MAX_BYTES // EVENT_BYTES + 3
        async with session.get(session_query) as response:
            assert response.status == 400
    assert not server.eio.sockets


async def test_burst_in_one_turn_of_the_loop_is_not_taken_for_a_slow_reader(serve, connect_js):
    server, url = await serve("ours")
    clients = await connect_js(url, [TRANSPORTS["websocket"]])

    await asyncio.gather(*(server.emit("n", n) for n in range(3_000)), server.emit("done"))

    await clients.wait_for_each("event", ["done"])
    assert [event[1] for event in clients.events(0)[:-1]] == list(range(3_000))


async def test_frames_are_plain_though_the_client_offers_compression(serve):
    server, url = await serve("ours")
    client = await RawClient.connect(url)

    await server.emit("n", "x" * 1000)

    assert b"permessage-deflate" not in client.response
    assert await client.read() == (0x81, b'42["n","' + b"x" * 1000 + b'"]')
    await client.close()
