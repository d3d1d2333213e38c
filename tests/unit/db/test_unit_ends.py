"""However a unit of work ends, nothing is left of it: no lock, no gate, no connection, no row."""

import asyncio

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError, OperationalError

from models.operations import Switch
from server.core.refusals import Conflict
from server.db import DatabaseDown
from tests.units import (
    FAST_S,
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
