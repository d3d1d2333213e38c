"""How many events a second reach the sockets of one room: our fan-out against the stock manager.

`python -m bench.fanout` prints a table. An *event* here is one delivery: one `order_updated` of
about 300 bytes, sent to a room, counted once for each member that received it. A rate is
deliveries divided by the time from the first emit until the last member has the last event.

* `ours` sends as the service does to a busy room: ten events in one write, which is what the
  coalescer's tick of 20 ms gathers at 500 events a second. The members receive the same frames.
* `single` is our fan-out with one emit for each event, as the stock manager is used.
* `stock` is the manager of python-socketio, which has no batches.

Both servers are processes of their own on uvloop with the same websocket members, who are other
processes. They take turns in the same run, and each figure is the median of its rounds. Every
member compares what it receives with the byte stream that the round must give, so order, content
and completeness are all checked; a difference ends the run with an error. Engine pings are put
off beyond the run. Traffic goes to 127.0.0.1 only, so a write includes the kernel's work for the
receiver; `raw_write_us` says how long such a write takes without any library.
"""

import asyncio
import gc
import json
import multiprocessing
import os
import resource
import select
import socket
import statistics
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import socketio
import uvloop
from aiohttp import web

from sockets.fanout import FanoutServer
from sockets.fanout.wire import build_text_frame

ROOM = "market_updates"
KINDS = ("ours", "single", "stock")
DELIVERIES = {"ours": 400_000, "single": 100_000, "stock": 50_000}
"""Length of a round: long enough to be timed, short enough for the slowest."""

BATCH_EVENTS = 10
CLIENT_PROCESSES = 2
ROUND_MAX_S = 120.0
READY_MAX_S = 60.0
NO_PING_S = 3600
SPARE_FILES = 200
RECEIVE_BYTES = 256 * 1024

# The members offer no compression, which the stock server would accept and be slower by.
HANDSHAKE = (
    b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
CONNECT_FRAME = struct.pack("!BB", 0x81, 0x82) + b"\0\0\0\0" + b"40"


def build_payload(number: int) -> dict[str, Any]:
    """Return an order event such as a market room carries."""
    return {
        "seq": number,
        "market": "USDT-VND",
        "order": {
            "id": f"0197f0c2-7a3b-7c11-9d55-{number:012d}",
            "side": "sell",
            "price": "26150.00",
            "amount": "1250.000000",
            "filled": "300.000000",
            "status": "open",
            "payment_methods": ["bank_transfer", "momo"],
        },
        "at": "2025-01-01T00:00:00.000000Z",
    }


def build_stream(first: int, count: int) -> bytes:
    """Return the bytes that a member must receive for these events."""
    texts = (
        json.dumps(["order_updated", build_payload(number)], separators=(",", ":"))
        for number in range(first, first + count)
    )
    return b"".join(build_text_frame(f"42{text}") for text in texts)


def allow_files(count: int) -> None:
    """Raise the soft limit of open files; a run must not fail halfway for lack of them."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count + SPARE_FILES:
        raise SystemExit(f"{count} sockets need {count + SPARE_FILES} files, the limit is {hard}")
    resource.setrlimit(resource.RLIMIT_NOFILE, (count + SPARE_FILES, hard))


def read_memory_kb() -> float:
    """Return the resident memory of this process."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1024


# The server process


async def emit_events(server: Any, kind: str, first: int, count: int) -> None:
    numbers = range(first, first + count)
    if kind != "ours":
        for number in numbers:
            await server.emit("order_updated", build_payload(number), room=ROOM)
        return
    for start in numbers[::BATCH_EVENTS]:
        batch = range(start, min(start + BATCH_EVENTS, numbers.stop))
        events = [("order_updated", build_payload(number)) for number in batch]
        await server.manager.emit_many(ROOM, events)


async def serve(kind: str, control: Connection) -> None:
    """Serve until told to stop; answers (start, CPU seconds, memory) to each command."""
    make = socketio.AsyncServer if kind == "stock" else FanoutServer
    server = make(ping_interval=NO_PING_S, cors_allowed_origins=[])

    async def enter(sid: str, _environ: Any) -> None:
        await server.enter_room(sid, ROOM)

    server.on("connect", enter)
    app = web.Application()
    server.attach(app)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=1024)
    await site.start()
    control.send(runner.addresses[0][1])

    commands: asyncio.Queue[Any] = asyncio.Queue()
    asyncio.get_running_loop().add_reader(
        control.fileno(), lambda: commands.put_nowait(control.recv())
    )
    while (command := await commands.get()) is not None:
        if command == "memory":
            control.send(read_memory_kb())
            continue
        cpu_s, start_s = time.process_time(), time.monotonic()
        await emit_events(server, kind, *command)
        # The stock manager returns when the packets are queued; writing them is its work as well.
        while any(not member.queue.empty() for member in server.eio.sockets.values()):
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.01)
        control.send((start_s, time.process_time() - cpu_s))


