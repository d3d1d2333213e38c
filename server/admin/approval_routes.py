"""The endpoints of proposals: what takes more than one person, made by one, decided by others."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from server.admin import approval_schemas as schemas
from server.admin import refusals
from server.admin.context import OFFICE
from server.core.clock import format_instant
from server.core.permissions import Permission
from server.core.refusals import Forbidden, Invalid, NotFound
from server.db import Unit
from server.disputes.refusals import WrongCaseStatus
from server.disputes.staff_refusals import (
    CaseChanged,
    CaseNotOpen,
    CaseNotYours,
    PartyToCase,
    RuledBefore,
)
from server.http.endpoint import Call, Reply, Routes
from server.identity.step_up import STAFF, use_request_proof
from server.identity.views import page_of, read_id_cursor, show_instant
from server.recovery.refusals import RecoveryClosed, RecoveryUnproven, RecoveryWaits
from server.staff import approval_queries as queries
from server.staff import approvals
from server.staff.refusals import (
    AlreadyVoted,
    ObjectChanged,
    OwnProposal,
    PartyToProposal,
    ProposalChanged,
    ProposalClosed,
    ProposalOpen,
    TooManyProposals,
)
from server.trust.refusals import SanctionExists

ROUTES = Routes("Approvals")
RECOVERY = (RecoveryClosed, RecoveryWaits, RecoveryUnproven)
"""What is refused about a proposal to take lost factors away."""
CLOSING = (SanctionExists,)
"""What is refused about a proposal that an account is closed."""
RULING = (
    CaseNotYours, PartyToCase, RuledBefore, CaseNotOpen, CaseChanged, WrongCaseStatus,
)  # fmt: skip
"""What is refused about a proposal to rule a dispute."""
RESTART = (refusals.NotStopped, refusals.BreachesOpen)
"""What is refused about a proposal that something goes on."""
DECIDED = (
    NotFound,
    Forbidden,
    OwnProposal,
    PartyToProposal,
    AlreadyVoted,
    ProposalClosed,
    ProposalChanged,
)


@ROUTES.read(
    "GET",
    "/api/admin/approvals",
    summary="Proposals of the staff, newest first.",
    access=Permission.READ_APPROVALS,
    query=schemas.ProposalQuery(),
    response=schemas.PROPOSAL_PAGE,
)
async def list_approvals(call: Call) -> Reply:
    """A page of proposals."""
    asked = call.query
    limit, before = asked["limit"], read_id_cursor(asked["cursor"])
    wanted = queries.list_proposals(asked["status"], asked["kind"], before, limit + 1)
    async with call.database.read() as connection:
        rows = (await connection.execute(wanted)).all()
        items = await _show(connection, rows[:limit])
    return page_of(items, rows, limit)


@ROUTES.read(
    "GET",
    "/api/admin/approvals/{id}",
    summary="One proposal, with the hash that an approval names.",
    access=Permission.READ_APPROVALS,
    response=schemas.ProposalSchema(),
    refusals=(NotFound,),
)
async def get_approval(call: Call) -> Reply:
    """A proposal."""
    async with call.database.read() as connection:
        return await _answer(connection, call.path_id())


@ROUTES.write(
    "POST",
    "/api/admin/approvals",
    summary="Propose what takes more than one person; the kind asks for its own permission, too.",
    access=Permission.READ_APPROVALS,
    body=schemas.NewProposalSchema(),
    response=schemas.ProposalSchema(),
    status=201,
    refusals=(
        NotFound,
        Forbidden,
        PartyToProposal,
        ProposalOpen,
        TooManyProposals,
        refusals.NotYoursToGive,
        refusals.RoleGiven,
        refusals.RoleFixed,
        *RECOVERY,
        *RESTART,
        *CLOSING,
        *RULING,
    ),
    step_up=True,
)
async def propose(call: Call, unit: Unit) -> Reply:
    """A new proposal."""
    registry, asked = call.app[OFFICE].approvals, call.body
    if asked["kind"] not in registry:
        raise Invalid(errors={"kind": [f"Known kinds: {', '.join(sorted(registry))}."]})
    await use_request_proof(unit, call, STAFF)
    proposal_id = await approvals.propose(
        unit,
        registry,
        call.user.user_id,
        kind_name=asked["kind"],
        object_id=asked["object_id"],
        body=asked["body"],
        reason=asked["reason"],
    )
    return await _answer(unit, proposal_id, 201)


@ROUTES.write(
    "POST",
    "/api/admin/approvals/{id}/approve",
    summary="Approve exactly what was shown; the last approval carries it out.",
    access=Permission.READ_APPROVALS,
    body=schemas.ApprovalSchema(),
    response=schemas.ProposalSchema(),
    refusals=(
        *DECIDED,
        ObjectChanged,
        refusals.NotYoursToGive,
        refusals.RoleGiven,
        *RECOVERY,
        *RESTART,
        *CLOSING,
        *RULING,
    ),
    step_up=True,
)
async def approve(call: Call, unit: Unit) -> Reply:
    """The proposal after the approval."""
    registry, proposal_id = call.app[OFFICE].approvals, call.path_id()
    await _get(unit, proposal_id)
    # The proof is of the whole request, and so of the hash that it names.
    await use_request_proof(unit, call, STAFF)
    shown = bytes.fromhex(call.body["hash"])
    await approvals.approve(unit, registry, call.user.user_id, proposal_id, shown)
    return await _answer(unit, proposal_id)


@ROUTES.write(
    "POST",
    "/api/admin/approvals/{id}/reject",
    summary="Reject a proposal; one no is enough.",
    access=Permission.READ_APPROVALS,
    body=schemas.RejectionSchema(),
    response=schemas.ProposalSchema(),
    refusals=DECIDED,
)
async def reject(call: Call, unit: Unit) -> Reply:
    """The proposal after the rejection."""
    registry, proposal_id = call.app[OFFICE].approvals, call.path_id()
    shown, reason = bytes.fromhex(call.body["hash"]), call.body["reason"]
    await approvals.reject(unit, registry, call.user.user_id, proposal_id, shown, reason)
    return await _answer(unit, proposal_id)


@ROUTES.write(
    "POST",
    "/api/admin/approvals/{id}/withdraw",
    summary="Take back what one has proposed.",
    access=Permission.READ_APPROVALS,
    response=schemas.ProposalSchema(),
    refusals=(NotFound, Forbidden, ProposalClosed),
)
async def withdraw(call: Call, unit: Unit) -> Reply:
    """The proposal after its withdrawal."""
    proposal_id = call.path_id()
    await approvals.withdraw(unit, call.user.user_id, proposal_id)
    return await _answer(unit, proposal_id)


async def _get(connection: AsyncConnection | Unit, proposal_id: UUID) -> Any:
    row = (await connection.execute(queries.proposal(proposal_id))).first()
    if row is None:
        raise NotFound
    return row


async def _answer(
    connection: AsyncConnection | Unit, proposal_id: UUID, status: int = 200
) -> Reply:
    row = await _get(connection, proposal_id)
    (shown,) = await _show(connection, [row])
    return Reply(shown, status)


async def _show(connection: AsyncConnection | Unit, rows: Iterable[Any]) -> list[dict[str, Any]]:
    shown = {row.id: _show_proposal(row) for row in rows}
    if shown:
        for vote in await connection.execute(queries.votes(shown)):
            shown[vote.proposal_id]["votes"].append(
                {
                    "user_id": str(vote.voter_id),
                    "approved": bool(vote.approved),
                    "reason": vote.reason,
                    "voted_at": format_instant(vote.voted_at),
                }
            )
    return list(shown.values())


def _show_proposal(row: Any) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "kind": row.kind,
        "object_kind": row.object_kind,
        "object_id": row.object_id,
        "body": orjson.loads(row.body),
        "hash": row.hash.hex(),
        "requester_id": str(row.requester_id),
        "reason": row.reason,
        "status": row.status,
        "approvals_needed": row.approvals_needed,
        "votes": [],
        "created_at": format_instant(row.created_at),
        "expires_at": format_instant(row.expires_at),
        "closed_at": show_instant(row.closed_at),
    }
