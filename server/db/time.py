"""The service's clock: database time, sampled, and monotonic between samples."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

JUMP_MAX = timedelta(seconds=2)
"""A sample that differs from the running clock by more than this is a jump."""


async def read_database_time(connection: AsyncConnection) -> datetime:
    """The database's own present, UTC-aware."""
    if connection.dialect.name == "sqlite":
        written = (
            await connection.execute(text("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')"))
        ).scalar_one()
        return datetime.fromisoformat(str(written)).replace(tzinfo=UTC)
    instant = (await connection.execute(text("SELECT UTC_TIMESTAMP(6)"))).scalar_one()
    assert isinstance(instant, datetime)
    return instant.replace(tzinfo=UTC)


class DatabaseClock:
    """Follows the database's time: one sample now and then, the monotonic clock in between.

    It never runs backwards. Before the first sample it follows the machine.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._anchor = datetime.now(UTC)
        self._anchor_mono = monotonic()
        self._last = self._anchor
        self._sampled = False
        self.jump: timedelta = timedelta(0)
        """How far the last sample was from the running clock; zero when close."""

    def now(self) -> datetime:
        """The database's present as far as known, never earlier than a former answer."""
        elapsed = timedelta(seconds=self._monotonic() - self._anchor_mono)
        self._last = max(self._last, self._anchor + elapsed)
        return self._last

    def take_sample(self, database_now: datetime) -> None:
        """Follow `database_now` from here on; note a jump."""
        difference = database_now - (
            self._anchor + timedelta(seconds=self._monotonic() - self._anchor_mono)
        )
        first, self._sampled = not self._sampled, True
        self.jump = difference if abs(difference) > JUMP_MAX and not first else timedelta(0)
        self._anchor, self._anchor_mono = database_now, self._monotonic()

    @property
    def steady(self) -> bool:
        """False after a jump, until a later sample agrees again: clocks pause meanwhile."""
        return self.jump == timedelta(0)


class PacedClock:
    """A clock that runs `speed` times as fast as another, for demonstrations."""

    def __init__(self, base: DatabaseClock, speed: int) -> None:
        assert speed >= 1, "a clock never runs backwards"
        self._base = base
        self._start = base.now()
        self._speed = speed

    def now(self) -> datetime:
        """The start plus the time since, times the speed."""
        return self._start + (self._base.now() - self._start) * self._speed
