"""The verifier as duties: what is new every minute, everything once a day."""

from server.monitor.verifier import TRAIL, verify_everything, verify_recent
from server.trades.desk import Desk


async def verify_new(desk: Desk) -> int:
    """Check what came since the last check."""
    trail = TRAIL * desk.clock_speed
    await verify_recent(desk.database, trail=trail, sealer=desk.sealer)
    return 0


async def verify_all(desk: Desk) -> int:
    """Check every row there is."""
    trail = TRAIL * desk.clock_speed
    await verify_everything(desk.database, trail=trail, sealer=desk.sealer)
    return 0
