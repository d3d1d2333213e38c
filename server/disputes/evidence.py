"""What a side shows in a case or a claim, and that it has nothing more to show."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from server.core import fault
from server.core.clock import format_instant
from server.core.refusals import Invalid, NotFound
from server.db import Unit
from server.disputes import evidence_queries, rules
from server.disputes.case import CaseRow
from server.disputes.checklists import Proof
from server.disputes.facts import CaseAction
from server.disputes.lifecycle import CASES
from server.disputes.refusals import TooMuchEvidence
from server.disputes.steps import CaseStep
from server.disputes.table import find_row
from server.disputes.transition import (
    act,
    apply_due,
    apply_row,
    lock_case,
    lock_case_for,
)
from server.trades.desk import Caller, Desk
from server.trades.facts import Actor
from server.trades.trade import Reader


@dataclass(frozen=True, slots=True)
class Shown:
    """A piece of evidence as it is brought."""

    kind: Proof
    statement: str
    attachment_ids: list[UUID]


def read_shown(body: Mapping[str, Any]) -> Shown:
    """What a request shows."""
    return Shown(Proof(body["kind"]), body["statement"], body["attachment_ids"])


async def _check_attachments(
    unit: Unit, trade_id: UUID, user_id: UUID, attachment_ids: list[UUID]
) -> None:
    """Each file is the user's own, of this trade, and still there."""
    if len(set(attachment_ids)) < len(attachment_ids):
        raise Invalid(errors={"attachment_ids": ["Name each file once."]})
    if not attachment_ids:
        return
    found = await unit.execute(evidence_queries.own_attachments(trade_id, user_id, attachment_ids))
    if len(found.all()) < len(attachment_ids):
        raise Invalid(errors={"attachment_ids": ["You sent no such file in this trade."]})


async def keep_evidence(
    unit: Unit,
    case_id: UUID,
    trade_id: UUID,
    actor: Actor,
    user_id: UUID,
    shown: Shown,
) -> UUID:
    """Write a piece of evidence of a case or claim that is locked; its identifier.

    Refuses `Invalid`, and `TooMuchEvidence` beyond what one side may show.
    """
    if not shown.statement.strip() and not shown.attachment_ids:
        raise Invalid(errors={"statement": ["Say or show something."]})
    await _check_attachments(unit, trade_id, user_id, shown.attachment_ids)
    counted = await unit.execute(evidence_queries.count_evidence(case_id, actor.value))
    if int(counted.scalar_one()) >= rules.EVIDENCE_PER_SIDE_MAX:
        raise TooMuchEvidence

    evidence_id = unit.ids.new_id()
    await unit.execute(
        evidence_queries.insert_evidence(
            {
                "id": evidence_id,
                "case_id": case_id,
                "by_side": actor.value,
                "user_id": user_id,
                "kind": shown.kind.value,
                "statement": shown.statement.strip(),
                "created_at": unit.now,
            }
        )
    )
    if shown.attachment_ids:
        await unit.execute(*evidence_queries.insert_attachments(evidence_id, shown.attachment_ids))
    fault.point("case.after_evidence")
    return evidence_id


async def give_evidence(
    unit: Unit,
    desk: Desk,
    caller: Caller,
    dispute_id: UUID,
    *,
    shown: Shown,
) -> CaseRow:
    """One side shows something, while its time for evidence runs."""
    trade, case, actor = await lock_case_for(unit, desk, caller, dispute_id)
    row = find_row(CASES, CaseAction.GIVE_EVIDENCE, actor, case.facts, unit.now)
    evidence_id = await keep_evidence(unit, case.id, trade.id, actor, caller.user_id, shown)
    step = CaseStep(
        actor=actor,
        actor_id=caller.user_id,
        detail={"evidence_id": str(evidence_id), "kind": shown.kind.value},
    )
    return await apply_row(unit, desk, trade, case, row, step)


async def say_done(unit: Unit, desk: Desk, caller: Caller, dispute_id: UUID) -> CaseRow:
    """One side has nothing more to show; when both say so the desk need not wait."""
    trade, case, actor = await lock_case_for(unit, desk, caller, dispute_id)
    values = {f"{actor.value}_done": True}
    case = await act(
        unit, desk, trade, case, CaseAction.SAY_DONE, actor, caller.user_id, values=values
    )
    return await apply_due(unit, desk, trade, case)


async def end_evidence(
    unit: Unit, desk: Desk, dispute_id: UUID, *, staff_id: UUID, reason: str
) -> CaseRow:
    """Staff end the time for evidence, with a reason that the history keeps."""
    trade, case = await lock_case(unit, desk, dispute_id)
    if staff_id in case.parties:
        raise NotFound
    detail = {"reason": reason}
    return await act(
        unit, desk, trade, case, CaseAction.END_EVIDENCE, Actor.STAFF, staff_id, detail=detail
    )


async def list_evidence(reader: Reader, case_id: UUID) -> list[dict[str, Any]]:
    """Everything that was shown in a case or claim, oldest first, as both parties see it."""
    rows = (await reader.execute(evidence_queries.evidence_of(case_id))).all()
    files: dict[UUID, list[str]] = {}
    for row in await reader.execute(evidence_queries.attachments_of(case_id)):
        files.setdefault(row.evidence_id, []).append(str(row.attachment_id))
    return [
        {
            "id": str(row.id),
            "by": row.by_side,
            "kind": row.kind,
            "statement": row.statement,
            "attachment_ids": files.get(row.id, []),
            "created_at": format_instant(row.created_at),
        }
        for row in rows
    ]
