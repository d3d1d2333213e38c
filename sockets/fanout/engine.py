"""The engine.io side: one client's websocket, queue and socket, and the server that holds them."""

import asyncio
from typing import Any

import engineio
from aiohttp.web import WebSocketResponse
from engineio.async_drivers.aiohttp import WebSocket
from engineio.async_socket import AsyncSocket
from engineio.exceptions import QueueEmpty
from engineio.packet import MESSAGE
from engineio.packet import Packet as EnginePacket

from sockets.fanout.wire import Encoded

BACKLOG_MAX_BYTES = 1024 * 1024
"""Default bound on what waits for one client before it is dropped."""

DIRECT_MAX_BYTES = 64 * 1024
"""A write buffer this full takes no direct writes: the queue's writer waits for it to drain."""

PACKET_OVERHEAD_BYTES = 64
"""Charged for each queued packet beside its text, so that many empty packets count as well."""


class PlainWebSocket(WebSocket):  # type: ignore[misc]  # the library has no types
    """The websocket of one client, without per-message deflate.

    With deflate each connection has a compressor of its own and no frame could be shared.
    """

    transport: asyncio.Transport | None = None

    async def __call__(self, environ: dict[str, Any]) -> WebSocketResponse:
        """Answer the upgrade request and run the engine's handler until the socket closes."""
        request = environ["aiohttp.request"]
        self._sock: WebSocketResponse = WebSocketResponse(
            max_msg_size=self.server.max_http_buffer_size,
            compress=False,
            writer_limit=DIRECT_MAX_BYTES,
        )
        await self._sock.prepare(request)
        self.transport = request.transport
        self.environ = environ
        await self.handler(self)
        return self._sock

    @property
    def writable(self) -> asyncio.Transport | None:
        """The transport, or None once a close frame was sent or the connection is going away."""
        transport = self.transport
        if transport is None or transport.is_closing() or self._sock.closed:
            return None
        return transport


class BacklogQueue(asyncio.Queue[EnginePacket | None]):
    """An engine.io packet queue that knows the size of what waits in it."""

    size_bytes = 0

    @staticmethod
    def _charge(packet: EnginePacket | None) -> int:
        text = packet.data if packet is not None else None
        return PACKET_OVERHEAD_BYTES + (len(text) if isinstance(text, str | bytes) else 0)

    def _put(self, item: EnginePacket | None) -> None:
        super()._put(item)
        self.size_bytes += self._charge(item)

    def _get(self) -> EnginePacket | None:
        item = super()._get()
        self.size_bytes -= self._charge(item)
        return item


