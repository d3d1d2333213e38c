"""How many calls a caller may make, counted in memory, by the injected clock."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Protocol

from server.core.clock import Clock, to_micros
from server.core.refusals import RateLimited

BUCKETS_MAX = 100_000
BURST_S = 2
"""A caller who was quiet may use this many seconds' worth at once."""
OWED_S_MAX = 20
"""One call counts as this many seconds' worth at most."""
WRITE = "write"
"""The kind of caller whose calls may each do several changes."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Calls a second that one caller may make; zero is no limit."""

    reads_per_s: int
    writes_per_s: int
    public_per_s: int
    """For callers without a session, by address."""
    per_key_per_s: int = 0
    """For each API key, reads and changes together; besides those of its owner."""


def refuse_rate(per_s: int, retry_after_s: int) -> RateLimited:
    """The refusal of a caller who has no calls left."""
    return RateLimited(retry_after_s=retry_after_s, calls=per_s * BURST_S, window_s=BURST_S)


class Limiter(Protocol):
    """Counts the calls of all processes."""

    async def take(self, caller: tuple[str, Any], per_s: int, count: int = 1) -> None:
        """Use `count` of the caller's calls; refuses `RateLimited` when none are left."""
        ...

    async def close(self) -> None:
        """Give back what it holds."""
        ...


class RateLimiter:
    """A token bucket for each caller, in memory, by the injected clock.

    Forgets the longest unseen when there are too many.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._buckets: OrderedDict[object, tuple[float, int]] = OrderedDict()

    def take(self, caller: object, per_s: int, count: int = 1) -> None:
        """Use `count` of the caller's calls; refuses `RateLimited` when none are left.

        One that is left is enough: what a call does beyond it is owed, and the next one waits.
        """
        if per_s == 0:
            return
        now = to_micros(self._clock.now())
        capacity = per_s * BURST_S
        left, since = self._buckets.pop(caller, (capacity, now))
        left = min(capacity, left + (now - since) * per_s / 1_000_000)
        if left < 1:
            self._buckets[caller] = (left, now)
            raise refuse_rate(per_s, max(1, round((1 - left) / per_s)))
        self._buckets[caller] = (left - min(count, per_s * OWED_S_MAX), now)
        if len(self._buckets) > BUCKETS_MAX:
            self._buckets.popitem(last=False)
