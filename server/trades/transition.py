"""Applies a row of the lifecycle: the one place where a trade's status is assigned."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

import orjson

from models.trades import OfferStatus
from server.core import fault
from server.core.refusals import NotFound
from server.db import Unit
from server.trades import outage_queries, queries
from server.trades.desk import Caller, Desk, Happened
from server.trades.escrow import end_escrow, leave_share
from server.trades.facts import Actor
from server.trades.lifecycle import find_due_row, find_row
from server.trades.records import fault_of, keep_records
from server.trades.row import (
    COMPLETED,
    DISPUTED,
    FINAL,
    PAID,
    RUNNING,
    UNPAID,
    Action,
    Escrow,
    Row,
    window_from_now,
)
from server.trades.step import Step
from server.trades.trade import TradeRow, get_trade
from server.trades.views import events_of

DUE_ROWS_MAX = 3
"""Clock rows that can follow one another at one instant: to grace, to expired, and one spare."""
HEARTBEAT_GAP = timedelta(seconds=60)
"""Without a sign of life for longer than this, clocks wait until the outage is credited."""


async def lock_trade(unit: Unit, desk: Desk, trade_id: UUID) -> TradeRow:
    """Lock a trade and apply the clock rows that are due by now. Refuses `NotFound`."""
    if (await unit.execute(queries.lock_trade(trade_id))).first() is None:
        raise NotFound
    trade = await get_trade(unit, trade_id)
    for _ in range(DUE_ROWS_MAX):
        row = find_due_row(trade.facts, unit.now)
        if row is None or not await do_clocks_run(unit, desk):
            return trade
        trade = await apply_row(unit, desk, trade, row, Step(actor=Actor.CLOCK))
    return trade


async def do_clocks_run(unit: Unit, desk: Desk) -> bool:
    """Whether clocks may decide: time is steady, and no outage goes on or waits for its credit."""
    if not desk.is_steady():
        return False
    if (await unit.execute(outage_queries.open_outages())).first() is not None:
        return False
    beat = (await unit.execute(outage_queries.read_beat(outage_queries.REAL))).first()
    if beat is None:
        return True
    return bool(desk.real_clock.now() - beat.beat_at <= HEARTBEAT_GAP)


async def lock_for(
    unit: Unit, desk: Desk, caller: Caller, trade_id: UUID
) -> tuple[TradeRow, Actor]:
    """Lock a trade for one of its parties. Refuses `NotFound` for everyone else."""
    trade = await lock_trade(unit, desk, trade_id)
    return trade, trade.actor_of(caller.user_id)


async def act(
    unit: Unit, desk: Desk, trade: TradeRow, action: Action, caller: Caller, **step: Any
) -> TradeRow:
    """Apply the row of a party's action. Refuses what the lifecycle does not allow now."""
    actor = trade.actor_of(caller.user_id)
    row = find_row(action, actor, trade.facts, unit.now)
    return await apply_row(
        unit, desk, trade, row, Step(actor=actor, actor_id=caller.user_id, **step)
    )


async def apply_row(unit: Unit, desk: Desk, trade: TradeRow, row: Row, step: Step) -> TradeRow:
    """Write everything that `row` means for a locked trade; the trade as it is then.

    Order of locks: the trade is held, then its case, standings, accounts.
    """
    assert trade.status in row.statuses, f"{row.event} does not start in {trade.status}"
    assert not (row.ends_escrow and trade.facts.is_frozen(unit.now)), "a frozen escrow stays"
    to = row.leads_to(trade.status)
    ended = to in FINAL
    at_fault = fault_of(row, step.reason_fault)
    reason = step.reason or row.event
    values = _values_of(unit, trade, row, step)
    if ended and row.escrow is Escrow.RETURN:
        values["end_reason"], values["fault"] = reason, at_fault

    fault.point("trade.before_update")
    await unit.execute_guarded(
        queries.update_trade(trade.id, status=trade.status, version=trade.version, values=values)
    )
    await _write_history(unit, trade, row, step, to=to.value)
    if to is not trade.status:
        await _lapse_notes(unit, trade)
    if to is DISPUTED:
        await _open_case(unit, desk, trade, row, step)
    elif trade.status is DISPUTED:
        await _close_case(unit, desk, trade, row, step)
    if ended:
        parties = (trade.buyer_id, trade.seller_id)
        closed = await unit.execute(
            queries.end_user_trades(trade.id, user_ids=parties, unpaid=row.escrow is Escrow.RETURN)
        )
        assert closed.rowcount == len(parties), "a trade is on both parties' lists"
    standings = await keep_records(unit, desk, trade, row, fault=at_fault, reason=reason)
    fault.point("trade.before_escrow")
    await leave_share(unit, trade, row)
    if ended:
        await end_escrow(unit, trade, row, buyer_part=step.buyer_part, standings=standings)
    if to is COMPLETED:
        for hook in desk.hooks.on_completed:
            await hook(unit, trade.id)
    fault.point("trade.before_events")
    return await announce(unit, desk, trade.id, row, actor=step.actor, detail=step.detail)


