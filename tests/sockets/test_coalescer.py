"""A quiet room is served at once, a busy one once a tick."""

import asyncio
import logging

import pytest

from sockets.fanout.coalescer import ROOM_EVENTS_MAX, Coalescer


class Ticks:
    """A sleep that ends when the test says so."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self._waiting: list[asyncio.Future[None]] = []

    async def sleep(self, seconds: float) -> None:
        self.asked.append(seconds)
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        await future

    async def tick(self) -> None:
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            future.set_result(None)
        await settle()


class Sent:
    def __init__(self) -> None:
        self.batches: list[tuple[str, list[object]]] = []

    async def send(self, room, events):
        self.batches.append((room, [payload for _, payload in events]))


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.fixture
def sent() -> Sent:
    return Sent()


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


async def test_first_event_is_sent_at_once_and_the_next_in_one_batch(sent, ticks):
    coalescer = Coalescer(sent.send, tick_s=0.02, sleep=ticks.sleep)
    await coalescer.add("market", "n", 1)
    await settle()
    assert sent.batches == [("market", [1])]

    for number in (2, 3, 4):
        await coalescer.add("market", "n", number)
        await settle()
    assert sent.batches == [("market", [1])]
    await ticks.tick()
    assert sent.batches == [("market", [1]), ("market", [2, 3, 4])]
    assert ticks.asked == [0.02, 0.02]


async def test_room_becomes_quiet_again(sent, ticks):
    coalescer = Coalescer(sent.send, sleep=ticks.sleep)
    await coalescer.add("market", "n", 1)
    await settle()
    await ticks.tick()

    await coalescer.add("market", "n", 2)
    await settle()
    assert sent.batches == [("market", [1]), ("market", [2])]


async def test_rooms_do_not_wait_for_each_other(sent, ticks):
    coalescer = Coalescer(sent.send, sleep=ticks.sleep)
    await coalescer.add("a", "n", 1)
    await settle()
    await coalescer.add("b", "n", 2)
    await settle()
    assert sent.batches == [("a", [1]), ("b", [2])]


async def test_batch_waits_for_the_one_before(ticks):
    started = []
    gate = asyncio.Event()

    async def send(room, events):
        started.append(len(events))
        await gate.wait()

    coalescer = Coalescer(send, sleep=ticks.sleep)
    await coalescer.add("market", "n", 1)
    await settle()
    await coalescer.add("market", "n", 2)
    await settle()
    await ticks.tick()
    assert started == [1]
    gate.set()
    await settle()
    await ticks.tick()
    assert started == [1, 1]


async def test_close_sends_what_waits_and_refuses_more(sent):
    coalescer = Coalescer(sent.send, tick_s=0.01)
    await coalescer.add("market", "n", 1)
    await settle()
    await coalescer.add("market", "n", 2)

    await coalescer.close()

    assert sent.batches == [("market", [1]), ("market", [2])]
    with pytest.raises(RuntimeError, match="closed"):
        await coalescer.add("market", "n", 3)


async def test_who_adds_too_much_waits_and_keeps_its_order(sent, ticks):
    coalescer = Coalescer(sent.send, sleep=ticks.sleep)
    count = 3 * ROOM_EVENTS_MAX

    async def add_all():
        for number in range(count):
            await coalescer.add("market", "n", number)

    adding = asyncio.create_task(add_all())
    await settle()
    assert not adding.done()
    while not adding.done():
        await ticks.tick()
    await ticks.tick()
    assert max(len(events) for _, events in sent.batches) <= ROOM_EVENTS_MAX
    assert [number for _, events in sent.batches for number in events] == list(range(count))


async def test_failed_send_is_logged_and_the_room_goes_on(caplog, ticks):
    sent = []

    async def send(room, events):
        if not sent:
            sent.append("failed")
            raise ConnectionError("gone")
        sent.append(events)

    coalescer = Coalescer(send, sleep=ticks.sleep)
    with caplog.at_level(logging.ERROR):
        await coalescer.add("market", "n", 1)
        await settle()
    assert "sending 1 events to a room failed" in caplog.text
    await coalescer.add("market", "n", 2)
    await ticks.tick()
    assert sent == ["failed", [("n", 2)]]