def run_server(kind: str, count: int, control: Connection) -> None:
    allow_files(count)
    # The process ends without closing thousands of sockets one by one.
    try:
        uvloop.run(serve(kind, control))
    finally:
        os._exit(0)


# The members


def connect_member(port: int) -> socket.socket:
    """Return a connected member of the room; the answers are read up to the CONNECT reply."""
    member = socket.create_connection(("127.0.0.1", port), timeout=READY_MAX_S)
    member.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    member.sendall(HANDSHAKE)
    received = b""
    while b"}" not in received:  # the OPEN packet
        received += member.recv(4096)
    member.sendall(CONNECT_FRAME)
    received = b""
    while not received.endswith(b"}"):
        received += member.recv(4096)
    member.setblocking(False)
    return member


def receive_round(poll: select.epoll, members: dict[int, socket.socket], expected: bytes) -> float:
    """Read until every member has exactly the expected bytes; returns when the last one had them.

    Raises AssertionError at the first byte that differs and TimeoutError after ROUND_MAX_S.
    """
    offsets = dict.fromkeys(members, 0)
    missing = len(members)
    deadline_s = time.monotonic() + ROUND_MAX_S
    while missing:
        for file, _ in poll.poll(1.0, 512):
            chunk = members[file].recv(RECEIVE_BYTES)
            start = offsets[file]
            end = offsets[file] = start + len(chunk)
            assert chunk, "a member was disconnected"
            assert expected[start:end] == chunk, f"a member received something else at byte {start}"
            missing -= end == len(expected)
        if time.monotonic() > deadline_s:
            raise TimeoutError(f"{missing} members are still waiting")
    return time.monotonic()


def run_members(port: int, count: int, control: Connection) -> None:
    allow_files(count)
    members = {}
    poll = select.epoll()
    for _ in range(count):
        member = connect_member(port)
        members[member.fileno()] = member
        poll.register(member.fileno(), select.EPOLLIN)
    control.send("ready")
    while (command := control.recv()) is not None:
        expected = build_stream(*command)
        control.send("ready")
        cpu_s = time.process_time()
        try:
            end_s = receive_round(poll, members, expected)
        except (AssertionError, TimeoutError) as error:
            control.send(error)
            return
        control.send((end_s, time.process_time() - cpu_s))
    os._exit(0)


# The run


@dataclass
class Side:
    """One server with its members."""

    kind: str
    count: int
    server: Connection
    members: list[Connection]
    memory_kb: float

    def play_round(self, first: int, events: int) -> tuple[float, float, float]:
        """Return deliveries a second, and CPU microseconds a delivery of server and of members."""
        for control in self.members:
            control.send((first, events))
        for control in self.members:
            receive(control)
        self.server.send((first, events))
        ends = [receive(control) for control in self.members]
        start_s, server_cpu_s = receive(self.server)
        deliveries = self.count * events
        return (
            deliveries / (max(end_s for end_s, _ in ends) - start_s),
            server_cpu_s * 1e6 / deliveries,
            sum(cpu_s for _, cpu_s in ends) * 1e6 / deliveries,
        )


def receive(control: Connection) -> Any:
    if not control.poll(READY_MAX_S + ROUND_MAX_S):
        raise TimeoutError("a process of the benchmark does not answer")
    answer = control.recv()
    if isinstance(answer, Exception):
        raise answer
    return answer


