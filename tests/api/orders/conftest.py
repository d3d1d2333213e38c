"""A running application with one market."""

import pytest

from server.monitor.verifier import verify
from tests.market_world import start_world


@pytest.fixture
async def world(database_url):
    async with start_world(database_url) as started:
        yield started
        assert await verify(started.database, full=True) == []


@pytest.fixture
async def seller(world):
    person = await world.join("seller", usdt="1000")
    await person.add_account()
    return person


@pytest.fixture
async def buyer(world):
    return await world.join("buyer")
