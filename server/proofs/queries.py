"""The SQL of proofs."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from models.disputes import Dispute
from models.files import Attachment
from models.identity import Profile
from models.ledger import Hold
from server.disputes import rulings_queries

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


def case_of(trade_id: UUID) -> Selected:
    """The case about a trade."""
    return select(*Dispute.__table__.columns).where(Dispute.trade_id == trade_id)


def rulings_of(case_id: UUID) -> Selected:
    """The rulings of a case, the first one first."""
    return rulings_queries.rulings_of(case_id)


def language_of(user_id: UUID) -> Selected:
    """The language of a user."""
    return select(Profile.language).where(Profile.user_id == user_id)
