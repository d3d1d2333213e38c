"""The calls of all processes counted in Redis, which may be absent."""

import asyncio
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import structlog
from limits import RateLimitItemPerSecond
from limits.aio.storage import RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import StorageError
from redis.asyncio import ConnectionPool
from redis.exceptions import RedisError

from server.db import assert_outside_transaction
from server.http.rate import BURST_S, OWED_S_MAX, WRITE, RateLimiter, refuse_rate

SHARED_WAIT_S = 0.25
"""A Redis that takes longer counts as absent."""
SHARED_PAUSE_S = 1.0
"""How long nobody asks a Redis that was absent."""
log = structlog.get_logger()


class SharedLimiter:
    """Counts the calls of all processes in one Redis.

    While it is absent this process counts alone and allows its share of the limit, so that all
    together never allow more than the whole.
    """

    def __init__(
        self,
        url: str,
        own: RateLimiter,
        *,
        processes: int,
        options: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        self._own = own
        self._processes = processes
        self._pool = ConnectionPool.from_url(
            url,
            socket_timeout=SHARED_WAIT_S,
            socket_connect_timeout=SHARED_WAIT_S,
            **options,
        )
        pool: Any = self._pool  # the library passes it on, though its types do not say so
        storage = RedisStorage(
            f"async+{url}", implementation="redispy", key_prefix="iqx:rate", connection_pool=pool
        )
        self._window = SlidingWindowCounterRateLimiter(storage)
        self._absent_until = 0.0

    async def take(self, caller: tuple[str, Any], per_s: int, count: int = 1) -> None:
        """Use `count` of the caller's calls; refuses `RateLimited` when none are left."""
        assert_outside_transaction()
        if per_s == 0:
            return
        time = asyncio.get_running_loop().time
        if time() >= self._absent_until:
            try:
                async with asyncio.timeout(SHARED_WAIT_S):
                    retry_after_s = await self._hit(caller, per_s, count)
            except (RedisError, StorageError, OSError, TimeoutError) as error:
                log.warning("shared_limits_absent", error=error)
                self._absent_until = time() + SHARED_PAUSE_S
            else:
                if retry_after_s:
                    raise refuse_rate(per_s, retry_after_s)
                return
        # A share below one call a second would be no limit: it is one.
        self._own.take(caller, max(1, per_s // self._processes), count)

    async def _hit(self, caller: tuple[str, Any], per_s: int, count: int) -> int:
        """Count in Redis: zero, or the seconds after which there may be calls left."""
        named = tuple(map(str, caller))
        calls = RateLimitItemPerSecond(per_s * BURST_S, BURST_S)
        if not await self._window.hit(calls, *named):
            return 1
        if caller[0] != WRITE:
            return 0
        # A call of many changes is more than the short window holds: a long one counts them.
        changes = RateLimitItemPerSecond(per_s * OWED_S_MAX, OWED_S_MAX)
        cost = min(count, per_s * OWED_S_MAX)
        if await self._window.hit(changes, *named, cost=cost):
            return 0
        return max(1, cost // per_s)

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.aclose()
