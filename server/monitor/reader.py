"""One consistent snapshot of the database and the questions asked of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from server.core.clock import to_micros
from server.core.ids import first_id_at, instant_of_id
from server.db import Database
from server.identity.sealing import Sealer
from server.monitor.queries import phrase, service

TRADES_PER_QUESTION = 1_000
MARGIN = timedelta(seconds=10)
"""The transfers of one unit have identifiers this close to each other; what was resolved so
shortly after the watermark was looked at by the run before."""
KEPT_AT_LEAST = timedelta(hours=1)
"""Events stay in the outbox at least this long."""
NOTHING = UUID(int=0)


@dataclass(slots=True)
class Reader:
    """A snapshot, and what a run looks at in it.

    `since` is the watermark of a run over what is new; None is a full run. `trail` is how far the
    watermark stays behind.
    """

    connection: AsyncConnection
    since: UUID | None
    now: datetime
    trail: timedelta
    sealer: Sealer | None = None
    """Opens what people wrote; without it only what stands beside it is compared."""
    _trades: list[bytes] | None = field(default=None)
    _edge: UUID | None = field(default=None)

    @property
    def full(self) -> bool:
        """Whether everything is looked at."""
        return self.since is None

    @property
    def steps_from(self) -> datetime:
        """From when on a step of a trade must have its event in the outbox."""
        if self.since is None:
            return self.now - KEPT_AT_LEAST
        return instant_of_id(self.since) + MARGIN

    async def ask(self, question: str, *, bounded: bool = True) -> list[Any]:
        """The rows that answer a question; about trades, in chunks of touched ones."""
        statement = phrase(question, full=self.full, bounded=bounded)
        known = await self._known(statement.text)
        if ":ids" not in statement.text:
            return list(await self.connection.execute(statement, known))
        rows: list[Any] = []
        trades = await self.touched_trades()
        for start in range(0, len(trades), TRADES_PER_QUESTION):
            known["ids"] = trades[start : start + TRADES_PER_QUESTION]
            rows += await self.connection.execute(statement, known)
        return rows

    async def touched_trades(self) -> list[bytes]:
        """The trades that transfers or events since the watermark speak of."""
        if self._trades is None:
            self._trades = []
            moved = {bytes(row.trade_id) for row in await self._ask_plain(service.TRADES_MOVED)}
            rooms = await self._ask_plain(service.TRADE_ROOMS)
            moved |= {UUID(row.room.partition(":")[2]).bytes for row in rooms}
            self._trades = sorted(moved)
        return self._trades

    async def _ask_plain(self, question: str) -> list[Any]:
        statement = phrase(question, full=self.full, bounded=False)
        return list(await self.connection.execute(statement, await self._known(statement.text)))

    async def _known(self, question: str) -> dict[str, Any]:
        """The values of the names that the question uses."""
        since = self.since or NOTHING
        values: dict[str, Any] = {
            "since": since.bytes,
            "since_us": to_micros(instant_of_id(since)),
            "settled_from_us": to_micros(instant_of_id(since) + MARGIN) if self.since else 0,
            "steps_from_us": to_micros(self.steps_from),
            "events_from": first_id_at(self.steps_from - MARGIN).bytes,
            "late_us": to_micros(self.now - self.trail),
        }
        if ":edge" in question:
            values["edge"] = (await self._find_edge()).bytes
        return {name: value for name, value in values.items() if f":{name}" in question}

    async def _find_edge(self) -> UUID:
        """Below this, numbers in a room may be missing because old events are deleted."""
        if self._edge is None:
            oldest = (await self._ask_plain(service.OLDEST_EVENT))[0].id
            self._edge = NOTHING
            if oldest is not None:
                made = instant_of_id(UUID(bytes=bytes(oldest)))
                if self.now - made > KEPT_AT_LEAST:
                    self._edge = first_id_at(made + self.trail)
        return self._edge


@asynccontextmanager
async def open_reader(
    database: Database, *, since: UUID | None, trail: timedelta, sealer: Sealer | None = None
) -> AsyncIterator[Reader]:
    """A reader on a snapshot of this moment; what others commit meanwhile is not seen."""
    async with database.read() as connection:
        if database.dialect != "sqlite":
            await connection.execution_options(isolation_level="REPEATABLE READ")
        yield Reader(connection, since, database.clock.now(), trail, sealer)
