"""What the public pages tell of the platform, read once for many readers."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from aiohttp import web

from server.core.clock import Clock
from server.db import Database
from server.http.endpoint import DATABASE
from server.markets import queries
from server.trades.outages import list_outages

KEPT_FOR = timedelta(seconds=10)
MARKETS_MAX = 500
T = TypeVar("T")


class Kept(Generic[T]):
    """Something that is read at most every ten seconds; everybody may ask for it."""

    def __init__(self, clock: Clock, read: Callable[[Database], Awaitable[T]]) -> None:
        self._clock = clock
        self._read = read
        self._last: tuple[datetime, T] | None = None

    async def look(self, database: Database) -> T:
        """The latest reading."""
        now = self._clock.now()
        if self._last is None or now - self._last[0] >= KEPT_FOR:
            self._last = (now, await self._read(database))
        return self._last[1]


@dataclass(frozen=True, slots=True)
class Facts:
    """What the public pages tell."""

    markets: Kept[Sequence[Any]]
    """Rows of `markets.queries.list_markets`."""
    outage: Kept[bool]
    """Whether an outage is under way."""


FACTS = web.AppKey("web_facts", Facts)


def open_facts(app: web.Application) -> Facts:
    """The facts of this application's database."""
    clock = app[DATABASE].clock
    return Facts(Kept(clock, _list_markets), Kept(clock, _is_out))


async def _list_markets(database: Database) -> Sequence[Any]:
    async with database.read() as connection:
        return (await connection.execute(queries.list_markets(None, MARKETS_MAX))).all()


async def _is_out(database: Database) -> bool:
    async with database.read() as connection:
        newest = await list_outages(connection, before=None, limit=1)
    return bool(newest) and newest[0]["ended_at"] is None
