"""When a reading of the price index is believed. Pure: no clock, no database.

A step above 3 % within a minute is not believed until a second reading agrees with it; until then
the floating side of the market is off. So it is while the newest accepted reading is older than
120 s. Both are a switch of the market, never a status of an order.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

BP = 10_000
STEP_BP = 300
"""The largest step a minute that needs no second reading."""
STEP_WINDOW = timedelta(minutes=1)
STEP_MINUTES_MAX = 2
"""A longer silence allows no larger step: by then the index is stale."""
STALE_AFTER = timedelta(seconds=120)
AHEAD_MAX = timedelta(seconds=2)
"""How far ahead of us the clock of a source may be."""
INDEX_TICKS_MAX = 10**12


class Reading(NamedTuple):
    """What a source said, and whether it was believed."""

    index_ticks: int
    read_at: datetime
    accepted: bool


@dataclass(frozen=True, slots=True)
class IndexState:
    """The index of a market as it stands."""

    index_ticks: int
    read_at: datetime
    floating_on: bool
    pending_ticks: int | None = None
    """A step that waits for a second reading to agree."""


class Verdict(NamedTuple):
    """Whether a reading was believed, and the state after it."""

    accepted: bool
    state: IndexState | None


def is_stale(read_at: datetime, now: datetime) -> bool:
    """Whether a reading is older than 120 s."""
    return now - read_at > STALE_AFTER


def is_step(from_ticks: int, to_ticks: int, *, minutes: int = 1) -> bool:
    """Whether a move is above 3 % a minute; exactly 3 % is not."""
    return abs(to_ticks - from_ticks) * BP > from_ticks * STEP_BP * minutes


def judge_reading(
    state: IndexState | None,
    recent: Sequence[Reading],
    index_ticks: int,
    read_at: datetime,
    now: datetime,
) -> Verdict:
    """Whether to believe a reading.

    `recent` are the readings of the minute before `read_at` and all later ones, oldest first.
    """
    sound = is_sound(index_ticks, read_at, now) and not is_stale(read_at, now)
    if not sound or not _is_newest(state, recent, read_at):
        return Verdict(accepted=False, state=switch_off_if_stale(state, now))
    if state is None:
        return Verdict(accepted=True, state=IndexState(index_ticks, read_at, floating_on=True))
    pending = state.pending_ticks
    agrees = pending is not None and not is_step(pending, index_ticks)
    if agrees or not _is_step_from(state, recent, index_ticks, read_at):
        return Verdict(accepted=True, state=IndexState(index_ticks, read_at, floating_on=True))
    return Verdict(
        accepted=False, state=replace(state, floating_on=False, pending_ticks=index_ticks)
    )


def switch_off_if_stale(state: IndexState | None, now: datetime) -> IndexState | None:
    """The state with its floating side off when its reading is stale."""
    if state is None or not state.floating_on or not is_stale(state.read_at, now):
        return state
    return replace(state, floating_on=False)


def is_sound(index_ticks: int, read_at: datetime, now: datetime) -> bool:
    """Whether a reading is a price at all, and not from the future."""
    return 0 < index_ticks <= INDEX_TICKS_MAX and read_at <= now + AHEAD_MAX


def _is_newest(state: IndexState | None, recent: Sequence[Reading], read_at: datetime) -> bool:
    is_newer = state is None or read_at > state.read_at
    return is_newer and all(read_at > reading.read_at for reading in recent)


def _is_step_from(
    state: IndexState, recent: Sequence[Reading], index_ticks: int, read_at: datetime
) -> bool:
    """Whether a reading is a step from the index or from anything it was in the last minute.

    Comparing with the last reading alone would let small steps add up to any speed.
    """
    minutes = min(max(1, (read_at - state.read_at) // STEP_WINDOW), STEP_MINUTES_MAX)
    if is_step(state.index_ticks, index_ticks, minutes=minutes):
        return True
    return any(is_step(base, index_ticks) for base in _list_base(recent))


def _list_base(recent: Sequence[Reading]) -> list[int]:
    """The accepted readings since the last step that a second reading confirmed."""
    base: list[int] = []
    for reading in recent:
        if not reading.accepted:
            continue
        if any(is_step(earlier, reading.index_ticks) for earlier in base):
            base = []
        base.append(reading.index_ticks)
    return base
