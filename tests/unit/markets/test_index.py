"""When a reading of the index is believed."""

from datetime import UTC, datetime, timedelta

import pytest

from server.markets.index import (
    INDEX_TICKS_MAX,
    IndexState,
    Reading,
    is_sound,
    is_stale,
    is_step,
    judge_reading,
    switch_off_if_stale,
)

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


def at(seconds):
    return NOW + timedelta(seconds=seconds)


class Market:
    """Feeds readings to the rules, as the service does."""

    def __init__(self):
        self.state = None
        self.readings = []

    def read(self, ticks, second, *, now=None):
        recent = [r for r in self.readings if r.read_at > at(second - 60)]
        verdict = judge_reading(self.state, recent, ticks, at(second), at(now or second))
        self.state = verdict.state
        self.readings.append(Reading(ticks, at(second), verdict.accepted))
        return verdict.accepted


@pytest.fixture
def market():
    market = Market()
    assert market.read(10_000, 0)
    return market


def test_first_reading_becomes_the_index():
    market = Market()

    assert market.read(26_350, 0)

    assert market.state == IndexState(26_350, at(0), floating_on=True)


@pytest.mark.parametrize("ticks", [10_300, 9_700])
def test_step_of_three_percent_is_believed(market, ticks):
    assert market.read(ticks, 5)
    assert market.state == IndexState(ticks, at(5), floating_on=True)


@pytest.mark.parametrize("ticks", [10_301, 9_699])
def test_step_above_three_percent_switches_the_floating_side_off(market, ticks):
    assert not market.read(ticks, 5)

    assert market.state == IndexState(10_000, at(0), floating_on=False, pending_ticks=ticks)


def test_second_reading_that_agrees_switches_it_on_at_the_new_index(market):
    market.read(11_000, 5)

    assert market.read(11_100, 10)

    assert market.state == IndexState(11_100, at(10), floating_on=True)


def test_reading_that_agrees_with_the_old_index_drops_the_step(market):
    market.read(11_000, 5)

    assert market.read(10_001, 10)

    assert market.state == IndexState(10_001, at(10), floating_on=True)


def test_second_reading_that_disagrees_with_both_waits_for_a_third(market):
    market.read(11_000, 5)

    assert not market.read(12_000, 10)
    assert not market.state.floating_on
    assert market.read(12_100, 15)
    assert market.state.floating_on


def test_small_steps_that_add_up_within_a_minute_are_a_step(market):
    assert market.read(10_200, 20)

    assert not market.read(10_400, 40)
    assert not market.state.floating_on


def test_small_steps_over_more_than_a_minute_are_believed(market):
    assert market.read(10_200, 30)
    assert market.read(10_400, 61)
    assert market.state.floating_on


def test_after_a_confirmed_step_the_minute_begins_anew(market):
    market.read(11_000, 5)
    market.read(11_000, 10)

    assert market.read(11_200, 15)
    assert market.read(11_300, 20)
    assert not market.read(11_400, 25)


@pytest.mark.parametrize(("second", "believed"), [(119, False), (120, True)])
def test_two_minutes_allow_twice_the_step(market, second, believed):
    assert market.read(10_500, second) is believed


def test_long_silence_allows_no_more_than_two_minutes_did(market):
    assert not market.read(10_700, 3600)


def test_reading_older_than_two_minutes_is_refused_and_switches_nothing_on(market):
    assert not market.read(10_000, 5, now=126)

    assert not market.state.floating_on


def test_reading_of_exactly_two_minutes_is_fresh():
    assert not is_stale(at(0), at(120))
    assert is_stale(at(0), at(120) + timedelta(microseconds=1))


def test_stale_index_switches_the_floating_side_off():
    state = IndexState(10_000, at(0), floating_on=True)

    assert switch_off_if_stale(state, at(120)) is state
    assert switch_off_if_stale(state, at(121)) == IndexState(10_000, at(0), floating_on=False)
    assert switch_off_if_stale(None, at(121)) is None


def test_fresh_reading_after_a_stale_time_switches_it_on(market):
    market.state = switch_off_if_stale(market.state, at(300))

    assert market.read(10_100, 300)
    assert market.state.floating_on


@pytest.mark.parametrize("second", [0, -5])
def test_reading_that_is_not_newer_changes_nothing(market, second):
    before = market.state

    assert not market.read(10_001, second, now=1)
    assert market.state == before


def test_refused_reading_cannot_confirm_itself(market):
    market.read(11_000, 5)

    assert not market.read(11_000, 5)
    assert not market.state.floating_on


@pytest.mark.parametrize(
    ("ticks", "second", "sound"),
    [
        (0, 0, False),
        (-1, 0, False),
        (1, 0, True),
        (INDEX_TICKS_MAX, 0, True),
        (INDEX_TICKS_MAX + 1, 0, False),
        (1, 2, True),
        (1, 3, False),
    ],
)
def test_only_prices_of_the_present_are_sound(ticks, second, sound):
    assert is_sound(ticks, at(second), NOW) is sound


def test_steps_are_measured_without_rounding():
    assert not is_step(10**12, 10**12 + 3 * 10**10)
    assert is_step(10**12, 10**12 + 3 * 10**10 + 1)
