"""Reports of users: once each, few a day, decided by staff whom they do not concern."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from models.moderation import ReportKind, ReportReason, ReportStatus
from server.chat.views import open_content
from server.core.events import Event, room_of_staff
from server.core.ids import first_id_at
from server.core.refusals import NotFound
from server.db import Unit
from server.db.audit import Action, record_audit
from server.identity.context import Identity
from server.identity.sealing import Sealer
from server.identity.service import Reader, find_user_id
from server.identity.standing import lock_standing
from server.moderation import queries
from server.moderation.refusals import (
    AlreadyReported,
    OwnReport,
    ReportDecided,
    ReportOfOneself,
    ReportsLimited,
)

REPORTS_MAX = 20
"""Reports of one user in a day."""
REPORTS_WINDOW = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class NewReport:
    """What is reported and why."""

    kind: ReportKind
    subject: str
    """A username, or the identifier of an order or a message."""
    reason: ReportReason
    text: str


def context_of(report_id: UUID) -> str:
    """What the words of a report are bound to."""
    return f"user_report:{report_id}"


async def _find_subject(unit: Unit, reporter_id: UUID, asked: NewReport) -> tuple[UUID, UUID]:
    """What is reported and whose it is. Refuses `NotFound` for what the reporter cannot see."""
    if asked.kind is ReportKind.USER:
        user_id = await find_user_id(unit, asked.subject)
        return user_id, user_id
    try:
        subject_id = UUID(asked.subject)
    except ValueError:
        raise NotFound from None
    if asked.kind is ReportKind.ORDER:
        statement = queries.owner_of_order(subject_id)
    else:
        statement = queries.author_of_message(subject_id, reporter_id)
    row = (await unit.execute(statement)).first()
    if row is None:
        raise NotFound
    return subject_id, row.user_id


async def report(identity: Identity, unit: Unit, reporter_id: UUID, asked: NewReport) -> Any:
    """Report something to the staff; the report as its writer follows it.

    Refuses `NotFound`, `ReportOfOneself`, `AlreadyReported`, `ReportsLimited`.
    """
    subject_id, user_id = await _find_subject(unit, reporter_id, asked)
    if user_id == reporter_id:
        raise ReportOfOneself
    # Under this lock the same report is not made twice, nor one beyond the last of the day.
    await lock_standing(unit, reporter_id)
    known = queries.report_of(reporter_id, asked.kind.value, subject_id)
    if (await unit.execute(known)).first() is not None:
        raise AlreadyReported
    since = first_id_at(unit.now - REPORTS_WINDOW)
    counted = (await unit.execute(queries.count_reports(reporter_id, since))).one()
    if counted.there_are >= REPORTS_MAX:
        raise ReportsLimited(retry_after_s=int(REPORTS_WINDOW.total_seconds()))

    report_id = unit.ids.new_id()
    sealed = identity.sealer.seal(asked.text.encode(), context_of(report_id))
    await unit.execute(
        queries.insert_report(
            {
                "id": report_id,
                "reporter_id": reporter_id,
                "kind": asked.kind.value,
                "subject_id": subject_id,
                "user_id": user_id,
                "reason": asked.reason.value,
                "sealed": sealed,
                "status": ReportStatus.OPEN.value,
                "created_at": unit.now,
            }
        )
    )
    after = {"kind": asked.kind.value, "reason": asked.reason.value}
    await record_audit(unit, Action.USER_REPORTED, "user_report", report_id, after=after)
    _tell_queue(unit, (await unit.execute(queries.report(report_id))).one())
    return await get_own_report(unit, reporter_id, report_id)


async def get_own_report(reader: Reader, reporter_id: UUID, report_id: UUID) -> Any:
    """A report as its writer follows it. Refuses `NotFound`."""
    row = (await reader.execute(queries.own_report(reporter_id, report_id))).first()
    if row is None:
        raise NotFound
    return row


def _tell_queue(unit: Unit, row: Any) -> None:
    """Tell who decides reports how one stands; not what it says, nor whom it concerns."""
    body = {"id": str(row.id), "kind": row.kind, "reason": row.reason, "status": row.status}
    unit.emit(Event(room_of_staff("reports"), "report_queue_changed", body, row.id))


@dataclass(frozen=True, slots=True)
class ReadReport:
    """A report with its words, and those of the message that it is about."""

    row: Any
    text: str | None
    message: str | None


async def read_report(unit: Unit, sealer: Sealer, report_id: UUID) -> ReadReport:
    """A report as who decides it needs it; that it was read is audited. Refuses `NotFound`."""
    row = (await unit.execute(queries.report(report_id))).first()
    if row is None:
        raise NotFound
    await record_audit(unit, Action.USER_REPORT_READ, "user_report", report_id)
    text = None
    if row.sealed is not None:
        text = sealer.open_sealed(bytes(row.sealed), context_of(report_id)).decode()
    message = None
    if row.kind == ReportKind.MESSAGE.value:
        written = (await unit.execute(queries.message_of(row.subject_id))).first()
        content = None if written is None else open_content(sealer, written)
        message = None if content is None else content.original or content.text
    return ReadReport(row, text, message)


async def decide_report(
    unit: Unit, report_id: UUID, status: ReportStatus, reason: str, by: UUID
) -> Any:
    """Dismiss a report, or say that something was done. Refuses `NotFound`, `OwnReport`,
    `ReportDecided`."""
    row = (await unit.execute(queries.report(report_id))).first()
    if row is None:
        raise NotFound
    if by in (row.reporter_id, row.user_id):
        raise OwnReport
    decided = await unit.execute(queries.decide_report(report_id, status.value, by, unit.now))
    if decided.rowcount != 1:
        raise ReportDecided
    await record_audit(
        unit, Action.USER_REPORT_DECIDED, "user_report", report_id,
        after={"status": status.value}, reason=reason,
    )  # fmt: skip
    after = (await unit.execute(queries.report(report_id))).one()
    _tell_queue(unit, after)
    return after
