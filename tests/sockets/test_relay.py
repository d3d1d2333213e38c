"""The relay numbers every room without a gap, whatever breaks between its steps."""

import asyncio

import orjson
import pytest
from sqlalchemy import func, insert, select, update

from models.operations import Outbox, Relay, RoomSeq
from server.core import fault
from server.core.events import Event
from server.db.outbox import CHUNK, RelayFenceLostError
from tests.sockets.relays import open_desk


class Crash(BaseException):
    """What a power cut is to the code that it meets."""


@pytest.fixture
async def desk(database_url):
    async with open_desk(database_url) as opened:
        yield opened


def crash():
    raise Crash


async def drain(relay):
    while await relay.pass_on():
        pass


async def test_each_room_is_numbered_from_one_without_a_gap(desk):
    await desk.emit("user:a", 3)
    await desk.emit("user:b", 2)
    await desk.emit("user:a", 2, start=3)
    relay, sent = desk.relay()
    assert await relay.acquire()

    await drain(relay)

    assert sent.numbers("user:a") == [1, 2, 3, 4, 5]
    assert sent.numbers("user:b") == [1, 2]
    assert await desk.stored("user:a") == [(1, 0), (2, 1), (3, 2), (4, 3), (5, 4)]
    assert dict(map(tuple, await desk.rows(select(RoomSeq.room, RoomSeq.seq)))) == {
        "user:a": 5,
        "user:b": 2,
    }


async def test_more_than_a_chunk_is_passed_on_in_order(desk):
    await desk.emit("user:a", CHUNK + 7)
    relay, sent = desk.relay()
    await relay.acquire()

    assert await relay.pass_on() == CHUNK
    assert await relay.pass_on() == 7
    assert await relay.pass_on() == 0

    assert [orjson.loads(event.body)["number"] for event in sent.events] == list(range(CHUNK + 7))
    assert sent.numbers("user:a") == list(range(1, CHUNK + 8))


async def test_row_that_was_committed_late_is_still_numbered(desk):
    late = desk.database.ids.new_id()
    await desk.emit("user:a", 2)
    relay, sent = desk.relay()
    await relay.acquire()
    await drain(relay)

    async def commit_late(unit):
        await unit.execute(
            insert(Outbox).values(
                id=late, room="user:a", name="thing_happened", body='{"number":9}',
                created_at=unit.now, seq=None, relay_batch=None,
            )
        )  # fmt: skip

    await desk.database.transact(commit_late, name="test")
    await drain(relay)

    assert sent.numbers("user:a") == [1, 2, 3]


async def test_numbers_of_a_lane_are_left_alone(desk):
    async def work(unit):
        unit.emit(Event("market:USDT-VND", "order_created", {"number": 1}, seq=41))

    await desk.database.transact(work, name="test")
    relay, sent = desk.relay()
    await relay.acquire()

    assert await relay.pass_on() == 0
    assert sent.events == []
    assert await desk.stored("market:USDT-VND") == [(41, 1)]


async def test_market_row_without_a_number_is_set_aside_and_stops_nobody(desk):
    await desk.emit("market:USDT-VND")
    await desk.emit("user:a")
    relay, sent = desk.relay()
    await relay.acquire()

    await drain(relay)

    assert [(event.room, event.seq) for event in sent.events] == [("user:a", 1)]
    assert await desk.stored("market:USDT-VND") == [(None, 0)]


async def test_events_of_a_rolled_back_unit_are_never_sent(desk):
    async def work(unit):
        unit.emit(Event("user:a", "thing_happened", {"number": 0}))
        await unit.execute(select(1))
        raise Crash

    with pytest.raises(Crash):
        await desk.database.transact(work, name="test")
    relay, sent = desk.relay()
    await relay.acquire()
    await drain(relay)

    assert sent.events == []
    assert (await desk.rows(select(func.count()).select_from(Outbox)))[0][0] == 0


@pytest.mark.parametrize(
    ("point", "resent"),
    [("relay.before_commit", []), ("relay.after_commit", [1, 2]), ("relay.after_emit", [1, 2])],
)
async def test_relay_that_died_is_continued_with_the_same_numbers(desk, point, resent):
    await desk.emit("user:a", 2)
    first, _ = desk.relay("one")
    await first.acquire()
    fault.arm(point, crash)
    with pytest.raises(Crash):
        await first.pass_on()
    desk.dead.add("one")

    second, sent = desk.relay("two")
    assert await second.acquire()
    assert sent.numbers("user:a") == resent
    await drain(second)
    await desk.emit("user:a", 1, start=2)
    await drain(second)

    assert sent.numbers("user:a") == [1, 2, 3]
    assert await desk.stored("user:a") == [(1, 0), (2, 1), (3, 2)]


async def test_numbers_are_committed_before_anything_is_sent(desk):
    await desk.emit("user:a", 3)
    relay, sent = desk.relay()
    await relay.acquire()
    stored = []

    async def look(events):
        # Another connection sees what is committed, and nothing else.
        stored.append(([event.seq for event in events], await desk.stored("user:a")))

    sent.send_events = look
    await drain(relay)

    assert stored == [([1, 2, 3], [(1, 0), (2, 1), (3, 2)])]


