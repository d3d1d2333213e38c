"""A connection lost during the commit: what happened is read, never guessed, never done twice."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import func, insert, select, text, update

from models.operations import CommitMarker, Outbox, Switch
from server.core.clock import ManualClock
from server.core.events import Event
from server.core.ids import SystemRandom
from server.db import Database, DatabaseDown, database
from server.db.engine import open_engine
from server.db.errors import OutcomeUnknown
from tests.proxy import Lose, open_proxy

WITNESSES = pytest.mark.parametrize("witness", ["outbox", "marker"])


@asynccontextmanager
async def open_through_proxy(url):
    async with open_proxy(url) as (proxy, through):
        opened = Database(open_engine(through), clock=ManualClock(), random=SystemRandom())
        try:
            await opened.transact(add_counter, name="prepare")
            yield proxy, opened
        finally:
            await opened.close()


async def add_counter(unit):
    await unit.execute(insert(Switch).values(
        name="counter", active=False, reason="0", changed_at=unit.now))  # fmt: skip


def make_increment(witness, hints, runs):
    async def increment(unit):
        runs.append(1)
        row = (await unit.execute(select(Switch.reason).with_for_update())).one()
        await unit.execute(update(Switch).values(reason=str(int(row.reason) + 1)))
        if witness == "outbox":
            unit.emit(Event("room", "counted", {"n": row.reason}))
            unit.emit(Event("room", "counted_again", {"n": row.reason}))
        unit.after_commit(lambda: hints.append(1))
        return "done"

    return increment


async def read_state(opened):
    async with opened.read() as connection:
        counter = (await connection.execute(select(Switch.reason))).scalar_one()
        events = (await connection.execute(select(func.count()).select_from(Outbox))).scalar_one()
        markers = await connection.execute(select(func.count()).select_from(CommitMarker))
        return counter, events, markers.scalar_one() - 1


@WITNESSES
async def test_lost_answer_of_a_commit_is_found_to_be_a_commit(mariadb_url, witness):
    hints, runs = [], []
    async with open_through_proxy(mariadb_url) as (proxy, opened):
        proxy.lose_next = Lose.ANSWER

        assert await opened.transact(make_increment(witness, hints, runs), name="test") == "done"
        await asyncio.sleep(0)

        assert proxy.lost == 1
        assert (len(runs), len(hints)) == (1, 1)
        written = ("1", 2, 0) if witness == "outbox" else ("1", 0, 1)
        assert await read_state(opened) == written


@WITNESSES
async def test_lost_commit_is_found_to_be_none(mariadb_url, witness):
    hints, runs = [], []
    async with open_through_proxy(mariadb_url) as (proxy, opened):
        proxy.lose_next = Lose.COMMIT

        with pytest.raises(DatabaseDown):
            await opened.transact(make_increment(witness, hints, runs), name="test")

        assert proxy.lost == 1
        assert (len(runs), len(hints)) == (1, 0)
        assert await read_state(opened) == ("0", 0, 0)
        assert opened.counts.committed == 1


@pytest.mark.parametrize(
    ("lose", "counter"), [(Lose.ANSWER_SILENTLY, "1"), (Lose.COMMIT_SILENTLY, "0")]
)
async def test_commit_without_any_answer_is_looked_for_and_leaves_no_lock(
    mariadb_url, monkeypatch, lose, counter
):
    monkeypatch.setattr(database, "COMMIT_WAIT_S", 0.3)
    hints, runs = [], []
    async with open_through_proxy(mariadb_url) as (proxy, opened):
        increment = make_increment("outbox", hints, runs)
        proxy.lose_next = lose

        if counter == "1":
            await opened.transact(increment, name="test")
        else:
            with pytest.raises(DatabaseDown):
                await opened.transact(increment, name="test")

        assert (await read_state(opened))[0] == counter
        await opened.transact(increment, name="test")
        assert (await read_state(opened))[0] == str(int(counter) + 1)


async def test_outcome_that_cannot_be_read_is_said_to_be_unknown(mariadb_url, monkeypatch):
    monkeypatch.setattr(database, "LOOK_TRIES_MAX", 3)
    hints, runs = [], []
    async with open_through_proxy(mariadb_url) as (proxy, opened):
        proxy.lose_next = Lose.ANSWER
        proxy.refusing = True

        with pytest.raises(OutcomeUnknown) as refused:
            await opened.transact(make_increment("marker", hints, runs), name="test")

        assert (refused.value.status, refused.value.retry_after_s) == (503, 2)
        assert (len(runs), hints) == (1, [])
        proxy.refusing = False
        assert (await read_state(opened))[0] == "1"


async def test_busy_pool_while_looking_is_not_taken_for_an_answer(mariadb_url, monkeypatch):
    monkeypatch.setattr(database, "LOOK_TRIES_MAX", 2)
    async with open_proxy(mariadb_url) as (proxy, through):
        engine = open_engine(through, pool_size=1)
        engine.pool._max_overflow = 0
        engine.pool._timeout = 0.2
        opened = Database(engine, clock=ManualClock(), random=SystemRandom())
        await opened.transact(add_counter, name="prepare")
        proxy.lose_next = Lose.ANSWER

        async def hog():
            async with opened.read() as connection:
                await connection.execute(text("SELECT 1"))
                await asyncio.sleep(3)

        async def work(unit):
            await unit.execute(update(Switch).values(reason="1"))
            hogs.append(asyncio.create_task(hog()))

        hogs = []
        with pytest.raises(OutcomeUnknown):
            await opened.transact(work, name="test")
        for task in hogs:
            task.cancel()
        await asyncio.gather(*hogs, return_exceptions=True)
        await opened.close()
