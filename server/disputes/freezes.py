"""Staff hold a trade's escrow where it is, for a time; staff or the clock end that."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from models.disputes import FreezeStatus
from server.core.refusals import NotFound
from server.db import Unit
from server.db.audit import Action as Audited
from server.db.audit import record_audit
from server.disputes import freeze_queries
from server.disputes.freeze_lifecycle import (
    ACTIVE,
    FREEZE_HOURS_MAX,
    FREEZES,
    FreezeAction,
    FreezeFacts,
)
from server.disputes.refusals import FrozenAlready, NotFrozen, TradeNotOpen
from server.disputes.table import Row, find_due_row, find_event, find_row
from server.trades import queries as trade_queries
from server.trades.desk import Desk
from server.trades.facts import Actor
from server.trades.row import FINAL
from server.trades.row import Row as TradeRowOfTable
from server.trades.trade import TradeRow, get_trade
from server.trades.transition import announce, do_clocks_run, lock_trade

CHUNK = 50
"""Freezes that one run ends at most."""


async def freeze_trade(
    unit: Unit, desk: Desk, trade_id: UUID, *, staff_id: UUID, reason: str, hours: int
) -> TradeRow:
    """Freeze an open trade for some hours. Refuses `NotFound` for its own parties."""
    assert 0 < hours <= FREEZE_HOURS_MAX, "the schema bounds a freeze"
    trade = await lock_trade(unit, desk, trade_id)
    if staff_id in (trade.buyer_id, trade.seller_id):
        raise NotFound
    if trade.status in FINAL:
        raise TradeNotOpen
    freeze = (await unit.execute(freeze_queries.active_freeze(trade_id))).first()
    if freeze is not None and freeze.expires_at > unit.now:
        raise FrozenAlready
    if freeze is not None:
        await _end(unit, freeze, find_event(FREEZES, "freeze_over"), None)

    freeze_id = unit.ids.new_id()
    expires_at = unit.now + timedelta(hours=hours)
    await unit.execute(
        freeze_queries.insert_freeze(
            {
                "id": freeze_id,
                "trade_id": trade_id,
                "status": ACTIVE.value,
                "reason": reason.strip(),
                "placed_by": staff_id,
                "placed_at": unit.now,
                "expires_at": expires_at,
                "ended_by": None,
                "ended_at": None,
            }
        )
    )
    await record_audit(
        unit,
        Audited.TRADE_FROZEN,
        object_kind="trade",
        object_id=str(trade_id),
        reason=reason.strip(),
        after={"hours": hours},
    )
    return await _announce(unit, desk, trade, "frozen", Actor.STAFF)


async def lift_freeze(
    unit: Unit, desk: Desk, trade_id: UUID, *, staff_id: UUID, reason: str
) -> TradeRow:
    """End a freeze before its time. Refuses `NotFound` for the trade's own parties."""
    trade = await lock_trade(unit, desk, trade_id)
    if staff_id in (trade.buyer_id, trade.seller_id):
        raise NotFound
    freeze = (await unit.execute(freeze_queries.active_freeze(trade_id))).first()
    if freeze is None:
        raise NotFrozen
    row = find_row(FREEZES, FreezeAction.LIFT, Actor.STAFF, _facts_of(freeze), unit.now)
    await _end(unit, freeze, row, staff_id)
    await record_audit(
        unit,
        Audited.TRADE_FREEZE_LIFTED,
        object_kind="trade",
        object_id=str(trade_id),
        reason=reason.strip(),
    )
    return await _announce(unit, desk, trade, row.event, Actor.STAFF)


async def end_due_freezes(desk: Desk) -> int:
    """End the freezes whose time has run out, each in its own unit; how many."""
    async with desk.database.read() as connection:
        rows = await connection.execute(
            freeze_queries.due_freezes(desk.database.clock.now(), CHUNK)
        )
        trade_ids = [row.trade_id for row in rows]
    ended = 0
    for trade_id in trade_ids:

        async def work(unit: Unit, trade_id: UUID = trade_id) -> bool:
            return await _end_if_due(unit, desk, trade_id)

        ended += await desk.database.transact(work, name="end_freeze")
    return ended


async def _end_if_due(unit: Unit, desk: Desk, trade_id: UUID) -> bool:
    await unit.execute(trade_queries.lock_trade(trade_id))
    freeze = (await unit.execute(freeze_queries.active_freeze(trade_id))).first()
    if freeze is None or not await do_clocks_run(unit, desk):
        return False
    row = find_due_row(FREEZES, _facts_of(freeze), unit.now)
    if row is None:
        return False
    await _end(unit, freeze, row, None)
    trade = await get_trade(unit, trade_id)
    await _announce(unit, desk, trade, row.event, Actor.CLOCK)
    return True


def _facts_of(freeze: Any) -> FreezeFacts:
    return FreezeFacts(status=FreezeStatus(freeze.status), deadline_at=freeze.expires_at)


async def _end(unit: Unit, freeze: Any, row: Row[FreezeFacts], staff_id: UUID | None) -> None:
    assert row.to is not None, "a freeze ends in a status"
    await unit.execute_guarded(
        freeze_queries.end_freeze(freeze.id, status=row.to.value, ended_by=staff_id, now=unit.now)
    )


async def _announce(unit: Unit, desk: Desk, trade: TradeRow, event: str, actor: Actor) -> TradeRow:
    note = TradeRowOfTable(event=event, actors=(actor,), statuses=(trade.status,), versioned=False)
    return await announce(unit, desk, trade.id, note, actor=actor)
