"""The ticker: last price and the figures of 24 hours, from completed trades only."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncConnection

from server.core.clock import Clock
from server.db import Database
from server.markets import queries
from server.markets.service import moved_amount

KEPT_FOR = timedelta(seconds=1)
"""Everybody may ask, and the figures of a busy day cost a look at each of its trades."""


class BestPrices(NamedTuple):
    """The best prices of a book in ticks; None for an empty side."""

    bid_ticks: int | None = None
    ask_ticks: int | None = None


NO_PRICES = BestPrices()
FindBestPrices = Callable[[str], Awaitable[BestPrices]]


@dataclass(frozen=True, slots=True)
class Ticker:
    """The public figures of a market; prices in ticks, the volume in micro-USDT."""

    last_ticks: int | None
    high_ticks: int | None
    low_ticks: int | None
    volume_micro: int
    trades: int
    best: BestPrices = NO_PRICES


class Tickers:
    """Reads tickers, each at most once a second.

    `find_best_prices` gives the best prices of a market; without it there are none. It is asked
    as seldom as the trades are summed: it waits for the market's lane.
    """

    def __init__(self, clock: Clock, find_best_prices: FindBestPrices | None = None) -> None:
        self._clock = clock
        self._kept: dict[str, tuple[datetime, Ticker]] = {}
        self._find_best_prices = find_best_prices

    async def read_ticker(self, database: Database, market: str) -> Ticker:
        """The ticker of an existing market, at most a second old."""
        now = self._clock.now()
        kept = self._kept.get(market)
        if kept is not None and now - kept[0] < KEPT_FOR:
            return kept[1]
        return await self.sum_anew(database, market)

    async def sum_anew(self, database: Database, market: str) -> Ticker:
        """The ticker of an existing market as it is now."""
        now = self._clock.now()
        async with database.read() as connection:
            ticker = await sum_ticker(connection, market, now)
        if self._find_best_prices is not None:
            ticker = replace(ticker, best=await self._find_best_prices(market))
        self._kept[market] = (now, ticker)
        return ticker


async def sum_ticker(connection: AsyncConnection, market: str, now: datetime) -> Ticker:
    """The ticker of a market, summed anew."""
    last: Any = (await connection.execute(queries.list_tape(market, None, 1))).first()
    day = (await connection.execute(queries.sum_day(market, now))).one()
    splits = (await connection.execute(queries.list_day_splits(market, now))).all()
    returned = sum(row.amount - moved_amount(row) for row in splits)
    return Ticker(
        last_ticks=None if last is None else last.price_ticks,
        high_ticks=day.high_ticks,
        low_ticks=day.low_ticks,
        volume_micro=int(day.amount) - returned,
        trades=day.trades,
    )


TICKERS = web.AppKey("tickers", Tickers)
