"""Whether users may change anything: the switch `read_only`, known to every process in a second.

The switch is read a few times a second, so no request reads the database for it.
"""

import asyncio
from contextlib import suppress

import structlog
from sqlalchemy.exc import DBAPIError

from server.core.refusals import ReadOnly
from server.db import Database, DatabaseBusy, DatabaseDown
from server.staff import switch_queries

READ_ONLY = "read_only"
"""The switch that stops every change by users; signing in, registering, codes and resets go on."""
POLL_S = 0.4
"""Seconds of real time between two looks."""
RETRY_AFTER_S = 60
log = structlog.get_logger()


class WriteGate:
    """The switch as last read; one in each process."""

    def __init__(self) -> None:
        self._closed = False
        self._wake = asyncio.Event()

    def check_writable(self) -> None:
        """Refuse `ReadOnly` while users may change nothing."""
        if self._closed:
            raise ReadOnly(retry_after_s=RETRY_AFTER_S)

    def wake(self) -> None:
        """Look now: something has changed here."""
        self._wake.set()

    async def read(self, database: Database) -> None:
        """Look at the switch."""
        async with database.read() as connection:
            row = (await connection.execute(switch_queries.switch(READ_ONLY))).first()
        self._closed = row is not None and bool(row.active)

    async def follow(self, database: Database) -> None:
        """Keep looking until cancelled."""
        while True:
            self._wake.clear()
            try:
                await self.read(database)
            except (DatabaseDown, DatabaseBusy, DBAPIError) as error:
                log.warning("write_gate_not_read", code=error.code)
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await self._wake.wait()
