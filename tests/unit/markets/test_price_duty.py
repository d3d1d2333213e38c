"""Real prices in the running application: who reads them."""

from sqlalchemy import select

from models.markets import IndexReading
from server.markets.catalog import write_catalog
from server.wiring.duties import SCHEDULE
from tests.api.identity.conftest import start_api
from tests.price_server import start_price_server

SOURCES = ("coingecko", "coinbase", "erapi", "kraken")


async def tick(api):
    """Whether this process read the prices."""
    schedule = api.client.server.app[SCHEDULE]
    (duty,) = (each for each in schedule._duties if each.name == "read_prices")
    return await schedule.tick(duty)


async def test_one_process_reads_the_prices(database_url, markets):
    clock = markets.clock
    async with start_price_server(clock) as server:
        settings = {
            "price_sources": ",".join(SOURCES),
            "price_urls": ",".join(f"{name}={server.url}" for name in SOURCES),
            "price_interval_s": 60,
        }
        async with (
            start_api(database_url, clock, **settings) as one,
            start_api(database_url, clock, **settings) as other,
        ):

            async def work(unit):
                await write_catalog(unit, ("VND",))

            await one.database.transact(work, name="test")
            # Both are this one process to the lease, which names processes.
            other.client.server.app[SCHEDULE]._owner = "elsewhere/1/1"
            assert [await tick(one), await tick(other), await tick(one)] == [True, False, True]
    readings = await markets.fetch(select(IndexReading.market, IndexReading.source))
    assert set(readings) == {("USDT-VND", "median")}
