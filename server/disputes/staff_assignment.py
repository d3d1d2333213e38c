"""Who works on a case: drawn by lot among the free, or named by somebody with a reason.

Never a party, never somebody linked to one, and after an objection nobody who decided before.
Each change locks the staff's version first: two lots at once see each other's loads.
"""

from dataclasses import dataclass
from uuid import UUID

from server.core.permissions import Permission
from server.db import Unit
from server.db.audit import Action, record_audit
from server.disputes import rulings_queries, staff_rules
from server.disputes import staff_queries as queries
from server.disputes.staff_cases import Case, change, get_case, lock_case
from server.disputes.staff_context import CaseDesk
from server.disputes.staff_refusals import (
    CaseNotOpen,
    CaseNotYours,
    CaseTaken,
    MayNotWork,
    NobodyFree,
    PartyToCase,
    RuledBefore,
)
from server.staff.queries import staff_version
from server.staff.rights import read_holdings
from server.trades.trade import Reader, get_trade

CHUNK = 50
WORKS = frozenset({Permission.READ_DISPUTES, Permission.WORK_DISPUTES, Permission.RULE_DISPUTES})
"""What somebody needs to be given a case."""
BY_LOT = "Drawn by lot."
AGAIN = "Drawn by lot after the objection."
OVERDUE = "The time to rule was over."
GONE = "The person no longer works on disputes."


@dataclass(frozen=True, slots=True)
class Barred:
    """Who may not decide a case, and why."""

    parties: frozenset[UUID]
    linked: frozenset[UUID]
    decided: frozenset[UUID]
    """Ruled or approved the ruling that was objected to."""

    @property
    def everybody(self) -> frozenset[UUID]:
        """All of them."""
        return self.parties | self.linked | self.decided

    def check(self, person: UUID) -> None:
        """Refuse `PartyToCase`, `RuledBefore`."""
        if person in self.parties | self.linked:
            raise PartyToCase
        if person in self.decided:
            raise RuledBefore


async def read_barred(
    reader: Reader, desk: CaseDesk, case: Case, people: frozenset[UUID]
) -> Barred:
    """Who of `people` may not decide a case."""
    trade = await get_trade(reader, case.trade_id)
    parties = frozenset({trade.buyer_id, trade.seller_id})
    linked = await desk.find_linked(reader, parties, people)
    decided: set[UUID] = set()
    for ruling in await reader.execute(rulings_queries.rulings_of(case.case_id)):
        decided |= {ruling.ruler_id, ruling.approver_id} - {None}
    return Barred(parties, frozenset(linked), frozenset(decided))


async def read_workers(unit: Unit, needed: frozenset[Permission] = WORKS) -> frozenset[UUID]:
    """Who holds all of some permissions by his roles; what was taken in an emergency is not."""
    holdings = await read_holdings(unit, unit.now)
    return frozenset(each for each, holding in holdings.items() if needed <= holding.lasting)


async def _lock_open(unit: Unit, case_id: UUID) -> Case:
    await unit.execute(staff_version(lock=True))
    case = await lock_case(unit, case_id)
    if not case.open:
        raise CaseNotOpen
    return case


async def _read_loads(unit: Unit, people: frozenset[UUID]) -> dict[UUID, int]:
    loads = dict.fromkeys(people, 0)
    for row in await unit.execute(queries.loads()):
        if row.assignee_id in loads:
            loads[row.assignee_id] = int(row.load)
    return loads


async def give(unit: Unit, case: Case, person: UUID, *, by: UUID | None, reason: str) -> Case:
    """Somebody has a locked case from now on, and nobody else has it any more."""
    await unit.execute(  # allowed: unchecked-write, nobody may have had it
        queries.end_assignments(case.case_id, unit.now)
    )
    await unit.execute(
        queries.insert_assignment(
            {
                "id": unit.ids.new_id(),
                "case_id": case.case_id,
                "assignee_id": person,
                "assigned_by": by,
                "reason": reason,
                "assigned_at": unit.now,
                "ended_at": None,
            }
        )
    )
    before = None if case.assignee_id is None else str(case.assignee_id)
    await record_audit(
        unit,
        Action.DISPUTE_ASSIGNED,
        "case",
        case.case_id,
        before={"assignee_id": before},
        after={"assignee_id": str(person)},
        reason=reason,
    )
    return await change(unit, case, assignee_id=person, assigned_at=unit.now)


