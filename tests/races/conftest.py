"""Servers for races."""

import pytest

from tests.processes import open_farm


@pytest.fixture
async def farm(mariadb_url):
    async with open_farm(mariadb_url) as farm:
        yield farm
        await farm.check()


@pytest.fixture
def rounds(campaign):
    """How often a race is run."""
    return 40 if campaign else 1
