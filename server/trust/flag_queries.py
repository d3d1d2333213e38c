"""The SQL of the radar and of flags."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Delete, Insert, Select, Update, delete, insert, select, update
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.orm import aliased

from models.links import (
    FlagStatus,
    LinkSignal,
    Payer,
    PayerSighting,
    PaymentReference,
    TradeFlag,
)
from models.trades import Trade
from server.db.pages import read_along

Selected = Select[*tuple[Any, ...]]
OPEN = FlagStatus.OPEN.value


def lock_payer(dialect: str, payer: bytes, now: datetime) -> Insert:
    """Make everybody who declares this payer wait for one another, whoever is the first."""
    values = {"payer": payer, "seen_at": now}
    if dialect == "sqlite":
        return sqlite.insert(Payer).values(**values).on_conflict_do_update(set_={"seen_at": now})
    return mysql.insert(Payer).values(**values).on_duplicate_key_update(seen_at=now)


def sightings_of(payer: bytes, *, since: datetime, limit: int) -> Selected:
    """Trades for which a payer was declared lately, the latest first."""
    return (
        select(*PayerSighting.__table__.columns)
        .where(PayerSighting.payer == payer, PayerSighting.declared_at >= since)
        .order_by(PayerSighting.declared_at.desc())
        .limit(limit)
    )


def insert_sighting(values: dict[str, Any]) -> Insert:
    """A payer was declared for a trade."""
    return insert(PayerSighting).values(**values)


def shares_signal(one: UUID, other: UUID, kind: str) -> Selected:
    """A signal of a kind that two users share."""
    mine, theirs = aliased(LinkSignal), aliased(LinkSignal)
    return (
        select(mine.kind)
        .join(theirs, (theirs.kind == mine.kind) & (theirs.digest == mine.digest))
        .where(mine.user_id == one, theirs.user_id == other, mine.kind == kind)
        .limit(1)
    )


def references_of(reference: bytes, limit: int) -> Selected:
    """The trades for which a reference was given, the first one first."""
    return (
        select(PaymentReference.trade_id)
        .where(PaymentReference.reference == reference)
        .order_by(PaymentReference.given_at)
        .limit(limit)
    )


def keep_reference(dialect: str, reference: bytes, trade_id: UUID, now: datetime) -> Insert:
    """A reference was given for a trade, for the first time or again."""
    values = {"reference": reference, "trade_id": trade_id, "given_at": now}
    if dialect == "sqlite":
        upsert = sqlite.insert(PaymentReference).values(**values)
        return upsert.on_conflict_do_nothing()
    upsert_here = mysql.insert(PaymentReference).values(**values)
    return upsert_here.on_duplicate_key_update(trade_id=trade_id)


def flags_of(trade_id: UUID) -> Selected:
    """The flags of a trade."""
    return (
        select(*TradeFlag.__table__.columns)
        .where(TradeFlag.trade_id == trade_id)
        .order_by(TradeFlag.id)
    )


def flag(flag_id: UUID) -> Selected:
    """One flag with the parties of its trade."""
    return (
        select(*TradeFlag.__table__.columns, Trade.buyer_id, Trade.seller_id)
        .join(Trade, Trade.id == TradeFlag.trade_id)
        .where(TradeFlag.id == flag_id)
    )


def flags(status: str | None, before: UUID | None, limit: int) -> Selected:
    """Flags of a status, newest first, older than `before`."""
    statement = select(*TradeFlag.__table__.columns).order_by(TradeFlag.id.desc()).limit(limit)
    if status is not None:
        statement = statement.where(TradeFlag.status == status)
        statement = read_along(statement, TradeFlag, "ix_trade_flags_status_id")
    return statement if before is None else statement.where(TradeFlag.id < before)


def insert_flag(values: dict[str, Any]) -> Insert:
    """Something is odd about a trade."""
    return insert(TradeFlag).values(**values)


def update_flag(flag_id: UUID, values: dict[str, Any]) -> Update:
    """Change a flag that is open."""
    return (
        update(TradeFlag).where(TradeFlag.id == flag_id, TradeFlag.status == OPEN).values(**values)
    )


def old_sightings(before: datetime, limit: int) -> Selected:
    """Sightings that nothing is compared with any more."""
    return select(PayerSighting.trade_id).where(PayerSighting.declared_at < before).limit(limit)


def delete_sightings(trade_ids: list[UUID]) -> Delete:
    """Forget sightings."""
    return delete(PayerSighting).where(PayerSighting.trade_id.in_(trade_ids))


def old_payers(before: datetime, limit: int) -> Selected:
    """Payers that nobody declared lately."""
    return select(Payer.payer).where(Payer.seen_at < before).limit(limit)


def delete_payers(payers: list[bytes], before: datetime) -> Delete:
    """Forget payers that nobody has declared since."""
    return delete(Payer).where(Payer.payer.in_(payers), Payer.seen_at < before)


def old_references(before: datetime, limit: int) -> Selected:
    """References that were given long ago."""
    return (
        select(PaymentReference.reference, PaymentReference.trade_id)
        .where(PaymentReference.given_at < before)
        .limit(limit)
    )


def delete_reference(reference: bytes, trade_id: UUID) -> Delete:
    """Forget that a reference was given for a trade."""
    return delete(PaymentReference).where(
        PaymentReference.reference == reference, PaymentReference.trade_id == trade_id
    )
