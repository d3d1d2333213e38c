"""What is done in a case besides ruling it: notes, the end of evidence, penalties."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from models.trust import SanctionKind, SanctionReason
from server.core.refusals import NotFound
from server.db import Unit
from server.db.audit import Action, record_audit
from server.disputes import evidence, refusals, transition
from server.disputes import staff_queries as queries
from server.disputes.rulings import check_ruler, list_rulings
from server.disputes.staff_access import check_reader
from server.disputes.staff_cases import Case, get_case, lock_case
from server.disputes.staff_context import CaseDesk
from server.disputes.staff_refusals import (
    CaseNotYours,
    NotRuledYet,
    PartyToCase,
    RuledBefore,
    TooManyNotes,
)
from server.trades.facts import Actor
from server.trades.trade import get_trade
from server.trust.sanctions import impose_sanction

ENDED = (NotFound, refusals.WrongCaseStatus, CaseNotYours, PartyToCase, RuledBefore)


async def add_note(unit: Unit, desk: CaseDesk, person: UUID, case_id: UUID, note: str) -> Any:
    """Note something. Refuses `NotFound`, `CaseNotYours`, `PartyToCase`, `TooManyNotes`."""
    await check_reader(unit, desk, person, await get_case(unit, case_id))
    case = await lock_case(unit, case_id)
    if (await unit.execute(queries.count_notes(case_id))).scalar_one() >= queries.NOTES_MAX:
        raise TooManyNotes

    note_id = unit.ids.new_id()
    await unit.execute(
        queries.insert_note(
            {
                "id": note_id,
                "case_id": case.case_id,
                "author_id": person,
                "note": note,
                "created_at": unit.now,
            }
        )
    )
    await record_audit(unit, Action.DISPUTE_NOTED, "case", case_id)
    return next(row for row in await unit.execute(queries.notes_of(case_id)) if row.id == note_id)


async def end_evidence(
    unit: Unit, desk: CaseDesk, person: UUID, case_id: UUID, reason: str
) -> Case:
    """End the time for evidence early. Refuses `ENDED`."""
    await transition.lock_case(unit, desk.trades, case_id)
    case = await lock_case(unit, case_id)
    await check_ruler(unit, desk, person, case)
    await evidence.end_evidence(unit, desk.trades, case_id, staff_id=person, reason=reason)
    await record_audit(unit, Action.EVIDENCE_ENDED, "dispute", case_id, reason=reason)
    return case


async def give_penalty(
    unit: Unit,
    desk: CaseDesk,
    person: UUID,
    case_id: UUID,
    *,
    party: Actor,
    kind: SanctionKind,
    reason: SanctionReason,
    explanation: str,
    duration: timedelta | None,
) -> UUID:
    """Give a party of a ruled case a sanction; how the case ends does not depend on it.

    Refuses `NotFound`, `CaseNotYours`, `PartyToCase`, `NotRuledYet`, and what `impose_sanction`
    refuses.
    """
    await check_reader(unit, desk, person, await get_case(unit, case_id))
    case = await lock_case(unit, case_id)
    if not await list_rulings(unit, case_id):
        raise NotRuledYet
    trade = await get_trade(unit, case.trade_id)
    return await impose_sanction(
        unit,
        desk.trades.identity_hooks,
        user_id=trade.user_of(party),
        kind=kind,
        reason=reason,
        explanation=explanation,
        imposed_by=person,
        duration=duration,
        dispute_id=case_id,
    )
