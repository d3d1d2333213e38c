"""A unit of work is run again as a whole when another one was in the way."""

import asyncio

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import OperationalError

from models.operations import CommitMarker, Switch
from server.db import DatabaseBusy
from tests.units import (
    DriverError,
    add_switch,
    assert_nothing_held,
    list_names,
    open_database,
)


@pytest.fixture
async def database(database_url):
    async with open_database(database_url) as opened:
        yield opened


async def test_unit_is_repeated_five_times_at_most_and_each_run_starts_anew(database):
    runs = []

    async def work(unit):
        runs.append(unit)
        await add_switch()(unit)
        raise OperationalError("x", {}, DriverError(database.dialect))

    with pytest.raises(DatabaseBusy) as refused:
        await database.transact(work, name="test")

    assert len(runs) == len(set(map(id, runs))) == 5
    assert (refused.value.status, refused.value.retry_after_s) == (503, 1)
    assert (database.counts.retried, database.counts.busy) == (5, 1)
    assert await list_names(database) == set()
    await assert_nothing_held(database)


async def test_busy_sqlite_is_waited_for_and_then_refused(sqlite_url, monkeypatch):
    from server.db import engine

    monkeypatch.setattr(engine, "SQLITE_BUSY_MS", 20)
    async with open_database(sqlite_url) as database, open_database(sqlite_url) as other:
        entered, leave = asyncio.Event(), asyncio.Event()

        async def holds(unit):
            await add_switch("theirs")(unit)
            entered.set()
            await leave.wait()

        task = asyncio.create_task(other.transact(holds, name="test"))
        await entered.wait()
        with pytest.raises(DatabaseBusy):
            await database.transact(add_switch("mine"), name="test")
        assert database.counts.retried == 5

        later = asyncio.create_task(database.transact(add_switch("mine"), name="test"))
        await asyncio.sleep(0.03)
        leave.set()
        await asyncio.gather(task, later)
        assert await list_names(database) == {"theirs", "mine"}


async def test_lock_wait_timeout_rolls_the_whole_unit_back_even_if_it_is_caught(mariadb_url):
    async with open_database(mariadb_url) as database, open_database(mariadb_url) as other:
        await database.transact(add_switch("contested"), name="test")
        caught = []

        async def work(unit):
            await add_switch("before")(unit)
            await unit.execute(text("SET innodb_lock_wait_timeout = 1"))
            try:
                await unit.execute(
                    update(Switch).where(Switch.name == "contested").values(reason="mine")
                )
            except OperationalError as error:
                caught.append(error.orig.args[0])
            await add_switch("after")(unit)

        async with other.engine.connect() as console:
            await console.execute(text("SET idle_write_transaction_timeout = 0"))
            await console.execute(update(Switch).values(reason="theirs"))
            with pytest.raises(DatabaseBusy):
                await database.transact(work, name="test")
            await console.rollback()

        assert caught == [1205] * 5
        assert await list_names(database) == {"contested"}
        await assert_nothing_held(database)


async def test_snapshot_conflict_is_retried_and_nobody_sees_it(mariadb_url):
    """Error 1020, as later versions of MariaDB raise it by default; 10.11 when asked to."""
    async with open_database(mariadb_url) as database, open_database(mariadb_url) as other:
        await database.transact(add_switch(), name="test")
        errors = []
        await prepare_snapshots(database)

        async def work(unit):
            row = (await unit.execute(select(Switch.reason))).one()
            if not errors:

                async def meanwhile(theirs):
                    await theirs.execute(update(Switch).values(reason="5"))

                await asyncio.create_task(in_other_context(other, meanwhile))
            try:
                await unit.execute(update(Switch).values(reason=str(int(row.reason) + 1)))
            except OperationalError as error:
                errors.append(error.orig.args[0])
                raise

        await database.transact(work, name="test")

        assert errors == [1020]
        async with other.read() as connection:
            assert (await connection.execute(select(Switch.reason))).scalar_one() == "6"
            markers = (await connection.execute(select(CommitMarker.id))).all()
        assert len(markers) == 3


async def prepare_snapshots(database):
    """Let every connection of the pool read from one snapshot and fail on what changed since."""
    from sqlalchemy import event

    @event.listens_for(database.engine.sync_engine, "begin")
    def begin(connection):
        connection.exec_driver_sql("SET SESSION innodb_snapshot_isolation=ON")
        connection.exec_driver_sql("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def in_other_context(database, work):
    async def run():
        from server.db import database as kernel

        kernel._current.set(None)
        await database.transact(work, name="other")

    return run()
