"""Database time: followed by samples, never backwards, and doubted when it jumps."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.clock import ManualClock
from server.core.ids import SystemRandom
from server.db import Database
from server.db.engine import open_engine
from server.db.time import DatabaseClock, PacedClock, read_database_time

START = datetime(2026, 5, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class Monotonic:
    """A monotonic clock that a test moves."""

    def __init__(self):
        self.now_s = 1_000.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def monotonic():
    return Monotonic()


@pytest.fixture
def clock(monotonic):
    followed = DatabaseClock(monotonic)
    followed.take_sample(START + timedelta(days=3650))
    return followed


BASE = START + timedelta(days=3650)
"""The first sample; later than the machine's own time, which the clock begins with."""


async def test_source_is_the_time_of_the_database(database_url):
    database = Database(open_engine(database_url), clock=ManualClock(), random=SystemRandom())
    async with database.read() as connection:
        before = datetime.now(UTC)
        read = await read_database_time(connection)
        after = datetime.now(UTC)
        clock = DatabaseClock()
        await clock.sample(connection)
    await database.close()

    assert before - SECOND / 100 <= read <= after + SECOND / 100
    assert abs(clock.now() - datetime.now(UTC)) < SECOND


def test_between_samples_time_runs_with_the_monotonic_clock(clock, monotonic):
    assert clock.now() == BASE
    monotonic.now_s += 4.5
    assert clock.now() == BASE + timedelta(seconds=4.5)


def test_small_differences_are_followed_at_once_and_the_clock_stays_steady(clock, monotonic):
    monotonic.now_s += 5
    clock.take_sample(BASE + timedelta(seconds=6.9))
    assert clock.steady
    assert clock.now() == BASE + timedelta(seconds=6.9)


def test_jump_forwards_is_not_followed_before_a_second_sample_agrees(clock, monotonic):
    hour = timedelta(hours=1)
    monotonic.now_s += 5
    clock.take_sample(BASE + 5 * SECOND + hour)
    assert not clock.steady
    assert clock.jump == hour
    assert clock.now() == BASE + 5 * SECOND

    monotonic.now_s += 5
    clock.take_sample(BASE + 10 * SECOND + hour)
    assert clock.steady
    assert clock.jump == timedelta(0)
    assert clock.now() == BASE + 10 * SECOND + hour


def test_single_wrong_sample_changes_nothing(clock, monotonic):
    monotonic.now_s += 5
    clock.take_sample(BASE - timedelta(days=1))
    monotonic.now_s += 5
    clock.take_sample(BASE + 10 * SECOND)
    assert clock.steady
    assert clock.now() == BASE + 10 * SECOND


def test_two_jumps_that_differ_leave_the_clock_in_doubt(clock, monotonic):
    for minutes in (10, 20, 30):
        monotonic.now_s += 5
        clock.take_sample(clock.now() + timedelta(minutes=minutes))
        assert not clock.steady


def test_clock_that_is_ahead_runs_at_half_its_pace_until_the_database_has_caught_up(
    clock, monotonic
):
    for _ in range(2):
        monotonic.now_s += 5
        clock.take_sample(BASE - timedelta(seconds=3600) + timedelta(seconds=monotonic() - 1000))
    assert clock.steady
    shown = clock.now()
    assert shown == BASE + 10 * SECOND
    monotonic.now_s += 100
    assert clock.now() == shown + 50 * SECOND
    monotonic.now_s += 7200
    assert clock.now() == BASE - timedelta(seconds=3600) + timedelta(seconds=7310)


@given(st.lists(st.tuples(st.floats(0, 30), st.none() | st.integers(-7200, 7200)), max_size=40))
def test_time_never_runs_backwards_whatever_the_samples_say(steps):
    monotonic = Monotonic()
    clock = DatabaseClock(monotonic)
    paced = PacedClock(clock, 60)
    last, last_paced = clock.now(), paced.now()
    for elapsed_s, sample_s in steps:
        monotonic.now_s += elapsed_s
        if sample_s is not None:
            clock.take_sample(START + timedelta(seconds=monotonic.now_s + sample_s))
        now, now_paced = clock.now(), paced.now()
        assert now >= last
        assert now_paced >= last_paced
        last, last_paced = now, now_paced


async def test_slow_answer_tells_nothing_about_the_present(sqlite_url):
    class SlowMonotonic(Monotonic):
        def __call__(self):
            self.now_s += 1.5
            return self.now_s

    database = Database(open_engine(sqlite_url), clock=ManualClock(), random=SystemRandom())
    clock = DatabaseClock(SlowMonotonic())
    async with database.read() as connection:
        for _ in range(3):
            await clock.sample(connection)
            assert clock.steady
    await database.close()
    assert not clock._sampled
