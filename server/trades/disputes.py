"""The opening of a case, and the buyer's way out of one. The desk that rules is another part."""

import enum
from typing import Any
from uuid import UUID

from server.core.clock import format_instant
from server.core.refusals import Invalid, NotFound, StepUpRequired
from server.db import Unit
from server.trades import queries
from server.trades.desk import Caller, Desk
from server.trades.facts import Actor
from server.trades.lifecycle import find_row, is_allowed
from server.trades.releases import confirm
from server.trades.row import Action
from server.trades.trade import Reader, TradeRow
from server.trades.transition import Step, act, apply_row, lock_for, lock_trade


class DisputeReason(enum.StrEnum):
    """Why a party opens a case."""

    NOT_RELEASED = "not_released"
    """The buyer paid and the seller does not release."""
    NOT_RECEIVED = "not_received"
    """The seller got nothing."""
    WRONG_AMOUNT = "wrong_amount"
    WRONG_PAYER = "wrong_payer"
    """The money came from somebody else."""
    OTHER = "other"


async def open_dispute(
    unit: Unit,
    desk: Desk,
    caller: Caller,
    trade_id: UUID,
    *,
    reason: DisputeReason,
    statement: str,
) -> TradeRow:
    """A party opens a case; the escrow stays locked and no clock decides any more."""
    trade, _ = await lock_for(unit, desk, caller, trade_id)
    detail = {"reason": reason.value, "statement": statement.strip()}
    return await act(unit, desk, trade, Action.OPEN_DISPUTE, caller, detail=detail)


async def open_case(
    unit: Unit, desk: Desk, trade_id: UUID, *, staff_id: UUID, reason: str
) -> TradeRow:
    """Staff open a case on an open trade, with a reason."""
    if not reason.strip():
        raise Invalid(errors={"reason": ["Say why."]})
    trade = await lock_trade(unit, desk, trade_id)
    if staff_id in (trade.buyer_id, trade.seller_id):
        raise NotFound
    row = find_row(Action.OPEN_CASE, Actor.STAFF, trade.facts, unit.now)
    step = Step(
        actor=Actor.STAFF,
        actor_id=staff_id,
        detail={"reason": "opened_by_staff", "statement": reason.strip()},
    )
    return await apply_row(unit, desk, trade, row, step)


async def concede(unit: Unit, desk: Desk, caller: Caller, dispute_id: UUID) -> TradeRow:
    """The buyer gives the case up: the escrow goes back. Needs his proof."""
    trade_id = await find_trade_of(unit, dispute_id)
    trade, actor = await lock_for(unit, desk, caller, trade_id)
    if actor is Actor.BUYER and not caller.proof:
        raise StepUpRequired
    find_row(Action.CONCEDE, actor, trade.facts, unit.now)
    await confirm(unit, caller, trade, "concede", amount_micro=trade.amount)
    return await act(unit, desk, trade, Action.CONCEDE, caller)


async def find_trade_of(reader: Reader, dispute_id: UUID) -> UUID:
    """The trade that a case is about. Refuses `NotFound`."""
    found = (await reader.execute(queries.trade_of_dispute(dispute_id))).scalar_one_or_none()
    if found is None:
        raise NotFound
    assert isinstance(found, UUID)
    return found


def view_dispute(row: Any, trade: TradeRow, actor: Actor) -> dict[str, Any]:
    """A case as a party sees it; `row` is a row of `disputes`."""
    now = row.closed_at or row.opened_at
    actions = [
        action.value
        for action in (Action.RELEASE, Action.CONCEDE)
        if row.status != "closed" and is_allowed(action, actor, trade.facts, now)
    ]
    return {
        "id": str(row.id),
        "trade_id": str(trade.id),
        "market": trade.market,
        "role": actor.value,
        "opened_by": row.opened_by,
        "reason": row.reason,
        "statement": row.statement,
        "status": row.status,
        "outcome": row.outcome,
        "version": row.version,
        "opened_at": format_instant(row.opened_at),
        "closed_at": None if row.closed_at is None else format_instant(row.closed_at),
        "allowed_actions": actions,
    }
