"""What the connections of the service really have: read back from both databases."""

import asyncio

import pytest
from sqlalchemy import insert, select, text, update

from models.operations import Switch
from server.core.clock import ManualClock
from server.core.ids import SystemRandom
from server.db import Database, assert_outside_transaction
from server.db.engine import LOCK_WAIT_S, open_engine
from server.settings import load_settings
from server.wiring import open_identity, open_kernel

SYNCHRONOUS_FULL = 2


@pytest.fixture
async def sqlite(sqlite_url):
    database = Database(open_engine(sqlite_url), clock=ManualClock(), random=SystemRandom())
    yield database
    await database.close()


async def add_switch(unit, name="counter"):
    await unit.execute(
        insert(Switch).values(name=name, active=False, reason="0", changed_at=unit.now)
    )


async def test_sqlite_connections_are_durable_and_check_foreign_keys(sqlite):
    async def ask(pragma):
        return (await connection.execute(text(f"PRAGMA {pragma}"))).scalar_one()

    for _ in range(3):
        async with sqlite.read() as connection, sqlite.read():
            assert await ask("journal_mode") == "wal"
            assert await ask("synchronous") == SYNCHRONOUS_FULL
            assert await ask("foreign_keys") == 1
            assert await ask("busy_timeout") == 5_000


async def test_writing_transaction_of_sqlite_begins_immediate(sqlite, sqlite_url):
    other = Database(open_engine(sqlite_url), clock=ManualClock(), random=SystemRandom())
    entered, leave = asyncio.Event(), asyncio.Event()

    async def reads_first(unit):
        await unit.execute(select(Switch.name))
        entered.set()
        await leave.wait()
        await add_switch(unit, "mine")

    task = asyncio.create_task(sqlite.transact(reads_first, name="test"))
    await entered.wait()
    waiting = asyncio.create_task(other.transact(add_switch, name="test"))
    await asyncio.sleep(0.1)

    # The write lock was taken before the first question, so the second process waits for it.
    assert not waiting.done()
    leave.set()
    await asyncio.gather(task, waiting)
    await other.close()


@pytest.mark.parametrize("flag", [0, 1 << 16], ids=["units", "lanes"])
async def test_mariadb_sessions_have_the_isolation_and_the_waits(mariadb_url, flag):
    engine = open_engine(mariadb_url, client_flag=flag)
    async with engine.connect() as one, engine.connect() as two:
        for connection in (one, two):
            row = (
                await connection.execute(
                    text(
                        "SELECT @@tx_isolation, @@innodb_lock_wait_timeout, @@time_zone,"
                        " @@sql_mode, @@character_set_connection, @@autocommit"
                    )
                )
            ).one()
            assert row[0] == "READ-COMMITTED"
            assert row[1] == LOCK_WAIT_S <= 5
            assert row[2] == "+00:00"
            assert "STRICT_ALL_TABLES" in row[3]
            assert (row[4], row[5]) == ("utf8mb4", 0)
    await engine.dispose()


async def test_writers_pass_the_gate_in_the_order_of_their_coming(sqlite):
    order, leave = [], asyncio.Event()

    def make(number):
        async def work(unit):
            await add_switch(unit, f"s{number}")
            order.append(number)
            if number == 0:
                await leave.wait()

        return work

    tasks = []
    for number in range(20):
        tasks.append(asyncio.create_task(sqlite.transact(make(number), name="test")))
        await asyncio.sleep(0.005)
    leave.set()
    await asyncio.gather(*tasks)

    assert order == list(range(20))


async def test_readers_do_not_wait_for_the_gate(sqlite):
    entered, leave = asyncio.Event(), asyncio.Event()

    async def slow(unit):
        await add_switch(unit)
        entered.set()
        await leave.wait()

    task = asyncio.create_task(sqlite.transact(slow, name="test"))
    await entered.wait()
    async with asyncio.timeout(2), sqlite.read() as connection:
        assert (await connection.execute(select(Switch.name))).all() == []
    leave.set()
    await task


async def test_unit_holds_nothing_before_its_first_statement(sqlite):
    entered, leave = asyncio.Event(), asyncio.Event()

    async def thinks_first(unit):
        assert_outside_transaction()
        entered.set()
        await leave.wait()
        await unit.execute(update(Switch).values(reason="1"))
        with pytest.raises(AssertionError):
            assert_outside_transaction()

    task = asyncio.create_task(sqlite.transact(thinks_first, name="test"))
    await entered.wait()
    async with asyncio.timeout(2):
        await sqlite.transact(add_switch, name="test")
    leave.set()
    await task
    assert_outside_transaction()


async def test_password_is_never_hashed_while_a_transaction_is_open(sqlite_url):
    from concurrent.futures import ThreadPoolExecutor

    kernel = open_kernel(load_settings({"IQX_DATABASE_URL": sqlite_url, "IQX_BCRYPT_ROUNDS": "4"}))
    with ThreadPoolExecutor(1) as thread:
        hasher = open_identity(kernel, thread).hasher

        async def hashes_late(unit):
            await add_switch(unit)
            await hasher.hash_password("correct horse battery")

        with pytest.raises(AssertionError):
            await kernel.database.transact(hashes_late, name="test")
        assert await hasher.hash_password("correct horse battery")
    await kernel.close()


async def test_update_counts_the_rows_that_it_found_also_when_nothing_changes(database_url):
    engine = open_engine(database_url)
    async with engine.connect() as connection:
        same = update(Switch).where(Switch.name == "releases").values(name="releases")
        none = update(Switch).where(Switch.name == "unknown").values(name="unknown")
        await connection.execute(
            insert(Switch).values(
                name="releases", active=False, reason="", changed_at=ManualClock().now()
            )
        )
        assert (await connection.execute(same)).rowcount == 1
        assert (await connection.execute(none)).rowcount == 0
        await connection.rollback()
    await engine.dispose()
