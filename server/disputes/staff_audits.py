"""What is learnt from closed cases: precedents, and second looks that the lot decides about."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from models.rulings import Verdict
from server.core.permissions import Permission
from server.core.refusals import NotFound
from server.db import Unit
from server.db.audit import Action, record_audit
from server.disputes import rulings_queries as queries
from server.disputes import staff_rules
from server.disputes.staff_assignment import read_barred, read_workers
from server.disputes.staff_cases import get_case
from server.disputes.staff_context import CaseDesk
from server.disputes.staff_precedents import keep_precedent
from server.disputes.staff_refusals import AuditClosed
from server.identity.views import show_instant
from server.trades.trade import get_trade
from server.trades.views import open_payer_name

CHUNK = 50
LOOK_AGAIN = timedelta(hours=1)
"""While nobody is free."""
LOOKS = frozenset({Permission.READ_DISPUTES, Permission.AUDIT_DISPUTES})
"""What somebody needs to be given a second look."""


async def learn_from_rulings(desk: CaseDesk) -> int:
    """Keep precedents of what was carried out, and draw what is looked at again; how many."""
    database = desk.trades.database
    async with database.read() as connection:
        found = [row.id for row in await connection.execute(queries.to_look_at(CHUNK))]
    learnt = 0
    for ruling_id in found:

        async def work(unit: Unit, ruling_id: UUID = ruling_id) -> int:
            return await _learn(unit, desk, ruling_id)

        learnt += await database.transact(work, name="learn_from_ruling")
    return learnt


async def _learn(unit: Unit, desk: CaseDesk, ruling_id: UUID) -> int:
    ruling = (await unit.execute(queries.ruling(ruling_id, lock=True))).one()
    if not ruling.audit_look:
        return 0
    trade = await get_trade(unit, ruling.trade_id)
    case = await get_case(unit, ruling.case_id)
    payer = None if trade.payer_name is None else open_payer_name(desk.trades, trade)
    await keep_precedent(unit, desk.random, ruling, trade, reason=case.reason, payer=payer)
    if staff_rules.is_drawn(desk.random):
        await _insert_audit(unit, ruling)
    await unit.execute_guarded(queries.looked_at(ruling_id))
    return 1


async def _insert_audit(unit: Unit, ruling: Any) -> None:
    """A second look that nobody has yet: it is due at once."""
    await unit.execute(
        queries.insert_audit(
            {
                "id": unit.ids.new_id(),
                "ruling_id": ruling.id,
                "case_id": ruling.case_id,
                "open": True,
                "auditor_id": None,
                "verdict": None,
                "note": None,
                "drawn_at": unit.now,
                "due_at": unit.now,
                "decided_at": None,
                "version": 1,
            }
        )
    )


async def give_audits(desk: CaseDesk) -> int:
    """Give second looks that nobody has, or had for too long, by lot; how many."""
    database = desk.trades.database
    async with database.read() as connection:
        due = queries.audits_to_give(database.clock.now(), CHUNK)
        found = [row.id for row in await connection.execute(due)]
    given = 0
    for audit_id in found:

        async def work(unit: Unit, audit_id: UUID = audit_id) -> int:
            return await _give_audit(unit, desk, audit_id)

        given += await database.transact(work, name="give_audit")
    return given


async def _give_audit(unit: Unit, desk: CaseDesk, audit_id: UUID) -> int:
    row = (await unit.execute(queries.audit(audit_id, lock=True))).one()
    if not row.open or row.due_at > unit.now:
        return 0
    case = await get_case(unit, row.case_id)
    people = await read_workers(unit, LOOKS)
    # Everybody who decided in any round, whoever came last.
    barred = (await read_barred(unit, desk, case, people)).everybody
    loads = dict.fromkeys(people, 0)
    for load in await unit.execute(queries.audit_loads()):
        if load.auditor_id in loads:
            loads[load.auditor_id] = int(load.load)
    before = set() if row.auditor_id is None else {row.auditor_id}
    drawn = staff_rules.draw_assignee(desk.random, loads, barred | before)
    values = {
        "auditor_id": drawn or row.auditor_id,
        "due_at": unit.now + (LOOK_AGAIN if drawn is None else staff_rules.AUDIT_TIME),
    }
    await unit.execute_guarded(queries.update_audit(audit_id, row.version, values))
    return 0 if drawn is None else 1


async def decide_audit(
    unit: Unit, person: UUID, audit_id: UUID, *, verdict: Verdict, note: str
) -> Any:
    """Say whether one would have ruled so. Refuses `NotFound`, `AuditClosed`."""
    row = (await unit.execute(queries.audit(audit_id, lock=True))).first()
    if row is None:
        raise NotFound
    if row.auditor_id != person or not row.open:
        raise AuditClosed

    values = {
        "open": False, "verdict": verdict.value, "note": note, "decided_at": unit.now,
    }  # fmt: skip
    await unit.execute_guarded(queries.update_audit(audit_id, row.version, values))
    await record_audit(
        unit, Action.RULING_AUDITED, "ruling", row.ruling_id, after={"verdict": verdict.value}
    )
    return (await unit.execute(queries.audit(audit_id))).one()


def show_audit(row: Any) -> dict[str, Any]:
    """A second look as who has it sees it."""
    return {
        "id": str(row.id),
        "case_id": str(row.case_id),
        "ruling_id": str(row.ruling_id),
        "open": row.open,
        "verdict": row.verdict,
        "note": row.note,
        "drawn_at": show_instant(row.drawn_at),
        "due_at": show_instant(row.due_at),
        "decided_at": show_instant(row.decided_at),
    }


PERMILLE = 1000


def show_statistics(row: Any) -> dict[str, Any]:
    """What one person did, as a row of the statistics; shares in thousandths, rounded down."""
    first, rulings, audited = int(row.first_rulings), int(row.rulings), int(row.audited)
    return {
        "ruler_id": str(row.ruler_id),
        "username": row.username,
        "rulings": rulings,
        "first_rulings": first,
        "objected": int(row.objected),
        "reversed": int(row.reversed),
        "reversal_permille": int(row.reversed) * PERMILLE // first if first else None,
        "average_waited_s": int(row.waited_s) // rulings,
        "average_worked_s": int(row.worked_s) // rulings,
        "longest_worked_s": int(row.longest_s),
        "audited": audited,
        "disagreed": int(row.disagreed),
        "disagreed_permille": int(row.disagreed) * PERMILLE // audited if audited else None,
    }