def _values_of(unit: Unit, trade: TradeRow, row: Row, step: Step) -> dict[str, Any]:
    to = row.leads_to(trade.status)
    values = {
        "status": to.value,
        "version": trade.version + 1,
        "deadline_at": step.credit_until or row.clock(trade.facts, unit.now),
        **step.values,
    }
    if row.flag is not None:
        values[row.flag] = True
    if row.clock is window_from_now:
        values["window_ends_at"] = values["deadline_at"]
    if to is PAID and trade.status in UNPAID:
        values["paid_at"] = unit.now
    if to in UNPAID and trade.status is PAID:
        values["paid_at"] = None
    if to in FINAL:
        values["ended_at"] = unit.now
    if to is COMPLETED:
        values["completed_at"] = unit.now
    assert (values["deadline_at"] is None) == (to not in RUNNING), "a running trade has a deadline"
    return values


async def _write_history(unit: Unit, trade: TradeRow, row: Row, step: Step, *, to: str) -> None:
    await unit.execute(
        queries.insert_event(
            {
                "trade_id": trade.id,
                "version": trade.version + 1,
                "event": row.event,
                "actor": step.actor.value,
                "actor_id": step.actor_id,
                "status_from": trade.status.value,
                "status_to": to,
                "detail": orjson.dumps(step.detail).decode(),
                "created_at": unit.now,
            }
        )
    )


async def _lapse_notes(unit: Unit, trade: TradeRow) -> None:
    """Requests and offers belong to the status in which they were made."""
    lapsed = OfferStatus.LAPSED.value
    if trade.cancel_request_id is not None:
        await unit.execute(  # allowed: unchecked-write, it may have been answered just now
            queries.answer_cancel_request(trade.id, status=lapsed, now=unit.now)
        )
    if trade.split_offer_id is not None:
        await unit.execute(  # allowed: unchecked-write, it may have been answered just now
            queries.answer_split_offer(trade.id, status=lapsed, now=unit.now)
        )


async def _open_case(unit: Unit, desk: Desk, trade: TradeRow, row: Row, step: Step) -> None:
    assert desk.hooks.cases is not None, "the wiring says who keeps the cases"
    await desk.hooks.cases.open_case(unit, trade, row, step)
    for hook in desk.hooks.on_disputed:
        await hook(unit, trade.id)


async def _close_case(unit: Unit, desk: Desk, trade: TradeRow, row: Row, step: Step) -> None:
    assert desk.hooks.cases is not None, "the wiring says who keeps the cases"
    await desk.hooks.cases.close_case(unit, trade, row, step)
    for hook in desk.hooks.on_dispute_closed:
        await hook(unit, trade.id)


async def announce(
    unit: Unit,
    desk: Desk,
    trade_id: UUID,
    row: Row,
    *,
    actor: Actor,
    detail: Mapping[str, Any] = MappingProxyType({}),
) -> TradeRow:
    """Read the trade again and tell its room and its parties; the trade as it is now."""
    trade = await get_trade(unit, trade_id)
    for event in events_of(trade, row, unit.now):
        unit.emit(event)
    happened = Happened(event=row.event, actor=actor, detail=detail)
    for hook in desk.hooks.on_step:
        await hook(unit, trade, happened)
    return trade
