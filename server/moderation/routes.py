"""The endpoints of reports and private notes, and of the staff who decide reports."""

from functools import partial
from typing import Any

from marshmallow import Schema, fields, validate

from models.moderation import ReportKind, ReportReason, ReportStatus
from server.core.clock import format_instant
from server.core.permissions import Permission
from server.core.refusals import NotFound
from server.db import Unit
from server.http.endpoint import Call, Reply, Routes, Subject
from server.http.pages import PageQuery, page_schema
from server.identity.context import IDENTITY
from server.identity.views import read_page, show_instant
from server.moderation import notes, queries, reports
from server.moderation.refusals import (
    AlreadyReported,
    OwnReport,
    ReportDecided,
    ReportOfOneself,
    ReportsLimited,
    TooManyNotes,
)

ROUTES = Routes("Moderation")
TEXT_CHARS_MAX = 1000
REASON_CHARS_MAX = 500
DECIDED = [each.value for each in ReportStatus if each is not ReportStatus.OPEN]


class NewReportSchema(Schema):
    """What is wrong with what."""

    kind = fields.String(
        required=True, validate=validate.OneOf([each.value for each in ReportKind])
    )
    subject = fields.String(
        required=True,
        validate=validate.Length(1, 64),
        metadata={"description": "A username, or the identifier of an order or a message."},
    )
    reason = fields.String(
        required=True, validate=validate.OneOf([each.value for each in ReportReason])
    )
    text = fields.String(load_default="", validate=validate.Length(0, TEXT_CHARS_MAX))


class _ReportSchema(Schema):
    """What everybody who may read a report sees of it."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True)
    reason = fields.String(required=True)
    status = fields.String(
        required=True, validate=validate.OneOf([each.value for each in ReportStatus])
    )
    created_at = fields.String(required=True)
    decided_at = fields.String(required=True, allow_none=True)


class MadeReportSchema(_ReportSchema):
    """A report as its writer follows it; who decided it, and what was done, is not said."""

    subject = fields.String(
        required=True,
        metadata={"description": "A username, or the identifier of an order or a message."},
    )


class ReportSchema(_ReportSchema):
    """A report as lists of the staff show it."""

    reporter_id = fields.UUID(required=True)
    subject_id = fields.UUID(required=True)
    user_id = fields.UUID(required=True)
    decided_by = fields.UUID(required=True, allow_none=True)


class ReadReportSchema(ReportSchema):
    """A report with its words."""

    text = fields.String(required=True, allow_none=True)
    message = fields.String(
        required=True, allow_none=True, metadata={"description": "The message it is about."}
    )


class ReportQuery(PageQuery):
    """The filter of reports."""

    status = fields.String(
        load_default=None, validate=validate.OneOf([each.value for each in ReportStatus])
    )


class ReportDecisionSchema(Schema):
    """What becomes of a report, and why."""

    status = fields.String(required=True, validate=validate.OneOf(DECIDED))
    reason = fields.String(required=True, validate=validate.Length(3, REASON_CHARS_MAX))


class NoteTextSchema(Schema):
    """What one notes."""

    text = fields.String(required=True, validate=validate.Length(1, TEXT_CHARS_MAX))


class NoteSchema(NoteTextSchema):
    """A note, and when it was written."""

    written_at = fields.String(required=True)


def _show_shared(row: Any) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "kind": row.kind,
        "reason": row.reason,
        "status": row.status,
        "created_at": format_instant(row.created_at),
        "decided_at": show_instant(row.decided_at),
    }


def _show_made(row: Any) -> dict[str, Any]:
    return {**_show_shared(row), "subject": row.username or str(row.subject_id)}


def _show(row: Any) -> dict[str, Any]:
    return {
        **_show_shared(row),
        "reporter_id": str(row.reporter_id),
        "subject_id": str(row.subject_id),
        "user_id": str(row.user_id),
        "decided_by": None if row.decided_by is None else str(row.decided_by),
    }


@ROUTES.write(
    "POST",
    "/api/v1/reports",
    summary="Report a user, an order or a message of one's trade to the staff.",
    body=NewReportSchema(),
    response=MadeReportSchema(),
    status=201,
    refusals=(NotFound, ReportOfOneself, AlreadyReported, ReportsLimited),
)
async def create_report(call: Call, unit: Unit) -> Reply:
    """The report; who is reported does not hear of it."""
    asked = reports.NewReport(
        ReportKind(call.body["kind"]),
        call.body["subject"],
        ReportReason(call.body["reason"]),
        call.body["text"],
    )
    row = await reports.report(call.app[IDENTITY], unit, call.user.user_id, asked)
    return Reply(_show_made(row), 201)


@ROUTES.read(
    "GET",
    "/api/v1/reports",
    summary="What one has reported and how it stands, newest first.",
    query=PageQuery(),
    response=page_schema(MadeReportSchema),
)
async def list_own_reports(call: Call) -> Reply:
    """A page of one's reports."""
    return await read_page(call, partial(queries.own_reports, call.user.user_id), _show_made)


