"""The staff's calls that hold things: freezes of trades, the end of evidence, claims."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from server.core.clock import from_micros, to_micros
from server.core.permissions import Permission
from server.core.refusals import Invalid, NotFound, Refusal
from server.db import Unit
from server.db.audit import Action as Audited
from server.db.audit import record_audit
from server.disputes import (
    claim_queries,
    claim_schemas,
    claims,
    evidence,
    freezes,
    refusals,
)
from server.disputes.claim import ClaimRow, get_claim, read_row
from server.disputes.claim_views import view_for_staff
from server.disputes.views import show_instant
from server.http.endpoint import Call, Reply, Routes
from server.http.pages import page_schema, read_cursor, write_cursor
from server.identity.step_up import STAFF, use_request_proof
from server.trades.desk import DESK, Desk
from server.trades.trade import TradeRow

ROUTES = Routes("Dispute desk: holds")
NEEDS = Permission.WORK_DISPUTES
WORDS = claim_schemas.StaffReasonSchema()
Decide = Callable[..., Awaitable[ClaimRow]]


def _show_freeze(trade: TradeRow) -> Reply:
    return Reply(
        {
            "trade_id": str(trade.id),
            "status": trade.status.value,
            "frozen_until": show_instant(trade.frozen_until),
        }
    )


@ROUTES.write(
    "POST",
    "/api/admin/trades/{id}/freeze",
    summary="Hold the escrow of an open trade where it is, for some hours.",
    access=NEEDS,
    body=claim_schemas.FreezeSchema(),
    response=claim_schemas.FreezeReplySchema(),
    refusals=(NotFound, refusals.TradeNotOpen, refusals.FrozenAlready),
    step_up=True,
)
async def freeze_trade(call: Call, unit: Unit) -> Reply:
    """The trade's freeze."""
    await use_request_proof(unit, call, STAFF)
    trade = await freezes.freeze_trade(
        unit, call.app[DESK], call.path_id(), staff_id=call.user.user_id, **call.body
    )
    return _show_freeze(trade)


@ROUTES.write(
    "POST",
    "/api/admin/trades/{id}/freeze/lift",
    summary="End the freeze of a trade before its time.",
    access=NEEDS,
    body=WORDS,
    response=claim_schemas.FreezeReplySchema(),
    refusals=(NotFound, refusals.NotFrozen, refusals.WrongCaseStatus),
    step_up=True,
)
async def lift_freeze(call: Call, unit: Unit) -> Reply:
    """The trade without its freeze."""
    await use_request_proof(unit, call, STAFF)
    trade = await freezes.lift_freeze(
        unit, call.app[DESK], call.path_id(), staff_id=call.user.user_id, **call.body
    )
    return _show_freeze(trade)


def _read_after(cursor: str | None) -> tuple[datetime, UUID] | None:
    if cursor is None:
        return None
    place = read_cursor(cursor)
    if len(place) != 24:
        raise Invalid(errors={"cursor": ["This is not a cursor of this list."]})
    return from_micros(int.from_bytes(place[:8], "big")), UUID(bytes=place[8:])


def _write_after(claim: ClaimRow) -> str:
    assert claim.deadline_at is not None, "an open claim has a deadline"
    return write_cursor(to_micros(claim.deadline_at).to_bytes(8, "big") + claim.id.bytes)


@ROUTES.read(
    "GET",
    "/api/admin/claims",
    summary="Open claims in a status, the soonest deadline first; no words of people.",
    access=Permission.READ_DISPUTES,
    query=claim_schemas.ClaimQueueQuery(),
    response=page_schema(claim_schemas.StaffClaimSchema),
)
async def list_claims(call: Call) -> Reply:
    """A page of the queue."""
    limit, after = call.query["limit"], _read_after(call.query["cursor"])
    async with call.database.read() as connection:
        page = claim_queries.queue(call.query["status"], after, limit + 1)
        found = [read_row(row) for row in await connection.execute(page)]
    now = call.database.clock.now()
    items = [view_for_staff(claim, now) for claim in found[:limit]]
    more = len(found) > limit
    return Reply({"items": items, "next_cursor": _write_after(found[limit - 1]) if more else None})


@ROUTES.write(
    "POST",
    "/api/admin/claims/{id}/read",
    summary="One claim with its words and evidence; every reading is audited.",
    access=NEEDS,
    response=claim_schemas.StaffClaimDetailsSchema(),
    refusals=(NotFound,),
)
async def read_claim(call: Call, unit: Unit) -> Reply:
    """The claim as the desk sees it; never to one of its parties."""
    claim = await get_claim(unit, call.path_id())
    if call.user.user_id in claim.parties:
        raise NotFound
    await record_audit(unit, Audited.CLAIM_READ, "claim", claim.id)
    shown = await evidence.list_evidence(unit, claim.id)
    view = view_for_staff(claim, unit.now)
    return Reply(view | {"statement": claim.statement, "evidence": shown})


def _decision(path: str, summary: str, decide: Decide, *more: type[Refusal]) -> None:
    async def handle(call: Call, unit: Unit) -> Reply:
        await use_request_proof(unit, call, STAFF)
        desk: Desk = call.app[DESK]
        claim = await decide(unit, desk, call.path_id(), staff_id=call.user.user_id, **call.body)
        return Reply(view_for_staff(claim, unit.now))

    handle.__name__ = decide.__name__
    handle.__doc__ = "The claim after the decision."
    ROUTES.write(
        "POST",
        f"/api/admin/claims/{{id}}/{path}",
        summary=summary,
        access=Permission.RULE_DISPUTES,
        body=WORDS,
        response=claim_schemas.StaffClaimSchema(),
        refusals=(NotFound, refusals.WrongCaseStatus, *more),
        step_up=True,
    )(handle)


_decision(
    "hold",
    "Hold what the seller has available for a late claim, up to the trade's amount.",
    claims.hold_funds,
    refusals.AlreadyHeld,
    refusals.NothingToHold,
)
_decision(
    "approve",
    "Agree, as the first of two, to uphold a claim about a large amount.",
    claims.approve_claim,
)
_decision(
    "uphold",
    "Uphold a claim: what is held for it becomes the claimant's.",
    claims.uphold_claim,
    refusals.SecondPersonNeeded,
)
_decision("reject", "Reject a claim: what was frozen for it runs again.", claims.reject_claim)
