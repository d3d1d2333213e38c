"""A database with markets and a clock that the test moves."""

import orjson
import pytest
from sqlalchemy import select

from models.orders import LaneInbox
from server.core.clock import ManualClock
from server.core.ids import SystemRandom
from server.db import Database
from server.db.engine import open_engine
from server.markets.service import NewMarket, add_market, record_reading


class Markets:
    """Markets and shortcuts to move and read their index."""

    def __init__(self, database, clock):
        self.database = database
        self.clock = clock
        self.woken = []

    async def add(self, currency="VND", *, asset="USDT", price_digits=0):
        market = NewMarket(asset, currency, price_digits)

        async def work(unit):
            await add_market(unit, market)

        await self.database.transact(work, name="test")
        return market.id

    async def read(self, ticks, *, market="USDT-VND", read_at=None, source="test"):
        async def work(unit):
            return await record_reading(
                unit,
                market,
                index_ticks=ticks,
                read_at=read_at or self.clock.now(),
                source=source,
                wake_lane=self.woken.append,
            )

        return await self.database.transact(work, name="test")

    async def fetch(self, statement):
        async with self.database.read() as connection:
            return (await connection.execute(statement)).all()

    async def inbox(self):
        rows = await self.fetch(
            select(LaneInbox.market, LaneInbox.kind, LaneInbox.body).order_by(LaneInbox.id)
        )
        assert all(row.kind == "index" for row in rows)
        return [(row.market, orjson.loads(row.body)) for row in rows]


@pytest.fixture
async def markets(database_url):
    clock = ManualClock()
    database = Database(open_engine(database_url), clock=clock, random=SystemRandom())
    markets = Markets(database, clock)
    await markets.add()
    yield markets
    await database.close()
