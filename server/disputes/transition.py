"""Applies a row of a case's lifecycle: the one place where a case's status is assigned."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from models.disputes import Award
from server.core import fault
from server.core.refusals import NotFound
from server.db import Unit
from server.disputes import offer_queries, queries
from server.disputes.case import CaseRow, get_case
from server.disputes.facts import CaseAction, CaseFacts
from server.disputes.lifecycle import CASES, CLOSED, RULED
from server.disputes.steps import CaseStep, tell, write_step
from server.disputes.table import Row, find_due_row, find_row
from server.trades.desk import Caller, Desk, Happened
from server.trades.facts import Actor
from server.trades.lifecycle import find_case_row
from server.trades.releases import are_releases_stopped
from server.trades.step import Step
from server.trades.trade import TradeRow, get_trade
from server.trades.transition import apply_row as apply_trade_row
from server.trades.transition import do_clocks_run, lock_trade

DUE_ROWS_MAX = 3
"""Clock rows that can follow one another at one instant."""


async def lock_case(unit: Unit, desk: Desk, dispute_id: UUID) -> tuple[TradeRow, CaseRow]:
    """Lock a case's trade, then the case, and apply the clock rows that are due by now.

    Refuses `NotFound`. Order of locks: trade, case; standings and accounts come after.
    """
    found = (await unit.execute(queries.trade_of_dispute(dispute_id))).scalar_one_or_none()
    if found is None:
        raise NotFound
    trade = await lock_trade(unit, desk, found)
    await unit.execute(queries.lock_dispute(dispute_id))
    case = await get_case(unit, dispute_id)
    after = await apply_due(unit, desk, trade, case)
    if after.status is not case.status:
        trade = await get_trade(unit, trade.id)
    return trade, after


async def apply_due(unit: Unit, desk: Desk, trade: TradeRow, case: CaseRow) -> CaseRow:
    """Apply the clock rows that are due now to a locked case; the case as it is then."""
    for _ in range(DUE_ROWS_MAX):
        row = find_due_row(CASES, case.facts, unit.now)
        if row is None or not await do_clocks_run(unit, desk) or await _waits(unit, case):
            break
        case = await _apply_clock_row(unit, desk, trade, case, row)
    return case


async def _waits(unit: Unit, case: CaseRow) -> bool:
    """Whether what was ruled waits: no escrow goes to a buyer while releases are stopped, or while
    compliance freezes the seller's account.

    A seller whose account a sanction closed, or who stays away, does not keep it from the buyer.
    """
    if case.status is not RULED or case.award is Award.REFUND:
        return False
    if await are_releases_stopped(unit):
        return True
    return (await unit.execute(queries.freeze_of_account(case.seller_id))).first() is not None


async def lock_case_for(
    unit: Unit, desk: Desk, caller: Caller, dispute_id: UUID
) -> tuple[TradeRow, CaseRow, Actor]:
    """Lock a case for one of its parties. Refuses `NotFound` for everyone else."""
    trade, case = await lock_case(unit, desk, dispute_id)
    return trade, case, case.actor_of(caller.user_id)


async def act(
    unit: Unit,
    desk: Desk,
    trade: TradeRow,
    case: CaseRow,
    action: CaseAction,
    actor: Actor,
    actor_id: UUID,
    **step: Any,
) -> CaseRow:
    """Apply the row of an action that leaves the trade as it is. Refuses what is not allowed."""
    row = find_row(CASES, action, actor, case.facts, unit.now)
    made = CaseStep(actor=actor, actor_id=actor_id, **step)
    return await apply_row(unit, desk, trade, case, row, made)


async def apply_row(
    unit: Unit, desk: Desk, trade: TradeRow, case: CaseRow, row: Row[CaseFacts], step: CaseStep
) -> CaseRow:
    """Write everything that `row` means for a locked case; the case as it is then.

    A row that closes the case is told with the row of the trade that goes with it.
    """
    assert case.status in row.statuses, f"{row.event} does not start in {case.status}"
    to = row.leads_to(case.status)
    facts = replace(case, **step.values).facts
    values = {
        **step.values,
        "status": to.value,
        "version": case.version + 1,
        "deadline_at": step.credit_until or row.clock(facts, unit.now),
    }
    fault.point("case.before_update")
    await unit.execute_guarded(
        queries.update_dispute(
            case.id, status=case.status.value, version=case.version, values=values
        )
    )
    if to is not case.status:
        await unit.execute(  # allowed: unchecked-write, most cases have no open offer
            offer_queries.lapse_offers(case.id, now=unit.now)
        )
    if to is CLOSED:
        closed = await unit.execute(queries.close_parties(case.id, case.parties))
        assert closed.rowcount == len(case.parties), "a case is on both parties' lists"
    kept = write_step(
        row, step, version=case.version + 1, status_from=case.status.value, status_to=to.value,
        now=unit.now,
    )  # fmt: skip
    await unit.execute(queries.insert_event({"dispute_id": case.id, **kept}))
    fault.point("case.before_events")
    after = await get_case(unit, case.id)
    tell_of_case(unit, after)
    if to is not CLOSED:
        happened = Happened(event=f"case_{row.event}", actor=step.actor, detail=step.detail)
        for hook in desk.hooks.on_step:
            await hook(unit, trade, happened)
    return after


async def _apply_clock_row(
    unit: Unit, desk: Desk, trade: TradeRow, case: CaseRow, row: Row[CaseFacts]
) -> CaseRow:
    """A row of the clock: evidence is over, a ruling is overdue or is carried out."""
    if case.status is RULED:
        assert case.award is not None, "a ruled case has an award"
        ends = find_case_row(f"ruled_{case.award}")
        ending = Step(
            actor=Actor.CLOCK,
            buyer_part=case.award_buyer_amount,
            detail={"dispute_id": str(case.id)},
        )
        # The trade's row closes the case.
        await apply_trade_row(unit, desk, trade, ends, ending)
        return await get_case(unit, case.id)
    values = {}
    if row.event == "ruling_overdue":
        values["overdue_count"] = case.overdue_count + 1
    step = CaseStep(actor=Actor.CLOCK, values=values)
    return await apply_row(unit, desk, trade, case, row, step)


def tell_of_case(unit: Unit, case: CaseRow) -> None:
    """Tell the trade's room, both parties and the desk where the case stands."""
    tell(unit, "dispute_updated", case)