async def test_noted_batches_are_not_sent_again(desk):
    await desk.emit("user:a", 2)
    first, _ = desk.relay("one")
    await first.acquire()
    await drain(first)
    await first.note_progress()
    desk.dead.add("one")

    second, sent = desk.relay("two")
    await second.acquire()

    assert sent.events == []


async def test_progress_is_noted_with_the_next_batch(desk):
    relay, _ = desk.relay()
    await relay.acquire()
    for _ in range(2):
        await desk.emit("user:a")
        await drain(relay)

    (row,) = await desk.rows(select(Relay.numbered_batch, Relay.sent_batch))
    assert tuple(row) == (2, 1)


async def test_living_relay_keeps_its_lease(desk):
    first, _ = desk.relay("one", lease_s=10)
    second, _ = desk.relay("two", lease_s=10)
    assert await first.acquire()

    assert not await second.acquire()
    desk.clock.advance(seconds=9)
    await first.note_progress()
    desk.clock.advance(seconds=9)
    assert not await second.acquire()
    desk.clock.advance(seconds=1)
    assert await second.acquire()


async def test_relay_that_lost_its_lease_numbers_and_sends_nothing(desk):
    first, sent_by_first = desk.relay("one", lease_s=10)
    second, sent_by_second = desk.relay("two", lease_s=10)
    await first.acquire()
    desk.clock.advance(seconds=10)
    await second.acquire()
    await desk.emit("user:a", 2)

    with pytest.raises(RelayFenceLostError):
        await first.pass_on()
    await drain(second)

    assert sent_by_first.events == []
    assert sent_by_second.numbers("user:a") == [1, 2]


async def test_two_relays_at_once_number_each_row_once(desk):
    relays = [desk.relay("one"), desk.relay("two")]
    for relay, _ in relays:
        relay.start()
    try:
        for turn in range(20):
            await desk.emit("user:a", 5, start=turn * 5)
            await asyncio.sleep(0.01)
        async with asyncio.timeout(60):
            while len(await desk.stored("user:a")) < 100 or None in dict(
                await desk.stored("user:a")
            ):
                await asyncio.sleep(0.02)
    finally:
        for relay, _ in relays:
            await relay.stop()

    heard = sorted(number for _, sent in relays for number in sent.numbers("user:a"))
    assert heard == list(range(1, 101))


async def test_relay_that_is_woken_as_it_is_stopped_stops(desk):
    relay, sent = desk.relay(poll_s=60.0)
    relay.start()
    await desk.emit("user:one")
    relay.wake()
    while not sent.events:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.2)
    relay.wake()
    stopping = asyncio.create_task(relay.stop())
    ended, _ = await asyncio.wait({stopping}, timeout=5)
    assert ended == {stopping}


async def test_stopped_relay_hands_over_at_once(desk):
    first, _ = desk.relay("one", lease_s=60)
    first.start()
    async with asyncio.timeout(60):
        while first.lease is None:
            await asyncio.sleep(0.01)
    await first.stop()

    second, sent = desk.relay("two", lease_s=60)
    assert await second.acquire()
    assert sent.events == []


async def test_relay_goes_on_after_a_fault_of_its_publisher(desk):
    relay, sent = desk.relay()
    broken = [True]

    class Breaks:
        async def send_events(self, events):
            if broken.pop():
                broken.append(False)
                raise OSError
            broken.append(False)
            await sent.send_events(events)

    relay.publisher = Breaks()
    relay.start()
    await desk.emit("user:a", 3)
    try:
        async with asyncio.timeout(60):
            while sent.numbers("user:a") != [1, 2, 3]:
                await asyncio.sleep(0.01)
    finally:
        await relay.stop()


async def test_wake_is_faster_than_the_poll(desk):
    relay, sent = desk.relay(poll_s=60)
    relay.start()
    async with asyncio.timeout(60):
        while relay.lease is None:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    desk.database.on_events = relay.wake
    try:
        await desk.emit("user:a")
        async with asyncio.timeout(60):
            while not sent.events:
                await asyncio.sleep(0.005)
    finally:
        await relay.stop()


async def test_number_once_given_is_unique_in_its_room(desk):
    await desk.emit("user:a", 2)
    relay, _ = desk.relay()
    await relay.acquire()
    await drain(relay)

    async def forge(unit):
        await unit.execute(update(Outbox).where(Outbox.room == "user:a").values(seq=1))

    from sqlalchemy.exc import IntegrityError

    with pytest.raises(IntegrityError):
        await desk.database.transact(forge, name="test")


async def test_ten_thousand_rows_are_passed_on_quickly(desk, record_property):
    for start in range(0, 10_000, 1000):
        await desk.emit(f"user:{start % 3000}", 500)
        await desk.emit("user:busy", 500)
    relay, sent = desk.relay()
    await relay.acquire()
    loop = asyncio.get_running_loop()

    begun = loop.time()
    await drain(relay)
    took_s = loop.time() - begun

    record_property("relay_rows_per_s", round(10_000 / took_s))
    print(f"relay: {10_000 / took_s:.0f} rows a second")
    assert len(sent.events) == 10_000
    assert sent.numbers("user:busy") == list(range(1, 5001))
    assert took_s < 20
