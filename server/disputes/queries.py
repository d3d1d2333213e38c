"""The SQL of cases and their histories."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, and_, func, insert, or_, select, update

from models.compliance import AccountHold, HoldKind
from models.disputes import (
    Dispute,
    DisputeEvent,
    DisputeParty,
    DisputeStatus,
    FreezeStatus,
    TradeFreeze,
)
from models.identity import Profile
from models.trades import Trade

_OPEN = tuple(status for status in DisputeStatus if status is not DisputeStatus.CLOSED)


def insert_dispute(values: dict[str, Any]) -> Executable:
    """A case; one a trade."""
    return insert(Dispute).values(**values)


def insert_parties(rows: list[dict[str, Any]]) -> tuple[Executable, list[dict[str, Any]]]:
    """The case on both parties' lists."""
    return insert(DisputeParty), rows


def insert_event(values: dict[str, Any]) -> Executable:
    """One more row of a case's history."""
    return insert(DisputeEvent).values(**values)


def trade_of_dispute(dispute_id: UUID) -> Executable:
    """The trade that a case is about."""
    return select(Dispute.trade_id).where(Dispute.id == dispute_id)


def dispute_of_trade(trade_id: UUID) -> Executable:
    """The case about a trade."""
    return select(Dispute.id).where(Dispute.trade_id == trade_id)


def lock_dispute(dispute_id: UUID) -> Executable:
    """Lock one case's row, after its trade."""
    return select(Dispute.id).where(Dispute.id == dispute_id).with_for_update()


def read_cases(dispute_ids: Sequence[UUID]) -> Executable:
    """Cases with their parties and a freeze of the trade, newest first."""
    return (
        select(
            *Dispute.__table__.columns,
            Trade.buyer_id,
            Trade.seller_id,
            Trade.market,
            Trade.asset,
            Trade.amount,
            TradeFreeze.expires_at.label("frozen_until"),
        )
        .join(Trade, Trade.id == Dispute.trade_id)
        .outerjoin(
            TradeFreeze,
            and_(
                TradeFreeze.trade_id == Dispute.trade_id,
                TradeFreeze.status == FreezeStatus.ACTIVE,
            ),
        )
        .where(Dispute.id.in_(dispute_ids))
        .order_by(Dispute.id.desc())
    )


def update_dispute(
    dispute_id: UUID, *, status: str, version: int, values: dict[str, Any]
) -> Executable:
    """Change a case that still has this status and version."""
    return (
        update(Dispute)
        .where(Dispute.id == dispute_id, Dispute.status == status, Dispute.version == version)
        .values(**values)
    )


def close_parties(dispute_id: UUID, user_ids: Sequence[UUID]) -> Executable:
    """The case is no longer open on its parties' lists."""
    return (
        update(DisputeParty)
        .where(DisputeParty.user_id.in_(user_ids), DisputeParty.dispute_id == dispute_id)
        .values(open=False)
    )


def events_of(dispute_id: UUID) -> Executable:
    """A case's history, oldest first."""
    return (
        select(*DisputeEvent.__table__.columns)
        .where(DisputeEvent.dispute_id == dispute_id)
        .order_by(DisputeEvent.version)
    )


def read_deadline(dispute_id: UUID) -> Executable:
    """What tells whether a clock's row may be due."""
    return select(Dispute.status, Dispute.deadline_at, Dispute.trade_id).where(
        Dispute.id == dispute_id
    )


def due_cases(
    status: DisputeStatus, now: datetime, *, after: tuple[datetime, UUID] | None, limit: int
) -> Executable:
    """Cases of a status whose deadline has passed, longest overdue first, beyond `after`."""
    statement = (
        select(Dispute.id, Dispute.trade_id, Dispute.deadline_at)
        .where(Dispute.status == status, Dispute.deadline_at <= now)
        .order_by(Dispute.deadline_at, Dispute.id)
        .limit(limit)
    )
    if after is None:
        return statement
    deadline_at, dispute_id = after
    return statement.where(
        Dispute.deadline_at >= deadline_at,
        or_(Dispute.deadline_at > deadline_at, Dispute.id > dispute_id),
    )


def freeze_of_account(user_id: UUID) -> Executable:
    """The freeze by compliance that an account is under."""
    return select(AccountHold.id).where(
        AccountHold.user_id == user_id,
        AccountHold.kind == HoldKind.FREEZE.value,
        AccountHold.lifted_at.is_(None),
    )


def language_of(user_id: UUID) -> Executable:
    """The language of an account."""
    return select(Profile.language).where(Profile.user_id == user_id)


def count_lost(user_id: UUID, *, since: datetime) -> Executable:
    """How many cases a user lost as their opener after `since`."""
    return select(func.count()).where(
        Dispute.opened_by_id == user_id, Dispute.closed_at > since, Dispute.lost.is_(True)
    )


def open_cases(*, after: UUID | None, opened_before: datetime, limit: int) -> Executable:
    """Open cases by identifier that were there before an instant."""
    statement = (
        select(Dispute.id)
        .where(Dispute.status.in_(_OPEN), Dispute.opened_at < opened_before)
        .order_by(Dispute.id)
        .limit(limit)
    )
    return statement if after is None else statement.where(Dispute.id > after)


def page_of_user(
    user_id: UUID,
    *,
    before: UUID | None,
    open_only: bool | None,
    role: str | None,
    limit: int,
) -> Executable:
    """Identifiers of a user's cases, newest first, older than `before`."""
    statement = select(DisputeParty.dispute_id).where(DisputeParty.user_id == user_id)
    if open_only is not None:
        statement = statement.where(DisputeParty.open == open_only)
    if role is not None:
        statement = statement.where(DisputeParty.role == role)
    if before is not None:
        statement = statement.where(DisputeParty.dispute_id < before)
    return statement.order_by(DisputeParty.dispute_id.desc()).limit(limit)


def count_ends(reasons: Sequence[str], *, since: datetime) -> Executable:
    """How cases of some reasons that were closed after `since` ended."""
    return (
        select(Dispute.reason, Dispute.outcome, func.count().label("cases"))
        .where(Dispute.reason.in_(reasons), Dispute.closed_at > since)
        .group_by(Dispute.reason, Dispute.outcome)
    )