@ROUTES.read(
    "GET",
    "/api/v1/reports/{id}",
    subject=Subject.OWN,
    summary="How something stands that one has reported.",
    response=MadeReportSchema(),
    refusals=(NotFound,),
)
async def get_own_report(call: Call) -> Reply:
    """One's report."""
    async with call.database.read() as connection:
        row = await reports.get_own_report(connection, call.user.user_id, call.path_id())
    return Reply(_show_made(row))


@ROUTES.read(
    "GET",
    "/api/admin/reports",
    summary="Reports of users, newest first, without their words.",
    access=Permission.DECIDE_REPORTS,
    query=ReportQuery(),
    response=page_schema(ReportSchema),
)
async def list_reports(call: Call) -> Reply:
    """A page of reports."""
    return await read_page(call, partial(queries.reports, call.query["status"]), _show)


@ROUTES.own(
    "POST",
    "/api/admin/reports/{id}/read",
    summary="Read one report with its words, which is audited.",
    access=Permission.DECIDE_REPORTS,
    response=ReadReportSchema(),
    refusals=(NotFound,),
)
async def read_report(call: Call) -> Reply:
    """The report; being private it is kept under no key, a repeated call reads it again."""

    async def work(unit: Unit) -> reports.ReadReport:
        return await reports.read_report(unit, call.app[IDENTITY].sealer, call.path_id())

    found = await call.database.transact(work, name="read_report")
    return Reply({**_show(found.row), "text": found.text, "message": found.message})


@ROUTES.write(
    "POST",
    "/api/admin/reports/{id}/decision",
    summary="Dismiss a report, or say that something was done about it.",
    access=Permission.DECIDE_REPORTS,
    body=ReportDecisionSchema(),
    response=ReportSchema(),
    refusals=(NotFound, OwnReport, ReportDecided),
)
async def decide_report(call: Call, unit: Unit) -> Reply:
    """The report after the decision."""
    status = ReportStatus(call.body["status"])
    row = await reports.decide_report(
        unit, call.path_id(), status, call.body["reason"], call.user.user_id
    )
    return Reply(_show(row))


@ROUTES.read(
    "GET",
    "/api/v1/me/notes/{username}",
    summary="What one has noted about a user.",
    response=NoteSchema(),
    refusals=(NotFound,),
)
async def get_note(call: Call) -> Reply:
    """The note, which nobody else reads."""
    async with call.database.read() as connection:
        text, written_at = await notes.read_note(
            call.app[IDENTITY], connection, call.user.user_id, call.path["username"]
        )
    return Reply({"text": text, "written_at": format_instant(written_at)})


@ROUTES.write(
    "PUT",
    "/api/v1/me/notes/{username}",
    summary="Note something about a user; nobody else reads it.",
    body=NoteTextSchema(),
    response=None,
    status=204,
    refusals=(NotFound, TooManyNotes),
)
async def put_note(call: Call, unit: Unit) -> Reply:
    """Nothing; the note is kept in the place of the one before."""
    await notes.write_note(
        call.app[IDENTITY], unit, call.user.user_id, call.path["username"], call.body["text"]
    )
    return Reply(None, 204)


@ROUTES.write(
    "DELETE",
    "/api/v1/me/notes/{username}",
    summary="Forget what one has noted about a user.",
    response=None,
    status=204,
    refusals=(NotFound,),
)
async def delete_note(call: Call, unit: Unit) -> Reply:
    """Nothing; the note is gone."""
    await notes.delete_note(unit, call.user.user_id, call.path["username"])
    return Reply(None, 204)