@contextmanager
def start_sides(count: int) -> Iterator[list[Side]]:
    """Start the servers and connect their members; ends all of them afterwards."""
    context = multiprocessing.get_context("spawn")
    processes = []

    def start(target: Any, *arguments: Any) -> Connection:
        here, there = context.Pipe()
        process = context.Process(target=target, args=(*arguments, there), daemon=True)
        process.start()
        there.close()
        processes.append(process)
        return here

    try:
        sides = []
        for kind in KINDS:
            server = start(run_server, kind, count)
            port = receive(server)
            server.send("memory")
            empty_kb = receive(server)
            shares = [
                count // CLIENT_PROCESSES + (index < count % CLIENT_PROCESSES)
                for index in range(CLIENT_PROCESSES)
            ]
            members = [start(run_members, port, share) for share in shares]
            for control in members:
                receive(control)
            server.send("memory")
            memory_kb = (receive(server) - empty_kb) / count
            sides.append(Side(kind, count, server, members, memory_kb))
        yield sides
    finally:
        for process in processes:
            process.kill()
            process.join()


def measure_raw_write(members: int = 200, rounds: int = 50) -> float:
    """Return microseconds for one write of an event to one of many loopback connections."""
    event = build_stream(0, 1)
    with socket.create_server(("127.0.0.1", 0), backlog=members) as listener:
        far = [socket.create_connection(listener.getsockname()) for _ in range(members)]
        near = [listener.accept()[0] for _ in range(members)]
    for connection in near:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    spent_s = 0.0
    for _ in range(rounds):
        start_s = time.monotonic()
        for connection in near:
            connection.send(event)
        spent_s += time.monotonic() - start_s
        for connection in far:
            connection.recv(RECEIVE_BYTES)
    for connection in (*near, *far):
        connection.close()
    return spent_s * 1e6 / members / rounds


def measure_size(count: int, rounds: int, deliveries: dict[str, int]) -> dict[str, float]:
    figures: dict[str, list[tuple[float, float, float]]] = {kind: [] for kind in KINDS}
    with start_sides(count) as sides:
        for side in sides:
            side.play_round(0, BATCH_EVENTS)  # to warm up
        for number in range(rounds):
            first = (number + 1) * 1_000_000
            for side in sides:
                events = max(BATCH_EVENTS, deliveries[side.kind] // count)
                figures[side.kind].append(side.play_round(first, events))
        result = {f"socket.{side.kind}.memory_kb": side.memory_kb for side in sides}
    for kind, played in figures.items():
        rate, server_us, member_us = map(statistics.median, zip(*played, strict=True))
        result[f"fanout.{kind}.{count}.events_per_s"] = rate
        result[f"fanout.{kind}.{count}.server_cpu_us"] = server_us
        result[f"fanout.{kind}.{count}.members_cpu_us"] = member_us
    return result


def run(
    sizes: tuple[int, ...] = (1000, 5000),
    *,
    rounds: int = 5,
    deliveries: dict[str, int] = DELIVERIES,
) -> dict[str, float]:
    """Measure each size of room; returns flat keys.

    `fanout.KIND.SIZE.events_per_s` are deliveries a second, `server_cpu_us` and `members_cpu_us`
    CPU microseconds a delivery in the server and in all member processes, `socket.memory_kb` the
    server's memory for each of our sockets (`socket.stock.memory_kb` for the stock ones), in the
    largest room. A round has as many deliveries as its kind in `deliveries`. Raises AssertionError
    if a member received anything else than it must.
    """
    result = {"fanout.raw_write_us": measure_raw_write()}
    for count in sizes:
        result |= measure_size(count, rounds, deliveries)
    result["socket.memory_kb"] = result.pop("socket.ours.memory_kb")
    del result["socket.single.memory_kb"]
    return result


def main() -> None:
    sizes = (1000, 5000)
    result = run(sizes)
    print(f"{'':10}{'sockets':>8}{'events/s':>12}{'x stock':>9}{'server us':>11}{'members us':>11}")
    for count in sizes:
        stock = result[f"fanout.stock.{count}.events_per_s"]
        for kind in KINDS:
            key = f"fanout.{kind}.{count}"
            rate = result[f"{key}.events_per_s"]
            print(
                f"{kind:10}{count:8}{rate:12,.0f}{rate / stock:9.1f}"
                f"{result[f'{key}.server_cpu_us']:11.2f}{result[f'{key}.members_cpu_us']:11.2f}"
            )
    print(
        f"memory a socket: ours {result['socket.memory_kb']:.1f} KB, "
        f"stock {result['socket.stock.memory_kb']:.1f} KB; "
        f"one bare write {result['fanout.raw_write_us']:.1f} us"
    )


if __name__ == "__main__":
    main()
