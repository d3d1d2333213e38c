"""The endpoints of rulings: ruling, objecting, and what is learnt from closed cases."""

from datetime import timedelta

from models.rulings import Verdict
from server.core.clock import format_instant
from server.core.permissions import Permission
from server.core.refusals import Forbidden, Invalid, NotFound, StepUpRequired
from server.db import Unit
from server.disputes import refusals as case_refusals
from server.disputes import rulings, rulings_schemas, staff_audits, staff_precedents, staff_texts
from server.disputes import rulings_queries as queries
from server.disputes import staff_refusals as refusals
from server.disputes import staff_schemas as schemas
from server.disputes.case import get_case
from server.disputes.clocks import apply_due_rows
from server.disputes.rulings_kinds import propose_ruling, read_decision
from server.disputes.rulings_views import show_ruling
from server.disputes.staff_access import note_reading
from server.disputes.staff_cases import get_case as get_desk_case
from server.disputes.staff_context import CASE_DESK
from server.disputes.staff_rules import takes_two
from server.disputes.staff_view import view_objection
from server.http.endpoint import Call, Reply, Routes, Subject
from server.http.pages import write_cursor
from server.identity.step_up import STAFF, use_request_proof
from server.identity.views import page_of, read_id_cursor
from server.staff.refusals import PartyToProposal, ProposalOpen, TooManyProposals
from server.trades.refusals import OtherSidesPart
from server.trades.routes import caller_of
from server.trades.trade import get_trade

ROUTES = Routes("Rulings")
RULED = (
    NotFound,
    refusals.CaseNotYours,
    refusals.PartyToCase,
    refusals.RuledBefore,
    refusals.CaseNotOpen,
    refusals.CaseChanged,
    case_refusals.WrongCaseStatus,
)
SPAN_MAX = timedelta(days=92)
SPAN = timedelta(days=30)


@ROUTES.write(
    "POST",
    "/api/admin/disputes/{id}/ruling",
    summary="Rule a case that one was given; above the limit this proposes it to a second person.",
    access=Permission.RULE_DISPUTES,
    body=schemas.DecisionSchema(),
    response=schemas.RuledSchema(),
    status=201,
    refusals=(
        *RULED, StepUpRequired, Forbidden, PartyToProposal, ProposalOpen, TooManyProposals,
    ),
    step_up=True,
)  # fmt: skip
async def rule_dispute(call: Call, unit: Unit) -> Reply:
    """The ruling, or the proposal of it."""
    desk, ruler_id, case_id = call.app[CASE_DESK], call.user.user_id, call.path_id()
    await use_request_proof(unit, call, STAFF)
    decision = read_decision(call.body)
    if takes_two((await get_desk_case(unit, case_id)).amount):
        proposal_id = await propose_ruling(unit, desk, ruler_id, case_id, decision)
        return Reply({"ruling": None, "proposal_id": str(proposal_id)}, 201)
    ruling_id = await rulings.rule(unit, desk, ruler_id, case_id, decision)
    row = (await unit.execute(queries.ruling(ruling_id))).one()
    return Reply({"ruling": show_ruling(row), "proposal_id": None}, 201)


@ROUTES.read(
    "GET",
    "/api/v1/disputes/{id}/rulings",
    subject=Subject.OWN,
    summary="How your case was ruled, and the objection to it.",
    response=schemas.CaseRulingsSchema(),
    refusals=(NotFound,),
)
async def list_own_rulings(call: Call) -> Reply:
    """The rulings of the caller's case."""
    await apply_due_rows(call.app[CASE_DESK].trades, call.path_id())
    async with call.database.read() as connection:
        case = await get_case(connection, call.path_id())
        case.actor_of(call.user.user_id)
        trade = await get_trade(connection, case.trade_id)
        rows = await rulings.list_rulings(connection, case.id)
        objection = await view_objection(connection, case.id, trade)
    return Reply({"rulings": [show_ruling(row) for row in rows], "objection": objection})


@ROUTES.write(
    "POST",
    "/api/v1/disputes/{id}/objection",
    subject=Subject.OWN,
    summary="Object to a ruling, once a case, with evidence given since; somebody else rules then.",
    body=schemas.ObjectSchema(),
    response=schemas.CaseRulingsSchema(),
    status=201,
    refusals=(
        NotFound,
        OtherSidesPart,
        case_refusals.WrongCaseStatus,
        case_refusals.ObjectionUsed,
        case_refusals.ObjectionTimeOver,
        refusals.NothingNew,
    ),
)
async def object_to_ruling(call: Call, unit: Unit) -> Reply:
    """The case with the objection."""
    desk, case_id = call.app[CASE_DESK], call.path_id()
    await rulings.object_to_ruling(unit, desk, caller_of(call), case_id, **call.body)
    trade = await get_trade(unit, (await get_case(unit, case_id)).trade_id)
    rows = await rulings.list_rulings(unit, case_id)
    objection = await view_objection(unit, case_id, trade)
    return Reply({"rulings": [show_ruling(row) for row in rows], "objection": objection}, 201)


