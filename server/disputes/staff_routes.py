"""The endpoints of the desk: the queue, the whole case, who works on it, notes."""

from datetime import timedelta

from models.trust import SanctionKind, SanctionReason
from server.core.permissions import Permission
from server.core.refusals import NotFound, StepUpRequired
from server.db import Unit
from server.disputes import staff_assignment as assignment
from server.disputes import staff_notes as notes
from server.disputes import staff_queries as queries
from server.disputes import staff_refusals as refusals
from server.disputes import staff_schemas as schemas
from server.disputes.clocks import apply_due_rows
from server.disputes.opening import open_case as open_staff_case
from server.disputes.staff_access import note_reading
from server.disputes.staff_cases import Case, get_case, read_row, show_case
from server.disputes.staff_context import CASE_DESK
from server.disputes.staff_view import show_note, view_case
from server.http.endpoint import Call, Reply, Routes
from server.identity.step_up import STAFF, use_request_proof
from server.identity.views import bytes_of_moment, page_of, read_moment_cursor
from server.trades.facts import Actor
from server.trades.refusals import WrongTradeStatus
from server.trust.refusals import OwnSanction, SanctionExists

ROUTES = Routes("Dispute desk")
WHO = (
    NotFound,
    refusals.CaseNotOpen,
    refusals.PartyToCase,
    refusals.RuledBefore,
    refusals.MayNotWork,
    refusals.NobodyFree,
    refusals.CaseTaken,
    refusals.CaseChanged,
)


@ROUTES.read(
    "GET",
    "/api/admin/disputes",
    summary="Cases of the desk, the most urgent first; nothing of what the parties said.",
    access=Permission.READ_DISPUTES,
    query=schemas.CaseQuery(),
    response=schemas.CASE_PAGE,
)
async def list_desk_cases(call: Call) -> Reply:
    """A page of the queue."""
    asked, limit = call.query, call.query["limit"]
    page = queries.page_of_cases(
        is_open=asked["open"],
        kind=asked["kind"],
        assignee_id=call.user.user_id if asked["whose"] == "mine" else None,
        unassigned=asked["whose"] == "nobody",
        after=read_moment_cursor(asked["cursor"]),
        limit=limit + 1,
    )
    async with call.database.read() as connection:
        rows = (await connection.execute(page)).all()
    items = [show_case(read_row(row), row.assignee) for row in rows[:limit]]
    return page_of(items, rows, limit, place=lambda row: bytes_of_moment(row.due_at, row.case_id))


@ROUTES.read(
    "GET",
    "/api/admin/disputes/{id}",
    summary="The whole case in one call, for who was given it; every reading is audited.",
    access=Permission.READ_DISPUTES,
    response=schemas.CaseReadSchema(),
    refusals=(
        NotFound, refusals.CaseNotYours, refusals.PartyToCase, refusals.CaseReadsExhausted,
    ),
)  # fmt: skip
async def get_desk_case(call: Call) -> Reply:
    """The case."""
    desk = call.app[CASE_DESK]
    await apply_due_rows(desk.trades, call.path_id())
    case = await note_reading(desk, call.user.user_id, call.path_id())
    async with call.database.read() as connection:
        return Reply(await view_case(connection, desk, case))


async def _answer(unit: Unit, case: Case, status: int = 200) -> Reply:
    name = None
    if case.assignee_id is not None:
        name = (await unit.execute(queries.username_of(case.assignee_id))).scalar_one()
    return Reply(show_case(case, name), status)


@ROUTES.write(
    "POST",
    "/api/admin/disputes",
    summary="Open a case about an open trade, with a reason; its escrow stays locked.",
    access=Permission.WORK_DISPUTES,
    body=schemas.OpenCaseSchema(),
    response=schemas.QueuedCaseSchema(),
    status=201,
    refusals=(NotFound, WrongTradeStatus, StepUpRequired),
    step_up=True,
)
async def open_desk_case(call: Call, unit: Unit) -> Reply:
    """A new case."""
    asked, desk = call.body, call.app[CASE_DESK]
    await use_request_proof(unit, call, STAFF)
    trade = await open_staff_case(
        unit, desk.trades, asked["trade_id"], staff_id=call.user.user_id, reason=asked["reason"]
    )
    assert trade.dispute_id is not None, "a disputed trade has a case"
    return await _answer(unit, await get_case(unit, trade.dispute_id), 201)


