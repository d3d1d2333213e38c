"""The SQL of what is known about a person from the cases about his trades."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select, union_all

from models.claims import Claim, ClaimEvent
from models.disputes import (
    Dispute,
    DisputeEvent,
    DisputeOffer,
    Evidence,
    EvidenceAttachment,
)
from server.privacy.content_queries import Selected


def disputes_of(trade_ids: Sequence[UUID]) -> Selected:
    """Cases about trades."""
    return (
        select(
            Dispute.trade_id, Dispute.opened_by, Dispute.reason, Dispute.statement,
            Dispute.status, Dispute.outcome, Dispute.opened_at, Dispute.closed_at,
        )
        .where(Dispute.trade_id.in_(trade_ids))
        .order_by(Dispute.id)
    )  # fmt: skip


def dispute_steps_of(trade_ids: Sequence[UUID]) -> Selected:
    """The history of cases about trades."""
    return (
        select(
            Dispute.trade_id, DisputeEvent.version, DisputeEvent.event, DisputeEvent.actor,
            DisputeEvent.status_to, DisputeEvent.created_at,
        )
        .join(DisputeEvent, DisputeEvent.dispute_id == Dispute.id)
        .where(Dispute.trade_id.in_(trade_ids))
        .order_by(Dispute.id, DisputeEvent.version)
    )  # fmt: skip


def dispute_offers_of(trade_ids: Sequence[UUID]) -> Selected:
    """Offers to end cases about trades."""
    return (
        select(
            Dispute.trade_id, DisputeOffer.by_side, DisputeOffer.kind,
            DisputeOffer.buyer_amount.label("buyer_amount_usdt"), DisputeOffer.status,
            DisputeOffer.created_at, DisputeOffer.answered_at,
        )
        .join(DisputeOffer, DisputeOffer.dispute_id == Dispute.id)
        .where(Dispute.trade_id.in_(trade_ids))
        .order_by(DisputeOffer.id)
    )  # fmt: skip


def claims_of(trade_ids: Sequence[UUID]) -> Selected:
    """Claims about trades."""
    return (
        select(
            Claim.trade_id, Claim.kind, Claim.reason, Claim.statement, Claim.status, Claim.outcome,
            Claim.held_amount.label("held_usdt"), Claim.opened_at, Claim.closed_at,
        )
        .where(Claim.trade_id.in_(trade_ids))
        .order_by(Claim.id)
    )  # fmt: skip


def claim_steps_of(trade_ids: Sequence[UUID]) -> Selected:
    """The history of claims about trades."""
    return (
        select(
            Claim.trade_id, ClaimEvent.version, ClaimEvent.event, ClaimEvent.actor,
            ClaimEvent.status_to, ClaimEvent.created_at,
        )
        .join(ClaimEvent, ClaimEvent.claim_id == Claim.id)
        .where(Claim.trade_id.in_(trade_ids))
        .order_by(Claim.id, ClaimEvent.version)
    )  # fmt: skip


def evidence_of(trade_ids: Sequence[UUID]) -> Selected:
    """What was shown in cases and claims about trades, and how many files with it."""
    subjects = union_all(
        *(
            select(kind.trade_id, kind.id.label("case_id")).where(kind.trade_id.in_(trade_ids))
            for kind in (Dispute, Claim)
        )
    ).subquery()
    files = (
        select(func.count()).where(EvidenceAttachment.evidence_id == Evidence.id).scalar_subquery()
    )
    return (
        select(
            subjects.c.trade_id, Evidence.by_side, Evidence.kind, Evidence.statement,
            files.label("files"), Evidence.created_at,
        )
        .join(Evidence, Evidence.case_id == subjects.c.case_id)
        .order_by(Evidence.id)
    )  # fmt: skip
