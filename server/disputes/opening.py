"""How a case is opened, and each side's way out of it alone."""

from datetime import datetime
from uuid import UUID

from server.core.refusals import Invalid, NotFound, StepUpRequired
from server.db import Unit
from server.disputes import queries, rules
from server.disputes.facts import CaseAction
from server.disputes.lifecycle import CASES
from server.disputes.reasons import Reason, list_reasons
from server.disputes.refusals import DisputesSuspended
from server.disputes.table import find_row
from server.disputes.transition import lock_case_for
from server.trades.desk import Caller, Desk
from server.trades.facts import Actor
from server.trades.lifecycle import find_row as find_trade_row
from server.trades.releases import check_releases_run, confirm
from server.trades.row import Action
from server.trades.step import Step
from server.trades.trade import Reader, TradeRow
from server.trades.transition import act, apply_row, lock_for, lock_trade


async def open_dispute(
    unit: Unit, desk: Desk, caller: Caller, trade_id: UUID, *, reason: Reason, statement: str
) -> TradeRow:
    """A party opens a case; the escrow stays locked and no clock decides any more.

    Refuses a reason that is not his to give now, and `DisputesSuspended`.
    """
    trade, actor = await lock_for(unit, desk, caller, trade_id)
    find_trade_row(Action.OPEN_DISPUTE, actor, trade.facts, unit.now)
    offered = list_reasons(actor, trade.status, name_mismatch=trade.name_mismatch)
    if reason not in [row.reason for row in offered]:
        raise Invalid(errors={"reason": ["This is no reason that you can give now."]})
    if await count_lost(unit, caller.user_id, unit.now) >= rules.LOST_MAX:
        raise DisputesSuspended
    detail = {"reason": reason.value, "statement": statement.strip()}
    return await act(unit, desk, trade, Action.OPEN_DISPUTE, caller, detail=detail)


async def count_lost(reader: Reader, user_id: UUID, now: datetime) -> int:
    """How many cases a user opened and lost lately."""
    since = now - rules.LOST_WITHIN
    return int((await reader.execute(queries.count_lost(user_id, since=since))).scalar_one())


async def open_case(
    unit: Unit, desk: Desk, trade_id: UUID, *, staff_id: UUID, reason: str
) -> TradeRow:
    """Staff open a case on an open trade, with a reason."""
    if not reason.strip():
        raise Invalid(errors={"reason": ["Say why."]})
    trade = await lock_trade(unit, desk, trade_id)
    if staff_id in (trade.buyer_id, trade.seller_id):
        raise NotFound
    row = find_trade_row(Action.OPEN_CASE, Actor.STAFF, trade.facts, unit.now)
    step = Step(
        actor=Actor.STAFF,
        actor_id=staff_id,
        detail={"reason": "opened_by_staff", "statement": reason.strip()},
    )
    return await apply_row(unit, desk, trade, row, step)


async def concede(unit: Unit, desk: Desk, caller: Caller, dispute_id: UUID) -> TradeRow:
    """One side gives the case up: the buyer sends the escrow back, the seller releases it.

    Needs his proof for the trade, its amount and version. The case closes with the trade.
    """
    trade, case, actor = await lock_case_for(unit, desk, caller, dispute_id)
    if not caller.proof:
        raise StepUpRequired
    find_row(CASES, CaseAction.CONCEDE, actor, case.facts, unit.now)
    if actor is Actor.SELLER:
        await check_releases_run(unit, trade)
    await confirm(unit, caller, trade, "concede", amount_micro=trade.amount)
    return await act(unit, desk, trade, Action.CONCEDE, caller)
