"""However a unit of work ends, nothing is left of it: no lock, no gate, no connection, no row."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError

from models.operations import CommitMarker, Switch
from server.core.clock import ManualClock
from server.core.ids import SystemRandom
from server.core.refusals import Conflict
from server.db import Database, DatabaseBusy, DatabaseDown
from server.db.engine import open_engine

FAST_S = 20


@asynccontextmanager
async def open_database(url, **options):
    opened = Database(open_engine(url, **options), clock=ManualClock(), random=SystemRandom())
    try:
        yield opened
    finally:
        await opened.close()


@pytest.fixture
async def database(database_url):
    async with open_database(database_url) as opened:
        yield opened


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


async def test_cancelled_unit_leaves_nothing(database):
    entered = asyncio.Event()

    async def work(unit):
        await add_switch()(unit)
        entered.set()
        await asyncio.sleep(60)

    task = asyncio.create_task(database.transact(work, name="test"))
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await list_names(database) == set()
    await assert_nothing_held(database)


async def test_unit_cancelled_at_any_step_holds_nothing_and_is_whole_or_absent(database):
    async def work(unit):
        await add_switch("one")(unit)
        await add_switch("two")(unit)

    whole = 0
    for steps in range(60):
        task = asyncio.create_task(database.transact(work, name="test"))
        for _ in range(steps):
            await asyncio.sleep(0)
        await asyncio.sleep(0.0005 * (steps % 12))
        task.cancel()
        await asyncio.wait((task,))
        names = await list_names(database)
        assert names in (set(), {"one", "two"})
        if task.done() and not task.cancelled():
            assert names == {"one", "two"}
        whole += bool(names)

        async def forget(unit):
            await unit.execute(Switch.__table__.delete())

        async with asyncio.timeout(FAST_S):
            await database.transact(forget, name="test")
    await assert_nothing_held(database)


async def test_cancelled_while_waiting_for_the_gate_leaves_the_gate_to_the_next(sqlite_url):
    async with open_database(sqlite_url) as database:
        entered, leave = asyncio.Event(), asyncio.Event()

        async def slow(unit):
            await add_switch("slow")(unit)
            entered.set()
            await leave.wait()

        first = asyncio.create_task(database.transact(slow, name="test"))
        await entered.wait()
        waiting = [
            asyncio.create_task(database.transact(add_switch(f"w{n}"), name="test"))
            for n in range(6)
        ]
        await asyncio.sleep(0.01)
        for task in waiting[::2]:
            task.cancel()
        leave.set()
        await asyncio.gather(first, *waiting, return_exceptions=True)

        assert await list_names(database) == {"slow", "w1", "w3", "w5"}
        await assert_nothing_held(database)


async def test_cancelling_the_waiter_of_a_commit_does_not_break_the_commit(database):
    """The commit goes on, its hints are called, and only then is the caller cancelled."""
    hints = []
    commits = 0
    for delay in range(30):

        async def work(unit, delay=delay):
            await add_switch(f"s{delay}")(unit)
            unit.after_commit(lambda: hints.append(delay))

        task = asyncio.create_task(database.transact(work, name="test"))
        await asyncio.sleep(0.0004 * delay)
        task.cancel()
        await asyncio.wait((task,))
        await asyncio.sleep(0)
        commits = len(await list_names(database))
        assert len(hints) == commits
    assert database.counts.committed == commits
    await assert_nothing_held(database)


@pytest.mark.parametrize("error", [Conflict, RuntimeError, AssertionError, OSError])
async def test_any_exception_rolls_back_and_gives_everything_back(database, error):
    async def work(unit):
        await add_switch()(unit)
        raise error("no")

    expected = DatabaseDown if error is OSError else error
    for _ in range(30):
        with pytest.raises(expected):
            await database.transact(work, name="test")

    assert await list_names(database) == set()
    await assert_nothing_held(database)


async def test_caught_unique_violation_leaves_the_unit_usable(database):
    await database.transact(add_switch("taken"), name="test")

    async def work(unit):
        await add_switch("mine")(unit)
        with pytest.raises(IntegrityError):
            await add_switch("taken")(unit)
        await add_switch("also_mine")(unit)

    await database.transact(work, name="test")

    assert await list_names(database) == {"taken", "mine", "also_mine"}


async def test_failing_hint_does_not_undo_what_was_committed(database):
    heard = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: heard.append(context["exception"]))

    async def work(unit):
        await add_switch()(unit)
        unit.after_commit(lambda: 1 // 0)
        unit.after_commit(lambda: heard.append("second"))
        return "done"

    assert await database.transact(work, name="test") == "done"
    await asyncio.sleep(0)

    assert [type(item) for item in heard] == [ZeroDivisionError, str]


async def test_hints_are_called_once_and_only_after_a_commit(database):
    hints = []
    runs = 0

    async def work(unit):
        nonlocal runs
        runs += 1
        await add_switch()(unit)
        unit.after_commit(lambda: hints.append(runs))
        if runs == 1:
            raise OperationalError("a deadlock", {}, DriverError(database.dialect))
        assert hints == []

    await database.transact(work, name="test")
    await asyncio.sleep(0)
    assert (runs, hints) == (2, [2])

    async def refused(unit):
        await add_switch("other")(unit)
        unit.after_commit(lambda: hints.append("never"))
        raise Conflict

    with pytest.raises(Conflict):
        await database.transact(refused, name="test")
    await asyncio.sleep(0)
    assert hints == [2]


class DriverError(Exception):
    """What a driver raises when another transaction is in the way, by its number."""

    def __init__(self, dialect):
        super().__init__(1213, "Deadlock found when trying to get lock")
        if dialect == "sqlite":
            import sqlite3

            self.__cause__ = sqlite3.OperationalError("database is locked")
            self.__cause__.sqlite_errorcode = sqlite3.SQLITE_BUSY


async def test_unit_cannot_be_used_after_its_end(database):
    kept = []

    async def work(unit):
        kept.append(unit)
        await add_switch()(unit)

    await database.transact(work, name="test")

    with pytest.raises(AssertionError):
        await add_switch("late")(kept[0])
    assert await list_names(database) == {"counter"}
    await assert_nothing_held(database)


async def test_unit_inside_a_unit_is_a_fault_and_no_deadlock(database):
    async def work(unit):
        await add_switch()(unit)
        await database.transact(add_switch("inner"), name="inner")

    async with asyncio.timeout(FAST_S):
        with pytest.raises(AssertionError):
            await database.transact(work, name="test")
    await assert_nothing_held(database)


async def test_statements_of_a_unit_at_once_are_a_fault_and_no_deadlock(database):
    async def work(unit):
        await asyncio.gather(add_switch("a")(unit), add_switch("b")(unit))

    async with asyncio.timeout(FAST_S):
        with pytest.raises(AssertionError):
            await database.transact(work, name="test")
    assert await list_names(database) == set()
    await asyncio.sleep(0.1)
    await assert_nothing_held(database)


async def test_exhausted_pool_is_a_refusal_and_the_gate_is_given_back(sqlite_url):
    async with open_database(sqlite_url, pool_size=1) as database:
        database.engine.pool._max_overflow = 0
        database.engine.pool._timeout = 0.2
        async with database.read() as connection:
            await connection.execute(text("SELECT 1"))
            with pytest.raises(DatabaseDown):
                await database.transact(add_switch(), name="test")
            with pytest.raises(DatabaseDown):
                async with database.read():
                    pass
        await assert_nothing_held(database)


async def test_unit_whose_connection_was_killed_is_a_refusal_and_the_pool_heals(mariadb_url):
    async with open_database(mariadb_url) as database, open_database(mariadb_url) as console:

        async def work(unit):
            await add_switch()(unit)
            thread = (await unit.execute(text("SELECT CONNECTION_ID()"))).scalar_one()
            async with console.engine.connect() as killer:
                await killer.execute(text(f"KILL {thread}"))
            if how == "refusal":
                raise Conflict
            await unit.execute(update(Switch).values(reason="1"))

        for case in (("refusal", Conflict), ("statement", DatabaseDown)):
            how, expected = case
            with pytest.raises(expected):
                await database.transact(work, name="test")
            assert await list_names(database) - {"probe"} == set()
            assert database.engine.pool.checkedout() == 0
        await assert_nothing_held(database)


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
