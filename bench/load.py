"""The load generator: HTTP/1.1 with keep-alive on bare uvloop transports, in a process of its own.

It sends requests that were written before the clock and does nothing with a reply but look at its
status and keep its bytes. Its own idle time is part of every result: a generator that has none
left measures itself.
"""

import asyncio
import multiprocessing
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

import aiohttp
import uvloop

RUN_MAX_S = 300.0
HEAD_END = b"\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
EVENT = re.compile(r'"event":"([a-z_]+)","data":\{"id":"([0-9a-f-]{36})"')
PLACE = re.compile(r'"room":"([^"]+)","seq":([0-9]+)')
TIMED = ("order_", "message_")
"""Events of what was sent, by the beginning of their names."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to send: `rate` is requests a second, or 0 for as fast as replies come."""

    port: int
    requests: Sequence[bytes]
    clients: int
    rate: float = 0.0
    rooms: Sequence[tuple[str, str]] = ()
    """An access token and a room for each socket that listens meanwhile; own rooms come along."""


@dataclass(slots=True)
class Load:
    """What came back. Instants are seconds of the machine's monotonic clock."""

    began_s: float = 0.0
    ended_s: float = 0.0
    idle_share: float = 0.0
    latencies_s: list[float] = field(default_factory=list)
    """From the instant a request was due to its reply, in the order of the requests."""
    bodies: list[bytes] = field(default_factory=list)
    event_latencies_s: dict[str, list[float]] = field(default_factory=dict)
    """By kind of room: from the instant a request was due to its first event at each socket."""
    out_of_order: int = 0
    """Events whose number in their room was not the next one at a socket."""
    failed: dict[int, bytes] = field(default_factory=dict)
    """The first reply of each status that is not 2xx."""


def write_request(path: str, body: bytes, token: str, key: str) -> bytes:
    """A POST as the generator sends it."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nIdempotency-Key: {key}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class _Run:
    """The state that all clients of a plan share."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.loop = asyncio.get_running_loop()
        self.next_at = 0
        self.due_s = [0.0] * len(plan.requests)
        self.load = Load(latencies_s=[0.0] * len(plan.requests), bodies=[b""] * len(plan.requests))
        self.left = len(plan.requests)
        self.done: asyncio.Future[None] = self.loop.create_future()

    def take(self) -> int | None:
        """The next request's number."""
        at = self.next_at
        if at == len(self.plan.requests):
            return None
        self.next_at += 1
        return at

    def finish(self, at: int, status: int, body: bytes) -> None:
        """Take over a reply."""
        now = time.monotonic()
        self.load.latencies_s[at] = now - self.due_s[at]
        self.load.bodies[at] = body
        if not 200 <= status < 300:
            self.load.failed.setdefault(status, body)
        self.left -= 1
        if self.left == 0:
            self.load.ended_s = now
            self.done.set_result(None)