@ROUTES.write(
    "POST",
    "/api/admin/disputes/{id}/claim",
    summary="Take a case that nobody has, with a reason.",
    access=Permission.WORK_DISPUTES,
    body=schemas.CaseReasonSchema(),
    response=schemas.QueuedCaseSchema(),
    refusals=WHO,
)
async def claim_desk_case(call: Call, unit: Unit) -> Reply:
    """The case, one's own."""
    case = await assignment.claim(
        unit, call.app[CASE_DESK], call.user.user_id, call.path_id(), reason=call.body["reason"]
    )
    return await _answer(unit, case)


@ROUTES.write(
    "POST",
    "/api/admin/disputes/{id}/hand-on",
    summary="Give one's own case back, with a reason; the lot names somebody else.",
    access=Permission.WORK_DISPUTES,
    body=schemas.CaseReasonSchema(),
    response=schemas.QueuedCaseSchema(),
    refusals=(*WHO, refusals.CaseNotYours),
)
async def hand_on_desk_case(call: Call, unit: Unit) -> Reply:
    """The case, somebody else's."""
    case = await assignment.hand_on(
        unit, call.app[CASE_DESK], call.user.user_id, call.path_id(), reason=call.body["reason"]
    )
    return await _answer(unit, case)


@ROUTES.write(
    "POST",
    "/api/admin/disputes/{id}/assign",
    summary="Give a case to somebody, or to whom the lot names, with a reason.",
    access=Permission.ASSIGN_DISPUTES,
    body=schemas.AssignSchema(),
    response=schemas.QueuedCaseSchema(),
    refusals=(*WHO, StepUpRequired),
    step_up=True,
)
async def assign_desk_case(call: Call, unit: Unit) -> Reply:
    """The case, somebody's."""
    asked = call.body
    await use_request_proof(unit, call, STAFF)
    case = await assignment.give_to(
        unit,
        call.app[CASE_DESK],
        call.user.user_id,
        call.path_id(),
        person=asked["assignee_id"],
        reason=asked["reason"],
    )
    return await _answer(unit, case)


@ROUTES.write(
    "POST",
    "/api/admin/disputes/{id}/end-evidence",
    summary="End the time for evidence early, with a reason: the case waits for a ruling.",
    access=Permission.RULE_DISPUTES,
    body=schemas.CaseReasonSchema(),
    response=schemas.QueuedCaseSchema(),
    refusals=(*notes.ENDED, StepUpRequired),
    step_up=True,
)
async def end_desk_evidence(call: Call, unit: Unit) -> Reply:
    """The case, ready for a ruling."""
    await use_request_proof(unit, call, STAFF)
    case = await notes.end_evidence(
        unit, call.app[CASE_DESK], call.user.user_id, call.path_id(), call.body["reason"]
    )
    return await _answer(unit, case)


@ROUTES.write(
    "POST",
    "/api/admin/disputes/{id}/notes",
    summary="Note something for the colleagues; no party ever reads it.",
    access=Permission.WORK_DISPUTES,
    body=schemas.NewNoteSchema(),
    response=schemas.CaseNoteSchema(),
    status=201,
    refusals=(
        NotFound, refusals.CaseNotYours, refusals.PartyToCase, refusals.TooManyNotes,
    ),
)  # fmt: skip
async def note_desk_case(call: Call, unit: Unit) -> Reply:
    """The note."""
    row = await notes.add_note(
        unit, call.app[CASE_DESK], call.user.user_id, call.path_id(), call.body["note"]
    )
    return Reply(show_note(row), 201)


@ROUTES.write(
    "POST",
    "/api/admin/disputes/{id}/penalties",
    summary="Sanction a party of a ruled case; how the case ends does not depend on it.",
    access=Permission.SANCTION_PEOPLE,
    body=schemas.PenaltySchema(),
    response=schemas.PenaltyGivenSchema(),
    status=201,
    refusals=(
        NotFound,
        StepUpRequired,
        refusals.CaseNotYours,
        refusals.PartyToCase,
        refusals.NotRuledYet,
        SanctionExists,
        OwnSanction,
    ),
    step_up=True,
)
async def give_desk_penalty(call: Call, unit: Unit) -> Reply:
    """The sanction."""
    asked = call.body
    await use_request_proof(unit, call, STAFF)
    sanction_id = await notes.give_penalty(
        unit,
        call.app[CASE_DESK],
        call.user.user_id,
        call.path_id(),
        party=Actor(asked["party"]),
        kind=SanctionKind(asked["kind"]),
        reason=SanctionReason(asked["reason"]),
        explanation=asked["explanation"],
        duration=None if asked["hours"] is None else timedelta(hours=asked["hours"]),
    )
    return Reply({"sanction_id": str(sanction_id)}, 201)
