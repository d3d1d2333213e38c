"""Closes proposals whose time is over; nobody could approve them since it was."""

from server.staff.approvals import OVERDUE_MAX, expire_some, is_any_overdue
from server.trades.desk import Desk

UNITS_MAX = 20
"""How many units one run makes; the next run goes on."""


async def expire_proposals(desk: Desk) -> int:
    """Close what is overdue; how many proposals."""
    closed = 0
    for _ in range(UNITS_MAX):
        async with desk.database.read() as connection:
            if not await is_any_overdue(connection, desk.database.clock.now()):
                break
        count = await desk.database.transact(expire_some, name="expire_proposals")
        closed += count
        if count < OVERDUE_MAX:
            break
    return closed
