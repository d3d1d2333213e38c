"""Two processes of one service meet through Redis, and stay right without it."""

import asyncio
import contextlib
from functools import partial

import pytest
import redis.asyncio
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select

from models.operations import Outbox
from server.chat.telling import add_words
from server.core.events import Event
from server.db import Database
from server.db.engine import open_engine
from server.http.endpoint import DATABASE, STAFF_RIGHTS
from server.http.stock import make_application
from server.identity.context import IDENTITY
from server.orders.lane.lease import is_known_dead
from server.wiring.case_desk import CaseReaders
from sockets.app import SOCKETS, SocketConfig, Sockets, attach
from tests.market_world import MARKET, start_world
from tests.services import start_redis, stop_process
from tests.sockets.live import Listener

ROOM = f"market:{MARKET}"


class Own:
    """A Redis of the test's own, that may be stopped."""

    def __init__(self, folder):
        self.folder = folder
        self.process, self.port = start_redis(folder)

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}/0"

    def stop(self):
        stop_process(self.process)

    def restart(self):
        self.process, _ = start_redis(self.folder, port=self.port)


@pytest.fixture
def own_redis(tmp_path):
    own = Own(tmp_path / "redis")
    yield own
    own.stop()


class Second:
    """A process that has sockets and a relay, and no lane."""

    def __init__(self, client, database, sockets):
        self.client = client
        self.database = database
        self.sockets = sockets


@contextlib.asynccontextmanager
async def two_processes(database_url, redis_url):
    """The first has the lane; the second shares its database and Redis."""
    async with start_world(database_url, redis_url=redis_url) as first:
        kernel = first.kernel
        identity = first.client.server.app[IDENTITY]
        database = Database(open_engine(database_url), clock=first.clock, random=kernel.random)
        sockets = Sockets(
            SocketConfig(redis_url=redis_url, relay_owner="elsewhere/1/1"),
            database=database,
            tokens=identity.bearers,
            rights=first.client.server.app[STAFF_RIGHTS],
            clock=first.clock,
            lease_clock=kernel.real_clock,
            is_dead=is_known_dead,
            presence=identity.presence,
            trades=CaseReaders(first.client.server.app),
            add_words=partial(add_words, database, identity.sealer),
        )
        app = make_application()
        app[DATABASE] = database
        attach(app, sockets, identity.revocations)
        try:
            async with TestClient(TestServer(app)) as client:
                yield first, Second(client, database, sockets)
        finally:
            await database.close()


@contextlib.asynccontextmanager
async def connected(*worlds):
    """A listener in each world."""
    listeners = [Listener(str(world.client.make_url(""))) for world in worlds]
    try:
        for listener in listeners:
            assert await listener.connect()
            assert (await listener.subscribe(ROOM))["status"] == "ok"
        yield listeners
    finally:
        for listener in listeners:
            await listener.close()


async def wait_for_subscribers(url, channel, count):
    client = redis.asyncio.from_url(url)
    try:
        async with asyncio.timeout(60):
            while (await client.pubsub_numsub(channel))[0][1] < count:
                await asyncio.sleep(0.02)
    finally:
        await client.aclose()


async def converge(listener, numbers):
    """Ask again until the view has all numbers, as a client does after a hint or a gap."""
    async with asyncio.timeout(60):
        while listener.view.last[ROOM] < numbers:
            reply = await listener.subscribe(ROOM, after=listener.view.last[ROOM])
            assert reply["status"] == "ok"
            await asyncio.sleep(0.1)
    assert [seq for _, seq, _ in listener.view.taken] == list(range(1, numbers + 1))


async def test_sockets_of_another_process_hear_markets_and_own_rooms(database_url, own_redis):
    async with two_processes(database_url, own_redis.url) as (first, second):
        seller = await first.join("seller", usdt="1000")
        async with connected(first, second) as (here, there):
            private = Listener(str(second.client.make_url("")))
            assert await private.connect(token=seller.token)
            await wait_for_subscribers(own_redis.url, "iqx", 2)

            await seller.sell("20", "26000")

            for listener in (here, there):
                await listener.wait_until(lambda of=listener: of.numbers(ROOM) == [1])
            room = f"user:{seller.id}"
            await private.wait_until(lambda: "order_created" in [e[0] for e in private.heard])
            numbers = private.numbers(room)
            assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
            await private.close()


