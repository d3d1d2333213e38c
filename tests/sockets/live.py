"""A listener on the real application: a Socket.IO client with a view of its own."""

import asyncio
from contextlib import suppress
from typing import Any

import socketio
from socketio.exceptions import ConnectionError as NotConnected

from tests.views import View

WAIT_MAX_S = 60.0


class Listener:
    """A connected client, what it heard, and the view that it built."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.client = socketio.AsyncClient(reconnection=False)
        self.view = View()
        self.heard: list[tuple[str, Any]] = []
        self.errors: list[dict[str, Any]] = []
        self.refused: Any = None
        self.disconnected = asyncio.Event()
        self.client.on("*", self._hear)
        self.client.on("connect_error", self._note_refusal)
        self.client.on("disconnect", self._note_end)

    async def _hear(self, name: str, *arguments: Any) -> None:
        self.heard.append((name, *arguments))
        if name == "error":
            self.errors.append(arguments[0])
        elif arguments and "room" in arguments[0]:
            assert arguments[0]["event"] == name
            self.view.take(arguments[0])

    async def _note_refusal(self, reason: Any) -> None:
        self.refused = reason

    async def _note_end(self, *_: Any) -> None:
        self.disconnected.set()

    async def connect(self, *, token: str | None = None, query: str = "", **options: Any) -> bool:
        """Connect; False when refused."""
        auth = None if token is None else {"token": token}
        try:
            await self.client.connect(
                self.url + query, **{"auth": auth, "transports": ["websocket"], **options}
            )
        except NotConnected:
            return False
        return True

    async def subscribe(self, room: Any, after: Any = None, **more: Any) -> dict[str, Any]:
        asked = {"room": room, **({} if after is None else {"after": after}), **more}
        reply = await self.client.call("subscribe", asked, timeout=WAIT_MAX_S)
        if reply["status"] in ("ok", "reset") and after is None and isinstance(reply["seq"], int):
            self.view.start(room, reply["seq"])
        return reply

    def numbers(self, room: str) -> list[int]:
        """The numbers that came for a room, in the order of arrival."""
        return [
            event[1]["seq"]
            for event in self.heard
            if len(event) > 1 and event[1].get("room") == room and event[1]["seq"] is not None
        ]

    async def wait_until(self, holds: Any) -> None:
        async with asyncio.timeout(WAIT_MAX_S):
            while not holds():
                await asyncio.sleep(0.01)

    async def close(self) -> None:
        with suppress(NotConnected):
            await self.client.disconnect()
        await self.client.shutdown()
