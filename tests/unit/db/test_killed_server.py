"""The database is killed and comes back: the pool heals, and what was acknowledged is there."""

import asyncio

import pytest
from sqlalchemy import insert, select

from models.operations import Switch
from server.db import DatabaseDown
from server.db.errors import OutcomeUnknown
from tests.killable_mariadb import run_killable
from tests.units import open_database

WRITERS = 6
HEALED_WITHIN_S = 30


@pytest.fixture
def server():
    with run_killable() as server:
        yield server


class Writers:
    """Write rows one after the other and keep what they were told of each."""

    def __init__(self, database):
        self.database = database
        self.acknowledged, self.refused, self.unknown = set(), set(), set()
        self.enough = False

    async def write(self, writer):
        number = 0
        while not self.enough:
            number += 1
            name = f"w{writer}-{number}"

            async def work(unit, name=name):
                await unit.execute(
                    insert(Switch).values(name=name, active=False, reason="", changed_at=unit.now)
                )

            try:
                await self.database.transact(work, name="test")
            except OutcomeUnknown:
                self.unknown.add(name)
            except DatabaseDown:
                self.refused.add(name)
                await asyncio.sleep(0.02)
            else:
                self.acknowledged.add(name)

    async def wait_for_more(self, count):
        before = len(self.acknowledged)
        while len(self.acknowledged) < before + count:
            await asyncio.sleep(0.01)


async def test_pool_heals_and_nothing_acknowledged_is_lost(server):
    async with open_database(server.make_schema()) as database:
        writers = Writers(database)
        tasks = [asyncio.create_task(writers.write(number)) for number in range(WRITERS)]
        for _ in range(2):
            await writers.wait_for_more(50)
            await asyncio.to_thread(server.kill)
            await asyncio.sleep(0.3)
            with pytest.raises(DatabaseDown):
                async with database.read() as connection:
                    await connection.execute(select(Switch.name).limit(1))
            await asyncio.to_thread(server.restart)
            async with asyncio.timeout(HEALED_WITHIN_S):
                await writers.wait_for_more(50)
        writers.enough = True
        await asyncio.gather(*tasks)

        async with database.read() as connection:
            stored = set((await connection.execute(select(Switch.name))).scalars())
        assert writers.acknowledged - stored == set()
        assert writers.refused & stored == set()
        assert stored <= writers.acknowledged | writers.unknown
        assert writers.refused
        assert database.engine.pool.checkedout() == 0
