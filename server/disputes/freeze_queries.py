"""The SQL of freezes."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, insert, select, update

from models.disputes import FreezeStatus, TradeFreeze


def insert_freeze(values: dict[str, Any]) -> Executable:
    """A new freeze."""
    return insert(TradeFreeze).values(**values)


def active_freeze(trade_id: UUID) -> Executable:
    """The freeze of a trade that is active, if any."""
    return select(*TradeFreeze.__table__.columns).where(
        TradeFreeze.trade_id == trade_id, TradeFreeze.status == FreezeStatus.ACTIVE
    )


def end_freeze(freeze_id: UUID, *, status: str, ended_by: UUID | None, now: datetime) -> Executable:
    """End a freeze that is active."""
    return (
        update(TradeFreeze)
        .where(TradeFreeze.id == freeze_id, TradeFreeze.status == FreezeStatus.ACTIVE)
        .values(status=status, ended_by=ended_by, ended_at=now)
    )


def due_freezes(now: datetime, limit: int) -> Executable:
    """Trades whose freeze has run out, longest overdue first."""
    return (
        select(TradeFreeze.trade_id)
        .where(TradeFreeze.status == FreezeStatus.ACTIVE, TradeFreeze.expires_at <= now)
        .order_by(TradeFreeze.expires_at, TradeFreeze.id)
        .limit(limit)
    )
