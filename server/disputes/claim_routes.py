"""The parties' calls about claims beside their ended trades."""

from server.core.refusals import NotFound
from server.db import Unit
from server.disputes import claim_queries, claim_schemas, claims, refusals
from server.disputes.claim import ClaimRow, get_claim, read_row
from server.disputes.claim_clocks import apply_due_claim
from server.disputes.claim_views import view_claim
from server.disputes.evidence import read_shown
from server.disputes.reading import read_own
from server.disputes.reasons import Reason
from server.disputes.schemas import GiveEvidenceSchema
from server.http.endpoint import Call, Reply, Routes, Subject
from server.http.pages import PageQuery, page_schema, write_cursor
from server.trades.clocks import apply_due_rows as apply_due_trade_rows
from server.trades.desk import DESK
from server.trades.refusals import OtherSidesPart
from server.trades.routes import caller_of, read_place

ROUTES = Routes("Claims")
STATUS = (NotFound, refusals.WrongCaseStatus, OtherSidesPart)


def _show(call: Call, unit: Unit, claim: ClaimRow, status: int = 200) -> Reply:
    return Reply(view_claim(claim, claim.actor_of(call.user.user_id), unit.now), status)


@ROUTES.write(
    "POST",
    "/api/v1/trades/{id}/claim",
    subject=Subject.OWN,
    summary="Make a claim about an ended trade: as the seller while the bought USDT is held, as "
    "the buyer within 24 hours after it ended unpaid. The trade stays as it is.",
    body=claim_schemas.OpenClaimSchema(),
    response=claim_schemas.ClaimSchema(),
    status=201,
    refusals=(
        NotFound, refusals.ClaimNotOffered, refusals.ClaimTooLate, refusals.ClaimMade,
        refusals.TooMuchEvidence,
    ),
)  # fmt: skip
async def open_claim(call: Call, unit: Unit) -> Reply:
    """The claim."""
    desk, body = call.app[DESK], call.body
    await apply_due_trade_rows(desk, call.path_id())
    claim = await claims.open_claim(
        unit,
        desk,
        caller_of(call),
        call.path_id(),
        reason=Reason(body["reason"]),
        statement=body["statement"],
        shown=None if body["evidence"] is None else read_shown(body["evidence"]),
    )
    return _show(call, unit, claim, 201)


@ROUTES.read(
    "GET",
    "/api/v1/claims",
    summary="Your claims, and those against you, newest first.",
    query=PageQuery(),
    response=page_schema(claim_schemas.ClaimSchema),
)
async def list_own_claims(call: Call) -> Reply:
    """A page of the caller's claims."""
    user_id, limit = call.user.user_id, call.query["limit"]
    async with call.database.read() as connection:
        rows = await connection.execute(
            claim_queries.page_of_user(
                user_id, before=read_place(call.query["cursor"]), limit=limit + 1
            )
        )
        found = [read_row(row) for row in rows]
    now = call.database.clock.now()
    items = [view_claim(claim, claim.actor_of(user_id), now) for claim in found[:limit]]
    more = len(found) > limit
    return Reply(
        {"items": items, "next_cursor": write_cursor(found[limit - 1].id.bytes) if more else None}
    )


@ROUTES.read(
    "GET",
    "/api/v1/claims/{id}",
    subject=Subject.OWN,
    summary="One of your claims, with everything that both sides showed.",
    response=claim_schemas.ClaimDetailsSchema(),
    refusals=(NotFound,),
)
async def get_own_claim(call: Call) -> Reply:
    """The claim as its caller sees it, after its due clock row."""
    return await read_own(call, get_claim, apply_due_claim, view_claim)


async def _bring(call: Call, unit: Unit, *, answer: bool) -> Reply:
    desk = call.app[DESK]
    await apply_due_claim(desk, call.path_id())
    claim = await claims.give_claim_evidence(
        unit,
        desk,
        caller_of(call),
        call.path_id(),
        shown=read_shown(call.body),
        answer=answer,
    )
    return _show(call, unit, claim, 201)


@ROUTES.write(
    "POST",
    "/api/v1/claims/{id}/evidence",
    subject=Subject.OWN,
    summary="Show something about the claim, while the other side's time to answer runs.",
    body=GiveEvidenceSchema(),
    response=claim_schemas.ClaimSchema(),
    status=201,
    refusals=(*STATUS, refusals.TooMuchEvidence),
)
async def give_claim_evidence(call: Call, unit: Unit) -> Reply:
    """The claim after the evidence."""
    return await _bring(call, unit, answer=False)


@ROUTES.write(
    "POST",
    "/api/v1/claims/{id}/answer",
    subject=Subject.OWN,
    summary="Answer the other side's claim; then staff decide.",
    body=GiveEvidenceSchema(),
    response=claim_schemas.ClaimSchema(),
    status=201,
    refusals=(*STATUS, refusals.TooMuchEvidence),
)
async def answer_claim(call: Call, unit: Unit) -> Reply:
    """The claim after the answer."""
    return await _bring(call, unit, answer=True)


@ROUTES.write(
    "POST",
    "/api/v1/claims/{id}/withdraw",
    subject=Subject.OWN,
    summary="Take your claim back; what was frozen for it runs again.",
    response=claim_schemas.ClaimSchema(),
    refusals=STATUS,
)
async def withdraw_claim(call: Call, unit: Unit) -> Reply:
    """The closed claim."""
    desk = call.app[DESK]
    await apply_due_claim(desk, call.path_id())
    claim = await claims.withdraw_claim(unit, desk, caller_of(call), call.path_id())
    return _show(call, unit, claim)
