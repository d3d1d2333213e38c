"""The database dies under the load of real calls and comes back."""

import asyncio

import pytest

from tests.killable_mariadb import run_killable
from tests.kills.site import Crowd, Site
from tests.processes import open_farm


@pytest.fixture
def mariadb():
    with run_killable() as server:
        yield server


async def test_database_killed_under_load_loses_and_doubles_nothing_acknowledged(mariadb, campaign):
    async with open_farm(mariadb.make_schema()) as farm:
        site = Site(farm)
        await site.open()
        crowd = Crowd(site)
        await crowd.open()
        for _ in range(10 if campaign else 1):
            await crowd.wait_for_more(40)
            await asyncio.to_thread(mariadb.kill)
            await asyncio.sleep(0.3)
            await asyncio.to_thread(mariadb.restart)
            async with asyncio.timeout(30):
                await crowd.wait_for_more(40)

        await crowd.check()
        await site.check_numbers()
        await farm.check()
        assert site.kills == 0
