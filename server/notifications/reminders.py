"""What time tells: a deadline that comes near, and an outage that stops all clocks."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from models.trades import TradeStatus
from server.core.clock import format_instant
from server.db import Database, Unit
from server.notifications import queries
from server.notifications.channels import Channel, dispatch
from server.notifications.deciding import BUYER, SELLER, params_of_trade
from server.notifications.wanted import Wanted, cause_of_deadline
from server.trades.trade import TradeRow, list_trades
from server.trades.views import view_shared

REMIND_BEFORE = timedelta(minutes=5)
"""A party whose turn it is hears of a deadline this long before it, once for each deadline."""
CHUNK = 200
"""Trades that are told of in one transaction."""
CHUNKS_MAX = 50
OUTAGES_MAX = 5
TURNS = {
    TradeStatus.AWAITING_PAYMENT: (BUYER, "pay_reminder"),
    TradeStatus.GRACE: (BUYER, "grace_reminder"),
    TradeStatus.PAID: (SELLER, "release_reminder"),
}
"""By status, whose turn it is, and what he is told."""


async def remind(database: Database, channels: Sequence[Channel]) -> int:
    """Tell everybody whose turn ends soon; how many that were."""
    reminded = 0
    for status in TURNS:
        after: tuple[datetime, UUID] | None = None
        for _ in range(CHUNKS_MAX):
            async with database.read() as connection:
                now = database.clock.now()
                page = queries.soon_due(status, now, now + REMIND_BEFORE, after, CHUNK)
                due = [(row.deadline_at, row.id) for row in await connection.execute(page)]
                trades = await list_trades(connection, [trade_id for _, trade_id in due])
                wanted = [_remind_of(trade) for trade in trades if trade.status is status]
                known = await _told(connection, wanted)
            fresh = [item for item in wanted if item.key not in known]
            reminded += await _dispatch(database, channels, fresh)
            if len(due) < CHUNK:
                break
            after = due[-1]
    return reminded


def _remind_of(trade: TradeRow) -> Wanted:
    role, kind = TURNS[trade.status]
    assert trade.deadline_at is not None, "a running trade has a deadline"
    return Wanted(
        user_id=trade.buyer_id if role == BUYER else trade.seller_id,
        kind=kind,
        cause_id=cause_of_deadline(trade.id, format_instant(trade.deadline_at)),
        subject="trade",
        subject_id=trade.id,
        params=params_of_trade(view_shared(trade), role),
    )


async def _told(reader: queries.Reader, wanted: Sequence[Wanted]) -> set[tuple[UUID, UUID, str]]:
    if not wanted:
        return set()
    keys = sorted(item.key for item in wanted)
    return {
        (row.user_id, row.cause_id, row.kind)
        for row in await reader.execute(queries.told_already(keys))
    }


async def _dispatch(
    database: Database, channels: Sequence[Channel], wanted: Sequence[Wanted]
) -> int:
    if not wanted:
        return 0

    async def work(unit: Unit) -> int:
        return await dispatch(unit, channels, wanted)

    return await database.transact(work, name="remind")


async def tell_of_outages(database: Database, channels: Sequence[Channel]) -> int:
    """Tell the parties of all running trades of an outage that was announced; how many."""
    async with database.read() as connection:
        rows = await connection.execute(queries.untold_outages(OUTAGES_MAX))
        outages: list[UUID] = [row.id for row in rows]
    told = 0
    for outage_id in outages:
        told += await _tell_of_outage(database, channels, outage_id)

        async def note(unit: Unit, outage_id: UUID = outage_id) -> None:
            await unit.execute_guarded(queries.note_told(outage_id, unit.now))

        await database.transact(note, name="note_outage_told")
    return told


async def _tell_of_outage(database: Database, channels: Sequence[Channel], outage_id: UUID) -> int:
    told, after = 0, None
    for _ in range(CHUNKS_MAX):
        async with database.read() as connection:
            page = queries.running_trades(after, CHUNK)
            rows = (await connection.execute(page)).all()
        wanted = [
            Wanted(
                user_id=user_id, kind="outage_announced", cause_id=outage_id, subject="trade",
                subject_id=row.id, params={},
            )
            for row in rows
            for user_id in (row.buyer_id, row.seller_id)
        ]  # fmt: skip
        told += await _dispatch(database, channels, wanted)
        if len(rows) < CHUNK:
            break
        after = rows[-1].id
    return told