class _Client(asyncio.Protocol):
    """One connection: sends a request, waits for its reply, sends the next one."""

    def __init__(self, run: _Run) -> None:
        self._run = run
        self._transport: Any = None
        self._buffer = b""
        self._at = -1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connected; the run says when to begin."""
        self._transport = transport

    def connection_lost(self, exc: BaseException | None) -> None:
        """A connection that ends early ends the run."""
        if not self._run.done.done():
            self._run.done.set_exception(ConnectionError(f"the server hung up: {exc!r}"))

    def go_on(self) -> None:
        """Send the next request when it is due."""
        at = self._run.take()
        if at is None:
            return
        self._at = at
        rate = self._run.plan.rate
        if rate:
            due_s = self._run.load.began_s + at / rate
            self._run.due_s[at] = due_s
            wait_s = due_s - time.monotonic()
            if wait_s > 0:
                self._run.loop.call_later(wait_s, self._send)
                return
        else:
            self._run.due_s[at] = time.monotonic()
        self._send()

    def _send(self) -> None:
        self._transport.write(self._run.plan.requests[self._at])

    def data_received(self, arrived: bytes) -> None:
        """A reply, or a part of one."""
        buffer = self._buffer = self._buffer + arrived
        end = buffer.find(HEAD_END)
        if end < 0:
            return
        found = LENGTH.search(buffer, 0, end)
        assert found is not None, buffer[:end]
        whole = end + len(HEAD_END) + int(found[1])
        if len(buffer) < whole:
            return
        self._buffer = b""
        body = buffer[end + len(HEAD_END) : whole]
        self._run.finish(self._at, int(buffer[9:12]), body)
        self.go_on()


class _Ears:
    """Sockets that listen, and when each event came."""

    def __init__(self) -> None:
        self.heard_s: dict[str, dict[tuple[int, str], float]] = {}
        self.out_of_order = 0
        self._tasks: list[asyncio.Task[None]] = []
        self._session: aiohttp.ClientSession | None = None

    async def open(self, port: int, rooms: Sequence[tuple[str, str]]) -> None:
        """Connect and subscribe all of them."""
        # The client's default of 100 connections would keep every socket after it waiting.
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        for number, (token, room) in enumerate(rooms):
            socket = await self._session.ws_connect(
                f"http://127.0.0.1:{port}/socket.io/?EIO=4&transport=websocket", max_msg_size=0
            )
            assert (await socket.receive_str()).startswith("0")
            await socket.send_str(f'40{{"token":"{token}"}}')
            assert (await socket.receive_str()).startswith("40")
            await socket.send_str(f'420["subscribe",{{"room":"{room}"}}]')
            while not (answer := await socket.receive_str()).startswith("430"):
                pass
            assert '"status":"ok"' in answer, answer
            self._tasks.append(asyncio.create_task(self._listen(socket, number, room)))

    async def _listen(
        self, socket: aiohttp.ClientWebSocketResponse, number: int, room: str
    ) -> None:
        heard_s = self.heard_s.setdefault(room.partition(":")[0], {})
        last: dict[str, int] = {}
        async for message in socket:
            if message.data == "2":
                await socket.send_str("3")
                continue
            now = time.monotonic()
            found = EVENT.search(message.data)
            if found is not None and found[1].startswith(TIMED):
                heard_s.setdefault((number, found[2]), now)
            place = PLACE.search(message.data)
            if place is not None:
                seq = int(place[2])
                self.out_of_order += last.get(place[1], seq - 1) != seq - 1
                last[place[1]] = seq

    async def close(self) -> None:
        """Hang up."""
        for task in self._tasks:
            task.cancel()
        if self._session is not None:
            await self._session.close()


async def send(plan: Plan) -> Load:
    """Carry out a plan."""
    run = _Run(plan)
    ears = _Ears()
    await ears.open(plan.port, plan.rooms)
    clients = []
    for _ in range(plan.clients):
        _, client = await run.loop.create_connection(lambda: _Client(run), "127.0.0.1", plan.port)
        clients.append(client)
    cpu_began = time.process_time()
    run.load.began_s = time.monotonic()
    for client in clients:
        client.go_on()
    async with asyncio.timeout(RUN_MAX_S):
        await run.done
    took_s = run.load.ended_s - run.load.began_s
    run.load.idle_share = 1 - (time.process_time() - cpu_began) / took_s
    if plan.rooms:
        await asyncio.sleep(1)  # the last events are on their way
    _match_events(run, ears)
    await ears.close()
    return run.load


def _match_events(run: _Run, ears: _Ears) -> None:
    due_s = {
        body[7:43].decode(): due
        for body, due in zip(run.load.bodies, run.due_s, strict=True)
        if body.startswith(b'{"id":"')
    }
    for kind, heard_s in ears.heard_s.items():
        run.load.event_latencies_s[kind] = [
            at - due_s[sent_id] for (_, sent_id), at in heard_s.items() if sent_id in due_s
        ]
    run.load.out_of_order = ears.out_of_order


def _serve(control: Connection) -> None:
    while True:
        plan = control.recv()
        if plan is None:
            return
        control.send(uvloop.run(send(plan)))


class Generator:
    """The generator's process; `run` carries out one plan after the other."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._control, there = context.Pipe()
        self._process = context.Process(target=_serve, args=(there,), daemon=True)
        self._process.start()
        there.close()

    def run(self, plan: Plan) -> Load:
        """Send what the plan says and wait for all replies; every reply must be 2xx."""
        self._control.send(plan)
        try:
            load = self._control.recv()
        except EOFError:
            msg = "the load generator ended before its plan"
            raise RuntimeError(msg) from None
        assert isinstance(load, Load)
        assert not load.failed, f"replies that were not 2xx: {load.failed}"
        return load

    def close(self) -> None:
        """End the process."""
        self._control.send(None)
        self._process.join(5)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