class FanoutSocket(AsyncSocket):  # type: ignore[misc]  # the library has no types
    """One client: the stock socket, and a way to write past its queue when that is in order."""

    ws: PlainWebSocket | None = None
    writer_waits = False
    """The websocket writer has written all it took and waits for the queue."""
    dropped = False
    unwritten: tuple[bytes, ...] = ()
    unwritten_bytes = 0
    """Frames that go to the transport in the next turn of the loop, in one write."""

    async def poll(self) -> list[EnginePacket]:
        """Wait for packets to write; on a websocket one at a time, so that none is uncounted.

        The stock method wraps `queue.get` in a task and returns to the writer some steps after
        the queue became empty; a direct write in between would overtake the packet. Here taking
        the packet and leaving `writer_waits` are one step.
        """
        if not self.upgraded:
            polled: list[EnginePacket] = await super().poll()
            return polled
        self.writer_waits = True
        try:
            async with asyncio.timeout(self.server.ping_interval + self.server.ping_timeout):
                packet = await self.queue.get()
        except (TimeoutError, asyncio.CancelledError):
            raise QueueEmpty from None
        finally:
            self.writer_waits = False
        self.queue.task_done()
        return [] if packet is None else [packet]

    async def send(self, pkt: EnginePacket) -> None:
        """Queue a packet of the engine itself, a reply or an acknowledgement."""
        if not self.dropped and not self._is_too_far_behind():
            await super().send(pkt)

    def push(self, encoded: Encoded, now_s: float) -> bool:
        """Write or queue without suspending; False if the ping is overdue and nothing was sent.

        Writing means the next turn of the loop. A packet queued after this one wakes the writer
        by a callback that stands behind that turn's write, so the order holds.
        """
        packets, frames = encoded
        if self.closed or self.dropped:
            return True
        if self.last_ping and now_s - self.last_ping > self.server.ping_timeout:
            return False
        if frames is not None and self.writer_waits and self.queue.empty():
            transport = self.ws.writable if self.ws is not None else None
            if transport is None:
                return True
            if self.unwritten_bytes + transport.get_write_buffer_size() < DIRECT_MAX_BYTES:
                if not self.unwritten:
                    self.server.write_soon(self)
                self.unwritten = (*self.unwritten, frames)
                self.unwritten_bytes += len(frames)
                return True
        if not self._is_too_far_behind():
            for packet in packets:
                # A packet keeps its first encoding, and binary parts are encoded in one way for
                # polling and in another for websockets: these cannot be shared.
                own = EnginePacket(MESSAGE, packet.data) if packet.binary else packet
                self.queue.put_nowait(own)
        return True

    def write_frames(self) -> None:
        """Hand the frames of this turn to the transport, in one write."""
        frames, self.unwritten, self.unwritten_bytes = self.unwritten, (), 0
        transport = self.ws.writable if self.ws is not None else None
        if transport is not None:
            transport.write(frames[0] if len(frames) == 1 else b"".join(frames))

    @property
    def backlog_bytes(self) -> int:
        """What waits for the client in the queue, in this turn's frames and in the transport."""
        transport = self.ws.writable if self.ws is not None else None
        written = 0 if transport is None else transport.get_write_buffer_size()
        return int(self.queue.size_bytes + self.unwritten_bytes + written)

    def _is_too_far_behind(self) -> bool:
        """Whether the backlog has reached its bound; the client is dropped if it has."""
        transport = self.ws.writable if self.ws is not None else None
        backlog_bytes = self.backlog_bytes
        if backlog_bytes < self.server.backlog_max_bytes:
            return False

        self.server.logger.warning("%s: dropped, %d bytes behind", self.sid, backlog_bytes)
        self.dropped = True
        if transport is not None:
            # A close frame would wait behind the very bytes that the client does not read.
            transport.abort()
        if not self.upgraded:
            self.server.start_background_task(
                self.close, wait=False, abort=True, reason=self.server.reason.TRANSPORT_ERROR
            )
        return True

    async def _websocket_handler(self, ws: PlainWebSocket) -> None:
        if self.upgrading or self.upgraded:
            return  # a second upgrade would leave two writers on one queue
        self.ws = ws
        await super()._websocket_handler(ws)


class FanoutEngine(engineio.AsyncServer):  # type: ignore[misc]  # the library has no types
    """The engine.io server whose clients are `FanoutSocket`s; aiohttp only."""

    def __init__(self, *, backlog_max_bytes: int = BACKLOG_MAX_BYTES, **options: Any) -> None:
        super().__init__(**{**options, "async_mode": "aiohttp"})
        self.backlog_max_bytes = backlog_max_bytes
        self._unwritten: list[FanoutSocket] = []
        self._async: dict[str, Any] = {**self._async, "websocket": PlainWebSocket}

    def create_queue(self, *_: Any, **__: Any) -> BacklogQueue:
        """Return the queue of a new client."""
        return BacklogQueue()

    def write_soon(self, member: FanoutSocket) -> None:
        """Have the member's frames written in the next turn of the loop.

        Nearly all the time of a fan-out is the kernel's, a write for each member. What several
        emits give to one member within a turn costs one write.
        """
        if not self._unwritten:
            asyncio.get_running_loop().call_soon(self._write_unwritten)
        self._unwritten.append(member)

    def _write_unwritten(self) -> None:
        members, self._unwritten = self._unwritten, []
        for member in members:
            member.write_frames()

    async def _trigger_event(self, event: str, *args: Any, **kwargs: Any) -> Any:
        if event == "connect":
            # The engine names its socket class inside a long method. The fresh socket is adopted
            # here, before anything can be sent to it, rather than keeping a copy of that method.
            self.sockets[args[0]].__class__ = FanoutSocket
        return await super()._trigger_event(event, *args, **kwargs)
