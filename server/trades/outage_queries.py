"""The SQL of heartbeats and outages."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, func, insert, or_, select, update

from models.base import Instant
from models.trades import Heartbeat, Outage, Trade, TradeEvent
from server.trades.row import RUNNING

DOMAIN = "domain"
"""The heartbeat by the clock that deadlines run on."""
REAL = "real"
"""The heartbeat by real time, which decides whether there was an outage."""


def open_outages() -> Executable:
    """Outages that go on, or whose credit is not given yet, oldest first."""
    return (
        select(*Outage.__table__.columns)
        .where(or_(Outage.ended_at.is_(None), Outage.credited_at.is_(None)))
        .order_by(Outage.started_at)
    )


def page_of_outages(before: UUID | None, limit: int) -> Executable:
    """The public log, newest first, older than `before`."""
    statement = select(*Outage.__table__.columns).order_by(Outage.id.desc()).limit(limit)
    return statement if before is None else statement.where(Outage.id < before)


def last_end() -> Executable:
    """The latest end of an outage."""
    return select(func.max(Outage.ended_at, type_=Instant))


def list_spans(outage_ids: Sequence[UUID]) -> Executable:
    """From when to when these outages were, the first one first."""
    return (
        select(Outage.started_at, Outage.ended_at)
        .where(Outage.id.in_(outage_ids))
        .order_by(Outage.started_at)
    )


def insert_outage(values: dict[str, Any]) -> Executable:
    """A new outage."""
    return insert(Outage).values(**values)


def end_outage(outage_id: UUID, now: datetime) -> Executable:
    """End an outage that goes on."""
    return (
        update(Outage).where(Outage.id == outage_id, Outage.ended_at.is_(None)).values(ended_at=now)
    )


def note_credited(outage_id: UUID, now: datetime) -> Executable:
    """Every open deadline has its credit."""
    return (
        update(Outage)
        .where(Outage.id == outage_id, Outage.credited_at.is_(None))
        .values(credited_at=now)
    )


def read_beat(scope: str, *, lock: bool = False) -> Executable:
    """The last sign of life of a scope."""
    statement = select(Heartbeat.beat_at, Heartbeat.counter).where(Heartbeat.scope == scope)
    return statement.with_for_update() if lock else statement


def insert_beat(scope: str, beat_at: datetime) -> Executable:
    """The first sign of life of a scope."""
    return insert(Heartbeat).values(scope=scope, beat_at=beat_at, counter=1)


def update_beat(scope: str, *, counter: int, beat_at: datetime) -> Executable:
    """One more sign of life, if nobody gave one meanwhile."""
    return (
        update(Heartbeat)
        .where(Heartbeat.scope == scope, Heartbeat.counter == counter)
        .values(beat_at=beat_at, counter=counter + 1)
    )


def running_trades(
    *, after: UUID | None, status: str, created_before: datetime, limit: int
) -> Executable:
    """Trades of a status with a clock, by identifier, that existed before an instant."""
    assert status in RUNNING
    statement = (
        select(Trade.id)
        .where(Trade.status == status, Trade.created_at < created_before)
        .order_by(Trade.id)
        .limit(limit)
    )
    return statement if after is None else statement.where(Trade.id > after)


def history_for_credit(trade_id: UUID) -> Executable:
    """When a trade last moved, and which outages it was credited for."""
    return (
        select(TradeEvent.version, TradeEvent.event, TradeEvent.detail, TradeEvent.created_at)
        .where(TradeEvent.trade_id == trade_id)
        .order_by(TradeEvent.version)
    )
