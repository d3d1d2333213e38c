"""The application with one market and people who trade on it."""

import pytest

from tests.market_world import start_world


@pytest.fixture
async def world(database_url):
    async with start_world(database_url, open_unpaid_max=100) as started:
        yield started


@pytest.fixture
def fetch(world):
    """GET a public path without a session: status and body."""

    async def fetch(path):
        async with world.client.get(f"/api/v1{path}") as reply:
            return reply.status, await reply.json()

    return fetch
