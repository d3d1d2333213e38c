"""Time comes from a clock that is handed in, never from the machine directly.

The clock of the service follows the database (`server.db.time`); tests, the demo and a simulator
hand in their own. A scope, such as the sandbox, may run ahead of the others.
"""

from datetime import UTC, datetime, timedelta
from typing import Protocol

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Clock(Protocol):
    """What the domain may know of time."""

    def now(self) -> datetime:
        """The present, UTC-aware, never earlier than an answer given before."""
        ...


class ManualClock:
    """A clock that moves only when told to."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._now = start

    def now(self) -> datetime:
        """The instant last set."""
        return self._now

    def advance(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0) -> None:
        """Move forward; moving back is a fault of the caller."""
        step = timedelta(seconds=seconds, minutes=minutes, hours=hours)
        assert step >= timedelta(0), "a clock never runs backwards"
        self._now += step


class ScopedClock:
    """A clock that runs ahead of another by an offset, for one scope such as the sandbox."""

    def __init__(self, base: Clock) -> None:
        self._base = base
        self._ahead = timedelta(0)

    def now(self) -> datetime:
        """The base clock's present plus this scope's offset."""
        return self._base.now() + self._ahead

    def warp(self, step: timedelta) -> None:
        """Run further ahead by `step`."""
        assert step >= timedelta(0), "a clock never runs backwards"
        self._ahead += step


def to_micros(instant: datetime) -> int:
    """Microseconds since the epoch, exactly."""
    return (instant - EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The UTC-aware instant of `micros` microseconds since the epoch."""
    return EPOCH + timedelta(0, micros // 1_000_000, micros % 1_000_000)


def format_instant(instant: datetime) -> str:
    """RFC 3339 in UTC with milliseconds, as the API writes it."""
    if instant.tzinfo is not UTC:
        instant = instant.astimezone(UTC)
    return instant.isoformat(timespec="milliseconds")[:-6] + "Z"
