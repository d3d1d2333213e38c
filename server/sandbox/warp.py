"""The time-warp: the clocks of one trade of USDT_TEST strike earlier, and nothing else moves.

The service's clock is one and runs for everybody. What a warp moves are the instants that this
trade's clocks are measured by: its own, those of its case or claim, and the release of what was
bought. History, ledger, audit, tokens and every other trade keep their times. A trade of real USDT
is refused, whoever asks.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from server.core.money import TEST_ASSET
from server.db import Unit
from server.disputes.case import CaseRow
from server.disputes.claim import ClaimRow, emit_claim, lock_claim
from server.disputes.transition import lock_case, tell_of_case
from server.ledger.service import LotRow, find_lot, release_due_lot
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


@dataclass(frozen=True, slots=True)
class Clocks:
    """A locked trade with everything of it that a clock may end."""

    trade: TradeRow
    case: CaseRow | None = None
    """While the trade is disputed; its own clocks stand still then."""
    claim: ClaimRow | None = None
    lot: LotRow | None = None
    """Of an ended trade, until it is released."""

    @property
    def running(self) -> bool:
        """Whether there is anything to move."""
        return self.trade.status not in FINAL or bool(self.claim or self.lot)

    def deadlines(self) -> Iterator[datetime]:
        """When something ends. A lot that is frozen by a claim ends with the claim."""
        if self.case is not None:
            known = [self.case.deadline_at]
        elif self.trade.status in FINAL:
            known = [self.claim.deadline_at if self.claim else None]
            known.append(self.lot.release_at if self.lot and not self.claim else None)
        else:
            known = [self.trade.deadline_at]
        yield from (each for each in known if each is not None)


async def warp_trade(
    unit: Unit, desk: Desk, caller: Caller, trade_id: UUID, seconds: int
) -> TradeRow:
    """Let `seconds` pass for one trade; the trade as its clocks leave it.

    Refuses `NotFound` for who is no party, `NotSandbox` for real USDT, `NothingRuns` at its end.
    """
    trade, _ = await lock_for(unit, desk, caller, trade_id)
    if trade.asset != TEST_ASSET:
        raise NotSandbox
    clocks = await _lock_clocks(unit, desk, trade)
    if not clocks.running:
        raise NothingRuns

    left = timedelta(seconds=seconds)
    for _ in range(LEGS_MAX):
        if not left or not clocks.running:
            break
        step = min([left, *(max(at - unit.now, timedelta(0)) for at in clocks.deadlines())])
        await _shift(unit, clocks, step)
        left -= step
        trade = await _strike(unit, desk, clocks)
        clocks = await _lock_clocks(unit, desk, trade)
        if not step:
            break
    return clocks.trade


async def _lock_clocks(unit: Unit, desk: Desk, trade: TradeRow) -> Clocks:
    """What belongs to a locked trade, locked after it."""
    if trade.status is DISPUTED:
        assert trade.dispute_id is not None, "a disputed trade has a case"
        trade, case = await lock_case(unit, desk, trade.dispute_id)
        return Clocks(trade, case=case)
    if trade.status not in FINAL:
        return Clocks(trade)
    claim = None
    found = (await unit.execute(queries.open_claim_of(trade.id))).first()
    if found is not None:
        _, claim = await lock_claim(unit, desk, found.id)
    return Clocks(trade, claim=claim, lot=await find_lot(unit, trade.id))


async def _shift(unit: Unit, clocks: Clocks, step: timedelta) -> None:
    """Move what the clocks are measured by."""
    if not step:
        return
    trade, case, claim, lot = clocks.trade, clocks.case, clocks.claim, clocks.lot
    if case is not None:
        values = {
            name: getattr(case, name) - step
            for name in ("deadline_at", "buyer_evidence_until", "seller_evidence_until")
            if getattr(case, name) is not None
        }
        await unit.execute_guarded(queries.shift_case(case.id, case.version, values))
        return
    if trade.status not in FINAL:
        await _shift_trade(unit, trade, step)
    if claim is not None and claim.deadline_at is not None:
        deadline_at = claim.deadline_at - step
        await unit.execute_guarded(queries.shift_claim(claim.id, claim.version, deadline_at))
    if lot is not None:
        await unit.execute_guarded(queries.shift_lot(trade.id, lot.release_at - step))


async def _shift_trade(unit: Unit, trade: TradeRow, step: timedelta) -> None:
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


async def _strike(unit: Unit, desk: Desk, clocks: Clocks) -> TradeRow:
    """Apply what is due now, and tell of deadlines that only moved."""
    before = clocks.trade
    if clocks.case is not None:
        after, case = await lock_case(unit, desk, clocks.case.id)
        if case.version == clocks.case.version:
            tell_of_case(unit, case)
        return await get_trade(unit, after.id)
    if before.status not in FINAL:
        after = await lock_trade(unit, desk, before.id)
        if after.version == before.version:
            for event in events_of(after, WARPED, unit.now):
                unit.emit(event)
        return after
    if clocks.claim is not None:
        _, claim = await lock_claim(unit, desk, clocks.claim.id)
        if claim.version == clocks.claim.version:
            emit_claim(unit, claim)
    await release_due_lot(unit, before.id)
    return before
