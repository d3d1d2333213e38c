"""Parts of the tests of units of work."""

import asyncio
import sqlite3
from contextlib import asynccontextmanager

from sqlalchemy import insert, select

from models.operations import Switch
from server.core.clock import ManualClock
from server.core.ids import SystemRandom
from server.db import Database
from server.db.engine import open_engine

FAST_S = 20


@asynccontextmanager
async def open_database(url, **options):
    opened = Database(open_engine(url, **options), clock=ManualClock(), random=SystemRandom())
    try:
        yield opened
    finally:
        await opened.close()


def add_switch(name="counter"):
    async def work(unit):
        await unit.execute(
            insert(Switch).values(name=name, active=False, reason="0", changed_at=unit.now)
        )

    return work


async def list_names(database):
    async with database.read() as connection:
        return set((await connection.execute(select(Switch.name))).scalars())


async def assert_nothing_held(database):
    """No connection is out, nobody holds the gate, and a writer gets through at once."""
    assert database.engine.pool.checkedout() == 0
    assert database.gate is None or not database.gate.locked()
    async with asyncio.timeout(FAST_S):
        await database.transact(add_switch("probe"), name="probe")
    assert "probe" in await list_names(database)


class DriverError(Exception):
    """What a driver raises when another transaction is in the way, by its number."""

    def __init__(self, dialect):
        super().__init__(1213, "Deadlock found when trying to get lock")
        if dialect == "sqlite":
            self.__cause__ = sqlite3.OperationalError("database is locked")
            self.__cause__.sqlite_errorcode = sqlite3.SQLITE_BUSY
