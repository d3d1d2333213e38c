"""A Socket.IO client that knows which number comes next, and catches up after a lost connection."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import socketio
from socketio.exceptions import ConnectionError as ConnectFailed
from socketio.exceptions import SocketIOError

from seeds.demo.feed import Body, RoomWatch
from seeds.demo.tally import Tally

CONNECT_TRIES_MAX = 20
PAUSE_S = 0.25
ANSWER_S = 10
MARKET_UPDATES = "market_updates"
UNNUMBERED = frozenset({"book_updated", "ticker_updated", "typing"})

MAY_BE_TOLD = frozenset({"token_expired"})
"""On a busy machine a token may end before the next one is fetched: connect again with that."""
QUIET = logging.getLogger("seeds.demo.sockets")
QUIET.addHandler(logging.NullHandler())
QUIET.propagate = False

Handler = Callable[[str, str, Body], None]
"""Called with room, event name and body of each event that is next in its room."""


class Listener:
    """One connection to the service's rooms, for one reader."""

    def __init__(self, url: str, reader: str, tally: Tally, handle: Handler) -> None:
        self.watches: dict[str, RoomWatch] = {}
        self.all_markets = False
        """Whether the reader follows the room of everything public."""
        self._url = url
        self._reader = reader
        self._tally = tally
        self._handle = handle
        self._token = ""
        self._socket: Any = None
        self._connecting = False
        self._closing = False
        self._returning: asyncio.Task[None] | None = None

    async def connect(self, token: str) -> bool:
        """Connect and subscribe to every known room, after what was heard already."""
        self._token = token
        self._connecting = True
        try:
            return await self._connect()
        finally:
            self._connecting = False

    async def _connect(self) -> bool:
        for _ in range(CONNECT_TRIES_MAX):
            for watch in self.watches.values():
                watch.begin()
            try:
                self._socket = self._make_socket()
                await self._socket.connect(
                    self._url,
                    auth={"token": self._token} if self._token else None,
                    transports=["websocket"],
                    wait_timeout=ANSWER_S,
                )
                await self._subscribe_all()
            except (ConnectFailed, SocketIOError, TimeoutError):
                await self._socket.shutdown()
                await asyncio.sleep(PAUSE_S)
                continue
            if self._socket.connected:
                self._tally.sockets += 1
                return True
        self._tally.faults.add(f"{self._reader} could not connect")
        return False

    @property
    def is_settled(self) -> bool:
        """Connected, and every room caught up."""
        return (
            self._socket is not None
            and bool(self._socket.connected)
            and not any(watch.catching_up for watch in self.watches.values())
        )

    async def renew(self, token: str) -> None:
        """Live on with a newer access token."""
        self._token = token
        if self._socket is not None and self._socket.connected:
            try:
                await self._socket.call("renew", {"token": token}, timeout=ANSWER_S)
            except (SocketIOError, TimeoutError):
                self._tally.acts["renewals lost"] += 1

    async def drop_and_return(self, away_s: float) -> None:
        """Lose the connection for a while, as phones do."""
        if self._returning is None and self._socket is not None:
            self._returning = asyncio.create_task(self._return(away_s))
            await self._returning

    async def close(self) -> None:
        """Leave for good."""
        self._closing = True
        if self._returning is not None:
            await self._returning
        if self._socket is not None and self._socket.connected:
            self._tally.sockets -= 1
            await self._socket.disconnect()

    def _make_socket(self) -> Any:
        made = socketio.AsyncClient(
            reconnection=False, handle_sigint=False, logger=QUIET, engineio_logger=QUIET
        )
        made.on("*", self._take)
        made.on("disconnect", lambda *_: self._note_lost(made))
        return made

    async def _subscribe_all(self) -> None:
        if self.all_markets:
            await self._subscribe_markets()
            return
        for room, watch in self.watches.items():
            asked: dict[str, Any] = {"room": room}
            if watch.last is not None:
                asked["after"] = watch.last
            answer = await self._socket.call("subscribe", asked, timeout=ANSWER_S)
            if self._is_refused(room, answer):
                continue
            watch.settle(answer["seq"], is_reset=answer["status"] == "reset")

    async def _subscribe_markets(self) -> None:
        asked: dict[str, Any] = {"room": MARKET_UPDATES}
        if any(watch.last is not None for watch in self.watches.values()):
            asked["after"] = {
                room.partition(":")[2]: watch.last for room, watch in self.watches.items()
            }
        answer = await self._socket.call("subscribe", asked, timeout=ANSWER_S)
        if self._is_refused(MARKET_UPDATES, answer):
            return
        for room, watch in self.watches.items():
            seq = answer["seq"].get(room.partition(":")[2], 0)
            watch.settle(seq, is_reset=answer["status"] == "reset")

    def _is_refused(self, room: str, answer: Any) -> bool:
        if isinstance(answer, dict) and answer.get("status") in ("ok", "reset"):
            return False
        self._tally.faults.add(f"{self._reader} may not hear {room}: {answer}")
        return True

    def _take(self, name: str, envelope: Any = None, *_: Any) -> None:
        if name == "error":
            if envelope["code"] not in MAY_BE_TOLD:
                self._tally.faults.add(f"{self._reader} was told {envelope}")
            return
        watch = self.watches.get(envelope["room"])
        if watch is None:
            self._tally.faults.add(f"{self._reader} hears {envelope['room']} without asking")
            return
        self._tally.events += 1
        if envelope["seq"] is None:
            if name not in UNNUMBERED:
                self._tally.faults.add(f"{self._reader} got {name} without a number")
            self._handle(envelope["room"], name, envelope["data"])
        elif watch.take(envelope["seq"]):
            self._handle(envelope["room"], name, envelope["data"])

    def _note_lost(self, socket: Any) -> None:
        if socket is not self._socket or self._closing or self._connecting:
            return
        if self._returning is not None:
            return
        self._returning = asyncio.create_task(self._return(PAUSE_S))

    async def _return(self, away_s: float) -> None:
        self._tally.sockets -= 1
        self._tally.returns += 1
        await self._socket.disconnect()
        await asyncio.sleep(away_s)
        try:
            if not self._closing:
                await self.connect(self._token)
        finally:
            self._returning = None
