"""The SQL of claims."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, insert, select, union_all, update

from models.claims import Claim, ClaimEvent, ClaimStatus
from models.trades import Trade

_OPEN = (ClaimStatus.OPEN, ClaimStatus.REVIEW)
_COLUMNS = (
    *Claim.__table__.columns,
    Trade.market,
    Trade.asset,
    Trade.amount,
)


def insert_claim(values: dict[str, Any]) -> Executable:
    """A claim; one a trade."""
    return insert(Claim).values(**values)


def insert_event(values: dict[str, Any]) -> Executable:
    """One more row of a claim's history."""
    return insert(ClaimEvent).values(**values)


def trade_of_claim(claim_id: UUID) -> Executable:
    """The trade that a claim is about."""
    return select(Claim.trade_id).where(Claim.id == claim_id)


def claim_of_trade(trade_id: UUID) -> Executable:
    """The claim about a trade."""
    return select(Claim.id).where(Claim.trade_id == trade_id)


def lock_claim(claim_id: UUID) -> Executable:
    """Lock one claim's row, after its trade."""
    return select(Claim.id).where(Claim.id == claim_id).with_for_update()


def read_claim(claim_id: UUID) -> Executable:
    """One claim with what its trade is about."""
    return select(*_COLUMNS).join(Trade, Trade.id == Claim.trade_id).where(Claim.id == claim_id)


def page_of_user(user_id: UUID, *, before: UUID | None, limit: int) -> Executable:
    """A user's claims on both sides, newest first, older than `before`."""
    sides = []
    for column in (Claim.claimant_id, Claim.respondent_id):
        side = select(Claim.id).where(column == user_id)
        if before is not None:
            side = side.where(Claim.id < before)
        sides.append(select(side.order_by(Claim.id.desc()).limit(limit).subquery().c.id))
    found = union_all(*sides).subquery()
    return (
        select(*_COLUMNS)
        .join(Trade, Trade.id == Claim.trade_id)
        .where(Claim.id.in_(select(found.c.id)))
        .order_by(Claim.id.desc())
        .limit(limit)
    )


def update_claim(
    claim_id: UUID, *, status: str, version: int, values: dict[str, Any]
) -> Executable:
    """Change a claim that still has this status and version."""
    return (
        update(Claim)
        .where(Claim.id == claim_id, Claim.status == status, Claim.version == version)
        .values(**values)
    )


def events_of(claim_id: UUID) -> Executable:
    """A claim's history, oldest first."""
    return (
        select(*ClaimEvent.__table__.columns)
        .where(ClaimEvent.claim_id == claim_id)
        .order_by(ClaimEvent.version)
    )


def due_claims(status: ClaimStatus, now: datetime, limit: int) -> Executable:
    """Claims of a status whose deadline has passed, longest overdue first."""
    return (
        select(Claim.id)
        .where(Claim.status == status, Claim.deadline_at <= now)
        .order_by(Claim.deadline_at, Claim.id)
        .limit(limit)
    )


def open_claims(*, after: UUID | None, opened_before: datetime, limit: int) -> Executable:
    """Open claims by identifier that were there before an instant."""
    statement = (
        select(Claim.id)
        .where(Claim.status.in_(_OPEN), Claim.opened_at < opened_before)
        .order_by(Claim.id)
        .limit(limit)
    )
    return statement if after is None else statement.where(Claim.id > after)
