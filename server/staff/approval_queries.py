"""The SQL of proposals and of the decisions about them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Insert, Select, Update, func, insert, select, update

from models.approvals import Proposal, ProposalStatus, ProposalVote
from server.db.pages import read_along

Selected = Select[*tuple[Any, ...]]
_COLUMNS = (
    Proposal.id,
    Proposal.kind,
    Proposal.object_kind,
    Proposal.object_id,
    Proposal.object_version,
    Proposal.body,
    Proposal.hash,
    Proposal.requester_id,
    Proposal.reason,
    Proposal.approvals_needed,
    Proposal.status,
    Proposal.version,
    Proposal.created_at,
    Proposal.expires_at,
    Proposal.closed_at,
)


def insert_proposal(values: dict[str, Any]) -> Insert:
    """Propose."""
    return insert(Proposal).values(**values)


def proposal(proposal_id: UUID, *, lock: bool = False) -> Selected:
    """One proposal."""
    statement = select(*_COLUMNS).where(Proposal.id == proposal_id)
    return statement.with_for_update() if lock else statement


def open_like(slot: bytes) -> Selected:
    """An open proposal of the same act."""
    return select(Proposal.id).where(Proposal.open_slot == slot)


def count_open_of(requester_id: UUID) -> Selected:
    """How many open proposals a person has."""
    return select(func.count()).where(
        Proposal.requester_id == requester_id, Proposal.status == ProposalStatus.OPEN
    )


def touch_proposal(proposal_id: UUID, version: int) -> Update:
    """An open proposal that is still at `version` got one more decision."""
    return (
        update(Proposal)
        .where(
            Proposal.id == proposal_id,
            Proposal.version == version,
            Proposal.status == ProposalStatus.OPEN,
        )
        .values(version=version + 1)
    )


def close_proposal(
    proposal_id: UUID, version: int, status: ProposalStatus, now: datetime
) -> Update:
    """Close an open proposal that is still at `version`."""
    return (
        update(Proposal)
        .where(
            Proposal.id == proposal_id,
            Proposal.version == version,
            Proposal.status == ProposalStatus.OPEN,
        )
        .values(status=status.value, version=version + 1, closed_at=now, open_slot=None)
    )


def insert_vote(
    proposal_id: UUID, voter_id: UUID, *, approved: bool, reason: str | None, now: datetime
) -> Insert:
    """Decide."""
    return insert(ProposalVote).values(
        proposal_id=proposal_id, voter_id=voter_id, approved=approved, reason=reason, voted_at=now
    )


def votes(proposal_ids: Iterable[UUID]) -> Selected:
    """The decisions about some proposals, in their order."""
    return (
        select(
            ProposalVote.proposal_id,
            ProposalVote.voter_id,
            ProposalVote.approved,
            ProposalVote.reason,
            ProposalVote.voted_at,
        )
        .where(ProposalVote.proposal_id.in_(list(proposal_ids)))
        .order_by(ProposalVote.voted_at, ProposalVote.voter_id)
    )


def overdue(now: datetime, limit: int) -> Selected:
    """Open proposals whose time is over."""
    return (
        select(Proposal.id)
        .where(Proposal.status == ProposalStatus.OPEN, Proposal.expires_at <= now)
        .order_by(Proposal.expires_at)
        .limit(limit)
    )


def list_proposals(
    status: str | None, kind: str | None, before: UUID | None, limit: int
) -> Selected:
    """Proposals, newest first, older than `before`."""
    statement = select(*_COLUMNS).order_by(Proposal.id.desc()).limit(limit)
    if status is not None:
        statement = statement.where(Proposal.status == status)
        statement = read_along(statement, Proposal, "ix_proposals_status_id")
    if kind is not None:
        statement = statement.where(Proposal.kind == kind)
        if status is None:
            statement = read_along(statement, Proposal, "ix_proposals_kind_id")
    return statement if before is None else statement.where(Proposal.id < before)
