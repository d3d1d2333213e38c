"""Ends the overrides of an index whose time is over."""

from server.markets.overrides import end_overrides_over
from server.trades.desk import Desk


async def end_overrides(desk: Desk) -> int:
    """Look at every override that runs; how many were ended."""
    return await end_overrides_over(desk.database)
