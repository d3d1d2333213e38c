"""Relays on a database of their own, and what they sent."""

from contextlib import asynccontextmanager

import orjson
from sqlalchemy import select

from models.operations import Outbox
from server.core import fault
from server.core.clock import ManualClock
from server.core.events import Event
from server.core.ids import SystemRandom
from server.db import Database
from server.db.engine import open_engine
from sockets.relay import OutboxRelay


class Sent:
    """A publisher that remembers."""

    def __init__(self):
        self.events = []

    async def send_events(self, events):
        self.events += events

    async def add_words(self, events):
        """These events have no words of people."""
        return events

    def numbers(self, room):
        return [event.seq for event in self.events if event.room == room]


class Desk:
    """A database, the clock of leases, and relays on it."""

    def __init__(self, database, clock):
        self.database = database
        self.clock = clock
        self.dead = set()

    def relay(self, owner="here", **options):
        sent = Sent()
        relay = OutboxRelay(
            self.database, sent, add_words=sent.add_words,
            lease_clock=self.clock, owner=owner, is_dead=self.dead.__contains__, **options,
        )  # fmt: skip
        return relay, sent

    async def emit(self, room, count=1, *, start=0):
        async def work(unit):
            for number in range(start, start + count):
                unit.emit(Event(room, "thing_happened", {"number": number}))

        await self.database.transact(work, name="test")

    async def rows(self, statement):
        async with self.database.read() as connection:
            return (await connection.execute(statement)).all()

    async def stored(self, room):
        rows = await self.rows(
            select(Outbox.seq, Outbox.body).where(Outbox.room == room).order_by(Outbox.seq)
        )
        return [(row.seq, orjson.loads(row.body)["number"]) for row in rows]


@asynccontextmanager
async def open_desk(database_url):
    clock = ManualClock()
    database = Database(open_engine(database_url), clock=clock, random=SystemRandom())
    try:
        yield Desk(database, clock)
    finally:
        fault.disarm()
        await database.close()
