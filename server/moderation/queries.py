"""The SQL of reports and private notes."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Delete,
    Insert,
    Select,
    Update,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from models.chat import ChatMessage
from models.identity import Profile
from models.moderation import ReportKind, ReportStatus, UserNote, UserReport
from models.orders import Order
from models.trades import Trade
from server.db.pages import read_along

Selected = Select[*tuple[Any, ...]]
OWN_REPORT = (
    UserReport.id,
    UserReport.kind,
    UserReport.subject_id,
    UserReport.reason,
    UserReport.status,
    UserReport.created_at,
    UserReport.decided_at,
    Profile.username,
)
REPORT = (
    UserReport.id,
    UserReport.reporter_id,
    UserReport.kind,
    UserReport.subject_id,
    UserReport.user_id,
    UserReport.reason,
    UserReport.sealed,
    UserReport.status,
    UserReport.created_at,
    UserReport.decided_by,
    UserReport.decided_at,
)


def owner_of_order(order_id: UUID) -> Selected:
    """Whose order it is."""
    return select(Order.user_id).where(Order.id == order_id)


def author_of_message(message_id: UUID, reader_id: UUID) -> Selected:
    """Who wrote a message of a trade that the reader is a party of; none for the system's."""
    return (
        select(ChatMessage.author_id.label("user_id"))
        .join(Trade, Trade.id == ChatMessage.trade_id)
        .where(
            ChatMessage.id == message_id,
            ChatMessage.author_id.is_not(None),
            or_(Trade.buyer_id == reader_id, Trade.seller_id == reader_id),
        )
    )


def message_of(message_id: UUID) -> Selected:
    """A message, for the staff who decide about it."""
    return select(ChatMessage.id, ChatMessage.sealed, ChatMessage.digest).where(
        ChatMessage.id == message_id
    )


def count_reports(reporter_id: UUID, since: UUID) -> Selected:
    """How often a user has reported something since an identifier."""
    return select(func.count().label("there_are")).where(
        UserReport.reporter_id == reporter_id, UserReport.id >= since
    )


def report_of(reporter_id: UUID, kind: str, subject_id: UUID) -> Selected:
    """What a user has reported."""
    return select(UserReport.id).where(
        UserReport.reporter_id == reporter_id,
        UserReport.kind == kind,
        UserReport.subject_id == subject_id,
    )


def insert_report(values: dict[str, Any]) -> Insert:
    """A new report."""
    return insert(UserReport).values(**values)


def _own_reports(reporter_id: UUID) -> Selected:
    """A user's reports, with the name of whom one is about."""
    is_about = and_(
        UserReport.kind == ReportKind.USER.value, Profile.user_id == UserReport.subject_id
    )
    return (
        select(*OWN_REPORT)
        .outerjoin(Profile, is_about)
        .where(UserReport.reporter_id == reporter_id)
    )


def own_report(reporter_id: UUID, report_id: UUID) -> Selected:
    """One report of a user."""
    return _own_reports(reporter_id).where(UserReport.id == report_id)


def own_reports(reporter_id: UUID, before: UUID | None, limit: int) -> Selected:
    """A user's reports, newest first, older than `before`."""
    page = _own_reports(reporter_id).order_by(UserReport.id.desc()).limit(limit)
    return page if before is None else page.where(UserReport.id < before)


def report(report_id: UUID) -> Selected:
    """One report."""
    return select(*REPORT).where(UserReport.id == report_id)


def reports(status: str | None, before: UUID | None, limit: int) -> Selected:
    """Reports of a status, or of all, newest first, older than `before`."""
    statement = select(*REPORT).order_by(UserReport.id.desc()).limit(limit)
    if status is not None:
        statement = statement.where(UserReport.status == status)
        statement = read_along(statement, UserReport, "ix_user_reports_status_id")
    return statement if before is None else statement.where(UserReport.id < before)


def decide_report(report_id: UUID, status: str, by: UUID, now: datetime) -> Update:
    """Decide a report that is open."""
    return (
        update(UserReport)
        .where(UserReport.id == report_id, UserReport.status == ReportStatus.OPEN.value)
        .values(status=status, decided_by=by, decided_at=now)
    )


def note_of(writer_id: UUID, subject_id: UUID) -> Selected:
    """A user's note about another one."""
    return select(UserNote.id, UserNote.sealed, UserNote.written_at).where(
        UserNote.writer_id == writer_id, UserNote.subject_id == subject_id
    )


def count_notes(writer_id: UUID) -> Selected:
    """How many notes a user has."""
    return select(func.count().label("there_are")).where(UserNote.writer_id == writer_id)


def insert_note(values: dict[str, Any]) -> Insert:
    """A new note."""
    return insert(UserNote).values(**values)


def change_note(note_id: UUID, sealed: bytes, now: datetime) -> Update:
    """Another text of a note."""
    return update(UserNote).where(UserNote.id == note_id).values(sealed=sealed, written_at=now)


def delete_note(writer_id: UUID, subject_id: UUID) -> Delete:
    """Delete a note."""
    return delete(UserNote).where(
        UserNote.writer_id == writer_id, UserNote.subject_id == subject_id
    )
