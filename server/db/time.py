"""The service's clock: database time, sampled, and monotonic between samples."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

JUMP_MAX = timedelta(seconds=2)
"""A sample that differs from the running clock by more than this is a jump."""
ANSWER_MAX = timedelta(seconds=1)
"""An answer that took longer says too little about the present."""


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

    It never runs backwards: when it turns out to be ahead of the database, it runs at half its
    pace until they meet. A sample that is more than `JUMP_MAX` off is not followed before a later
    one agrees with it; until then the clock keeps its old course and is not steady. Before the
    first sample it follows the machine.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._read_at = self._read_monotonic()
        self._last = datetime.now(UTC)
        self._zero = self._last - self._read_at
        """What the database's clock showed when the monotonic one began."""
        self._doubtful_zero: datetime | None = None
        self._sampled = False
        self.jump: timedelta = timedelta(0)
        """How far the last sample was from the clock's course; zero when close."""

    def _read_monotonic(self) -> timedelta:
        return timedelta(seconds=self._monotonic())

    def now(self) -> datetime:
        """The database's present as far as known, never earlier than a former answer."""
        read_at = self._read_monotonic()
        slowed = self._last + (read_at - self._read_at) / 2
        self._last = max(self._zero + read_at, slowed)
        self._read_at = read_at
        return self._last

    async def sample(self, connection: AsyncConnection) -> None:
        """Ask the database for its time and follow it; an answer that took long tells nothing."""
        asked_at = self._read_monotonic()
        database_now = await read_database_time(connection)
        if self._read_monotonic() - asked_at <= ANSWER_MAX:
            self.take_sample(database_now)

    def take_sample(self, database_now: datetime) -> None:
        """Follow `database_now` from here on, or doubt it when it is a jump."""
        self.now()
        zero = database_now - self._read_monotonic()
        difference = zero - self._zero
        first, self._sampled = not self._sampled, True
        agrees = self._doubtful_zero is not None and abs(zero - self._doubtful_zero) <= JUMP_MAX
        if first or agrees or abs(difference) <= JUMP_MAX:
            self._zero, self._doubtful_zero, self.jump = zero, None, timedelta(0)
        else:
            self._doubtful_zero, self.jump = zero, difference

    @property
    def steady(self) -> bool:
        """False after a jump, until a later sample agrees again: timers pause meanwhile."""
        return self._doubtful_zero is None


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
