"""Counts completed trades into the candles of their markets."""

from server.markets import candles
from server.trades.desk import Desk


async def fold_candles(desk: Desk) -> int:
    """Look at what the lanes have told of since the last time; how many rows."""
    return await candles.fold_candles(desk.database)
