"""Servers to kill."""

import pytest

from tests.kills.site import Site
from tests.processes import open_farm


@pytest.fixture
async def farm(mariadb_url):
    async with open_farm(mariadb_url) as farm:
        yield farm
        await farm.check()


@pytest.fixture
async def site(farm):
    opened = Site(farm)
    await opened.open()
    yield opened
    await opened.check_numbers()


@pytest.fixture
def rounds(campaign):
    """How often each point is killed."""
    return 10 if campaign else 1