async def give_by_lot(
    unit: Unit, desk: CaseDesk, case_id: UUID, *, by: UUID | None = None, reason: str = BY_LOT
) -> Case:
    """Draw who works on a case, never the one who has it. Refuses `CaseNotOpen`, `NobodyFree`."""
    case = await _lock_open(unit, case_id)
    workers = await read_workers(unit)
    barred = await read_barred(unit, desk, case, workers)
    excluded = barred.everybody | ({case.assignee_id} if case.assignee_id else set())
    drawn = staff_rules.draw_assignee(desk.random, await _read_loads(unit, workers), excluded)
    if drawn is None:
        raise NobodyFree
    return await give(unit, case, drawn, by=by, reason=reason)


async def give_to(
    unit: Unit, desk: CaseDesk, by: UUID, case_id: UUID, *, person: UUID | None, reason: str
) -> Case:
    """Give a case to a named person, or to whom the lot names.

    Refuses `CaseNotOpen`, `PartyToCase`, `RuledBefore`, `MayNotWork`, `NobodyFree`. Who is a
    party, or linked to one, gives it to nobody.
    """
    case = await _lock_open(unit, case_id)
    workers = await read_workers(unit)
    barred = await read_barred(unit, desk, case, workers | {by})
    if by in barred.parties | barred.linked:
        raise PartyToCase
    if person is None:
        return await give_by_lot(unit, desk, case_id, by=by, reason=reason)
    barred.check(person)
    load = (await _read_loads(unit, workers)).get(person)
    if load is None or load >= staff_rules.LOAD_MAX:
        raise MayNotWork(errors={"assignee_id": [MayNotWork.title]})
    if person == case.assignee_id:
        raise CaseTaken
    return await give(unit, case, person, by=by, reason=reason)


async def claim(unit: Unit, desk: CaseDesk, person: UUID, case_id: UUID, *, reason: str) -> Case:
    """Take a case that nobody has. Refuses as `give_to` does, and `CaseTaken`."""
    case = await get_case(unit, case_id)
    if case.assignee_id is not None:
        raise CaseTaken
    return await give_to(unit, desk, person, case_id, person=person, reason=reason)


async def hand_on(unit: Unit, desk: CaseDesk, person: UUID, case_id: UUID, *, reason: str) -> Case:
    """Give one's own case back: the lot names another. Refuses `CaseNotYours`, `NobodyFree`."""
    case = await _lock_open(unit, case_id)
    if case.assignee_id != person:
        raise CaseNotYours
    return await give_by_lot(unit, desk, case_id, by=person, reason=reason)


async def tend_desk(desk: CaseDesk) -> int:
    """Give cases that nobody has, and those whose people are late or gone; how many."""
    database = desk.trades.database
    now = database.clock.now()
    async with database.read() as connection:
        waiting = queries.waiting_for_somebody(CHUNK)
        found = [(row.case_id, None, BY_LOT) for row in await connection.execute(waiting)]
        late = queries.overdue(now, now - staff_rules.HAND_ON_AFTER, CHUNK)
        found += [(row.case_id, row.assignee_id, OVERDUE) for row in await connection.execute(late)]
        holdings = await read_holdings(connection, now)
        for row in (await connection.execute(queries.loads())).all():
            holding = holdings.get(row.assignee_id)
            if holding is not None and holding.lasting >= WORKS:
                continue
            theirs = queries.open_cases_of(row.assignee_id, CHUNK)
            found += [
                (each.case_id, row.assignee_id, GONE) for each in await connection.execute(theirs)
            ]
    given = 0
    for due in found:

        async def work(unit: Unit, due: tuple[UUID, UUID | None, str] = due) -> int:
            return await _give_if_due(unit, desk, *due)

        given += await database.transact(work, name="give_case")
    return given


async def _give_if_due(
    unit: Unit, desk: CaseDesk, case_id: UUID, held_by: UUID | None, reason: str
) -> int:
    """Give a case on, unless somebody else has done so since it was looked at."""
    await unit.execute(staff_version(lock=True))
    case = await lock_case(unit, case_id)
    if not case.open or case.assignee_id != held_by:
        return 0
    if reason == BY_LOT and case.round > 1:
        reason = AGAIN
    try:
        await give_by_lot(unit, desk, case_id, reason=reason)
    except (CaseNotOpen, NobodyFree):
        return 0
    return 1
