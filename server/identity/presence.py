"""Who is here: requests and open sockets, written to the standings in batches.

A user's instant is written at most once a minute, by a task; becoming present is a change of
standing, and ceasing to be is found by the standing's recheck.
"""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError

from server.core.clock import Clock
from server.db import Database, DatabaseBusy, DatabaseDown, Unit
from server.identity import standing_queries as queries
from server.identity.hooks import Hooks
from server.identity.standing import PRESENT_FOR, note_present, read_standings

WRITE_EVERY = timedelta(minutes=1)
FLUSH_S = 5.0
"""Seconds of real time between two batches."""
FLUSH_S_MIN = 1.0
"""Under a fast clock users would lapse between two batches, so they come faster too."""
BATCH = 100
"""Users written in one unit of work."""

log = structlog.get_logger()


class PresenceRecorder:
    """Remembers who did something since the last batch, and who holds a socket."""

    def __init__(self, clock: Clock, *, clock_speed: int = 1) -> None:
        """`clock_speed` is how many times as fast as real time the clock runs."""
        self._clock = clock
        self.flush_s = max(FLUSH_S / clock_speed, FLUSH_S_MIN)
        self._seen: dict[UUID, datetime] = {}
        self._written: dict[UUID, datetime] = {}
        self._sockets: Counter[UUID] = Counter()

    def note_request(self, user_id: UUID) -> None:
        """The user did something just now."""
        self._seen[user_id] = self._clock.now()

    def open_socket(self, user_id: UUID) -> None:
        """The user has one more socket; present until five minutes after the last one closes."""
        self._sockets[user_id] += 1
        self.note_request(user_id)

    def close_socket(self, user_id: UUID) -> None:
        """The user has one socket less."""
        self.note_request(user_id)
        self._sockets[user_id] -= 1
        if self._sockets[user_id] <= 0:
            del self._sockets[user_id]

    async def flush(self, database: Database, hooks: Hooks) -> int:
        """Write who was seen and not written in the last minute; how many that were."""
        now = self._clock.now()
        for user_id in self._sockets:
            self._seen[user_id] = now
        due = sorted(
            (user_id for user_id in self._seen if self._is_due(user_id, now)),
            key=lambda user_id: user_id.bytes,
        )
        for start in range(0, len(due), BATCH):
            batch = {user_id: self._seen[user_id] for user_id in due[start : start + BATCH]}
            await self._write(database, hooks, batch)
            for user_id, at in batch.items():
                self._written[user_id] = now
                if self._seen.get(user_id) == at:
                    del self._seen[user_id]
        for user_id in [u for u, at in self._written.items() if at + PRESENT_FOR < now]:
            del self._written[user_id]
        return len(due)

    async def follow(self, database: Database, hooks: Hooks) -> None:
        """Write batches until cancelled."""
        while True:
            await asyncio.sleep(self.flush_s)
            try:
                await self.flush(database, hooks)
            except (DatabaseDown, DatabaseBusy, DBAPIError) as error:
                log.warning("presence_not_written", code=error.code)

    def _is_due(self, user_id: UUID, now: datetime) -> bool:
        written = self._written.get(user_id)
        return written is None or now - written >= WRITE_EVERY

    async def _write(self, database: Database, hooks: Hooks, batch: dict[UUID, datetime]) -> None:
        async with database.read() as connection:
            known = await read_standings(connection, batch)
        here = {user: at for user, at in batch.items() if user in known and known[user].present}
        away = [user for user in batch if user in known and not known[user].present]

        async def move(unit: Unit) -> None:
            await unit.execute(queries.note_seen(here))

        if here:
            await database.transact(move, name="note_seen")
        for user_id in away:

            async def arrive(unit: Unit, user_id: UUID = user_id) -> None:
                await note_present(unit, hooks, user_id, batch[user_id])

            await database.transact(arrive, name="note_present")
