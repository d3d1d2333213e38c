"""The time-warp: the clocks of one trade of USDT_TEST strike earlier, and nothing else moves.

The service's clock is one and runs for everybody. What a warp moves are the instants that this
trade's clocks and its case's clocks are measured by; history, ledger, audit, tokens and every
other trade keep their times. A trade of real USDT is refused, whoever asks.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from server.core.money import TEST_ASSET
from server.db import Unit
from server.disputes.case import CaseRow
from server.disputes.transition import lock_case, tell_of_case
from server.sandbox import queries
from server.sandbox.refusals import NothingRuns, NotSandbox
from server.trades import queries as trade_queries
from server.trades.desk import Caller, Desk
from server.trades.facts import Actor
from server.trades.row import DISPUTED, FINAL, RUNNING, Row
from server.trades.trade import TradeRow, get_trade
from server.trades.transition import lock_for, lock_trade
from server.trades.views import events_of

WARPED = Row(event="warped", actors=(Actor.SYSTEM,), statuses=tuple(sorted(RUNNING)))
"""No row of the lifecycle: only the event that tells of new deadlines."""
LEGS_MAX = 6
"""A warp goes over as many deadlines, one after the other."""


async def warp_trade(
    unit: Unit, desk: Desk, caller: Caller, trade_id: UUID, seconds: int
) -> TradeRow:
    """Let `seconds` pass for one trade; the trade as its clocks leave it.

    Refuses `NotFound` for who is no party, `NotSandbox` for real USDT, `NothingRuns` at its end.
    """
    trade, _ = await lock_for(unit, desk, caller, trade_id)
    if trade.asset != TEST_ASSET:
        raise NotSandbox
    if trade.status in FINAL:
        raise NothingRuns

    left = timedelta(seconds=seconds)
    for _ in range(LEGS_MAX):
        if not left or trade.status in FINAL:
            break
        deadline_at, case = trade.deadline_at, None
        if trade.status is DISPUTED:
            trade, case = await _lock_case_of(unit, desk, trade)
            deadline_at = case.deadline_at
        step = left if deadline_at is None else min(left, max(deadline_at - unit.now, left * 0))
        await _shift(unit, trade, case, step)
        left -= step
        trade = await _strike(unit, desk, trade, case)
        if not step:
            break
    return trade


async def _lock_case_of(unit: Unit, desk: Desk, trade: TradeRow) -> tuple[TradeRow, CaseRow]:
    assert trade.dispute_id is not None, "a disputed trade has a case"
    return await lock_case(unit, desk, trade.dispute_id)


async def _shift(unit: Unit, trade: TradeRow, case: CaseRow | None, step: timedelta) -> None:
    """Move what the clocks are measured by; the trade, and its case if any, are locked."""
    if not step:
        return
    if case is not None:
        values = {
            name: getattr(case, name) - step
            for name in ("deadline_at", "buyer_evidence_until", "seller_evidence_until")
            if getattr(case, name) is not None
        }
        await unit.execute_guarded(queries.shift_case(case.id, case.version, values))
        return
    moved: dict[str, Any] = {
        name: _earlier(getattr(trade, name), step)
        for name in ("deadline_at", "window_ends_at", "paid_at")
    }
    await unit.execute_guarded(
        trade_queries.update_trade(
            trade.id, status=trade.status, version=trade.version, values=moved
        )
    )


def _earlier(instant: datetime | None, step: timedelta) -> datetime | None:
    return None if instant is None else instant - step


async def _strike(unit: Unit, desk: Desk, trade: TradeRow, case: CaseRow | None) -> TradeRow:
    """Apply what is due now, and tell of deadlines that only moved."""
    if case is not None:
        before = case.version
        after, case = await lock_case(unit, desk, case.id)
        if case.version == before:
            tell_of_case(unit, case)
        return await get_trade(unit, after.id)
    after = await lock_trade(unit, desk, trade.id)
    if after.version == trade.version:
        for event in events_of(after, WARPED, unit.now):
            unit.emit(event)
    return after
