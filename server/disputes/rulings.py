"""Ruling a case, objecting to a ruling, and what the desk does when a case ends.

A ruling moves nothing: the case's own clock carries it out when the time to object is over, or at
once when it is the second one. Release, concession or an agreed offer may come before; then the
ruling is void.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from models.disputes import Award, DisputeStatus
from models.rulings import CaseKind, RulingStatus
from server.core import fault
from server.core.clock import to_micros
from server.core.money import format_usdt
from server.core.refusals import Invalid
from server.db import Unit
from server.db.audit import Action, record_audit
from server.disputes import evidence_queries, staff_queries, staff_rules, transition
from server.disputes import rulings_queries as queries
from server.disputes.case import CaseRow, find_case_of_trade
from server.disputes.facts import CaseAction
from server.disputes.lifecycle import CASES
from server.disputes.staff_assignment import read_barred
from server.disputes.staff_cases import Case, change, lay_on_desk, lock_case, take_off
from server.disputes.staff_context import CaseDesk
from server.disputes.staff_refusals import CaseChanged, CaseNotOpen, CaseNotYours, NothingNew
from server.disputes.table import find_row
from server.identity.notices import tell_owner
from server.trades.desk import Caller
from server.trades.facts import Actor
from server.trades.trade import TradeRow, get_trade

SECOND = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What somebody decides about a case."""

    version: int
    """Of the case, as it was read."""
    award: Award
    buyer_amount: int | None
    """Of a split, in micro-USDT before the buyer's fee."""
    reason_code: str
    text_en: str
    text_vi: str

    def parts(self, amount: int) -> tuple[int, int]:
        """The buyer's and the seller's part. Refuses `Invalid`."""
        parts = staff_rules.parts_of(self.award, amount, self.buyer_amount)
        if parts is None:
            sentence = "A split gives both sides a part; other rulings name none."
            raise Invalid(errors={"buyer_amount": [sentence]})
        return parts


async def lock_to_rule(
    unit: Unit, desk: CaseDesk, case_id: UUID, version: int, *, ruler_id: UUID | None = None
) -> tuple[TradeRow, CaseRow, Case]:
    """Lock a case that waits for a ruling, by the version that was read.

    Refuses `NotFound`, what `check_ruler` refuses of a named ruler, what the case's lifecycle
    refuses, `CaseNotOpen`, `CaseChanged`.
    """
    trade, dispute = await transition.lock_case(unit, desk.trades, case_id)
    case = await lock_case(unit, case_id)
    if ruler_id is not None:
        await check_ruler(unit, desk, ruler_id, case)
    find_row(CASES, action_of(dispute), Actor.STAFF, dispute.facts, unit.now)
    if not case.open:
        raise CaseNotOpen
    if dispute.version != version:
        raise CaseChanged
    return trade, dispute, case


def action_of(dispute: CaseRow) -> CaseAction:
    """The first ruling, or the one after an objection."""
    objected = dispute.status is DisputeStatus.OBJECTED
    return CaseAction.RULE_AGAIN if objected else CaseAction.RULE


async def check_ruler(unit: Unit, desk: CaseDesk, ruler_id: UUID, case: Case) -> None:
    """Refuse `CaseNotYours` for who was not given the case, `PartyToCase`, `RuledBefore`."""
    if case.assignee_id != ruler_id:
        raise CaseNotYours
    (await read_barred(unit, desk, case, frozenset({ruler_id}))).check(ruler_id)


async def make_ruling(
    unit: Unit,
    desk: CaseDesk,
    locked: tuple[TradeRow, CaseRow, Case],
    decision: Decision,
    *,
    ruler_id: UUID,
    approver_id: UUID | None,
) -> UUID:
    """Rule a locked case; the ruling. Nothing moves yet. Refuses `Invalid` for wrong parts."""
    trade, dispute, case = locked
    buyer_amount, seller_amount = decision.parts(trade.amount)
    earlier = (await unit.execute(queries.rulings_of(case.case_id, lock=True))).all()
    assert len(earlier) == case.round - 1, "a ruling is made once a round"
    assert case.assigned_at is not None, "who rules was given the case"
    began_at = case.opened_at if not earlier else earlier[0].ended_at

    timed = {
        "waited_s": (to_micros(unit.now) - to_micros(began_at)) // SECOND,
        "worked_s": (to_micros(unit.now) - to_micros(case.assigned_at)) // SECOND,
    }
    people = {"ruler_id": ruler_id, "approver_id": approver_id}
    ruling_id = await _insert_ruling(unit, case, decision, **timed, **people)
    fault.point("ruling.after_insert")
    if earlier and earlier[0].buyer_amount != buyer_amount:
        await unit.execute_guarded(queries.mark_reversed(earlier[0].id))
    await change(unit, case, open=False)
    await transition.act(
        unit,
        desk.trades,
        trade,
        dispute,
        action_of(dispute),
        Actor.STAFF,
        ruler_id,
        values={"award": decision.award.value, "award_buyer_amount": decision.buyer_amount},
        detail={
            "award": decision.award.value,
            "buyer_amount": format_usdt(buyer_amount),
            "seller_amount": format_usdt(seller_amount),
            "reason_code": decision.reason_code,
        },
    )
    await _note_ruling(unit, desk, trade, ruling_id, decision)
    return ruling_id


