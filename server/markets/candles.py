"""Candles: opening, highest, lowest and closing price and the volume of spans of time.

Each completed trade is counted once, into one candle of each length, in the order in which the
market's lane told of it. The result does not depend on that order: the opening and the closing
price are those of the first and the last trade by the time of completion.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from server.core.clock import EPOCH
from server.core.money import MICRO
from server.db import Database, Unit
from server.db.idempotency import PURGE_CHUNK
from server.markets import candle_queries as queries
from server.markets.queries import lock_settings
from server.markets.service import moved_amount

SPANS = {"1m": 60, "5m": 300, "15m": 900, "1h": 3_600, "4h": 14_400, "1d": 86_400}
"""The lengths of candles in seconds, by the name that the API gives them."""
MINUTES_KEPT = timedelta(days=30)
FIVE_MINUTES_KEPT = timedelta(days=90)
QUARTERS_KEPT = timedelta(days=366)
KEPT = {60: MINUTES_KEPT, 300: FIVE_MINUTES_KEPT, 900: QUARTERS_KEPT}
"""Short candles are forgotten after this time; the others stay."""
FOLD_CHUNK = 500
TAPE = "tape"
"""The kind of what the lane is told of a completed trade."""
FIRST = (0, UUID(int=0))


@dataclass(frozen=True, slots=True)
class TradeDone:
    """What a candle needs of a completed trade."""

    id: UUID
    completed_at: datetime
    price_ticks: int
    amount_micro: int
    """What changed hands."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A candle without its place; prices in ticks."""

    open_ticks: int
    high_ticks: int
    low_ticks: int
    close_ticks: int
    volume_micro: int
    turnover_ticks: int
    trades: int
    first_at: datetime
    first_id: UUID
    last_at: datetime
    last_id: UUID


def bar_of(trade: TradeDone) -> Bar:
    """The candle of one trade alone."""
    price = trade.price_ticks
    return Bar(
        price, price, price, price,
        volume_micro=trade.amount_micro,
        turnover_ticks=price * trade.amount_micro // MICRO,
        trades=1,
        first_at=trade.completed_at, first_id=trade.id,
        last_at=trade.completed_at, last_id=trade.id,
    )  # fmt: skip


def join_bars(one: Bar, other: Bar) -> Bar:
    """The candle of both; the same whichever comes first."""
    first, last = one, one
    if (other.first_at, other.first_id) < (one.first_at, one.first_id):
        first = other
    if (other.last_at, other.last_id) > (one.last_at, one.last_id):
        last = other
    return replace(
        one,
        open_ticks=first.open_ticks,
        high_ticks=max(one.high_ticks, other.high_ticks),
        low_ticks=min(one.low_ticks, other.low_ticks),
        close_ticks=last.close_ticks,
        volume_micro=one.volume_micro + other.volume_micro,
        turnover_ticks=one.turnover_ticks + other.turnover_ticks,
        trades=one.trades + other.trades,
        first_at=first.first_at,
        first_id=first.first_id,
        last_at=last.last_at,
        last_id=last.last_id,
    )


def find_start(instant: datetime, span_s: int) -> datetime:
    """The beginning of the span that an instant falls into."""
    span = timedelta(seconds=span_s)
    return EPOCH + (instant - EPOCH) // span * span


def draw_bars(trades: Iterable[TradeDone]) -> dict[tuple[int, datetime], Bar]:
    """The candles of some trades, by length in seconds and beginning."""
    bars: dict[tuple[int, datetime], Bar] = {}
    for trade in trades:
        alone = bar_of(trade)
        for span_s in SPANS.values():
            key = (span_s, find_start(trade.completed_at, span_s))
            there = bars.get(key)
            bars[key] = alone if there is None else join_bars(there, alone)
    return bars


async def fold_candles(database: Database) -> int:
    """Count what the lanes have told of since the last time, market by market; how many rows of
    theirs were looked at."""
    async with database.read() as connection:
        markets = (await connection.execute(queries.list_unfolded())).scalars().all()
    looked_at = 0
    for market in markets:

        async def work(unit: Unit, market: str = market) -> int:
            return await _fold_market(unit, market)

        while (count := await database.transact(work, name="fold_candles")) > 0:
            looked_at += count
    return looked_at


async def _fold_market(unit: Unit, market: str) -> int:
    """Count one chunk; how many rows it had. The mark moves in the same transaction."""
    # A market always has settings: their lock also guards the mark that is not there yet.
    await unit.execute(lock_settings(market))
    mark = (await unit.execute(queries.find_mark(market))).first()
    if mark is None:
        await unit.execute(queries.insert_mark(market, *FIRST))
    after = FIRST if mark is None else (mark.batch, mark.inbox_id)
    rows = (await unit.execute(queries.list_told(market, after, FOLD_CHUNK))).all()
    if not rows:
        return 0
    trades = await _read_trades(unit, [row.cause for row in rows if row.kind == TAPE])
    for (span_s, started_at), bar in sorted(draw_bars(trades).items()):
        await _add_bar(unit, market, span_s, started_at, bar)
    last = rows[-1]
    await unit.execute_guarded(queries.move_mark(market, last.consumed_batch, last.id))
    return len(rows)


async def _read_trades(unit: Unit, causes: list[str]) -> list[TradeDone]:
    """The trades of tape rows, by their causes: `tape:<trade>`."""
    trade_ids = [UUID(cause.removeprefix(f"{TAPE}:")) for cause in causes]
    if not trade_ids:
        return []
    rows = (await unit.execute(queries.list_trades(trade_ids))).all()
    assert len(rows) == len(trade_ids), "the tape tells of each trade once"
    return [TradeDone(row.id, row.completed_at, row.price_ticks, moved_amount(row)) for row in rows]


async def _add_bar(unit: Unit, market: str, span_s: int, started_at: datetime, bar: Bar) -> None:
    there = (await unit.execute(queries.find_candle(market, span_s, started_at))).mappings().first()
    if there is None:
        await unit.execute(queries.insert_candle(market, span_s, started_at, bar))
    else:
        joined = join_bars(Bar(**there), bar)
        await unit.execute_guarded(queries.update_candle(market, span_s, started_at, joined))


async def purge_candles(unit: Unit) -> int:
    """Forget one chunk of the short candles whose time is over; how many."""
    for span_s, kept in KEPT.items():
        due = queries.old_candles(span_s, unit.now - kept, PURGE_CHUNK)
        rows = (await unit.execute(due)).all()
        if rows:
            await unit.execute(queries.delete_candles([tuple(row) for row in rows]))
            return len(rows)
    return 0
