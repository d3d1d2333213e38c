"""Which versions of our apps are served: as the staff set it, known to every process in a second.

The rows are read a few times a second, so no request reads the database for them.
"""

import asyncio
from contextlib import suppress

import structlog
from sqlalchemy.exc import DBAPIError

from server.db import Database, DatabaseBusy, DatabaseDown
from server.http.app_version import Version, check_app, read_version
from server.staff import version_queries

POLL_S = 0.4
"""Seconds of real time between two looks."""
log = structlog.get_logger()


class VersionGate:
    """The least versions as last read; one in each process."""

    def __init__(self) -> None:
        self._least: dict[str, tuple[Version, str]] = {}
        self._wake = asyncio.Event()

    def check_app(self, header: str | None) -> None:
        """Refuse `AppOutdated` to an app that is too old; see `server.http.app_version`."""
        check_app(header, self._least)

    def wake(self) -> None:
        """Look now: something has changed here."""
        self._wake.set()

    async def read(self, database: Database) -> None:
        """Look at what the staff set."""
        async with database.read() as connection:
            rows = (await connection.execute(version_queries.list_versions())).all()
        least = {}
        for row in rows:
            version = read_version(row.least)
            assert version is not None, "only versions are written"
            least[row.platform] = (version, row.message)
        self._least = least

    async def follow(self, database: Database) -> None:
        """Keep looking until cancelled."""
        while True:
            self._wake.clear()
            try:
                await self.read(database)
            except (DatabaseDown, DatabaseBusy, DBAPIError) as error:
                log.warning("app_versions_not_read", code=error.code)
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await self._wake.wait()