async def _insert_ruling(unit: Unit, case: Case, decision: Decision, **more: Any) -> UUID:
    buyer_amount, seller_amount = decision.parts(case.amount)
    ruling_id = unit.ids.new_id()
    await unit.execute(
        queries.insert_ruling(
            {
                "id": ruling_id,
                "case_id": case.case_id,
                "trade_id": case.trade_id,
                "round": case.round,
                "outcome": decision.award.value,
                "amount": case.amount,
                "buyer_amount": buyer_amount,
                "seller_amount": seller_amount,
                "reason_code": decision.reason_code,
                "text_en": decision.text_en,
                "text_vi": decision.text_vi,
                "status": RulingStatus.STANDING.value,
                "ruled_at": unit.now,
                "ended_at": None,
                "reversed": False,
                "audit_look": False,
                **more,
            }
        )
    )
    return ruling_id


async def _note_ruling(
    unit: Unit, desk: CaseDesk, trade: TradeRow, ruling_id: UUID, decision: Decision
) -> None:
    await record_audit(
        unit,
        Action.DISPUTE_RULED,
        "ruling",
        ruling_id,
        after={
            "trade_id": str(trade.id),
            "outcome": decision.award.value,
            "buyer_amount": decision.buyer_amount,
            "reason": decision.reason_code,
        },
    )
    for user_id in (trade.buyer_id, trade.seller_id):
        await tell_owner(
            unit, desk.trades.identity_hooks, user_id, "dispute_ruled", trade_id=str(trade.id)
        )


async def rule(
    unit: Unit, desk: CaseDesk, ruler_id: UUID, case_id: UUID, decision: Decision
) -> UUID:
    """Rule a case that one was given; the ruling. Refuses as `lock_to_rule` does.

    A case above the limit is proposed instead, by `rulings_kinds.propose_ruling`.
    """
    locked = await lock_to_rule(unit, desk, case_id, decision.version, ruler_id=ruler_id)
    assert not staff_rules.takes_two(locked[0].amount), "this ruling takes two people"
    return await make_ruling(unit, desk, locked, decision, ruler_id=ruler_id, approver_id=None)


async def object_to_ruling(
    unit: Unit,
    desk: CaseDesk,
    caller: Caller,
    case_id: UUID,
    *,
    statement: str,
    evidence_ids: list[UUID],
) -> None:
    """A party objects, once a case, with evidence that came after the ruling.

    Refuses `NotFound` for others, what the case's lifecycle refuses, `NothingNew`.
    """
    trade, dispute, actor = await transition.lock_case_for(unit, desk.trades, caller, case_id)
    find_row(CASES, CaseAction.OBJECT, actor, dispute.facts, unit.now)
    case = await lock_case(unit, case_id)
    (standing,) = (await unit.execute(queries.rulings_of(case_id, lock=True))).all()
    fresh = await unit.execute(
        evidence_queries.shown_since(case_id, actor.value, standing.ruled_at)
    )
    if not evidence_ids or not set(evidence_ids) <= set(fresh.scalars()):
        raise NothingNew(errors={"evidence_ids": [NothingNew.title]})

    await unit.execute(
        staff_queries.insert_objection(
            {
                "case_id": case_id,
                "user_id": caller.user_id,
                "statement": statement,
                "evidence": orjson.dumps(sorted(map(str, evidence_ids))).decode(),
                "created_at": unit.now,
            }
        )
    )
    fault.point("objection.after_insert")
    await unit.execute_guarded(queries.end_ruling(standing.id, RulingStatus.OBJECTED, unit.now))
    await unit.execute(  # allowed: unchecked-write, its person may have been taken off
        staff_queries.end_assignments(case_id, unit.now)
    )
    await change(
        unit, case, open=True, round=2, assignee_id=None, assigned_at=None,
        due_at=unit.now + staff_rules.SECOND_RULING_TIME,
    )  # fmt: skip
    await transition.act(
        unit, desk.trades, trade, dispute, CaseAction.OBJECT, actor, caller.user_id,
        values={"objected_by": actor.value},
    )  # fmt: skip
    other_id = trade.seller_id if actor is Actor.BUYER else trade.buyer_id
    await tell_owner(
        unit, desk.trades.identity_hooks, other_id, "ruling_objected", trade_id=str(trade.id)
    )


async def lay_dispute_on_desk(unit: Unit, trade_id: UUID) -> None:
    """A case about a trade was opened: the desk has it from now on."""
    trade = await get_trade(unit, trade_id)
    dispute = await find_case_of_trade(unit, trade_id)
    assert dispute is not None, "a disputed trade has a case"
    await lay_on_desk(unit, trade, case_id=dispute.id, reason=dispute.reason, kind=CaseKind.DISPUTE)


async def end_dispute_on_desk(unit: Unit, trade_id: UUID) -> None:
    """The trade has ended: its ruling was carried out, or is void, and the desk is done with it."""
    dispute = await find_case_of_trade(unit, trade_id)
    assert dispute is not None, "a trade that was disputed has a case"
    await take_off(unit, dispute.id)
    by_ruling = (dispute.outcome or "").startswith("ruled_")
    for ruling in await unit.execute(queries.rulings_of(dispute.id, lock=True)):
        if ruling.status != RulingStatus.STANDING:
            continue
        status = RulingStatus.CARRIED_OUT if by_ruling else RulingStatus.VOID
        fault.point("ruling.before_end")
        await unit.execute_guarded(
            queries.end_ruling(ruling.id, status, unit.now, audit_look=by_ruling)
        )
        if by_ruling:
            await record_audit(unit, Action.RULING_CARRIED_OUT, "ruling", ruling.id)


async def list_rulings(reader: Any, case_id: UUID) -> list[Any]:
    """The rulings of a case, the first one first."""
    return list((await reader.execute(queries.rulings_of(case_id))).all())
