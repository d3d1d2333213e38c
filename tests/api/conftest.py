"""The wrapper's rig on each database."""

import pytest

from tests.api.rig import serve_rig


@pytest.fixture
async def rig(database_url):
    async with serve_rig(database_url) as rig:
        yield rig
