"""GET /markets and what belongs to one market; all of it public."""

from typing import Any

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from models.markets import MarketStatus
from server.core.clock import format_instant
from server.core.money import format_decimal, format_usdt
from server.core.refusals import NotFound
from server.db import Database
from server.http.endpoint import Access, Call, Reply, Routes, Subject
from server.http.pages import PageQuery
from server.identity.views import (
    bytes_of_moment,
    page_of,
    read_moment_cursor,
    read_word_cursor,
)
from server.markets import queries, schemas
from server.markets.currencies import describe_currency
from server.markets.service import moved_amount
from server.markets.tickers import TICKERS, Ticker, Tickers

ROUTES = Routes("Markets")
MARKET_CHARS_MAX = 24


@ROUTES.read(
    "GET",
    "/api/v1/markets",
    summary="All markets.",
    access=Access.PUBLIC,
    query=PageQuery(),
    response=schemas.MARKET_PAGE,
)
async def list_markets(call: Call) -> Reply:
    """A page of markets, by identifier."""
    limit, after = call.query["limit"], read_word_cursor(call.query["cursor"])
    async with call.database.read() as connection:
        rows = (await connection.execute(queries.list_markets(after, limit + 1))).all()
        closed = await _list_closed(connection)
    return page_of([_show_market(row, closed) for row in rows[:limit]], rows, limit)


@ROUTES.read(
    "GET",
    "/api/v1/currencies",
    summary="The currencies of the markets, named in a language.",
    access=Access.PUBLIC,
    query=schemas.CurrencyQuery(),
    response=schemas.CurrenciesSchema(),
)
async def list_currencies(call: Call) -> Reply:
    """The currencies by code; there are few of them."""
    async with call.database.read() as connection:
        codes = (await connection.execute(queries.list_currencies())).scalars().all()
    cards = [describe_currency(code, call.query["language"]) for code in codes]
    return Reply({"items": [card._asdict() for card in cards]})


@ROUTES.read(
    "GET",
    "/api/v1/markets/{market}",
    subject=Subject.PUBLIC,
    summary="One market.",
    access=Access.PUBLIC,
    response=schemas.MarketSchema(),
    refusals=(NotFound,),
)
async def get_market(call: Call) -> Reply:
    """A market with its settings and index."""
    async with call.database.read() as connection:
        row = await get_existing_market(connection, call.path["market"])
        return Reply(_show_market(row, await _list_closed(connection)))


@ROUTES.read(
    "GET",
    "/api/v1/markets/{market}/index",
    subject=Subject.PUBLIC,
    summary="The price index of a market and its readings, newest first.",
    access=Access.PUBLIC,
    query=PageQuery(),
    response=schemas.IndexSchema(),
    refusals=(NotFound,),
)
async def get_index(call: Call) -> Reply:
    """The index now and a page of its history."""
    limit, before = call.query["limit"], read_moment_cursor(call.query["cursor"])
    async with call.database.read() as connection:
        market = await get_existing_market(connection, call.path["market"])
        statement = queries.list_readings(market.id, before, limit + 1)
        rows = (await connection.execute(statement)).all()
    readings = [
        {
            "id": str(row.id),
            "index": show_price(market, row.index_ticks),
            "read_at": format_instant(row.read_at),
            "accepted": row.accepted,
            "source": row.source,
            "sources": [] if row.judged is None else orjson.loads(row.judged),
        }
        for row in rows[:limit]
    ]
    page = page_of(readings, rows, limit, place=lambda row: bytes_of_moment(row.read_at, row.id))
    return Reply(
        {
            "market": market.id,
            "index": show_price(market, market.index_ticks),
            "floating_on": bool(market.floating_on),
            "read_at": market.read_at and format_instant(market.read_at),
            "override": _show_override(market),
            **page.body,
        }
    )


def _show_override(market: Any) -> dict[str, Any] | None:
    if market.override_began_at is None:
        return None
    return {
        "reason": market.override_reason,
        "began_at": format_instant(market.override_began_at),
        "ends_at": format_instant(market.override_ends_at),
    }


