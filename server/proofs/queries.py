"""The SQL of proofs."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from models.files import Attachment
from models.identity import Profile
from models.ledger import Hold
from models.trades import SplitOffer

Selected = Select[*tuple[Any, ...]]


def hold_of(trade_id: UUID) -> Selected:
    """The escrow of a trade."""
    return select(*Hold.__table__.columns).where(Hold.trade_id == trade_id)


def files_of(trade_id: UUID, status: str) -> Selected:
    """Files of a trade in a status, oldest first; a trade has few."""
    return (
        select(*Attachment.__table__.columns)
        .where(Attachment.trade_id == trade_id, Attachment.status == status)
        .order_by(Attachment.id)
    )


def splits_of(trade_id: UUID) -> Selected:
    """The offers to split a trade's escrow, oldest first."""
    return (
        select(*SplitOffer.__table__.columns)
        .where(SplitOffer.trade_id == trade_id)
        .order_by(SplitOffer.id)
    )


def language_of(user_id: UUID) -> Selected:
    """The language of a user."""
    return select(Profile.language).where(Profile.user_id == user_id)
