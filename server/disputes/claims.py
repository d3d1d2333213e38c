"""Claims about ended trades: made, answered and withdrawn by the parties, decided by staff."""

from datetime import datetime
from uuid import UUID

from models.claims import ClaimKind
from models.rulings import CaseKind
from server.core.refusals import Invalid, NotFound
from server.db import Unit
from server.db.audit import Action as Audited
from server.db.audit import record_audit
from server.disputes import claim_queries as queries
from server.disputes import claim_rules
from server.disputes.claim import (
    ClaimRow,
    apply_row,
    get_claim,
    keep_step,
    lock_claim,
    tell_of_claim,
)
from server.disputes.claim_lifecycle import CLAIMS, OPEN, ClaimAction
from server.disputes.evidence import Shown, keep_evidence
from server.disputes.reasons import Reason, list_reasons
from server.disputes.refusals import (
    ClaimMade,
    ClaimNotOffered,
    ClaimTooLate,
    NothingToHold,
    SecondPersonNeeded,
)
from server.disputes.staff_cases import lay_on_desk
from server.disputes.steps import CaseStep, write_step
from server.disputes.table import find_event, find_row
from server.ledger.service import award_lot, find_lot, freeze_lot, hold_for_claim, unfreeze_lot
from server.trades.desk import Caller, Desk
from server.trades.facts import Actor
from server.trades.trade import TradeRow
from server.trades.transition import lock_for

NAMES = {
    ClaimAction.APPROVE: Audited.CLAIM_APPROVED,
    ClaimAction.UPHOLD: Audited.CLAIM_UPHELD,
    ClaimAction.REJECT: Audited.CLAIM_REJECTED,
    ClaimAction.HOLD_FUNDS: Audited.CLAIM_FUNDS_HELD,
}


async def open_claim(
    unit: Unit,
    desk: Desk,
    caller: Caller,
    trade_id: UUID,
    *,
    reason: Reason,
    statement: str,
    shown: Shown | None,
) -> ClaimRow:
    """Make a claim about an ended trade. The seller's freezes the bought USDT while it is held."""
    trade, actor = await lock_for(unit, desk, caller, trade_id)
    kind = claim_rules.kind_for(trade.status, actor)
    if kind is None:
        raise ClaimNotOffered
    if (await unit.execute(queries.claim_of_trade(trade_id))).first() is not None:
        raise ClaimMade
    if reason not in [row.reason for row in list_reasons(actor, trade.status)]:
        raise Invalid(errors={"reason": ["This is no reason that you can give now."]})
    held = await _check_time(unit, trade, kind, unit.now)
    claim_id = unit.ids.new_id()
    claimant, respondent = caller.user_id, trade.user_of(_other(actor))
    await unit.execute(
        queries.insert_claim(
            {
                "id": claim_id,
                "trade_id": trade_id,
                "kind": kind.value,
                "claimant_id": claimant,
                "respondent_id": respondent,
                "reason": reason.value,
                "statement": statement.strip(),
                "status": OPEN.value,
                "outcome": None,
                "version": 1,
                "deadline_at": unit.now + claim_rules.ANSWER_TIME,
                "held_amount": held,
                "overdue_count": 0,
                "first_approver_id": None,
                "decided_by": None,
                "opened_at": unit.now,
                "closed_at": None,
            }
        )
    )
    await lay_on_desk(unit, trade, case_id=claim_id, reason=reason.value, kind=CaseKind.CLAIM)
    if kind is ClaimKind.HOLD:
        frozen = await freeze_lot(unit, trade_id)
        assert frozen, "a lot that runs can be frozen"
    if shown is not None:
        await keep_evidence(unit, claim_id, trade_id, actor, caller.user_id, shown)
    row, step = find_event(CLAIMS, "opened"), CaseStep(actor=actor, actor_id=caller.user_id)
    kept = write_step(row, step, version=1, status_from=None, status_to=OPEN.value, now=unit.now)
    await keep_step(unit, claim_id, kept)
    claim = await get_claim(unit, claim_id)
    await tell_of_claim(unit, desk, trade, claim, row, step)
    return claim


def _other(actor: Actor) -> Actor:
    return Actor.BUYER if actor is Actor.SELLER else Actor.SELLER


async def _check_time(unit: Unit, trade: TradeRow, kind: ClaimKind, now: datetime) -> int:
    """Whether it is early enough; the micro-units that are frozen by the claim."""
    assert trade.ended_at is not None, "claims are about ended trades"
    if kind is ClaimKind.LATE:
        if now >= trade.ended_at + claim_rules.LATE_TIME:
            raise ClaimTooLate
        return 0
    lot = await find_lot(unit, trade.id)
    if lot is None or now >= lot.release_at:
        raise ClaimTooLate
    return lot.amount


async def _act(
    unit: Unit, desk: Desk, trade: TradeRow, claim: ClaimRow, action: ClaimAction, step: CaseStep
) -> ClaimRow:
    row = find_row(CLAIMS, action, step.actor, claim.facts, unit.now)
    return await apply_row(unit, desk, trade, claim, row, step)


