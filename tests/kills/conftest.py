"""Servers to kill."""

import pytest

from tests.kills.site import Site
from tests.processes import Nursery, open_farm


@pytest.fixture(scope="session")
def nursery(tmp_path_factory):
    started = Nursery(tmp_path_factory.mktemp("servers"))
    yield started
    started.close()


@pytest.fixture
async def farm(nursery, mariadb_url):
    async with open_farm(nursery, mariadb_url) as farm:
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