async def test_sockets_converge_after_redis_was_away(database_url, own_redis):
    async with two_processes(database_url, own_redis.url) as (first, second):
        seller = await first.join("seller", usdt="1000")
        async with connected(first, second) as (here, there):
            await wait_for_subscribers(own_redis.url, "iqx", 2)
            await seller.sell("20", "26000")
            await there.wait_until(lambda: there.numbers(ROOM) == [1])

            own_redis.stop()
            await seller.sell("20", "26010")
            # Who sits in the lane's own process hears it without Redis.
            await here.wait_until(lambda: here.numbers(ROOM) == [1, 2])
            own_redis.restart()
            await there.wait_until(lambda: "events_missed" in [e[0] for e in there.heard])
            await converge(there, 2)
            await wait_for_subscribers(own_redis.url, "iqx", 2)
            await seller.sell("20", "26020")
            await there.wait_until(lambda: 3 in there.numbers(ROOM) or there.view.last[ROOM] == 3)


async def test_flushed_redis_loses_nothing(database_url, own_redis):
    async with two_processes(database_url, own_redis.url) as (first, second):
        seller = await first.join("seller", usdt="1000")
        async with connected(first, second) as (_, there):
            await wait_for_subscribers(own_redis.url, "iqx", 2)
            async with redis.asyncio.from_url(own_redis.url) as client:
                await client.flushall()
            await seller.sell("20", "26000")
            await there.wait_until(lambda: there.numbers(ROOM) == [1])


async def test_junk_on_the_channel_is_ignored(database_url, own_redis):
    async with two_processes(database_url, own_redis.url) as (first, second):
        seller = await first.join("seller", usdt="1000")
        async with connected(first, second) as (_, there):
            await wait_for_subscribers(own_redis.url, "iqx", 2)
            async with redis.asyncio.from_url(own_redis.url) as client:
                for junk in (
                    b"", b"\xff\x00", b"5", b"[]", b"null", b'"method"', b'{"method":"emit"}',
                    b'{"method":"emit","batches":5,"namespace":"/"}', b"cos\nsystem\n(S'id'\ntR.",
                    b'{"method":"emit","events":[5],"room":null,"namespace":"/","skip_sid":null}',
                    b'{"method":"disconnect"}', b'{"method":"enter_room","sid":5,"room":[]}',
                ):  # fmt: skip
                    await client.publish("iqx", junk)
            await asyncio.sleep(0.1)
            await wait_for_subscribers(own_redis.url, "iqx", 2)
            await seller.sell("20", "26000")
            await there.wait_until(lambda: there.numbers(ROOM) == [1])
            assert [name for name, *_ in there.heard if name == "error"] == []


async def test_message_that_was_lost_is_seen_by_its_gap(database_url, own_redis):
    async with two_processes(database_url, own_redis.url) as (first, second):
        seller = await first.join("seller", usdt="1000")
        async with connected(first, second) as (_, there):
            await wait_for_subscribers(own_redis.url, "iqx", 2)
            fanout = second.sockets.manager
            heard = fanout._handle_emit

            lost = []

            async def lose(message):
                """What a network may do to any message."""
                lost.append(message)

            await seller.sell("20", "26000")
            await there.wait_until(lambda: there.numbers(ROOM) == [1])
            fanout._handle_emit = lose
            await seller.sell("20", "26010")
            await there.wait_until(
                lambda: any(ROOM in str(one) and "order_created" in str(one) for one in lost)
            )
            fanout._handle_emit = heard
            await seller.sell("20", "26020")
            await there.wait_until(lambda: there.view.gaps)
            await converge(there, 3)


async def test_event_of_another_process_is_held_back_as_it_was_sent(database_url, own_redis):
    async with (
        two_processes(database_url, own_redis.url) as (first, second),
        connected(first, second),
    ):
        await wait_for_subscribers(own_redis.url, "iqx", 2)
        envelope = {"room": ROOM, "seq": None, "event": "book_updated", "data": {}}
        held = []
        second.sockets.manager.open_tap(ROOM, held)
        sender = first.client.server.app[SOCKETS].manager
        await sender.emit_many(ROOM, [("book_updated", envelope)])
        async with asyncio.timeout(30):
            while not held:
                await asyncio.sleep(0.02)

        assert held == [("book_updated", envelope)]


async def test_relay_is_one_of_the_processes(database_url, own_redis):
    async with two_processes(database_url, own_redis.url) as (first, second):
        alice = await first.join("alice")
        relays = [first.client.server.app[SOCKETS].relay, second.sockets.relay]

        async def work(unit):
            for _ in range(50):
                unit.emit(Event(f"user:{alice.id}", "notification_created", {}))

        for _ in range(4):
            await asyncio.gather(
                first.database.transact(work, name="test"),
                second.database.transact(work, name="test"),
            )
        rows = []
        async with asyncio.timeout(60):
            while len(rows) < 400:
                rows = await first.read(
                    select(Outbox.seq).where(
                        Outbox.room == f"user:{alice.id}",
                        Outbox.seq.is_not(None),
                        Outbox.name == "notification_created",
                    )
                )
                await asyncio.sleep(0.05)
        assert sum(relay.lease is not None for relay in relays) == 1
        assert sorted(row.seq for row in rows) == list(range(1, 401))
