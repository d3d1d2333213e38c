"""Servers for races."""

import pytest

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
def rounds(campaign):
    """How often a race is run."""
    return 40 if campaign else 1
