"""The SQL of proofs."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from models.ledger import Hold

Selected = Select[*tuple[Any, ...]]


def hold_of(trade_id: UUID) -> Selected:
    """The escrow of a trade."""
    return select(*Hold.__table__.columns).where(Hold.trade_id == trade_id)
