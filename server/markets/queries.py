"""The SQL of markets, their index and their public figures."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, Select, and_, delete, func, insert, or_, select, update

from models.base import Instant
from models.ledger import Hold, Resolution
from models.markets import IndexOverride, IndexReading, Market, MarketIndex, MarketSettings
from models.operations import Switch
from models.orders import LaneInbox
from models.trades import Trade, TradeStatus
from server.db.pages import read_along
from server.markets.index import STEP_WINDOW

RECENT_MAX = 256
"""Readings of one minute that are looked at; sources are asked every few seconds."""
CLOSING_ALL = ("trading_stopped", "read_only")
"""Each of these switches closes every market."""
Selected = Select[*tuple[Any, ...]]

_MARKET = (
    Market.id,
    Market.asset,
    Market.currency,
    Market.minor_digits,
    Market.price_digits,
    MarketSettings.status,
    MarketSettings.maker_fee_ppm,
    MarketSettings.taker_fee_ppm,
    MarketSettings.amount_min_micro,
    MarketSettings.amount_max_micro,
    MarketSettings.band_bp,
    func.coalesce(IndexOverride.index_ticks, MarketIndex.index_ticks).label("index_ticks"),
    func.coalesce(IndexOverride.began_at, MarketIndex.read_at, type_=Instant).label("read_at"),
    or_(IndexOverride.id.is_not(None), MarketIndex.floating_on.is_(True)).label("floating_on"),
    IndexOverride.reason.label("override_reason"),
    IndexOverride.began_at.label("override_began_at"),
    IndexOverride.ends_at.label("override_ends_at"),
)
"""The index is that of the override while one runs."""

_OVERRIDE = (
    IndexOverride.id,
    IndexOverride.index_ticks,
    IndexOverride.reason,
    IndexOverride.set_by,
    IndexOverride.began_at,
    IndexOverride.ends_at,
)


def _markets() -> Selected:
    return (
        select(*_MARKET)
        .join(MarketSettings, MarketSettings.market == Market.id)
        .outerjoin(MarketIndex, MarketIndex.market == Market.id)
        .outerjoin(IndexOverride, IndexOverride.running_in == Market.id)
    )


def list_markets(after: str | None, limit: int) -> Selected:
    """Markets by identifier, after `after`."""
    statement = _markets().order_by(Market.id).limit(limit)
    return statement if after is None else statement.where(Market.id > after)


def find_market(market: str) -> Selected:
    """One market with its settings and index."""
    return _markets().where(Market.id == market)


def list_currencies() -> Executable:
    """The currencies that markets have."""
    return select(Market.currency).distinct().order_by(Market.currency)


def list_closed() -> Executable:
    """The switches that close a market, or all of them."""
    closing = or_(Switch.name.like("market:%"), Switch.name.in_(CLOSING_ALL))
    return select(Switch.name).where(Switch.active, closing)


def insert_market(values: dict[str, Any]) -> Executable:
    """A new market."""
    return insert(Market).values(**values)


def insert_settings(values: dict[str, Any]) -> Executable:
    """The settings of a new market."""
    return insert(MarketSettings).values(**values)


def lock_settings(market: str) -> Executable:
    """Lock a market for a change of its index, whose own row may not exist yet."""
    return select(MarketSettings.market).where(MarketSettings.market == market).with_for_update()


def find_index(market: str) -> Selected:
    """The index of a market."""
    return select(
        MarketIndex.index_ticks,
        MarketIndex.read_at,
        MarketIndex.floating_on,
        MarketIndex.pending_ticks,
    ).where(MarketIndex.market == market)


def list_priced() -> Selected:
    """Every market with its currency, decimals and index, as `KnownMarket` has them."""
    return (
        select(Market.id, Market.currency, Market.price_digits, MarketIndex.index_ticks)
        .outerjoin(MarketIndex, MarketIndex.market == Market.id)
        .order_by(Market.id)
    )


def list_floating_read_before(instant: datetime) -> Selected:
    """Markets whose floating side is on although their index was read before `instant`."""
    return (
        select(MarketIndex.market)
        .where(MarketIndex.floating_on, MarketIndex.read_at < instant)
        .order_by(MarketIndex.market)
    )


def insert_index(values: dict[str, Any]) -> Executable:
    """The first index of a market."""
    return insert(MarketIndex).values(**values)


def update_index(market: str, values: dict[str, Any]) -> Executable:
    """The index of a market after a reading."""
    return update(MarketIndex).where(MarketIndex.market == market).values(**values)


def find_override(market: str) -> Selected:
    """The override that runs in a market."""
    return select(*_OVERRIDE).where(IndexOverride.running_in == market)


def list_over(now: datetime) -> Selected:
    """Markets with an override whose time is over."""
    return (
        select(IndexOverride.market)
        .where(IndexOverride.running_in.is_not(None), IndexOverride.ends_at <= now)
        .order_by(IndexOverride.market)
    )


def insert_override(values: dict[str, Any]) -> Executable:
    """Begin an override."""
    return insert(IndexOverride).values(**values)


def end_override(override_id: UUID, ended_by: UUID | None, now: datetime) -> Executable:
    """End an override that runs."""
    return (
        update(IndexOverride)
        .where(IndexOverride.id == override_id, IndexOverride.running_in.is_not(None))
        .values(ended_at=now, ended_by=ended_by, running_in=None)
    )


def list_recent_readings(market: str, read_at: datetime) -> Selected:
    """The readings of the minute before `read_at` and all later ones, newest first."""
    return (
        select(IndexReading.index_ticks, IndexReading.read_at, IndexReading.accepted)
        .where(IndexReading.market == market, IndexReading.read_at > read_at - STEP_WINDOW)
        .order_by(IndexReading.read_at.desc())
        .limit(RECENT_MAX)
    )


def insert_reading(values: dict[str, Any]) -> Executable:
    """One reading for the history."""
    return insert(IndexReading).values(**values)


def list_readings(market: str, before: tuple[datetime, UUID] | None, limit: int) -> Selected:
    """The history of an index, newest first, before a place in it."""
    statement = (
        select(
            IndexReading.id,
            IndexReading.index_ticks,
            IndexReading.read_at,
            IndexReading.accepted,
            IndexReading.source,
            IndexReading.judged,
        )
        .where(IndexReading.market == market)
        .order_by(IndexReading.read_at.desc(), IndexReading.id.desc())
        .limit(limit)
    )
    if before is None:
        return statement
    read_at, reading_id = before
    return read_along(statement, IndexReading, "ix_index_readings_market_read_at").where(
        IndexReading.read_at <= read_at,
        or_(IndexReading.read_at < read_at, IndexReading.id < reading_id),
    )


def list_readings_before(before: UUID, limit: int) -> Selected:
    """The oldest readings, kept before an identifier was made."""
    return (
        select(IndexReading.id)
        .where(IndexReading.id < before)
        .order_by(IndexReading.id)
        .limit(limit)
    )


def delete_readings(reading_ids: list[UUID]) -> Executable:
    """Forget readings."""
    return delete(IndexReading).where(IndexReading.id.in_(reading_ids))


def list_thinnable(step_s: int, before: datetime, limit: int) -> Selected:
    """Readings kept at one resolution although they are older than it is kept for, oldest first."""
    return (
        select(IndexReading.id, IndexReading.market, IndexReading.read_at, IndexReading.accepted)
        .where(IndexReading.step_s == step_s, IndexReading.read_at < before)
        .order_by(IndexReading.read_at, IndexReading.id)
        .limit(limit)
    )


def keep_readings(reading_ids: list[UUID], step_s: int) -> Executable:
    """Keep readings at a coarser resolution."""
    return update(IndexReading).where(IndexReading.id.in_(reading_ids)).values(step_s=step_s)


def insert_inbox(values: dict[str, Any]) -> Executable:
    """Something that the lane must do and tell, once a cause."""
    return insert(LaneInbox).values(**values)


def _completed(market: str) -> Any:
    return and_(Trade.market == market, Trade.status == TradeStatus.COMPLETED.value)


def list_tape(market: str, before: tuple[datetime, UUID] | None, limit: int) -> Selected:
    """Completed trades, newest first, before a place in them."""
    statement = (
        select(
            Trade.id,
            Trade.price_ticks,
            Trade.amount,
            Trade.seller_fee_ppm,
            Trade.maker_side,
            Trade.completed_at,
            Hold.resolution,
            Hold.paid_out,
            Hold.fees,
        )
        .join(Hold, Hold.trade_id == Trade.id)
        .where(_completed(market), Trade.completed_at.is_not(None))
        .order_by(Trade.completed_at.desc(), Trade.id.desc())
        .limit(limit)
    )
    if before is None:
        return statement
    completed_at, trade_id = before
    return read_along(statement, Trade, "ix_trades_market_completed_at").where(
        Trade.completed_at <= completed_at,
        or_(Trade.completed_at < completed_at, Trade.id < trade_id),
    )


def sum_day(market: str, now: datetime) -> Selected:
    """Count, highest and lowest price and matched amount of trades completed in 24 hours."""
    return select(
        func.count(Trade.id).label("trades"),
        func.max(Trade.price_ticks).label("high_ticks"),
        func.min(Trade.price_ticks).label("low_ticks"),
        func.coalesce(func.sum(Trade.amount), 0).label("amount"),
    ).where(_completed(market), Trade.completed_at > now - timedelta(hours=24))


def list_day_splits(market: str, now: datetime) -> Selected:
    """The trades of `sum_day` that ended in a split, of which only a part moved."""
    return (
        select(Trade.amount, Trade.seller_fee_ppm, Hold.resolution, Hold.paid_out, Hold.fees)
        .join(Hold, Hold.trade_id == Trade.id)
        .where(
            _completed(market),
            Trade.completed_at > now - timedelta(hours=24),
            Hold.resolution == Resolution.SPLIT.value,
        )
    )
