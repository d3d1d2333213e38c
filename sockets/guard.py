"""The Socket.IO server with limits on what a client may send before and after it has connected."""

import asyncio
from dataclasses import dataclass
from typing import Any

import structlog
from socketio.packet import CONNECT, DISCONNECT, EVENT

from sockets.fanout import FanoutServer
from sockets.fanout.wire import JsonPacket

MESSAGE_BYTES_MAX = 64 * 1024
CONNECT_WAIT_S = 10.0
"""A transport without a Socket.IO connection is closed after this time."""
FAREWELL_S = 2.0
"""A cut client that does not read its farewell is gone after this time."""
DRAINED_BYTES = 64 * 1024
DRAIN_WAIT_S = 10.0
DRAIN_STEP_S = 0.01
CLIENT_EVENTS = frozenset({"subscribe", "unsubscribe", "renew", "typing"})
"""All that a client may emit; every other name belongs to the server."""
TITLES = {
    "malformed": "This is not a message that is understood here.",
    "unknown_event": "Clients cannot emit this event.",
    "too_many_messages": "Too many messages a second.",
    "session_ended": "The session has ended. Sign in again.",
    "token_expired": "The access token has expired. Connect with a new one.",
    "too_far_behind": "The client reads too slowly.",
}
log = structlog.get_logger()


@dataclass(slots=True)
class MessageMeter:
    """Messages of one socket within the running second."""

    second: int
    count: int


class GuardedServer(FanoutServer):
    """Checks each message before the library acts on it; who breaks a limit is cut.

    The library has no place for such checks: this overrides the three methods through which
    its transport layer calls it. The versions are pinned by `sockets.fanout.wire`.
    """

    def __init__(self, *, messages_per_s: int, **options: Any) -> None:
        super().__init__(
            async_handlers=False,  # one after the other, so that replies keep their order
            max_http_buffer_size=MESSAGE_BYTES_MAX,
            http_compression=False,
            **options,
        )
        self._messages_per_s = messages_per_s
        self._meters: dict[str, MessageMeter] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}

    async def cut(self, eio_sid: str, code: str) -> None:
        """Tell the client why in an `error` event, then close its transport."""
        socket = self.eio.sockets.get(eio_sid)
        meter = self._meters.pop(eio_sid, None)
        if socket is None or socket.closed or meter is None:
            return
        log.info("socket_cut", code=code)
        if self.manager.sid_from_eio_sid(eio_sid, "/") is not None:
            reason = {"code": code, "title": TITLES[code]}
            packet = self.packet_class(EVENT, namespace="/", data=["error", reason])
            await self._send_packet(eio_sid, packet)
        if not socket.upgraded:
            # The official client forgets what comes in one answer with the end of a connection.
            await self._wait_until_taken(socket)
        await socket.close(wait=False, reason=self.reason.SERVER_DISCONNECT)
        if socket.upgraded:
            # Ends the writer once the farewell is written, and with it the websocket.
            socket.queue.put_nowait(None)
        loop = asyncio.get_running_loop()
        loop.call_later(FAREWELL_S, self._abort, socket)

    async def wait_until_read(self, eio_sid: str) -> bool:
        """Wait until little is left to write to a client; False if that takes too long."""
        loop = asyncio.get_running_loop()
        end = loop.time() + DRAIN_WAIT_S
        while loop.time() < end:
            socket = self.eio.sockets.get(eio_sid)
            if socket is None or socket.closed:
                return False
            if socket.backlog_bytes < DRAINED_BYTES:
                return True
            await asyncio.sleep(DRAIN_STEP_S)
        return False

    async def close_all(self) -> None:
        """Close every transport: the service stops."""
        for socket in list(self.eio.sockets.values()):
            if not socket.closed:
                await socket.close(wait=False, reason=self.reason.SERVER_DISCONNECT)
                if socket.upgraded:
                    socket.queue.put_nowait(None)

    @staticmethod
    async def _wait_until_taken(socket: Any) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + FAREWELL_S
        while not socket.queue.empty() and loop.time() < end:  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(DRAIN_STEP_S)

    @staticmethod
    def _abort(socket: Any) -> None:
        transport = socket.ws.transport if socket.ws is not None else None
        if transport is not None:
            transport.abort()

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> None:
        await super()._handle_eio_connect(eio_sid, environ)
        # The greeting is not counted.
        self._meters[eio_sid] = MessageMeter(int(asyncio.get_running_loop().time()), -1)
        self._timers[eio_sid] = asyncio.get_running_loop().call_later(
            CONNECT_WAIT_S, self._end_silent, eio_sid
        )

    def _end_silent(self, eio_sid: str) -> None:
        if self.manager.sid_from_eio_sid(eio_sid, "/") is None:
            self.start_background_task(self.cut, eio_sid, "malformed")

    async def _handle_eio_message(self, eio_sid: str, message: Any) -> None:
        problem = self._find_problem(eio_sid, message)
        if problem is None:
            await super()._handle_eio_message(eio_sid, message)
        else:
            await self.cut(eio_sid, problem)

    async def _handle_eio_disconnect(self, eio_sid: str, reason: Any) -> None:
        self._meters.pop(eio_sid, None)
        timer = self._timers.pop(eio_sid, None)
        if timer is not None:
            timer.cancel()
        await super()._handle_eio_disconnect(eio_sid, reason)

    def _find_problem(self, eio_sid: str, message: Any) -> str | None:
        meter = self._meters.get(eio_sid)
        if meter is None:
            return "malformed"  # it was cut and still talks: `cut` has nothing more to do
        second = int(asyncio.get_running_loop().time())
        if meter.second != second:
            meter.second, meter.count = second, 0
        meter.count += 1
        if meter.count > self._messages_per_s:
            return "too_many_messages"
        if not isinstance(message, str):
            return "malformed"
        try:
            packet = JsonPacket(encoded_packet=message)
        except (ValueError, TypeError, IndexError, KeyError):
            return "malformed"
        return self._check_packet(eio_sid, packet)

    def _check_packet(self, eio_sid: str, packet: JsonPacket) -> str | None:
        is_connected = self.manager.sid_from_eio_sid(eio_sid, "/") is not None
        # A second connection on one transport would be counted nowhere.
        if is_connected is (packet.packet_type == CONNECT) or packet.namespace not in (None, "/"):
            return "malformed"
        if packet.packet_type == CONNECT:
            return None
        if packet.packet_type == DISCONNECT:
            return None
        if packet.packet_type != EVENT or not isinstance(packet.data, list) or not packet.data:
            return "malformed"
        name = packet.data[0]
        return None if isinstance(name, str) and name in CLIENT_EVENTS else "unknown_event"
