"""The clocks of trades: what is due is applied, by whoever comes first."""

from datetime import datetime
from uuid import UUID

from models.trades import TradeStatus
from server.core.clock import to_micros
from server.db import Unit
from server.trades import queries
from server.trades.desk import Desk
from server.trades.row import RUNNING
from server.trades.transition import lock_trade

CHUNK = 50
"""Due trades read at a time."""


async def apply_due_rows(desk: Desk, trade_id: UUID) -> bool:
    """Apply the clock rows of a trade that are due, in a unit of their own; whether any was.

    Every action and every reading of one trade begins with this: the time decides, not the tick.
    """
    async with desk.database.read() as connection:
        found = (await connection.execute(queries.read_deadline(trade_id))).first()
    if found is None or found.deadline_at is None or found.deadline_at > desk.database.clock.now():
        return False

    async def work(unit: Unit) -> bool:
        trade = await lock_trade(unit, desk, trade_id)
        return trade.status.value != str(found.status)

    return await desk.database.transact(work, name="apply_due_rows")


async def list_due(
    desk: Desk, status: TradeStatus, *, after: tuple[datetime, UUID] | None = None
) -> list[tuple[datetime, UUID]]:
    """At most `CHUNK` deadlines of a status that have passed, longest overdue first."""
    assert status in RUNNING, "only running trades have deadlines"
    async with desk.database.read() as connection:
        rows = await connection.execute(
            queries.due_trades(status, desk.database.clock.now(), after=after, limit=CHUNK)
        )
        return [(row.deadline_at, row.id) for row in rows]


async def count_seconds_overdue(desk: Desk) -> int:
    """By how many seconds the longest overdue trade is late; zero when nothing is due."""
    latest = 0
    now = to_micros(desk.database.clock.now())
    async with desk.database.read() as connection:
        for status in sorted(RUNNING):
            due_at = (await connection.execute(queries.oldest_deadline(status))).scalar_one()
            if due_at is not None:
                latest = max(latest, (now - to_micros(due_at)) // 1_000_000)
    return latest
