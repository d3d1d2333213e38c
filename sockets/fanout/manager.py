"""The Socket.IO side: rooms, emits, and several processes that meet through Redis."""

import asyncio
import time
from collections.abc import Iterable
from typing import Any

import socketio

from sockets.fanout.engine import FanoutEngine, FanoutSocket
from sockets.fanout.wire import (
    Event,
    JsonPacket,
    OrjsonShim,
    encode_events,
    list_arguments,
    require_text,
)

TURN_MAX_S = 0.002
"""Emits that follow each other without a pause let the loop turn after this time."""


class FanoutServer(socketio.AsyncServer):  # type: ignore[misc]  # the library has no types
    """A Socket.IO server on `FanoutEngine`.

    Takes the options of socketio.AsyncServer and `backlog_max_bytes`.
    """

    def __init__(self, client_manager: "FanoutManager | None" = None, **options: Any) -> None:
        super().__init__(
            client_manager=client_manager or FanoutManager(), serializer=JsonPacket, **options
        )

    def _engineio_server_class(self) -> type[FanoutEngine]:
        return FanoutEngine


class FanoutManager(socketio.AsyncManager):  # type: ignore[misc]  # the library has no types
    """Rooms of one process; `emit` has the meaning of the stock manager in every argument."""

    _turned_s = 0.0
    """When an emit last let the loop turn, in the loop's time."""

    async def emit(
        self,
        event: str,
        data: Any,
        namespace: str,
        room: Any = None,
        skip_sid: Any = None,
        callback: Any = None,
        to: Any = None,
        **_: Any,
    ) -> None:
        """Send one event to a room, a list of rooms or, without a room, the whole namespace."""
        await self._fan_out([(event, data)], namespace, to or room, skip_sid, callback)

    async def emit_many(
        self, room: Any, events: list[Event], *, namespace: str = "/", skip_sid: Any = None
    ) -> None:
        """Send several events, in their order, with one write for each member.

        Raises TypeError if a payload has binary parts: a batch is text.
        """
        require_text(events)
        await self._fan_out(events, namespace, room, skip_sid)

    async def _fan_out(
        self,
        events: Iterable[Event],
        namespace: str,
        room: Any,
        skip_sid: Any = None,
        callback: Any = None,
    ) -> None:
        if namespace not in self.rooms:
            return
        packet_class = self.server.packet_class
        skipped = set(skip_sid) if isinstance(skip_sid, list) else {skip_sid}
        shared = None if callback else encode_events(events, namespace, packet_class)
        sockets = self.server.eio.sockets
        # engineio notes the last ping by the same clock.
        now_s = time.time()  # allowed: wall-clock, see above
        overdue: list[FanoutSocket] = []
        for sid, eio_sid in self.get_participants(namespace, room):
            socket = sockets.get(eio_sid)
            if socket is None or sid in skipped:
                continue
            encoded = shared or encode_events(
                events, namespace, packet_class, self._generate_ack_id(sid, callback)
            )
            if not socket.push(encoded, now_s):
                overdue.append(socket)
        if overdue:
            await asyncio.gather(*(s.check_ping_timeout() for s in overdue), return_exceptions=True)
        # A burst must not keep the sockets from being written; within a short while it may share
        # their writes.
        loop = asyncio.get_running_loop()
        if loop.time() - self._turned_s > TURN_MAX_S:
            await asyncio.sleep(0)
            self._turned_s = loop.time()


class RedisFanoutManager(
    socketio.AsyncRedisManager,  # type: ignore[misc]  # the library has no types
    FanoutManager,
):
    """The same, with the servers of several processes meeting through Redis.

    The library's publish and subscribe classes hand every event over to the next class in line,
    which is `FanoutManager`. With `write_only=True` a process without sockets can emit.
    """

    def __init__(self, url: str, **options: Any) -> None:
        super().__init__(url, json=OrjsonShim, **options)
        self.thread: asyncio.Task[None] | None = None

    async def close(self) -> None:
        """Stop listening and close the connections; the library leaves both to the exit."""
        if self.thread is not None:
            self.thread.cancel()
            await asyncio.wait([self.thread])
        if self.redis is not None:
            await self.pubsub.aclose()
            await self.redis.aclose()

    async def emit_many(
        self, room: Any, events: list[Event], *, namespace: str = "/", skip_sid: Any = None
    ) -> None:
        """Send several events to the room in every process, with one write for each member."""
        require_text(events)
        message = {
            "method": "emit",
            "events": [(name, list_arguments(payload)) for name, payload in events],
            "namespace": namespace,
            "room": room,
            "skip_sid": skip_sid,
            "host_id": self.host_id,
        }
        await self._handle_emit(message)
        await self._publish(message)

    async def _handle_emit(self, message: dict[str, Any]) -> None:
        if "events" not in message:
            await super()._handle_emit(message)
            return
        events = [(name, tuple(arguments)) for name, arguments in message["events"]]
        await self._fan_out(events, message["namespace"], message["room"], message["skip_sid"])