@ROUTES.read(
    "GET",
    "/api/v1/markets/{market}/ticker",
    subject=Subject.PUBLIC,
    summary="Last price and the figures of 24 hours, from completed trades only.",
    access=Access.PUBLIC,
    response=schemas.TickerSchema(),
    refusals=(NotFound,),
)
async def get_ticker(call: Call) -> Reply:
    """The ticker of a market."""
    async with call.database.read() as connection:
        market = await get_existing_market(connection, call.path["market"])
    ticker = await call.app[TICKERS].read_ticker(call.database, market.id)
    return Reply(_view_ticker(market, ticker))


async def look_at_ticker(tickers: Tickers, database: Database, market: str) -> dict[str, Any]:
    """The ticker as HTTP shows it, but summed anew: for `ticker_updated`. Refuses `NotFound`."""
    async with database.read() as connection:
        row = await get_existing_market(connection, market)
    return _view_ticker(row, await tickers.sum_anew(database, market))


def _view_ticker(market: Any, ticker: Ticker) -> dict[str, Any]:
    return {
        "market": market.id,
        "last_price": show_price(market, ticker.last_ticks),
        "high_24h": show_price(market, ticker.high_ticks),
        "low_24h": show_price(market, ticker.low_ticks),
        "volume_24h": format_usdt(ticker.volume_micro),
        "trades_24h": ticker.trades,
        "best_bid": show_price(market, ticker.best.bid_ticks),
        "best_ask": show_price(market, ticker.best.ask_ticks),
    }


@ROUTES.read(
    "GET",
    "/api/v1/markets/{market}/trades",
    subject=Subject.PUBLIC,
    summary="The tape: completed trades, newest first.",
    access=Access.PUBLIC,
    query=PageQuery(),
    response=schemas.TAPE_PAGE,
    refusals=(NotFound,),
)
async def list_market_trades(call: Call) -> Reply:
    """A page of the tape."""
    limit, before = call.query["limit"], read_moment_cursor(call.query["cursor"])
    async with call.database.read() as connection:
        market = await get_existing_market(connection, call.path["market"])
        statement = queries.list_tape(market.id, before, limit + 1)
        rows = (await connection.execute(statement)).all()
    tape = [
        {
            "market": market.id,
            "price": show_price(market, row.price_ticks),
            "amount": format_usdt(moved_amount(row)),
            "taker_side": "buy" if row.maker_side == "sell" else "sell",
            "completed_at": format_instant(row.completed_at),
        }
        for row in rows[:limit]
    ]
    return page_of(tape, rows, limit, place=lambda row: bytes_of_moment(row.completed_at, row.id))


async def get_existing_market(connection: AsyncConnection, market: str) -> Any:
    """A market with its settings and index; refuses `NotFound`."""
    if not market.isascii() or len(market) > MARKET_CHARS_MAX:
        raise NotFound
    row = (await connection.execute(queries.find_market(market))).first()
    # A database may ignore spaces at the end of a word.
    if row is None or row.id != market:
        raise NotFound
    return row


async def _list_closed(connection: AsyncConnection) -> set[str]:
    """The switches that close markets."""
    return set((await connection.execute(queries.list_closed())).scalars())


def _is_closed(market: str, closed: set[str]) -> bool:
    return not closed.isdisjoint({f"market:{market}", *queries.CLOSING_ALL})


def _show_market(row: Any, closed: set[str]) -> dict[str, Any]:
    return {
        "id": row.id,
        "asset": row.asset,
        "currency": row.currency,
        "minor_digits": row.minor_digits,
        "price_digits": row.price_digits,
        "status": MarketStatus.PAUSED.value if _is_closed(row.id, closed) else row.status,
        "maker_fee_ppm": row.maker_fee_ppm,
        "taker_fee_ppm": row.taker_fee_ppm,
        "amount_min": format_usdt(row.amount_min_micro),
        "amount_max": format_usdt(row.amount_max_micro),
        "band_bp": row.band_bp,
        "index": show_price(row, row.index_ticks),
        "floating_on": bool(row.floating_on),
        "index_read_at": row.read_at and format_instant(row.read_at),
    }


def show_price(market: Any, ticks: int | None) -> str | None:
    """A price as the API writes it, or null."""
    return None if ticks is None else format_decimal(ticks, market.price_digits)
