"""A world of trades on both databases."""

import pytest

from tests.trade_world import open_world


@pytest.fixture
async def world(database_url):
    async with open_world(database_url) as world:
        yield world