@ROUTES.read(
    "GET",
    "/api/admin/dispute-precedents",
    summary="How cases were decided, newest first, by words and properties; whose is not kept.",
    access=Permission.READ_DISPUTES,
    query=rulings_schemas.PrecedentQuery(),
    response=rulings_schemas.PRECEDENT_PAGE,
)
async def list_precedents(call: Call) -> Reply:
    """A page of precedents; it may hold few although there is a next one."""
    asked = dict(call.query)
    terms = staff_precedents.list_terms(asked)
    if asked["words"] and not staff_precedents.list_words(asked["words"]):
        raise Invalid(errors={"words": ["Ask for a word of at least three letters."]})
    async with call.database.read() as connection:
        items, place = await staff_precedents.search_precedents(
            connection, terms, before=read_id_cursor(asked["cursor"]), limit=asked["limit"]
        )
    cursor = None if place is None else write_cursor(place.bytes)
    return Reply({"items": items, "next_cursor": cursor})


@ROUTES.read(
    "GET",
    "/api/admin/dispute-statistics",
    summary="What everybody who ruled did in a time: rulings, reversals, times, second looks.",
    access=Permission.AUDIT_DISPUTES,
    query=rulings_schemas.StatisticsQuery(),
    response=rulings_schemas.RulersStatisticsSchema(),
)
async def get_dispute_statistics(call: Call) -> Reply:
    """A row a person."""
    until = call.query["until"] or call.database.clock.now()
    since = call.query["since"] or until - SPAN
    if not since < until <= since + SPAN_MAX:
        raise Invalid(errors={"since": ["Ask for a time of at most 92 days."]})
    async with call.database.read() as connection:
        rows = (await connection.execute(queries.statistics(since, until))).all()
    return Reply(
        {
            "since": format_instant(since),
            "until": format_instant(until),
            "items": [staff_audits.show_statistics(row) for row in rows],
        }
    )


@ROUTES.read(
    "GET",
    "/api/admin/dispute-audits",
    summary="Closed cases that one is to look at again, newest first.",
    access=Permission.AUDIT_DISPUTES,
    query=rulings_schemas.CaseAuditQuery(),
    response=rulings_schemas.CASE_AUDIT_PAGE,
)
async def list_dispute_audits(call: Call) -> Reply:
    """A page of one's own second looks."""
    asked, limit = call.query, call.query["limit"]
    page = queries.audits_of(
        call.user.user_id,
        is_open=asked["open"],
        before=read_id_cursor(asked["cursor"]),
        limit=limit + 1,
    )
    async with call.database.read() as connection:
        rows = (await connection.execute(page)).all()
    return page_of([staff_audits.show_audit(row) for row in rows[:limit]], rows, limit)


@ROUTES.write(
    "POST",
    "/api/admin/dispute-audits/{id}/verdict",
    summary="Say whether one would have ruled so; nothing of the case changes by it.",
    access=Permission.AUDIT_DISPUTES,
    body=rulings_schemas.VerdictSchema(),
    response=rulings_schemas.CaseAuditSchema(),
    refusals=(NotFound, refusals.AuditClosed),
)
async def decide_dispute_audit(call: Call, unit: Unit) -> Reply:
    """The second look, done."""
    row = await staff_audits.decide_audit(
        unit,
        call.user.user_id,
        call.path_id(),
        verdict=Verdict(call.body["verdict"]),
        note=call.body["note"],
    )
    return Reply(staff_audits.show_audit(row))


@ROUTES.read(
    "GET",
    "/api/admin/dispute-texts",
    summary="The texts that disputes are answered with, in English and Vietnamese.",
    access=Permission.READ_DISPUTES,
    response=rulings_schemas.CannedTextsSchema(),
)
async def list_dispute_texts(call: Call) -> Reply:
    """Every text that is offered."""
    async with call.database.read() as connection:
        return Reply({"items": await staff_texts.list_texts(connection)})


@ROUTES.write(
    "POST",
    "/api/admin/dispute-texts",
    summary="Write a new text, or the next version of one; older versions stay.",
    access=Permission.WRITE_DISPUTE_TEXTS,
    body=rulings_schemas.WriteTextSchema(),
    response=rulings_schemas.CannedTextSchema(),
    status=201,
    refusals=(refusals.TextChanged,),
)
async def write_dispute_text(call: Call, unit: Unit) -> Reply:
    """The version."""
    row = await staff_texts.write_text(unit, call.user.user_id, **call.body)
    return Reply(staff_texts.show_text(row), 201)


@ROUTES.read(
    "GET",
    "/api/admin/disputes/{id}/texts/{name}",
    summary="A text filled with the names and amounts of a case that one was given.",
    access=Permission.READ_DISPUTES,
    response=rulings_schemas.FilledTextSchema(),
    refusals=(
        NotFound, refusals.CaseNotYours, refusals.PartyToCase, refusals.CaseReadsExhausted,
    ),
)  # fmt: skip
async def fill_dispute_text(call: Call) -> Reply:
    """The filled text."""
    case = await note_reading(call.app[CASE_DESK], call.user.user_id, call.path_id())
    async with call.database.read() as connection:
        trade = await get_trade(connection, case.trade_id)
        return Reply(await staff_texts.fill_for(connection, call.path["name"], trade))
