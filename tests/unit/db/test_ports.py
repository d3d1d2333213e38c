"""What blocks or hashes sits behind ports: a simulator runs the same code without a thread."""

import sqlite3
import threading

import pytest

from models.trades import TradeStatus
from server.core.clock import ManualClock
from server.core.ids import SeededRandom
from server.db import Database
from server.db.engine import open_engine
from server.identity.passwords import BcryptHasher
from tests.trade_checks import check_world
from tests.trade_world import TradeWorld


class InlineCursor:
    """A cursor of the standard driver that answers in the calling loop."""

    def __init__(self, cursor):
        self.cursor = cursor

    def __getattr__(self, name):
        return getattr(self.cursor, name)

    async def __aenter__(self):
        return self

    async def execute(self, *given):
        self.cursor.execute(*given)

    async def executemany(self, *given):
        self.cursor.executemany(*given)

    async def fetchall(self):
        return self.cursor.fetchall()

    async def close(self):
        self.cursor.close()


class Inline:
    """A connection that a simulator hands in: no thread, so the loop's order is the only one."""

    def __init__(self, path):
        self._connection = self._conn = sqlite3.connect(path, check_same_thread=False)
        self._tx = self
        self.statements = 0

    def put_nowait(self, call):
        """The place where the adapter leaves what the driver's thread should do."""
        future, function = call
        future.set_result(function())

    def cursor(self):
        self.statements += 1
        return InlineCursor(self._connection.cursor())

    async def create_function(self, *given, **options):
        self._connection.create_function(*given, **options)

    async def commit(self):
        self._connection.commit()

    async def rollback(self):
        self._connection.rollback()

    async def close(self):
        self._connection.close()


@pytest.fixture
def no_threads(monkeypatch):
    """Starting a thread is a fault from here on."""

    def refuse(thread):
        raise AssertionError(f"{thread.name} was started")

    monkeypatch.setattr(threading.Thread, "start", refuse)


async def test_trades_run_on_a_simulators_database_without_a_thread(sqlite_url, no_threads):
    opened = []

    async def connect():
        opened.append(Inline(sqlite_url.partition(":///")[2]))
        return opened[-1]

    engine = open_engine(sqlite_url, connect_sqlite=connect)
    database = Database(engine, clock=ManualClock(), random=SeededRandom("simulator"))
    world = await TradeWorld(database, database.clock).build()
    for status in TradeStatus:
        await world.open_trade(status)
    await check_world(world)
    await database.close()

    assert sum(one.statements for one in opened) > len(TradeStatus)


async def test_passwords_are_hashed_where_the_simulator_says(no_threads):
    done = []

    async def run_here(work):
        done.append(work)
        return work()

    hasher = BcryptHasher(4, run_here)
    hashed = await hasher.hash_password("correct horse battery")

    assert await hasher.verify_password("correct horse battery", hashed)
    assert not await hasher.verify_password("wrong horse battery", hashed)
    assert len(done) == 3


async def test_a_thread_would_be_noticed(sqlite_url, no_threads):
    engine = open_engine(sqlite_url)
    with pytest.raises(AssertionError, match="was started"):
        async with engine.connect():
            pass
    await engine.dispose()
