"""The application with people who trade and people on its staff."""

import pytest

from server.monitor.verifier import verify
from server.staff.audit_chain import chain_waiting
from tests.market_world import start_world
from tests.staff_world import join_staff


@pytest.fixture
async def world(database_url):
    """A market with people; what must hold is checked when the test is over."""
    async with start_world(database_url) as started:
        yield started
        await chain_waiting(started.database)
        assert await verify(started.database, full=True) == []


@pytest.fixture
async def ruth(world):
    """Somebody who may give sanctions."""
    return await join_staff(world, "ruth", "dispute_ruler")


@pytest.fixture
async def carl(world):
    """Somebody of compliance."""
    return await join_staff(world, "carl", "compliance")
