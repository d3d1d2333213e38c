"""The SQL of offers to end a case."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, func, insert, select, update

from models.disputes import DisputeOffer
from models.trades import OfferStatus


def open_offers(dispute_ids: Sequence[UUID]) -> Executable:
    """The offers that wait for an answer, oldest first."""
    return (
        select(*DisputeOffer.__table__.columns)
        .where(DisputeOffer.dispute_id.in_(dispute_ids), DisputeOffer.status == OfferStatus.OPEN)
        .order_by(DisputeOffer.id)
    )


def offers_of(dispute_id: UUID) -> Executable:
    """Every offer of a case, oldest first."""
    return (
        select(*DisputeOffer.__table__.columns)
        .where(DisputeOffer.dispute_id == dispute_id)
        .order_by(DisputeOffer.id)
    )


def count_offers(dispute_id: UUID, by_side: str) -> Executable:
    """How many offers a side has made in a case."""
    return select(func.count()).where(
        DisputeOffer.dispute_id == dispute_id, DisputeOffer.by_side == by_side
    )


def insert_offer(values: dict[str, Any]) -> Executable:
    """A new offer."""
    return insert(DisputeOffer).values(**values)


def answer_offer(offer_id: UUID, *, status: str, now: datetime) -> Executable:
    """Answer one open offer."""
    return (
        update(DisputeOffer)
        .where(DisputeOffer.id == offer_id, DisputeOffer.status == OfferStatus.OPEN)
        .values(status=status, answered_at=now)
    )


def lapse_offers(dispute_id: UUID, *, now: datetime) -> Executable:
    """The case moved on: its open offers lapse."""
    return (
        update(DisputeOffer)
        .where(DisputeOffer.dispute_id == dispute_id, DisputeOffer.status == OfferStatus.OPEN)
        .values(status=OfferStatus.LAPSED.value, answered_at=now)
    )
