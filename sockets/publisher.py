"""Where everything that is told leaves: the lanes' events, the relay's, and paced news."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson
import structlog

from server.core.events import room_of_market
from server.db.outbox import RoomEvent
from sockets.audience import MARKET_UPDATES
from sockets.depth import (
    BOOK_EVERY_S,
    TICKER_EVERY_S,
    BookFeed,
    PacedFeed,
    ReadMarket,
    TickerFeed,
)
from sockets.fanout import Coalescer, FanoutManager

ROOM_EVENTS_MAX = 20_000
"""Events of one market that may wait to be sent; a batch of a lane brings up to a few thousand."""
log = structlog.get_logger()


def make_envelope(event: RoomEvent) -> dict[str, Any]:
    """What a socket gets as the only argument of an event; its body is written already."""
    return {
        "room": event.room,
        "seq": event.seq,
        "event": event.name,
        "data": orjson.Fragment(event.body),
    }


class SocketPublisher:
    """Sends to rooms in every process that shares the manager's Redis."""

    def __init__(self, fanout: FanoutManager, *, hears_all: bool) -> None:
        """With `hears_all`, other processes may have members that are not known here."""
        self._fanout = fanout
        self._hears_all = hears_all
        self._coalescer = Coalescer(self._send_market, room_events_max=ROOM_EVENTS_MAX)
        self._book: PacedFeed | None = None
        self._ticker: PacedFeed | None = None
        self._wake: Callable[[], None] | None = None
        self.dropped = 0
        """Events that were not sent because too many waited; readers find the gap and ask."""

    def follow_book(self, read_book: ReadMarket) -> None:
        """Tell changes of the books that `read_book` gives as HTTP shows them."""
        self._book = PacedFeed(BookFeed(read_book, self._send_news).look, BOOK_EVERY_S)

    def follow_ticker(self, read_ticker: ReadMarket) -> None:
        """Tell the tickers that `read_ticker` gives as HTTP shows them."""
        self._ticker = PacedFeed(TickerFeed(read_ticker, self._send_news).look, TICKER_EVERY_S)

    def on_wake(self, wake: Callable[[], None]) -> None:
        """Call `wake` when rows wait for the relay."""
        self._wake = wake

    def publish(self, market: str, events: list[tuple[int, str, str]]) -> None:
        """Send numbered events (number, name, JSON) to the market's room and to all markets'."""
        room = room_of_market(market)
        for seq, name, body in events:
            envelope = make_envelope(RoomEvent(room, seq, name, body))
            if not self._coalescer.offer(room, name, envelope):
                self.dropped += 1
                log.warning("market_event_dropped", market=market, seq=seq)

    def note_depth(self, market: str) -> None:
        """The market's depth, and with it its ticker, may have changed."""
        if self._hears_all or self._fanout.is_heard("/", [room_of_market(market), MARKET_UPDATES]):
            for feed in (self._book, self._ticker):
                if feed is not None:
                    feed.note(market)

    def wake_relay(self) -> None:
        """Rows for other rooms wait to be numbered."""
        if self._wake is not None:
            self._wake()

    async def send_events(self, events: Sequence[RoomEvent]) -> None:
        """Send each event to its room; the order within a room is kept."""
        rooms: dict[str, list[tuple[str, Any]]] = {}
        for event in events:
            rooms.setdefault(event.room, []).append((event.name, make_envelope(event)))
        await self._fanout.emit_batches(list(rooms.items()))

    async def close(self) -> None:
        """Send what waits and stop."""
        for feed in (self._book, self._ticker):
            if feed is not None:
                await feed.close()
        await self._coalescer.close()

    async def _send_market(self, room: str, events: list[tuple[str, Any]]) -> None:
        # Both rooms in one emit: encoded once, and who is in both gets it once.
        await self._fanout.emit_batches([([room, MARKET_UPDATES], events)])

    async def _send_news(self, market: str, name: str, body: Mapping[str, Any]) -> None:
        room = room_of_market(market)
        envelope = {"room": room, "seq": None, "event": name, "data": body}
        await self._fanout.emit_batches([([room, MARKET_UPDATES], [(name, envelope)])])
