"""Clock, identifiers and fault points."""

from datetime import UTC, datetime, timedelta

import pytest

from server.core import fault
from server.core.clock import ManualClock, ScopedClock, format_instant, from_micros, to_micros
from server.core.ids import Ids, SystemRandom


class CountingRandom:
    """Bytes that a test can foretell."""

    def token(self, length):
        return bytes(range(length))


def test_instants_survive_their_integers():
    instant = datetime(2026, 11, 21, 8, 47, 1, 123_456, tzinfo=UTC)

    assert from_micros(to_micros(instant)) == instant
    assert format_instant(instant) == "2026-11-21T08:47:01.123Z"


def test_clock_never_runs_backwards():
    with pytest.raises(AssertionError):
        ManualClock().advance(seconds=-1)


def test_scope_runs_ahead_of_its_base_and_leaves_it_alone():
    base = ManualClock()
    scoped = ScopedClock(base)
    scoped.warp(timedelta(hours=1))

    assert scoped.now() - base.now() == timedelta(hours=1)


def test_identifiers_of_one_instant_ascend():
    ids = Ids(ManualClock(), SystemRandom())

    made = [ids.new_id() for _ in range(10_000)]

    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert {made_id.version for made_id in made} == {7}
    assert {made_id.variant for made_id in made} == {"specified in RFC 4122"}


def test_same_clock_and_random_give_the_same_identifiers():
    one, other = (Ids(ManualClock(), CountingRandom()) for _ in range(2))

    assert [one.new_id() for _ in range(5)] == [other.new_id() for _ in range(5)]


def test_point_acts_at_the_nth_hit_and_only_when_armed():
    hits = []
    fault.point("test")
    fault.arm("test", lambda: hits.append(1), nth=2)
    try:
        for _ in range(3):
            fault.point("test")
    finally:
        fault.disarm()

    assert hits == [1]


def test_point_may_be_armed_for_one_of_those_who_pass():
    hits = []
    fault.arm("test@her", lambda: hits.append(1))
    try:
        fault.point("test", "him")
        assert hits == []
        fault.point("test", "her")
    finally:
        fault.disarm()

    assert hits == [1]
