"""The SQL of the sandbox."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Delete, Insert, Select, Update, delete, insert, select, update

from models.claims import Claim
from models.disputes import Dispute
from models.ledger import Lot
from models.markets import Market
from models.orders import Order
from models.sandbox import Counterparty, CounterpartyStatus
from server.db.legal_hold import is_held
from server.db.pages import read_along

Selected = Select[*tuple[Any, ...]]
COUNTERPARTY = Counterparty.__table__.columns
ACTIVE = (CounterpartyStatus.WAITING.value, CounterpartyStatus.TRADING.value)


def asset_of_market(market: str) -> Selected:
    """Which asset a market trades."""
    return select(Market.asset, Market.currency).where(Market.id == market)


def find_order(order_id: UUID) -> Selected:
    """Whose an order is, where, and on which side."""
    return select(Order.user_id, Order.market, Order.side).where(Order.id == order_id)


def insert_counterparty(values: Mapping[str, Any]) -> Insert:
    """A new one."""
    return insert(Counterparty).values(**values)


def find_one(counterparty_id: UUID) -> Selected:
    """One by its identifier."""
    return select(*COUNTERPARTY).where(Counterparty.id == counterparty_id)


def find_own(user_id: UUID, counterparty_id: UUID) -> Selected:
    """One of a learner's."""
    return select(*COUNTERPARTY).where(
        Counterparty.id == counterparty_id, Counterparty.user_id == user_id
    )


def page_of_user(user_id: UUID, before: UUID | None, limit: int) -> Selected:
    """A learner's, newest first."""
    page = (
        select(*COUNTERPARTY)
        .where(Counterparty.user_id == user_id)
        .order_by(Counterparty.id.desc())
        .limit(limit)
    )
    page = read_along(page, Counterparty, "ix_sandbox_counterparties_user_id_id")
    return page if before is None else page.where(Counterparty.id < before)


def active_of_user(user_id: UUID, limit: int) -> Selected:
    """A learner's that are at work."""
    return (
        select(Counterparty.id)
        .where(Counterparty.user_id == user_id, Counterparty.status.in_(ACTIVE))
        .limit(limit)
    )


def list_active(after: UUID | None, limit: int) -> Selected:
    """Those at work, oldest first."""
    page = (
        select(*COUNTERPARTY)
        .where(Counterparty.status.in_(ACTIVE))
        .order_by(Counterparty.id)
        .limit(limit)
    )
    return page if after is None else page.where(Counterparty.id > after)


def old_counterparties(before: UUID, limit: int) -> Selected:
    """Those older than an identifier; legal holds keep them."""
    return (
        select(Counterparty.id)
        .where(Counterparty.id < before, ~is_held(Counterparty.user_id))
        .order_by(Counterparty.id)
        .limit(limit)
    )


def delete_counterparties(ids: Sequence[UUID]) -> Delete:
    """Forget some."""
    return delete(Counterparty).where(Counterparty.id.in_(list(ids)))


def change(counterparty_id: UUID, values: Mapping[str, Any]) -> Update:
    """Write what became of one that is at work."""
    return (
        update(Counterparty)
        .where(Counterparty.id == counterparty_id, Counterparty.status.in_(ACTIVE))
        .values(**values)
    )


def shift_case(dispute_id: UUID, version: int, values: Mapping[str, Any]) -> Update:
    """Move the deadlines of a locked case."""
    return (
        update(Dispute).where(Dispute.id == dispute_id, Dispute.version == version).values(**values)
    )


def open_claim_of(trade_id: UUID) -> Selected:
    """The claim about a trade, while nobody has decided it."""
    return select(Claim.id).where(Claim.trade_id == trade_id, Claim.deadline_at.is_not(None))


def shift_claim(claim_id: UUID, version: int, deadline_at: datetime) -> Update:
    """Move the deadline of a locked claim."""
    return (
        update(Claim)
        .where(Claim.id == claim_id, Claim.version == version)
        .values(deadline_at=deadline_at)
    )


def shift_lot(trade_id: UUID, release_at: datetime) -> Update:
    """Move the time at which a locked lot is released."""
    return (
        update(Lot)
        .where(Lot.trade_id == trade_id, Lot.released_at.is_(None))
        .values(release_at=release_at)
    )
