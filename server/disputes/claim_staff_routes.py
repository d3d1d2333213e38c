"""The staff's calls about claims: the whole claim, and what is decided about it."""

from models.rulings import CaseKind
from server.core.permissions import Permission
from server.core.refusals import NotFound, Refusal, StepUpRequired
from server.db import Unit
from server.disputes import claim_schemas, refusals
from server.disputes import staff_refusals as desk_refusals
from server.disputes.claim_clocks import apply_due_claim
from server.disputes.claim_desk import DECISIONS, decide_claim
from server.disputes.claim_lifecycle import ClaimAction
from server.disputes.claim_views import view_for_staff, view_whole_claim
from server.disputes.staff_access import note_reading
from server.disputes.staff_context import CASE_DESK
from server.http.endpoint import Call, Reply, Routes
from server.identity.step_up import STAFF, use_request_proof

ROUTES = Routes("Dispute desk: claims")


@ROUTES.read(
    "GET",
    "/api/admin/claims/{id}",
    summary="The whole claim in one call, for who was given it; every reading is audited.",
    access=Permission.READ_DISPUTES,
    response=claim_schemas.ClaimReadSchema(),
    refusals=(
        NotFound,
        desk_refusals.CaseNotYours,
        desk_refusals.PartyToCase,
        desk_refusals.CaseReadsExhausted,
    ),
)
async def get_desk_claim(call: Call) -> Reply:
    """The claim, after its due clock row."""
    desk, claim_id = call.app[CASE_DESK], call.path_id()
    await apply_due_claim(desk.trades, claim_id)
    case = await note_reading(desk, call.user.user_id, claim_id, kind=CaseKind.CLAIM)
    async with call.database.read() as connection:
        now = call.database.clock.now()
        return Reply(await view_whole_claim(connection, desk, case, now))


def _decision(path: str, summary: str, action: ClaimAction, *more: type[Refusal]) -> None:
    async def handle(call: Call, unit: Unit) -> Reply:
        await use_request_proof(unit, call, STAFF)
        claim = await decide_claim(
            unit,
            call.app[CASE_DESK],
            call.user.user_id,
            call.path_id(),
            action,
            reason=call.body["reason"],
        )
        return Reply(view_for_staff(claim, unit.now))

    handle.__name__ = DECISIONS[action].__name__
    handle.__doc__ = "The claim after the decision."
    ROUTES.write(
        "POST",
        f"/api/admin/claims/{{id}}/{path}",
        summary=summary,
        access=Permission.RULE_DISPUTES,
        body=claim_schemas.StaffReasonSchema(),
        response=claim_schemas.StaffClaimSchema(),
        refusals=(
            NotFound,
            StepUpRequired,
            refusals.WrongCaseStatus,
            desk_refusals.CaseNotYours,
            desk_refusals.PartyToCase,
            *more,
        ),
        step_up=True,
    )(handle)


_decision(
    "hold",
    "Hold what the seller has available for a late claim, up to the trade's amount.",
    ClaimAction.HOLD_FUNDS,
    refusals.AlreadyHeld,
    refusals.NothingToHold,
)
_decision(
    "approve",
    "Agree, as the first of two, to uphold a claim about a large amount.",
    ClaimAction.APPROVE,
)
_decision(
    "uphold",
    "Uphold a claim: what is held for it becomes the claimant's. Above the limit somebody who "
    "approves rulings does so, after the first of two.",
    ClaimAction.UPHOLD,
    refusals.SecondPersonNeeded,
)
_decision("reject", "Reject a claim: what was frozen for it runs again.", ClaimAction.REJECT)
