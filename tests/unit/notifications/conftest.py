"""A world of trades whose events are numbered and told on demand."""

import pytest
from sqlalchemy import select

from models.notifications import Notification
from server.notifications.channels import InApp
from server.notifications.dispatcher import tell_of_events
from sockets.relay import OutboxRelay
from tests.trade_world import open_world

CHANNELS = (InApp(),)


class Nobody:
    """Hears what the relay sends, and forgets it."""

    async def send_events(self, events):
        """Nothing is sent in these tests."""

    async def add_words(self, events):
        """Nobody reads them."""
        return events


class Told:
    """The world with its relay."""

    def __init__(self, world):
        self.world = world
        nobody = Nobody()
        self.relay = OutboxRelay(
            world.database, nobody, add_words=nobody.add_words, lease_clock=world.clock,
            owner="test", is_dead=lambda _owner: False,
        )  # fmt: skip

    async def number(self):
        """Number everything that waits, as the relay of a running service does."""
        if self.relay.lease is None:
            assert await self.relay.acquire()
        while await self.relay.pass_on():
            pass

    async def tell(self):
        """Number and tell; how many notifications."""
        await self.number()
        return await tell_of_events(self.world.database, CHANNELS)

    async def list_of(self, user_id):
        """Kinds that a user was told, in order."""
        return [row.kind for row in await self.rows_of(user_id)]

    async def rows_of(self, user_id):
        return await self.world.fetch(
            select(*Notification.__table__.columns)
            .where(Notification.user_id == user_id)
            .order_by(Notification.id)
        )


@pytest.fixture
async def told(database_url):
    async with open_world(database_url) as world:
        yield Told(world)