async def give_claim_evidence(
    unit: Unit, desk: Desk, caller: Caller, claim_id: UUID, *,
    shown: Shown, answer: bool = False,
) -> ClaimRow:  # fmt: skip
    """One side shows something; with `answer` the other side ends its time by it."""
    trade, claim = await lock_claim(unit, desk, claim_id)
    actor = claim.actor_of(caller.user_id)
    action = ClaimAction.ANSWER if answer else ClaimAction.GIVE_EVIDENCE
    row = find_row(CLAIMS, action, actor, claim.facts, unit.now)
    evidence_id = await keep_evidence(unit, claim.id, trade.id, actor, caller.user_id, shown)
    step = CaseStep(actor=actor, actor_id=caller.user_id, detail={"evidence_id": str(evidence_id)})
    return await apply_row(unit, desk, trade, claim, row, step)


async def withdraw_claim(unit: Unit, desk: Desk, caller: Caller, claim_id: UUID) -> ClaimRow:
    """Who made the claim takes it back; what was frozen runs again."""
    trade, claim = await lock_claim(unit, desk, claim_id)
    step = CaseStep(actor=claim.actor_of(caller.user_id), actor_id=caller.user_id)
    done = await _act(unit, desk, trade, claim, ClaimAction.WITHDRAW, step)
    await _let_run(unit, claim)
    return done


async def hold_funds(
    unit: Unit, desk: Desk, claim_id: UUID, *, staff_id: UUID, reason: str
) -> ClaimRow:
    """Hold what the seller has available for a late claim, up to the trade's amount."""
    trade, claim = await _lock_for_staff(unit, desk, claim_id, staff_id)
    row = find_row(CLAIMS, ClaimAction.HOLD_FUNDS, Actor.STAFF, claim.facts, unit.now)
    held = await hold_for_claim(
        unit,
        trade_id=trade.id,
        user_id=trade.seller_id,
        asset=trade.asset,
        amount_max=trade.amount,
    )
    if held == 0:
        raise NothingToHold
    step = CaseStep(actor=Actor.STAFF, actor_id=staff_id, values={"held_amount": held})
    await _audit(unit, claim, ClaimAction.HOLD_FUNDS, reason)
    return await apply_row(unit, desk, trade, claim, row, step)


async def approve_claim(
    unit: Unit, desk: Desk, claim_id: UUID, *, staff_id: UUID, reason: str
) -> ClaimRow:
    """The first of two people agrees to uphold a claim about a large amount."""
    trade, claim = await _lock_for_staff(unit, desk, claim_id, staff_id)
    step = CaseStep(actor=Actor.STAFF, actor_id=staff_id, values={"first_approver_id": staff_id})
    done = await _act(unit, desk, trade, claim, ClaimAction.APPROVE, step)
    await _audit(unit, claim, ClaimAction.APPROVE, reason)
    return done


async def uphold_claim(
    unit: Unit, desk: Desk, claim_id: UUID, *, staff_id: UUID, reason: str
) -> ClaimRow:
    """Decide for who claims: what is held for the claim becomes his. The trade stays final."""
    trade, claim = await _lock_for_staff(unit, desk, claim_id, staff_id)
    if claim.first_approver_id == staff_id:
        raise SecondPersonNeeded
    step = CaseStep(actor=Actor.STAFF, actor_id=staff_id, values={"decided_by": staff_id},
                     detail={"reason": reason})  # fmt: skip
    done = await _act(unit, desk, trade, claim, ClaimAction.UPHOLD, step)
    await _audit(unit, claim, ClaimAction.UPHOLD, reason)
    if claim.held_amount:
        await award_lot(unit, trade.id, claim.claimant_id)
    return done


async def reject_claim(
    unit: Unit, desk: Desk, claim_id: UUID, *, staff_id: UUID, reason: str
) -> ClaimRow:
    """Decide against who claims: what was frozen runs again."""
    trade, claim = await _lock_for_staff(unit, desk, claim_id, staff_id)
    step = CaseStep(actor=Actor.STAFF, actor_id=staff_id, values={"decided_by": staff_id},
                     detail={"reason": reason})  # fmt: skip
    done = await _act(unit, desk, trade, claim, ClaimAction.REJECT, step)
    await _audit(unit, claim, ClaimAction.REJECT, reason)
    await _let_run(unit, claim)
    return done


async def _lock_for_staff(
    unit: Unit, desk: Desk, claim_id: UUID, staff_id: UUID
) -> tuple[TradeRow, ClaimRow]:
    """Lock a claim for staff. Refuses `NotFound` for its own parties."""
    trade, claim = await lock_claim(unit, desk, claim_id)
    if staff_id in claim.parties:
        raise NotFound
    return trade, claim


async def _audit(unit: Unit, claim: ClaimRow, action: ClaimAction, reason: str) -> None:
    await record_audit(unit, NAMES[action], "claim", claim.id, reason=reason)


async def _let_run(unit: Unit, claim: ClaimRow) -> None:
    if claim.held_amount:
        running = await unfreeze_lot(unit, claim.trade_id)
        assert running, "what was frozen for a claim stays frozen until it is decided"
