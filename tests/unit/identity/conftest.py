"""A database with two people in it."""

import uuid

import pytest

from server.core.clock import ManualClock
from server.core.ids import SystemRandom
from server.db import Database
from server.db.engine import open_engine
from server.identity import queries
from server.identity.hooks import Hooks

ALICE, BOB = uuid.UUID(int=1), uuid.UUID(int=2)


class Notes:
    """Hooks that remember what they heard."""

    def __init__(self):
        self.changed = []
        self.hooks = Hooks(on_standing_changed=[self._note])

    async def _note(self, unit, user_id):
        self.changed.append(user_id)


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def notes():
    return Notes()


@pytest.fixture
async def database(database_url, clock):
    opened = Database(open_engine(database_url), clock=clock, random=SystemRandom())

    async def work(unit):
        for user_id in (ALICE, BOB):
            await unit.execute(queries.insert_user(user_id, unit.now))
            await unit.execute(queries.insert_standing(user_id, 1))

    await opened.transact(work, name="test")
    yield opened
    await opened.close()
