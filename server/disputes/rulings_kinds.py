"""The ruling that takes two people: proposed by who was given the case, approved by another.

What is approved is the case at its version with one outcome, its parts, its reason and its texts;
the proposal's hash covers all of it.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from models.disputes import Award
from server.core.money import format_usdt
from server.core.permissions import Permission
from server.core.refusals import NotFound
from server.db import Unit
from server.disputes import rulings, staff_schemas
from server.disputes import staff_queries as queries
from server.disputes.rulings import Decision
from server.disputes.staff_access import RULING
from server.disputes.staff_assignment import read_barred, read_workers
from server.disputes.staff_cases import get_case
from server.disputes.staff_context import CaseDesk
from server.staff.approvals import Body, ProposalKind, Subject, propose

LIFE = timedelta(hours=24)
"""After so long without an approval the ruling has to be proposed anew."""


def read_decision(body: Body) -> Decision:
    """What a request, or a proposal, says about a case."""
    return Decision(
        version=body["version"],
        award=Award(body["outcome"]),
        buyer_amount=body["buyer_amount"],
        reason_code=body["reason_code"],
        text_en=body["text_en"],
        text_vi=body["text_vi"],
    )


def show_part(buyer_amount: int | None) -> str | None:
    """The buyer's part of a split, or null."""
    return None if buyer_amount is None else format_usdt(buyer_amount)


def write_decision(decision: Decision) -> dict[str, Any]:
    """A decision as it is proposed."""
    return {
        "version": decision.version,
        "outcome": decision.award.value,
        "buyer_amount": show_part(decision.buyer_amount),
        "reason_code": decision.reason_code,
        "text_en": decision.text_en,
        "text_vi": decision.text_vi,
    }


def list_ruling_kinds(find_desk: Callable[[], CaseDesk]) -> Mapping[str, ProposalKind]:
    """The kind of proposal, by name. `find_desk` gives the desk, which is put together later."""

    async def read_subject(unit: Unit, object_id: str, body: Body) -> Subject:
        return await _read_subject(unit, find_desk(), object_id, body)

    async def carry_out(unit: Unit, requester: UUID, object_id: str, body: Body) -> None:
        await _carry_out(unit, find_desk(), requester, UUID(object_id), read_decision(body))

    kind = ProposalKind(
        name=RULING,
        sentence="Rule a dispute about more than one person may rule alone.",
        propose=Permission.RULE_DISPUTES,
        approve=Permission.APPROVE_RULINGS,
        approvals_needed=1,
        life=LIFE,
        body=staff_schemas.ProposedRulingSchema(),
        read_subject=read_subject,
        check=_let_through,
        carry_out=carry_out,
    )
    return {kind.name: kind}


async def _read_subject(unit: Unit, desk: CaseDesk, object_id: str, body: Body) -> Subject:
    """The case as it stands, and who may neither propose nor approve its ruling.

    Refuses `NotFound`, and what `lock_to_rule` and `Decision.parts` refuse.
    """
    try:
        case_id = UUID(object_id)
    except ValueError:
        raise NotFound from None
    decision = read_decision(body)
    trade, dispute, case = await rulings.lock_to_rule(unit, desk, case_id, decision.version)
    decision.parts(trade.amount)
    deciders = await read_workers(unit, frozenset({Permission.RULE_DISPUTES}))
    deciders |= await read_workers(unit, frozenset({Permission.APPROVE_RULINGS}))
    barred = await read_barred(unit, desk, case, deciders)
    return Subject("case", str(case_id), f"{dispute.version}.{case.round}", barred.everybody)


async def _let_through(_unit: Unit, _actor: UUID, _body: Body) -> None:
    """The permissions that the kind asks for are enough."""


async def _carry_out(
    unit: Unit, desk: CaseDesk, requester: UUID, case_id: UUID, decision: Decision
) -> None:
    """Make the ruling. Refuses as `rule` does: the requester must still have the case."""
    locked = await rulings.lock_to_rule(unit, desk, case_id, decision.version, ruler_id=requester)
    approver = queries.approver_of(requester, RULING, case_id)
    await rulings.make_ruling(
        unit,
        desk,
        locked,
        decision,
        ruler_id=requester,
        approver_id=(await unit.execute(approver)).scalars().first(),
    )


async def propose_ruling(
    unit: Unit, desk: CaseDesk, ruler_id: UUID, case_id: UUID, decision: Decision
) -> UUID:
    """Propose a ruling to a second person; the proposal.

    Refuses what `propose` and `check_ruler` refuse. The staff's version is locked before the case.
    """
    proposal_id = await propose(
        unit,
        list_ruling_kinds(lambda: desk),
        ruler_id,
        kind_name=RULING,
        object_id=str(case_id),
        body=write_decision(decision),
        reason=f"{decision.award.value}: {decision.reason_code}",
    )
    await rulings.check_ruler(unit, desk, ruler_id, await get_case(unit, case_id))
    return proposal_id
