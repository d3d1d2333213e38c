"""The sums of platform accounts as a duty."""

from server.ledger.rollup import roll_up_platform_accounts
from server.trades.desk import Desk


async def roll_up_accounts(desk: Desk) -> int:
    """Bring the roll-ups up to date; how many postings were counted."""
    return await roll_up_platform_accounts(desk.database)
