"""How often something happened in a window: in this process, or of all processes in one Redis.

Unlike the calls a second of `shared_rate` these counts are few, last for minutes, and can be given
back: an attempt is counted before it is judged, and a right one is taken off again.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Protocol

import structlog
from redis.asyncio import ConnectionPool, Redis
from redis.exceptions import RedisError

from server.core.clock import Clock
from server.db import assert_outside_transaction
from server.http.shared_rate import SHARED_PAUSE_S, SHARED_WAIT_S

COUNTERS_MAX = 100_000
KEY_PREFIX = "iqx:count:"
_TAKE = """
for i, key in ipairs(KEYS) do
  if tonumber(redis.call('GET', key) or '0') >= tonumber(ARGV[2 * i]) then
    return math.max(1, redis.call('PTTL', key))
  end
end
if ARGV[1] == '1' then
  for i, key in ipairs(KEYS) do
    if redis.call('INCR', key) == 1 then redis.call('PEXPIRE', key, ARGV[2 * i + 1]) end
  end
end
return 0
"""
"""Milliseconds until one of the counters is free again, or 0; all are counted or none."""
_GIVE_BACK = """
for _, key in ipairs(KEYS) do
  local count = tonumber(redis.call('GET', key) or '0')
  if count > 1 then redis.call('DECR', key) elseif count == 1 then redis.call('DEL', key) end
end
"""
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Bound:
    """A counter and how far it goes in its window, which begins with the first of them."""

    key: str
    most: int
    window: timedelta


class Counts(Protocol):
    """Counters that end with their windows."""

    async def take(self, bounds: Sequence[Bound], *, counts: bool = True) -> int:
        """Count one on each; 0, or the seconds to wait when one is full, and then none counts.

        Without `counts` it is only asked.
        """
        ...

    async def give_back(self, bounds: Sequence[Bound]) -> None:
        """Take one off each."""
        ...

    async def close(self) -> None:
        """Give back what it holds."""
        ...


class LocalCounts:
    """Counts in this process, which allows its share of each bound, and one at least."""

    def __init__(self, clock: Clock, *, processes: int = 1) -> None:
        self._clock = clock
        self._processes = processes
        self._counters: OrderedDict[str, tuple[int, datetime]] = OrderedDict()

    async def take(self, bounds: Sequence[Bound], *, counts: bool = True) -> int:
        """See `Counts`."""
        now = self._clock.now()
        for bound in bounds:
            count, ends_at = self._read(bound, now)
            if count >= max(1, bound.most // self._processes):
                return max(1, int((ends_at - now).total_seconds()))
        if not counts:
            return 0
        for bound in bounds:
            count, ends_at = self._read(bound, now)
            self._counters[bound.key] = (count + 1, ends_at)
            self._counters.move_to_end(bound.key)
        while len(self._counters) > COUNTERS_MAX:
            self._counters.popitem(last=False)
        return 0

    async def give_back(self, bounds: Sequence[Bound]) -> None:
        """See `Counts`."""
        for bound in bounds:
            count, ends_at = self._counters.get(bound.key, (0, self._clock.now()))
            if count > 1:
                self._counters[bound.key] = (count - 1, ends_at)
            else:
                self._counters.pop(bound.key, None)

    async def close(self) -> None:
        """Nothing is held."""

    def __len__(self) -> int:
        return len(self._counters)

    def _read(self, bound: Bound, now: datetime) -> tuple[int, datetime]:
        count, ends_at = self._counters.get(bound.key, (0, now))
        return (count, ends_at) if ends_at > now else (0, now + bound.window)


class SharedCounts:
    """Counts of all processes in one Redis; while it is absent `own` counts for this process."""

    def __init__(
        self, url: str, own: LocalCounts, *, options: Mapping[str, Any] = MappingProxyType({})
    ) -> None:
        self._own = own
        self._pool = ConnectionPool.from_url(
            url,
            socket_timeout=SHARED_WAIT_S,
            socket_connect_timeout=SHARED_WAIT_S,
            **options,
        )
        redis: Any = Redis(connection_pool=self._pool)
        self._take = redis.register_script(_TAKE)
        self._give_back = redis.register_script(_GIVE_BACK)
        self._absent_until = 0.0

    async def take(self, bounds: Sequence[Bound], *, counts: bool = True) -> int:
        """See `Counts`."""
        told: list[int] = [int(counts)]
        for bound in bounds:
            told += [bound.most, int(bound.window.total_seconds() * 1000)]
        wait_ms = await self._ask(self._take, bounds, told)
        if wait_ms is None:
            return await self._own.take(bounds, counts=counts)
        return -(-wait_ms // 1000)

    async def give_back(self, bounds: Sequence[Bound]) -> None:
        """See `Counts`."""
        if await self._ask(self._give_back, bounds, []) is None:
            await self._own.give_back(bounds)

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.aclose()

    async def _ask(self, script: Any, bounds: Sequence[Bound], told: list[int]) -> int | None:
        """What a script answers, or None while Redis is absent."""
        assert_outside_transaction()
        time = asyncio.get_running_loop().time
        if time() < self._absent_until:
            return None
        keys = [KEY_PREFIX + bound.key for bound in bounds]
        try:
            async with asyncio.timeout(SHARED_WAIT_S):
                return int(await script(keys=keys, args=told) or 0)
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("shared_limits_absent", error=error)
            self._absent_until = time() + SHARED_PAUSE_S
            return None
