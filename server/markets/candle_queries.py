"""The SQL of candles and of what is drawn from completed trades."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import (
    Executable,
    Select,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)

from models.candles import Candle, CandleMark
from models.ledger import Hold
from models.markets import Market
from models.orders import LaneInbox
from models.trades import Trade, TradeStatus

if TYPE_CHECKING:
    from server.markets.candles import Bar

Selected = Select[*tuple[Any, ...]]


def _is_told(market: Any, after: tuple[Any, Any]) -> Any:
    """What the lane of a market consumed behind a place."""
    batch, inbox_id = after
    return and_(
        LaneInbox.market == market,
        or_(
            LaneInbox.consumed_batch > batch,
            and_(LaneInbox.consumed_batch == batch, LaneInbox.id > inbox_id),
        ),
    )


def list_unfolded() -> Select[str]:
    """Markets whose lane has consumed something that their candles have not looked at."""
    behind = _is_told(Market.id, (CandleMark.batch, CandleMark.inbox_id))
    return (
        select(Market.id)
        .outerjoin(CandleMark, CandleMark.market == Market.id)
        .where(or_(CandleMark.market.is_(None), exists().where(behind)))
        .order_by(Market.id)
    )


def find_mark(market: str) -> Selected:
    """How far the candles of a market are."""
    return select(*CandleMark.__table__.columns).where(CandleMark.market == market)


def list_told(market: str, after: tuple[int, UUID], limit: int) -> Selected:
    """What a lane has consumed behind a place, in its order: trades to tell of, and the rest."""
    return (
        select(LaneInbox.id, LaneInbox.consumed_batch, LaneInbox.kind, LaneInbox.cause)
        .where(_is_told(market, after))
        .order_by(LaneInbox.consumed_batch, LaneInbox.id)
        .limit(limit)
    )


def list_trades(trade_ids: Sequence[UUID]) -> Selected:
    """What candles need of these trades."""
    return (
        select(
            Trade.id, Trade.completed_at, Trade.price_ticks, Trade.amount, Trade.seller_fee_ppm,
            Hold.resolution, Hold.paid_out, Hold.fees,
        )
        .join(Hold, Hold.trade_id == Trade.id)
        .where(Trade.id.in_(trade_ids))
    )  # fmt: skip


def insert_mark(market: str, batch: int, inbox_id: UUID) -> Executable:
    """The first mark of a market."""
    return insert(CandleMark).values(market=market, batch=batch, inbox_id=inbox_id)


def move_mark(market: str, batch: int, inbox_id: UUID) -> Executable:
    """Move a mark on."""
    return (
        update(CandleMark).where(CandleMark.market == market).values(batch=batch, inbox_id=inbox_id)
    )


def _is_candle(market: str, span_s: int, started_at: datetime) -> Any:
    return and_(Candle.market == market, Candle.span_s == span_s, Candle.started_at == started_at)


_BAR = (
    Candle.open_ticks, Candle.high_ticks, Candle.low_ticks, Candle.close_ticks,
    Candle.volume_micro, Candle.turnover_ticks, Candle.trades,
    Candle.first_at, Candle.first_id, Candle.last_at, Candle.last_id,
)  # fmt: skip


def find_candle(market: str, span_s: int, started_at: datetime) -> Selected:
    """What a candle has counted, in the order of the fields of a `Bar`."""
    return select(*_BAR).where(_is_candle(market, span_s, started_at))


def insert_candle(market: str, span_s: int, started_at: datetime, bar: "Bar") -> Executable:
    """The first trades of a span."""
    return insert(Candle).values(market=market, span_s=span_s, started_at=started_at, **asdict(bar))


def update_candle(market: str, span_s: int, started_at: datetime, bar: "Bar") -> Executable:
    """More trades of a span."""
    return update(Candle).where(_is_candle(market, span_s, started_at)).values(**asdict(bar))


def list_candles(market: str, span_s: int, before: datetime | None, limit: int) -> Selected:
    """Candles of one length, newest first, before the beginning of one."""
    statement = (
        select(Candle.started_at, *_BAR)
        .where(Candle.market == market, Candle.span_s == span_s)
        .order_by(Candle.started_at.desc())
        .limit(limit)
    )
    return statement if before is None else statement.where(Candle.started_at < before)


def sum_volumes(span_s: int, since: datetime) -> Selected:
    """What changed hands in each market, by the candles of one length that began since."""
    return (
        select(
            Candle.market,
            func.sum(Candle.volume_micro).label("volume_micro"),
            func.sum(Candle.turnover_ticks).label("turnover_ticks"),
        )
        .where(Candle.span_s == span_s, Candle.started_at > since)
        .group_by(Candle.market)
    )


def old_candles(span_s: int, before: datetime, limit: int) -> Selected:
    """Candles of one length from before an instant, oldest first."""
    return (
        select(Candle.market, Candle.span_s, Candle.started_at)
        .where(Candle.span_s == span_s, Candle.started_at < before)
        .order_by(Candle.started_at)
        .limit(limit)
    )


def delete_candles(keys: Sequence[tuple[Any, ...]]) -> Executable:
    """Forget candles."""
    return delete(Candle).where(tuple_(Candle.market, Candle.span_s, Candle.started_at).in_(keys))


def list_completed(market: str, after: datetime, limit: int) -> Selected:
    """The newest completed trades of a market with their parties."""
    return (
        select(
            Trade.id, Trade.completed_at, Trade.price_ticks, Trade.amount, Trade.seller_fee_ppm,
            Trade.buyer_id, Trade.seller_id, Hold.resolution, Hold.paid_out, Hold.fees,
        )
        .join(Hold, Hold.trade_id == Trade.id)
        .where(
            Trade.market == market,
            Trade.status == TradeStatus.COMPLETED.value,
            Trade.completed_at > after,
        )
        .order_by(Trade.completed_at.desc(), Trade.id.desc())
        .limit(limit)
    )  # fmt: skip
