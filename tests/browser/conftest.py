"""One browser, one server and one demo world for all browser tests of a worker."""

import inspect
from pathlib import Path

import pytest
import pytest_asyncio

from tests.browser.chromium import start_chromium
from tests.browser.people import open_house, seed_once

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    """All tests of this folder run on one loop: that of the browser."""
    for item in items:
        if HERE in item.path.parents and inspect.iscoroutinefunction(item.obj):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium():
    async with start_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory, worker_id):
    """A folder that all workers of this run have."""
    own = tmp_path_factory.getbasetemp()
    return (own if worker_id == "master" else own.parent) / "browser"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def house(chromium, shared_folder, sqlite_template, tmp_path_factory):
    seeded = await seed_once(shared_folder, sqlite_template.file)
    async with open_house(chromium, seeded, tmp_path_factory.mktemp("house")) as opened:
        yield opened
