"""The Socket.IO side: rooms, emits, and several processes that meet through Redis."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any

import socketio
import structlog
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

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
REDIS_WAIT_S = 1.0
"""How long a call to Redis may take, and the pause before it is asked again."""
OUTGOING_MAX = 10_000
"""Messages that wait for a slow Redis; those beyond it reach the sockets of this process only."""
EVENTS_MISSED = "events_missed"
"""Tells every socket that events may have been lost on the way: ask again from the last number."""
REDIS_FAULTS = (RedisError, OSError, RuntimeError)
RoomBatch = tuple[Any, list[Event]]
"""A room, or a list of rooms whose members get each event once, and the events for it."""
log = structlog.get_logger()


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

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._taps: dict[str, list[list[Event]]] = {}

    def open_tap(self, room: str, events: list[Event]) -> None:
        """Note in `events` what the room gets from now on, until `close_tap`."""
        self._taps.setdefault(room, []).append(events)

    def close_tap(self, room: str, events: list[Event]) -> None:
        """Stop noting in this very list."""
        kept = [other for other in self._taps[room] if other is not events]
        if kept:
            self._taps[room] = kept
        else:
            del self._taps[room]

    async def emit_batches(self, batches: Sequence[RoomBatch], *, namespace: str = "/") -> None:
        """Send to many rooms; for each what `emit_many` does."""
        for room, events in batches:
            require_text(events)
            if self.is_heard(namespace, room):
                await self._fan_out(events, namespace, room)

    def is_heard(self, namespace: str, room: Any) -> bool:
        """Whether a socket of this process is in the room or in one of the rooms."""
        rooms = self.rooms.get(namespace, {})
        names = [room] if isinstance(room, str) else room
        return any(name in rooms or name in self._taps for name in names)

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
        if self._taps:
            events = list(events)
            for name in [room] if isinstance(room, str) else room or ():
                for tap in self._taps.get(name, ()):
                    tap.extend(events)
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

    def __init__(
        self, url: str, *, redis_options: dict[str, Any] | None = None, **options: Any
    ) -> None:
        limits = {
            "socket_connect_timeout": REDIS_WAIT_S,
            "socket_timeout": REDIS_WAIT_S,
            "socket_keepalive": True,
            # A connection that came back by itself would hide what was missed meanwhile.
            "retry": Retry(NoBackoff(), 0),
        }
        super().__init__(
            url, json=OrjsonShim, redis_options={**limits, **(redis_options or {})}, **options
        )
        self.thread: asyncio.Task[None] | None = None
        self.on_missed: Callable[[], None] | None = None
        """Called when what others sent may have been missed here."""
        self._outgoing: asyncio.Queue[dict[str, Any]] = asyncio.Queue(OUTGOING_MAX)
        self._sender: asyncio.Task[None] | None = None
        self._has_lost = False

    async def close(self) -> None:
        """Send what waits, stop listening and close the connections."""
        if self._sender is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(REDIS_WAIT_S):
                    await self._outgoing.join()
            self._sender.cancel()
            await asyncio.wait([self._sender])
        if self.thread is not None:
            self.thread.cancel()
            await asyncio.wait([self.thread])
        await self._close_redis()

    async def _close_redis(self) -> None:
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
            "events": _list_events(events),
            "namespace": namespace,
            "room": room,
            "skip_sid": skip_sid,
            "host_id": self.host_id,
        }
        await self._handle_emit(message)
        await self._publish(message)

    async def emit_batches(self, batches: Sequence[RoomBatch], *, namespace: str = "/") -> None:
        """Send to many rooms in every process, with one message on the channel."""
        await super().emit_batches(batches, namespace=namespace)
        await self._publish(
            {
                "method": "emit",
                "batches": [(room, _list_events(events)) for room, events in batches],
                "namespace": namespace,
                "host_id": self.host_id,
            }
        )

    async def _handle_emit(self, message: dict[str, Any]) -> None:
        if "batches" in message:
            batches = [(room, _read_events(events)) for room, events in message["batches"]]
            await FanoutManager.emit_batches(self, batches, namespace=message["namespace"])
            return
        if "events" not in message:
            await super()._handle_emit(message)
            return
        events = _read_events(message["events"])
        await self._fan_out(events, message["namespace"], message["room"], message["skip_sid"])

    async def _publish(self, data: dict[str, Any]) -> None:  # allowed: empty-name, the base's word
        """Hand a message to the task that sends them in order: a slow Redis delays nobody here."""
        if self._sender is None:
            self._sender = asyncio.create_task(self._send_outgoing())
        try:
            self._outgoing.put_nowait(data)
        except asyncio.QueueFull:
            self._has_lost = True

    async def _send_outgoing(self) -> None:
        while True:
            message = await self._outgoing.get()
            try:
                if not self.connected:
                    self._redis_connect()
                if self._has_lost:
                    await self.redis.publish(self.channel, self.json.dumps(self._say_missed()))
                    self._has_lost = False
                await self.redis.publish(self.channel, self.json.dumps(message))
            except REDIS_FAULTS as error:
                # What is lost stays in the outbox; sockets elsewhere are told to ask for it.
                log.warning("redis_not_reached", error=type(error).__name__)
                self._has_lost = True
                await asyncio.sleep(REDIS_WAIT_S / 10)
            finally:
                self._outgoing.task_done()

    def _say_missed(self) -> dict[str, Any]:
        return {
            "method": "emit",
            "events": [(EVENTS_MISSED, [{}])],
            "namespace": "/",
            "room": None,
            "skip_sid": None,
            "host_id": self.host_id,
        }

    async def _redis_listen_with_retries(self) -> AsyncIterator[Any]:
        """Yield messages; the stock method waits up to a minute before it subscribes again."""
        missed = False
        while True:
            try:
                if missed:
                    await self._close_redis()
                if missed or not self.connected:
                    self._redis_connect()
                await self.pubsub.subscribe(self.channel)
                if missed and self.on_missed is not None:
                    self.on_missed()
                async for message in self.pubsub.listen():
                    yield message
            except REDIS_FAULTS as error:
                log.warning("redis_not_heard", error=type(error).__name__)
                missed = True
                await asyncio.sleep(REDIS_WAIT_S)


def _list_events(events: Iterable[Event]) -> list[tuple[str, list[Any]]]:
    return [(name, list_arguments(payload)) for name, payload in events]


def _read_events(events: Iterable[tuple[str, list[Any]]]) -> list[Event]:
    # As they were given to the sender: what holds events back reads them.
    return [
        (name, arguments[0] if len(arguments) == 1 else tuple(arguments))
        for name, arguments in events
    ]
