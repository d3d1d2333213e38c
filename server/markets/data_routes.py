"""Market data that charts and other sites draw: candles, the corridor index, tickers of all."""

from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from server.core.clock import Clock, format_instant, from_micros, to_micros
from server.core.money import REAL_ASSET, format_decimal, format_usdt
from server.core.refusals import Invalid, NotFound
from server.db import Database
from server.http.endpoint import Access, Call, Reply, Routes, Subject
from server.http.pages import read_cursor, write_cursor
from server.markets import candle_queries, queries, schemas
from server.markets.candles import SPANS
from server.markets.corridor import TRADES_MAX, WINDOW, Corridor, Deal, compute_corridor
from server.markets.routes import get_existing_market, show_price
from server.markets.service import moved_amount
from server.markets.tickers import TICKERS

ROUTES = Routes("Market data")
KEPT_FOR = timedelta(seconds=10)
"""The corridor index looks at a day of trades, so it is computed this often at most."""
MARKETS_MAX = 500
START_BYTES = 8


class Corridors:
    """Computes corridor indexes, each at most every ten seconds."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[str, tuple[datetime, Corridor]] = {}

    async def read(self, database: Database, market: str) -> Corridor:
        """The corridor index of an existing market."""
        now = self._clock.now()
        kept = self._kept.get(market)
        if kept is not None and now - kept[0] < KEPT_FOR:
            return kept[1]
        statement = candle_queries.list_completed(market, now - WINDOW, TRADES_MAX)
        async with database.read() as connection:
            rows = (await connection.execute(statement)).all()
        corridor = compute_corridor(
            [
                Deal(frozenset((row.buyer_id, row.seller_id)), row.price_ticks, moved_amount(row))
                for row in rows
            ]
        )
        self._kept[market] = (now, corridor)
        return corridor


CORRIDORS = web.AppKey("corridors", Corridors)


@ROUTES.read(
    "GET",
    "/api/v1/markets/{market}/candles",
    subject=Subject.PUBLIC,
    summary="Candles of completed trades, newest first; spans without a trade have none.",
    access=Access.PUBLIC,
    query=schemas.CandleQuery(),
    response=schemas.CANDLE_PAGE,
    refusals=(NotFound,),
)
async def list_candles(call: Call) -> Reply:
    """A page of the candles of one length."""
    limit, before = call.query["limit"], _read_start(call.query["cursor"])
    span_s = SPANS[call.query["interval"]]
    async with call.database.read() as connection:
        market = await get_existing_market(connection, call.path["market"])
        statement = candle_queries.list_candles(market.id, span_s, before, limit + 1)
        rows = (await connection.execute(statement)).all()
    last = write_cursor(_start_bytes(rows[limit - 1].started_at)) if len(rows) > limit else None
    return Reply(
        {"items": [_show_candle(market, row) for row in rows[:limit]], "next_cursor": last}
    )


@ROUTES.read(
    "GET",
    "/api/v1/markets/{market}/corridor",
    subject=Subject.PUBLIC,
    summary="What USDT really changed hands for in 24 hours: a median over pairs of people.",
    access=Access.PUBLIC,
    response=schemas.CorridorSchema(),
    refusals=(NotFound,),
)
async def get_corridor(call: Call) -> Reply:
    """The corridor index of a market."""
    async with call.database.read() as connection:
        market = await get_existing_market(connection, call.path["market"])
    corridor = await call.app[CORRIDORS].read(call.database, market.id)
    return Reply(
        {
            "market": market.id,
            "index": show_price(market, corridor.index_ticks),
            "pairs": corridor.pairs,
            "outliers": corridor.outliers,
            "volume": format_usdt(corridor.volume_micro),
        }
    )


@ROUTES.read(
    "GET",
    "/api/v1/coingecko/tickers",
    summary="Tickers of all markets of real USDT in the form that aggregators read.",
    access=Access.PUBLIC,
    response=schemas.AggregatorTickerSchema(many=True),
)
async def list_aggregator_tickers(call: Call) -> Reply:
    """The tickers of every market, by identifier; the volumes of the last 24 hours by minutes."""
    since = call.database.clock.now() - WINDOW
    async with call.database.read() as connection:
        markets = (await connection.execute(queries.list_markets(None, MARKETS_MAX))).all()
        moved = (await connection.execute(candle_queries.sum_volumes(SPANS["1m"], since))).all()
    volumes = {row.market: (int(row.volume_micro), int(row.turnover_ticks)) for row in moved}
    return Reply(
        [
            await _show_aggregator(call, row, *volumes.get(row.id, (0, 0)))
            for row in markets
            if row.asset == REAL_ASSET
        ]
    )


async def _show_aggregator(
    call: Call, market: Any, volume_micro: int, turnover_ticks: int
) -> dict[str, Any]:
    ticker = await call.app[TICKERS].read_ticker(call.database, market.id)
    return {
        "ticker_id": f"{market.asset}_{market.currency}",
        "base_currency": market.asset,
        "target_currency": market.currency,
        "last_price": show_price(market, ticker.last_ticks),
        "base_volume": format_usdt(volume_micro),
        "target_volume": format_decimal(turnover_ticks, market.price_digits),
        "bid": show_price(market, ticker.best.bid_ticks),
        "ask": show_price(market, ticker.best.ask_ticks),
        "high": show_price(market, ticker.high_ticks),
        "low": show_price(market, ticker.low_ticks),
    }


def _show_candle(market: Any, row: Any) -> dict[str, Any]:
    return {
        "started_at": format_instant(row.started_at),
        "open": show_price(market, row.open_ticks),
        "high": show_price(market, row.high_ticks),
        "low": show_price(market, row.low_ticks),
        "close": show_price(market, row.close_ticks),
        "volume": format_usdt(row.volume_micro),
        "turnover": format_decimal(row.turnover_ticks, market.price_digits),
        "trades": row.trades,
    }


def _start_bytes(started_at: datetime) -> bytes:
    return to_micros(started_at).to_bytes(START_BYTES, "big")


def _read_start(cursor: str | None) -> datetime | None:
    """The beginning of the candle at which the page before ended; refuses `Invalid`."""
    if cursor is None:
        return None
    place = read_cursor(cursor)
    try:
        if len(place) == START_BYTES:
            return from_micros(int.from_bytes(place, "big"))
    except OverflowError:
        pass
    raise Invalid(errors={"cursor": ["This is not a cursor of this list."]})
