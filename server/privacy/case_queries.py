"""The SQL of what is known about a person from the cases about his trades."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from models.disputes import Dispute, DisputeEvent, DisputeOffer
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
