"""Reports of suspicious activity: written and read by compliance, never told to the user."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from models.compliance import SuspicionStatus
from server.compliance import queries
from server.compliance.refusals import SuspicionDecided
from server.core.refusals import NotFound
from server.db import Unit
from server.db.audit import Action, record_audit
from server.identity.sealing import Sealer
from server.identity.standing import lock_standing

REPORTS_KEPT = timedelta(days=1825)
"""From the decision; as long as the law on money laundering asks."""
PURGE_CHUNK = 1000


def context_of(report_id: UUID) -> str:
    """What a statement is bound to."""
    return f"suspicion:{report_id}"


async def report_suspicion(
    unit: Unit, sealer: Sealer, user_id: UUID, trade_id: UUID | None, statement: str, by: UUID
) -> Any:
    """Write down what somebody on the staff suspects. Refuses `NotFound` for nobody."""
    await lock_standing(unit, user_id)
    report_id = unit.ids.new_id()
    values = {
        "id": report_id,
        "user_id": user_id,
        "trade_id": trade_id,
        "reported_by": by,
        "created_at": unit.now,
        "sealed": sealer.seal(statement.encode(), context_of(report_id)),
        "status": SuspicionStatus.OPEN.value,
    }
    await unit.execute(queries.insert_report(values))
    await record_audit(unit, Action.SUSPICION_REPORTED, "suspicion", report_id)
    return (await unit.execute(queries.report(report_id))).one()


async def read_report(unit: Unit, sealer: Sealer, report_id: UUID) -> tuple[Any, str]:
    """A report and its statement; that it was read is audited. Refuses `NotFound`."""
    row = (await unit.execute(queries.report(report_id))).first()
    if row is None:
        raise NotFound
    await record_audit(unit, Action.SUSPICION_READ, "suspicion", report_id)
    statement = sealer.open_sealed(bytes(row.sealed), context_of(report_id)).decode()
    return row, statement


async def decide_report(
    unit: Unit, report_id: UUID, status: SuspicionStatus, reason: str, by: UUID
) -> Any:
    """File or dismiss a report. Refuses `NotFound`, `SuspicionDecided`."""
    if (await unit.execute(queries.report(report_id))).first() is None:
        raise NotFound
    decided = await unit.execute(queries.decide_report(report_id, status.value, by, unit.now))
    if decided.rowcount != 1:
        raise SuspicionDecided
    await record_audit(
        unit, Action.SUSPICION_DECIDED, "suspicion", report_id,
        after={"status": status.value}, reason=reason,
    )  # fmt: skip
    return (await unit.execute(queries.report(report_id))).one()


async def purge_reports(unit: Unit) -> int:
    """Forget one chunk of reports that were decided long ago; how many. Legal holds keep them."""
    before = unit.now - REPORTS_KEPT
    ids = [row.id for row in await unit.execute(queries.old_reports(before, PURGE_CHUNK))]
    if ids:
        await unit.execute(queries.delete_reports(ids))
    return len(ids)
