"""Switches the floating side of markets off whose index nobody has read for too long."""

from server.markets.service import stop_stale_indexes
from server.trades.desk import Desk


async def switch_off_stale(desk: Desk) -> int:
    """Look at every market's index; how many were switched off."""
    return await stop_stale_indexes(desk.database)
