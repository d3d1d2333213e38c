"""Keeps the older history of the index at a coarser resolution."""

from server.markets.history import thin_readings
from server.trades.desk import Desk


async def thin_history(desk: Desk) -> int:
    """Thin one chunk; how many readings were forgotten."""
    return await desk.database.transact(thin_readings, name="thin_readings")
