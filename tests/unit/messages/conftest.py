"""A database, a sealer and senders that the test commands."""

import pytest

from models.messages import Channel
from server.core.clock import ManualClock
from server.core.ids import SystemRandom
from server.db import Database
from server.db.engine import open_engine
from server.identity.sealing import Sealer
from server.messages.queue import Post, send_due


class ObedientSender:
    """Takes every message, unless the test says what it raises; `taken` holds what it took."""

    def __init__(self):
        self.taken = []
        self.problems = []

    async def send(self, letter):
        problem = self.problems.pop(0) if self.problems else None
        if problem is None or problem[0] == "after":
            self.taken.append(letter)
        if problem is not None:
            raise problem[1]


class Office:
    def __init__(self, database, clock):
        self.database, self.clock = database, clock
        self.sealer = Sealer({"test": b"k" * 32}, database.random)
        self.mail, self.sms = ObedientSender(), ObedientSender()
        self.post = Post(database, self.sealer, {Channel.MAIL: self.mail, Channel.SMS: self.sms})

    async def run(self, work):
        return await self.database.transact(work, name="test")

    async def send(self):
        return await send_due(self.post)

    async def read(self, statement):
        async with self.database.read() as connection:
            return (await connection.execute(statement)).all()


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
async def office(database_url, clock):
    database = Database(open_engine(database_url), clock=clock, random=SystemRandom())
    yield Office(database, clock)
    await database.close()
