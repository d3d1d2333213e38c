"""The unit of work: all or nothing, retried whole, one writer at a time on SQLite."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import insert, select, text, update

from models.markets import MarketSettings
from models.operations import CommitMarker, Outbox, Switch
from server.core.clock import ManualClock
from server.core.events import Event
from server.core.ids import SystemRandom
from server.core.refusals import Conflict
from server.db import Database, DatabaseBusy, DatabaseDown
from server.db.engine import open_engine


@asynccontextmanager
async def open_database(url):
    database = Database(open_engine(url), clock=ManualClock(), random=SystemRandom())
    try:
        yield database
    finally:
        await database.close()


@pytest.fixture
async def database(database_url):
    async with open_database(database_url) as opened:
        yield opened


async def add_switch(unit, name="counter", reason="0"):
    await unit.execute(
        insert(Switch).values(name=name, active=False, reason=reason, changed_at=unit.now)
    )


async def count(database, table):
    async with database.read() as connection:
        return len((await connection.execute(select(table.__table__))).all())


async def test_refused_unit_leaves_nothing(database):
    async def work(unit):
        await add_switch(unit)
        unit.emit(Event("room", "order_created", {}))
        raise Conflict

    with pytest.raises(Conflict):
        await database.transact(work, name="test")

    assert await count(database, Switch) == 0
    assert await count(database, Outbox) == 0


async def test_event_and_change_are_committed_together(database):
    async def work(unit):
        await add_switch(unit)
        unit.emit(Event("room", "order_created", {"a": "1"}))

    await database.transact(work, name="test")

    assert await count(database, Switch) == 1
    assert await count(database, Outbox) == 1
    assert await count(database, CommitMarker) == 0


async def test_unit_without_event_leaves_a_marker_as_proof(database):
    await database.transact(add_switch, name="test")

    assert await count(database, CommitMarker) == 1


async def test_hundred_increments_at_once_lose_none(database):
    await database.transact(add_switch, name="test")

    async def increment(unit):
        row = (
            await unit.execute(
                select(Switch.reason).where(Switch.name == "counter").with_for_update()
            )
        ).one()
        await unit.execute_guarded(
            update(Switch)
            .where(Switch.name == "counter", Switch.reason == row.reason)
            .values(reason=str(int(row.reason) + 1))
        )

    await asyncio.gather(*(database.transact(increment, name="test") for _ in range(100)))

    async with database.read() as connection:
        assert (await connection.execute(select(Switch.reason))).scalar_one() == "100"


async def test_time_is_taken_again_when_the_wait_for_the_database_is_over(database):
    clock = database.clock
    seen = []

    async def slow(unit):
        await add_switch(unit, "slow")
        await asyncio.sleep(0.05)
        clock.advance(seconds=60)

    async def quick(unit):
        await add_switch(unit, "quick")
        seen.append(unit.now)

    before = clock.now()
    if database.gate is None:
        return_after = before
        await database.transact(slow, name="test")
    else:
        return_after = before
        task = asyncio.create_task(database.transact(slow, name="test"))
        await asyncio.sleep(0.01)
        await database.transact(quick, name="test")
        await task
        assert seen[0] > return_after
        return
    await database.transact(quick, name="test")
    assert seen[0] > return_after


async def test_deadlock_is_retried_and_nobody_sees_it(mariadb_url):
    async with open_database(mariadb_url) as database:

        async def prepare(unit):
            await add_switch(unit, "a")
            await add_switch(unit, "b")

        await database.transact(prepare, name="test")
        meet = asyncio.Barrier(2)
        tries = []

        def touch(names):
            met = False

            async def work(unit):
                nonlocal met
                tries.append(names)
                for name in names:
                    await unit.execute(
                        update(Switch).where(Switch.name == name).values(reason=f"by {names}")
                    )
                    if not met:
                        met = True
                        await meet.wait()

            return work

        await asyncio.gather(
            database.transact(touch("ab"), name="test"), database.transact(touch("ba"), name="test")
        )

        assert len(tries) == 3
        async with database.read() as connection:
            reasons = set((await connection.execute(select(Switch.reason))).scalars())
        assert len(reasons) == 1


async def test_row_that_stays_locked_ends_in_a_refusal(mariadb_url):
    async with open_database(mariadb_url) as database:
        await database.transact(add_switch, name="test")

        async def work(unit):
            await unit.execute(text("SET innodb_lock_wait_timeout = 1"))
            await unit.execute(update(Switch).values(reason="mine"))

        async with database.engine.connect() as console:
            await console.execute(text("SET idle_write_transaction_timeout = 0"))
            await console.execute(update(Switch).values(reason="theirs"))
            with pytest.raises(DatabaseBusy):
                await database.transact(work, name="test")
            await console.rollback()

        async with database.read() as connection:
            assert (await connection.execute(select(Switch.reason))).scalar_one() == "0"


async def test_database_that_is_gone_is_a_refusal():
    url = "mysql+aiomysql://nobody:nothing@127.0.0.1:1/none"
    async with open_database(url) as database:
        with pytest.raises(DatabaseDown):
            await database.transact(add_switch, name="test")


async def test_guarded_write_that_touches_no_row_is_a_fault(database):
    async def work(unit):
        await unit.execute_guarded(
            update(MarketSettings).where(MarketSettings.market == "none").values(version=1)
        )

    with pytest.raises(AssertionError):
        await database.transact(work, name="test")
