"""Servers that meet through Redis, and a worker that only emits."""

from collections.abc import AsyncIterator, Callable
from uuid import uuid4

import pytest
import redis.asyncio

from sockets.fanout import RedisFanoutManager
from tests.sockets.js_clients import TRANSPORTS

MakeManager = Callable[..., RedisFanoutManager]


@pytest.fixture
def channel() -> str:
    """A channel of the test's own: the Redis is shared with other tests."""
    return f"sockets-{uuid4()}"


@pytest.fixture
async def make_manager(redis_url, channel) -> AsyncIterator[MakeManager]:
    managers: list[RedisFanoutManager] = []

    def make(**options) -> RedisFanoutManager:
        managers.append(RedisFanoutManager(redis_url, channel=channel, **options))
        return managers[-1]

    yield make
    for manager in managers:
        await manager.close()


async def wait_for_subscribers(server, redis_url: str, channel: str, count: int) -> None:
    client = redis.asyncio.from_url(redis_url)
    while (await client.pubsub_numsub(channel))[0][1] < count:
        await server.sleep(0.01)
    await client.aclose()


async def test_rooms_of_two_servers_hear_servers_and_worker(
    redis_url, channel, make_manager, serve, connect_js
):
    first, first_url = await serve("ours", client_manager=make_manager())
    second, second_url = await serve("ours", client_manager=make_manager())
    worker = make_manager(write_only=True)
    here = await connect_js(first_url, [TRANSPORTS["websocket"], TRANSPORTS["polling"]])
    there = await connect_js(second_url, [TRANSPORTS["websocket"], TRANSPORTS["upgrade"]])
    await wait_for_subscribers(first, redis_url, channel, 2)
    for server, clients in ((first, here), (second, there)):
        for sid in clients.sids:
            await server.enter_room(sid, "market:USDT-VND")

    await first.emit("server", {"giá": "26000"}, room="market:USDT-VND", skip_sid=here.sids[0])
    await first.emit("binary", b"\x00\xff")
    await first.emit("several", (1, 2), to=there.sids[0])
    await first.manager.emit_many("market:USDT-VND", [("a", 1), ("b", None), ("c", (1, 2))])
    await there.wait_until(lambda: all(["c", 1, 2] in there.events(n) for n in (0, 1)))
    await worker.emit("worker", 5, room="market:USDT-VND")
    await worker.emit_many(
        "market:USDT-VND", [("d", n) for n in range(100)], skip_sid=there.sids[1]
    )
    await worker.emit("done", None)
    for clients in (here, there):
        await clients.wait_for_each("event", ["done"])

    batch = [["a", 1], ["b"], ["c", 1, 2]]
    by_worker = [["worker", 5], *(["d", n] for n in range(100)), ["done"]]
    server_event = ["server", {"giá": "26000"}]
    binary = ["binary", {"binary": "00ff"}]
    assert here.events(0) == [binary, *batch, *by_worker]
    assert here.events(1) == [server_event, binary, *batch, *by_worker]
    assert there.events(0) == [server_event, binary, ["several", 1, 2], *batch, *by_worker]
    assert there.events(1) == [server_event, binary, *batch, ["worker", 5], ["done"]]


async def test_acknowledgement_returns_across_servers(
    redis_url, channel, make_manager, serve, connect_js
):
    first, first_url = await serve("ours", client_manager=make_manager())
    _, second_url = await serve("ours", client_manager=make_manager())
    await connect_js(first_url, [TRANSPORTS["websocket"]])
    there = await connect_js(second_url, [TRANSPORTS["websocket"]])
    await wait_for_subscribers(first, redis_url, channel, 2)

    assert await first.call("question", "payload", to=there.sids[0], timeout=5) == (0, "payload")


async def test_binary_batch_is_refused_before_anything_is_sent(make_manager):
    worker = make_manager(write_only=True)
    with pytest.raises(TypeError, match="text only"):
        await worker.emit_many("room", [("a", b"\x00")])
    assert worker.redis is None
