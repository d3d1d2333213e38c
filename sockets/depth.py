"""Unnumbered news of a market, paced: changes of its book by level, and its ticker."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog

BOOK_EVERY_S = 0.1
"""`book_updated` comes at most ten times a second for a market."""
TICKER_EVERY_S = 1.0

ReadMarket = Callable[[str], Awaitable[Mapping[str, Any] | None]]
"""The JSON of a market as HTTP shows it; None while it cannot be told here."""
SendMarket = Callable[[str, str, Mapping[str, Any]], Awaitable[None]]
"""market, event name, body."""
Level = Mapping[str, Any]
log = structlog.get_logger()


class PacedFeed:
    """Looks at a market when something was noted, at most once in `every_s`."""

    def __init__(self, look: Callable[[str], Awaitable[None]], every_s: float) -> None:
        self._look = look
        self._every_s = every_s
        self._noted: set[str] = set()
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def note(self, market: str) -> None:
        """Something may have changed."""
        self._noted.add(market)
        if market not in self._tasks:
            self._tasks[market] = asyncio.create_task(self._follow(market))

    async def close(self) -> None:
        """Stop looking."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        self._tasks.clear()

    async def _follow(self, market: str) -> None:
        while market in self._noted:
            self._noted.discard(market)
            try:
                await self._look(market)
            except Exception:  # one failed look must not end the feed
                log.exception("market_not_looked_at", market=market)
            await asyncio.sleep(self._every_s)
        del self._tasks[market]


class BookFeed:
    """Tells which levels of a book changed between two of its numbers.

    A reader who holds the book at number n ignores an update with `to` <= n, applies one with
    `from` <= n (each level is the whole level after `to`; an amount of zero removes it), and
    fetches the book again when `from` > n.
    """

    def __init__(self, read_book: ReadMarket, send: SendMarket) -> None:
        self._read_book = read_book
        self._send = send
        self._last: dict[str, Mapping[str, Any]] = {}

    async def look(self, market: str) -> None:
        """Send what changed since the last look; nothing where nothing did."""
        book = await self._read_book(market)
        if book is None:
            return
        last = self._last.get(market)
        self._last[market] = book
        if last is None:
            # Nobody knows what changed before: readers of an older book are told to fetch.
            last = book
        elif last["bids"] == book["bids"] and last["asks"] == book["asks"]:
            # The reader's number may stay behind: the next update starts where the last ended.
            self._last[market] = {**book, "number": last["number"]}
            return
        body = {
            "market": market,
            "from": last["number"],
            "to": book["number"],
            "bids": list_changes(last["bids"], book["bids"]),
            "asks": list_changes(last["asks"], book["asks"]),
        }
        await self._send(market, "book_updated", body)


def list_changes(before: list[Level], after: list[Level]) -> list[Level]:
    """The levels of `after` that `before` has not, and those that are gone with nothing left."""
    old = {(level["price"], level["margin_bp"]): level for level in before}
    new = {(level["price"], level["margin_bp"]): level for level in after}
    gone = [
        {"price": price, "margin_bp": margin_bp, "amount": "0.000000", "orders": 0}
        for price, margin_bp in old.keys() - new.keys()
    ]
    changed = [level for key, level in new.items() if old.get(key) != level]
    return [*gone, *changed]


class TickerFeed:
    """Tells a market's ticker when it is another than before."""

    def __init__(self, read_ticker: ReadMarket, send: SendMarket) -> None:
        self._read_ticker = read_ticker
        self._send = send
        self._last: dict[str, Mapping[str, Any]] = {}

    async def look(self, market: str) -> None:
        """Send the ticker if it changed."""
        ticker = await self._read_ticker(market)
        if ticker is not None and ticker != self._last.get(market):
            self._last[market] = ticker
            await self._send(market, "ticker_updated", ticker)
