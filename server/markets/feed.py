"""Where the index comes from: the port of price sources, the feed that asks one, and the made-up
source of development. Real prices come from `server.markets.price_sources`."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

import structlog

from server.core.clock import Clock
from server.core.ids import Random
from server.core.refusals import Unavailable
from server.db import Database, Unit
from server.markets import queries
from server.markets.median import Judged
from server.markets.service import WakeLane, record_reading

STEP_TICKS_PER_MILLION = 400
"""The made-up walk moves by at most 0.04 % at a time."""
PULL_PART = 64
"""And is drawn back to where it began by this part of the distance."""
log = structlog.get_logger()


class KnownMarket(NamedTuple):
    """A market whose price is wanted."""

    market: str
    currency: str
    price_digits: int
    index_ticks: int | None
    """The index so far; None before the first one."""


class Price(NamedTuple):
    """What a source says of one market."""

    market: str
    index_ticks: int
    read_at: datetime
    judged: tuple[Judged, ...] = ()
    """What it was made of."""


class PriceSource(Protocol):
    """Says what USDT costs."""

    @property
    def name(self) -> str:
        """What the history of the index calls it."""
        ...

    async def read_prices(self, markets: Sequence[KnownMarket]) -> list[Price]:
        """Prices of some of the markets."""
        ...


class RandomWalk:
    """Prices that wander about where they were first seen; the same seed, the same walk."""

    name = "development walk"

    def __init__(self, clock: Clock, random: Random) -> None:
        self._clock = clock
        self._random = random
        self._paths: dict[str, tuple[int, int]] = {}
        """Where each market began and is now, in millionths of a tick."""

    async def read_prices(self, markets: Sequence[KnownMarket]) -> list[Price]:
        """One step of every market that has an index."""
        now = self._clock.now()
        return [
            Price(known.market, self._step(known.market, known.index_ticks), now)
            for known in markets
            if known.index_ticks is not None
        ]

    def _step(self, market: str, ticks: int) -> int:
        began, at = self._paths.get(market, (ticks * 1_000_000, ticks * 1_000_000))
        draw = int.from_bytes(self._random.token(4), "big") % (2 * STEP_TICKS_PER_MILLION + 1)
        at += (draw - STEP_TICKS_PER_MILLION) * (began // 1_000_000) + (began - at) // PULL_PART
        self._paths[market] = (began, at)
        # Rounded half up: a made-up price is nobody's money.
        return max(1, (at + 500_000) // 1_000_000)


class PriceFeed:
    """Asks a source every `interval_s` and records what it says."""

    def __init__(
        self,
        database: Database,
        source: PriceSource,
        *,
        interval_s: float,
        wake_lane: WakeLane | None = None,
    ) -> None:
        self._database = database
        self._source = source
        self._interval_s = interval_s
        self._wake_lane = wake_lane

    async def tick(self) -> int:
        """Ask once; how many readings were believed."""
        async with self._database.read() as connection:
            rows = await connection.execute(queries.list_priced())
            known = [KnownMarket(*row) for row in rows]
        prices = sorted(await self._source.read_prices(known))

        async def work(unit: Unit) -> int:
            accepted = 0
            for price in prices:
                verdict = await record_reading(
                    unit,
                    price.market,
                    index_ticks=price.index_ticks,
                    read_at=price.read_at,
                    source=self._source.name,
                    judged=price.judged,
                    wake_lane=self._wake_lane,
                )
                accepted += verdict.accepted
            return accepted

        return await self._database.transact(work, name="record_readings") if prices else 0

    async def run(self) -> None:
        """Ask until cancelled."""
        while True:
            try:
                await self.tick()
            except Unavailable as error:
                log.warning("index_not_read", source=self._source.name, code=error.code)
            except Exception:  # allowed: broad-except, a source may fail in any way of its own
                # One bad reading must not be the last: orders would wait for an index for ever.
                log.exception("index_feed_fault", source=self._source.name)
            await asyncio.sleep(self._interval_s)
