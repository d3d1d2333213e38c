"""Releases bought USDT whose hold is over."""

from server.db import Unit
from server.ledger.service import LOTS_PER_UNIT_MAX, release_due_lots
from server.trades.desk import Desk

UNITS_MAX = 40
"""How many units one run makes; the next run goes on."""


async def release_lots(desk: Desk) -> int:
    """Release the lots that are due, some in each unit; how many."""
    released = 0
    for _ in range(UNITS_MAX):

        async def work(unit: Unit) -> int:
            return await release_due_lots(unit)

        count = await desk.database.transact(work, name="release_lots")
        released += count
        if count < LOTS_PER_UNIT_MAX:
            break
    return released
