"""The price feed and its made-up source."""

import asyncio
import itertools
from contextlib import suppress

from sqlalchemy import select

from models.markets import IndexReading, MarketIndex
from server.core.ids import SeededRandom
from server.markets.feed import KnownMarket, Price, PriceFeed, RandomWalk
from server.settings import load_settings
from server.wiring import open_kernel, open_price_feed

SECRETS = {
    "IQX_TOKEN_KEYS": "a:a8J2kq0sVbXz5LwN7rTgHyUe3cPdMf41",
    "IQX_SEAL_KEYS": "a:Qw9eRt7yUi5oPa3sDf1gHj0kLz8xCv6b",
    "IQX_PROOF_KEYS": "a:Zx7cVb3nMq1wEr5tYu9iOp2aSd6fGh4k",
    "IQX_FINGERPRINT_SECRET": "m4N6b8V0c2X1z3A5s7D9f-GhJkLqWeRt",
    "IQX_PASSKEY_DOMAIN": "iqx.example",
    "IQX_STEP_UP": "none",
    "IQX_SMTP_HOST": "mail.example",
}


def open_feed(markets, seed="seed", interval_s=5):
    walk = RandomWalk(markets.clock, SeededRandom(seed))
    return PriceFeed(markets.database, walk, interval_s=interval_s, wake_lane=markets.woken.append)


async def walk_prices(markets, seed, steps, start=26_350):
    walk = RandomWalk(markets.clock, SeededRandom(seed))
    known = [KnownMarket("USDT-VND", "VND", 0, start), KnownMarket("USDT-USD", "USD", 4, None)]
    path = []
    for _ in range(steps):
        (price,) = await walk.read_prices(known)
        path.append(price.index_ticks)
    return path


async def test_feed_ticks_every_market_that_has_an_index(markets):
    await markets.add("NGN", price_digits=2)
    await markets.add("USD", price_digits=4)
    await markets.read(26_350)
    await markets.read(145_000, market="USDT-NGN")
    markets.clock.advance(seconds=5)

    assert await open_feed(markets).tick() == 2

    read_at = select(MarketIndex.market, MarketIndex.read_at).order_by(MarketIndex.market)
    now = markets.clock.now()
    assert await markets.fetch(read_at) == [("USDT-NGN", now), ("USDT-VND", now)]
    assert markets.woken[-2:] == ["USDT-NGN", "USDT-VND"]


async def test_feed_names_its_source_in_the_history(markets):
    await markets.read(26_350)
    markets.clock.advance(seconds=5)
    await open_feed(markets).tick()

    sources = await markets.fetch(select(IndexReading.source).order_by(IndexReading.id))

    assert sources == [("test",), ("development walk",)]


class FailingSource:
    """Fails in a way of its own the first time it is asked."""

    name = "failing"

    def __init__(self, clock):
        self.asked, self._clock = 0, clock

    async def read_prices(self, known):
        self.asked += 1
        if self.asked == 1:
            raise ValueError("not a number")
        return [Price(each.market, each.index_ticks, self._clock.now()) for each in known]


async def test_feed_goes_on_when_its_source_fails_unexpectedly(markets):
    await markets.read(26_350)
    markets.clock.advance(seconds=1)
    source = FailingSource(markets.clock)
    task = asyncio.create_task(PriceFeed(markets.database, source, interval_s=0.01).run())
    for _ in range(500):
        await asyncio.sleep(0.01)
        if source.asked > 2 or task.done():
            break
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task

    sources = await markets.fetch(select(IndexReading.source).order_by(IndexReading.id))
    assert sources[:2] == [("test",), ("failing",)]


async def test_feed_goes_on_until_it_is_cancelled(markets):
    await markets.read(26_350)
    task = asyncio.create_task(open_feed(markets, interval_s=0.01).run())
    seen = 1
    for _ in range(200):
        markets.clock.advance(seconds=1)
        await asyncio.sleep(0.02)
        seen = len(await markets.fetch(select(IndexReading.id)))
        if seen > 3:
            break
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task

    assert seen > 3


async def test_other_sources_use_the_same_feed(markets):
    class FixedSource:
        name = "fixed"

        async def read_prices(self, known):
            return [Price(each.market, 27_000, markets.clock.now()) for each in known]

    await markets.read(26_900)
    markets.clock.advance(seconds=5)

    assert await PriceFeed(markets.database, FixedSource(), interval_s=5).tick() == 1
    assert await markets.fetch(select(MarketIndex.index_ticks)) == [(27_000,)]


async def test_same_seed_is_the_same_walk(markets):
    first = await walk_prices(markets, "seed", 50)

    assert first == await walk_prices(markets, "seed", 50)
    assert first != await walk_prices(markets, "other", 50)
    assert len(set(first)) > 10


async def test_walk_never_steps_too_far_nor_strays(markets):
    path = await walk_prices(markets, "seed", 5000)

    assert all(abs(b - a) <= 26_350 // 1000 for a, b in itertools.pairwise(path))
    assert all(26_000 < ticks < 26_700 for ticks in path)


async def test_feed_of_the_settings_runs_in_development_alone(database_url):
    development = {"IQX_DATABASE_URL": database_url}
    production = {**development, **SECRETS, "IQX_ENV": "production"}
    feeds = {}
    for name, environment in {
        "development": development,
        "switched off": {**development, "IQX_PRICE_FEED_S": "0"},
        "without helpers": {**development, "IQX_DEVELOPMENT_HELPERS": "false"},
        "with real prices": {**development, "IQX_PRICE_SOURCES": "kraken,okx,bitfinex"},
        "production": production,
    }.items():
        kernel = open_kernel(load_settings(environment))
        feeds[name] = open_price_feed(kernel) is not None
        await kernel.database.close()

    assert feeds == {
        "development": True,
        "switched off": False,
        "without helpers": False,
        "with real prices": False,
        "production": False,
    }
