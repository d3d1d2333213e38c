"""A running market whose lane is watched; after every test the books must balance."""

import pytest

from server.core import fault
from server.monitor.verifier import verify
from server.staff.audit_chain import chain_waiting
from tests.market_world import start_world


@pytest.fixture
async def world(database_url):
    async with start_world(database_url) as started:
        yield started
        fault.disarm()
        # A clock that was moved makes entries of the audit seem to wait for long.
        await chain_waiting(started.database)
        assert await verify(started.database, full=True) == []


@pytest.fixture(autouse=True)
def no_fault_stays_armed():
    yield
    fault.disarm()
