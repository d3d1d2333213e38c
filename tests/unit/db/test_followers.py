"""What follows the database goes on after any of its errors."""

import asyncio
import contextlib

import pymysql
import pytest
from sqlalchemy.exc import OperationalError

from server.core.clock import ManualClock
from server.db.errors import is_down
from server.identity.revocations import Revocations
from server.staff.rights import Rights
from server.staff.write_gate import WriteGate

TABLE_CHANGED = 1412
"""An error for which nobody is prepared: the table was altered between two statements."""


def fail(number):
    return OperationalError("SELECT 1", None, pymysql.err.OperationalError(number, "no"))


class Broken:
    """A database that answers nothing but an error."""

    def __init__(self):
        self.asked = 0

    @contextlib.asynccontextmanager
    async def read(self):
        self.asked += 1
        raise fail(TABLE_CHANGED)
        yield


FOLLOWERS = {
    "the switch of all changes": lambda: WriteGate().follow,
    "rights": lambda: Rights(ManualClock()).follow,
    "ended sessions": lambda: Revocations(ManualClock()).follow_feed,
}


@pytest.mark.parametrize("what", FOLLOWERS)
async def test_follower_asks_again_after_an_error_that_nobody_foresaw(what):
    database = Broken()
    task = asyncio.create_task(FOLLOWERS[what]()(database))
    try:
        async with asyncio.timeout(5):
            while database.asked < 2 and not task.done():
                await asyncio.sleep(0.01)
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("number", [1040, 1203, 1226])
def test_database_with_too_many_connections_is_one_that_cannot_be_reached(number):
    assert is_down(fail(number))
