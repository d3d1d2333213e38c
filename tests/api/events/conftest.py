"""A running application with one market."""

import pytest

from tests.market_world import start_world


@pytest.fixture
async def world(database_url):
    async with start_world(database_url) as started:
        yield started
