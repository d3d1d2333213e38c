"""Audits on both databases."""

import pytest

from tests.audit_world import open_ledger


@pytest.fixture
async def ledger(database_url):
    async with open_ledger(database_url) as opened:
        yield opened


@pytest.fixture
async def other_ledger(database_url, ledger):
    """A second process on the same database."""
    async with open_ledger(database_url) as opened:
        yield opened
