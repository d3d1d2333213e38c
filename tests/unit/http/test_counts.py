"""Counters of one process and of all, and what is allowed while Redis is away."""

import asyncio
import secrets
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from server.core.clock import ManualClock
from server.http.counts import Bound, LocalCounts, SharedCounts
from tests.services import find_free_port

MINUTE = timedelta(minutes=1)


def draw_bound(most, window=MINUTE):
    """A counter that no other test has: the Redis is shared."""
    return Bound(secrets.token_hex(8), most, window)


@asynccontextmanager
async def share(url, *, processes=1):
    counts = SharedCounts(url, LocalCounts(ManualClock(), processes=processes))
    try:
        yield counts
    finally:
        await counts.close()


@pytest.fixture
async def shared(redis_url):
    async with share(redis_url) as counts:
        yield counts


async def test_full_counter_stops_and_leaves_the_others_alone():
    clock = ManualClock()
    counts, narrow, wide = LocalCounts(clock), draw_bound(1), draw_bound(5)
    assert await counts.take([narrow, wide]) == 0
    clock.advance(seconds=20)
    for _ in range(9):
        assert await counts.take([narrow, wide]) == 40
    for _ in range(4):
        assert await counts.take([wide]) == 0
    assert await counts.take([wide]) == 40


async def test_process_allows_its_share_and_one_at_least():
    counts = LocalCounts(ManualClock(), processes=4)
    ten, two = draw_bound(10), draw_bound(2)
    assert [await counts.take([ten]) for _ in range(3)] == [0, 0, 60]
    assert [await counts.take([two]) for _ in range(2)] == [0, 60]


async def test_asking_counts_nothing(shared):
    for counts in (LocalCounts(ManualClock()), shared):
        bound = draw_bound(1)
        for _ in range(3):
            assert await counts.take([bound], counts=False) == 0
        assert await counts.take([bound]) == 0
        assert await counts.take([bound], counts=False) > 0


async def test_two_processes_count_together(redis_url, shared):
    async with share(redis_url) as other:
        bound = draw_bound(10)
        waits = await asyncio.gather(
            *((shared, other)[number % 2].take([bound]) for number in range(30))
        )
    assert waits.count(0) == 10
    assert all(50 < wait <= 60 for wait in waits if wait)


async def test_shared_counter_that_is_full_leaves_the_others_alone(shared):
    narrow, wide = draw_bound(1), draw_bound(3)
    assert await shared.take([narrow, wide]) == 0
    assert await shared.take([wide, narrow]) > 0
    assert [await shared.take([wide]) > 0 for _ in range(3)] == [False, False, True]


async def test_what_is_given_back_is_free_again(shared):
    bound = draw_bound(1)
    for _ in range(3):
        assert await shared.take([bound]) == 0
        await shared.give_back([bound])
    await shared.give_back([bound])
    assert [await shared.take([bound]) > 0 for _ in range(2)] == [False, True]


async def test_shared_window_ends(shared):
    bound = draw_bound(1, timedelta(milliseconds=80))
    assert await shared.take([bound]) == 0
    assert await shared.take([bound]) == 1
    await asyncio.sleep(0.12)
    assert await shared.take([bound]) == 0


async def test_without_redis_each_process_allows_its_share():
    async with share(f"redis://127.0.0.1:{find_free_port()}/0", processes=2) as counts:
        bound = draw_bound(10)
        assert [await counts.take([bound]) > 0 for _ in range(6)] == [False] * 5 + [True]
        await counts.give_back([bound])
        assert await counts.take([bound]) == 0


async def test_redis_that_hangs_stops_nobody():
    async def hang(reader, writer):
        await reader.read()
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with share(f"redis://127.0.0.1:{port}/0") as counts:
        bound = draw_bound(2)
        assert [await counts.take([bound]) > 0 for _ in range(3)] == [False, False, True]
    server.close()
    await server.wait_closed()
