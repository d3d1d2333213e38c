"""Applies the clock rows of trades that are due, and keeps the platform's heartbeat."""

import structlog

from models.trades import TradeStatus
from server.trades.clocks import CHUNK, apply_due_rows, list_due
from server.trades.desk import Desk
from server.trades.outages import beat, credit_outages

CHUNKS_MAX = 20
"""How many chunks of one status a run looks at; the next run goes on."""
ORDER = (TradeStatus.PAID, TradeStatus.GRACE, TradeStatus.AWAITING_PAYMENT)
"""Later statuses first, so that a trade takes at most one row a run."""
log = structlog.get_logger()


async def beat_heart(desk: Desk) -> int:
    """Give a sign of life, and credit the outage that it ends, if any; deadlines moved."""
    outage_id = await beat(desk)
    if outage_id is not None:
        log.warning("outage_found", outage_id=str(outage_id))
    return await credit_outages(desk)


async def run_clocks(desk: Desk) -> int:
    """Apply what is due, each trade in its own unit; how many trades moved.

    A trade that cannot be moved is logged and left for the next run; the others go on.
    """
    return sum([await _run_status(desk, status) for status in ORDER])


async def _run_status(desk: Desk, status: TradeStatus) -> int:
    moved, after = 0, None
    for _ in range(CHUNKS_MAX):
        due = await list_due(desk, status, after=after)
        for _deadline_at, trade_id in due:
            try:
                moved += await apply_due_rows(desk, trade_id)
            except Exception:
                log.exception("clock_failed", trade_id=str(trade_id))
        if len(due) < CHUNK:
            break
        after = due[-1]
    return moved
