"""Who may read a whole case: who was given it, who approves its ruling, who looks at it again.

Every reading is audited before anything is shown, every refused one too, and each person reads
only so many in a day.
"""

from uuid import UUID

from server.core.ids import first_id_at
from server.core.permissions import Permission
from server.core.refusals import Forbidden
from server.db import Unit
from server.db.audit import Action, record_audit
from server.disputes import rulings_queries, staff_rules
from server.disputes import staff_queries as queries
from server.disputes.staff_assignment import read_barred
from server.disputes.staff_cases import Case, get_case
from server.disputes.staff_context import CaseDesk
from server.disputes.staff_refusals import CaseNotYours, CaseReadsExhausted, PartyToCase
from server.trades.trade import Reader

RULING = "ruling"
"""The kind of proposal of a ruling that takes two people."""


async def check_reader(reader: Reader, desk: CaseDesk, person: UUID, case: Case) -> None:
    """Refuse `CaseNotYours` and `PartyToCase`."""
    mine = case.assignee_id == person
    if not mine:
        looks = (await reader.execute(rulings_queries.open_audits(case.case_id))).scalars().all()
        mine = person in looks
    if not mine and Permission.APPROVE_RULINGS in desk.rights.permissions_of(person):
        proposed = await reader.execute(queries.proposals_about(case.case_id, RULING))
        mine = proposed.first() is not None
    # Who broke the glass to read disputes is on everybody's screen, and in the audit.
    if not mine and desk.rights.elevation_for(person, Permission.READ_DISPUTES) is None:
        raise CaseNotYours
    barred = await read_barred(reader, desk, case, frozenset({person}))
    if person in barred.parties | barred.linked:
        raise PartyToCase


async def note_reading(desk: CaseDesk, person: UUID, case_id: UUID) -> Case:
    """Audit that somebody reads a whole case, before he does.

    Refuses `NotFound`, `CaseNotYours`, `PartyToCase`, `CaseReadsExhausted`; that is kept too.
    """

    async def work(unit: Unit) -> tuple[Case, Forbidden | CaseReadsExhausted | None]:
        case = await get_case(unit, case_id)
        try:
            await check_reader(unit, desk, person, case)
        except Forbidden as refusal:
            await record_audit(
                unit, Action.DISPUTE_READ_REFUSED, "case", case_id, reason=refusal.code
            )
            return case, refusal
        since = first_id_at(unit.now - staff_rules.DAY)
        read = queries.count_acts(person, Action.DISPUTE_READ.value, since)
        if (await unit.execute(read)).scalar_one() >= staff_rules.CASES_READ_PER_DAY_MAX:
            return case, CaseReadsExhausted(retry_after_s=int(staff_rules.DAY.total_seconds()))
        await record_audit(unit, Action.DISPUTE_READ, "case", case_id)
        return case, None

    # The attempt is committed although it is refused.
    case, refusal = await desk.trades.database.transact(work, name="note_case_read")
    if refusal is not None:
        raise refusal
    return case
