"""A running application with one market."""

import pytest

from server.monitor.verifier import verify
from server.staff.audit_chain import chain_waiting
from tests.market_world import start_world


@pytest.fixture
async def world(database_url):
    async with start_world(database_url) as started:
        yield started
        # The clock of the test outruns the duty that gives entries of the audit their places.
        await chain_waiting(started.database)
        assert await verify(started.database, full=True) == []


@pytest.fixture
async def seller(world):
    person = await world.join("seller", usdt="1000")
    await person.add_account()
    return person


@pytest.fixture
async def buyer(world):
    return await world.join("buyer")
