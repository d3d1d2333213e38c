"""Which sessions have ended lately, known to every process within a second.

A logout on this process is known at once; those of others come from the table
`session_revocations`, read a few times a second by a task, so that no request reads the database.
An entry is kept for as long as an access token of its session could still be valid.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError

from server.core.clock import Clock
from server.db import Database, DatabaseBusy, DatabaseDown
from server.identity import queries

POLL_S = 0.4
"""Seconds of real time between two readings."""
OVERLAP = timedelta(seconds=30)
"""How late a revocation may be committed after its instant and still be read."""
KEPT = timedelta(minutes=16)
"""Longer than an access token lives."""

log = structlog.get_logger()


class Revocations:
    """The ended sessions whose access tokens may still be around."""

    def __init__(self, clock: Clock, *, overlap: timedelta = OVERLAP) -> None:
        self._clock = clock
        self._overlap = overlap
        self._ended: dict[UUID, datetime] = {}
        self._read_to: datetime | None = None
        self._listeners: list[Callable[[UUID], None]] = []
        self.read_at: datetime | None = None
        """When the table was last read, for the health of the service."""

    def __contains__(self, session_id: UUID) -> bool:
        return session_id in self._ended

    def __len__(self) -> int:
        return len(self._ended)

    def listen(self, listener: Callable[[UUID], None]) -> None:
        """Call `listener` once with each session that ends: tokens leave caches, sockets close."""
        self._listeners.append(listener)

    def add(self, session_id: UUID, revoked_at: datetime) -> None:
        """Refuse the session's access tokens from now on."""
        if session_id in self._ended:
            return
        self._ended[session_id] = revoked_at
        for listener in self._listeners:
            listener(session_id)

    async def read_feed(self, database: Database) -> None:
        """Take over what all processes have revoked since the last reading."""
        now = self._clock.now()
        since = now - KEPT
        if self._read_to is not None:
            since = max(since, self._read_to - self._overlap)
        async with database.read() as connection:
            rows = (await connection.execute(queries.revocations_since(since))).all()
        for row in rows:
            self.add(row.session_id, row.revoked_at)
        self._read_to = now
        self.read_at = now
        self._forget(now - KEPT)

    async def follow_feed(self, database: Database) -> None:
        """Read the feed until cancelled."""
        while True:
            try:
                await self.read_feed(database)
            except (DatabaseDown, DatabaseBusy, DBAPIError) as error:
                log.warning("revocations_not_read", code=error.code)
            await asyncio.sleep(POLL_S)

    def _forget(self, before: datetime) -> None:
        # Entries come nearly in the order of their instants; the oldest are at the front.
        while self._ended:
            session_id, revoked_at = next(iter(self._ended.items()))
            if revoked_at >= before:
                return
            del self._ended[session_id]
