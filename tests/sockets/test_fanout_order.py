"""Direct writes and queued packets leave in the order in which they were sent."""

import asyncio

from engineio.packet import MESSAGE, NOOP, Packet

from sockets.fanout.engine import DIRECT_MAX_BYTES, FanoutEngine, FanoutSocket
from sockets.fanout.wire import Encoded, JsonPacket, build_text_frame, encode_events
from tests.sockets.js_clients import TRANSPORTS

NOW_S = 0.0


class FakeTransport:
    """Keeps what is written; `buffered` is what it says is not yet sent."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.buffered = 0
        self.aborted = False

    def write(self, chunk: bytes) -> None:
        self.written.append(chunk)

    def get_write_buffer_size(self) -> int:
        return self.buffered

    def abort(self) -> None:
        self.aborted = True


class FakeWebSocket:
    def __init__(self) -> None:
        self.writable: FakeTransport | None = FakeTransport()


def make_socket(**options) -> tuple[FanoutSocket, FakeTransport]:
    """Return the socket of an upgraded client and its transport."""
    member = FanoutSocket(FanoutEngine(**options), "sid")
    member.last_ping = None
    member.connected = member.upgraded = True
    member.ws = FakeWebSocket()
    return member, member.ws.writable


def encode(number: int) -> Encoded:
    return encode_events([("number", number)], "/", JsonPacket)


def frame(number: int) -> bytes:
    return encode(number)[1]


async def step(times: int = 5) -> None:
    for _ in range(times):
        await asyncio.sleep(0)


async def test_idle_member_is_written_to_without_queue_or_task():
    member, transport = make_socket()
    writer = asyncio.create_task(member.poll())
    await step()
    tasks_before = asyncio.all_tasks()

    assert member.push(encode(1), NOW_S)
    assert member.queue.empty()
    assert asyncio.all_tasks() == tasks_before
    await asyncio.sleep(0)
    assert transport.written == [frame(1)]
    writer.cancel()
    await asyncio.wait([writer])


async def test_pushes_of_one_turn_are_one_write():
    member, transport = make_socket()
    writer = asyncio.create_task(member.poll())
    await step()

    for number in (1, 2, 3):
        member.push(encode(number), NOW_S)
    await asyncio.sleep(0)
    member.push(encode(4), NOW_S)
    await asyncio.sleep(0)
    assert transport.written == [frame(1) + frame(2) + frame(3), frame(4)]
    assert member.unwritten_bytes == 0
    writer.cancel()
    await asyncio.wait([writer])


async def test_packet_queued_after_a_direct_write_of_the_same_turn_follows_it():
    member, transport = make_socket()
    writer = asyncio.create_task(member.poll())
    await step()

    member.push(encode(1), NOW_S)
    await member.send(Packet(MESSAGE, "queued"))
    member.push(encode(2), NOW_S)
    assert [packet.data for packet in await writer] == ["queued"]
    assert transport.written == [frame(1)]
    assert [packet.data for packet in await member.poll()] == ['2["number",2]']


async def test_pushes_of_one_turn_are_bounded_as_the_write_buffer_is():
    member, transport = make_socket()
    writer = asyncio.create_task(member.poll())
    await step()
    half = encode_events([("n", "x" * (DIRECT_MAX_BYTES // 2))], "/", JsonPacket)

    for _ in range(3):
        member.push(half, NOW_S)
    assert member.unwritten == (half[1], half[1])
    assert member.queue.qsize() == 1
    assert await writer
    assert transport.written == [half[1] * 2]


async def test_member_whose_writer_has_not_begun_takes_the_queue():
    member, transport = make_socket()

    assert member.push(encode(1), NOW_S)
    await asyncio.sleep(0)
    assert transport.written == []
    assert member.queue.qsize() == 1


async def test_member_that_polls_takes_the_queue():
    member, transport = make_socket()
    member.upgraded = False
    poll = asyncio.create_task(member.poll())
    await step()

    member.push(encode(1), NOW_S)
    await asyncio.sleep(0)
    assert transport.written == []
    assert [packet.data for packet in await poll] == ['2["number",1]']


async def test_no_direct_write_overtakes_a_packet_that_the_writer_took():
    """Every step of the writer between taking a packet and having written it is tried."""
    for steps_before_push in range(6):
        member, transport = make_socket()

        async def write_queued(member=member, transport=transport):
            for _ in range(2):
                for packet in await member.poll():
                    await step(2)  # a write that waits for the buffer to drain
                    transport.write(build_text_frame(packet.encode()))

        writer = asyncio.create_task(write_queued())
        await step()
        await member.send(Packet(MESSAGE, "queued"))
        await step(steps_before_push)
        member.push(encode(1), NOW_S)
        member.push(encode(2), NOW_S)
        await asyncio.wait([writer], timeout=0.05)
        while not member.queue.empty():
            transport.write(build_text_frame(member.queue.get_nowait().encode()))
        writer.cancel()
        await asyncio.wait([writer])

        expected = build_text_frame("4queued") + frame(1) + frame(2)
        assert b"".join(transport.written) == expected, steps_before_push


async def test_full_write_buffer_sends_the_member_to_the_queue():
    member, transport = make_socket()
    writer = asyncio.create_task(member.poll())
    await step()
    transport.buffered = DIRECT_MAX_BYTES

    member.push(encode(1), NOW_S)
    await asyncio.sleep(0)
    assert transport.written == []
    assert [packet.data for packet in await writer] == ['2["number",1]']


async def test_binary_packets_take_the_queue_together():
    member, transport = make_socket()
    writer = asyncio.create_task(member.poll())
    await step()

    member.push(encode_events([("part", b"\x00")], "/", JsonPacket), NOW_S)
    member.push(encode(1), NOW_S)
    assert member.queue.qsize() == 3
    await asyncio.sleep(0)
    assert transport.written == []
    writer.cancel()
    await asyncio.wait([writer])


async def test_nothing_follows_a_close_frame():
    member, transport = make_socket()
    writer = asyncio.create_task(member.poll())
    await step()
    member.ws.writable = None

    assert member.push(encode(1), NOW_S)
    await asyncio.sleep(0)
    assert transport.written == []
    writer.cancel()
    await asyncio.wait([writer])


async def test_overdue_ping_is_left_to_the_engine():
    member, _ = make_socket(ping_timeout=20)
    member.last_ping = 100.0

    assert member.push(encode(1), 119.0)
    assert not member.push(encode(1), 121.0)
    assert member.queue.qsize() == 1


async def test_backlog_counts_what_is_queued_and_forgets_what_is_taken():
    member, transport = make_socket(backlog_max_bytes=1000)
    transport.buffered = DIRECT_MAX_BYTES
    await member.send(Packet(NOOP))
    assert transport.aborted

    member, transport = make_socket(backlog_max_bytes=1000)
    for _ in range(9):
        await member.send(Packet(MESSAGE, "x" * 36))
    assert member.queue.size_bytes == 900
    await member.poll()
    assert member.queue.size_bytes == 800
    for _ in range(2):
        member.push(encode_events([("n", "x" * 28)], "/", JsonPacket), NOW_S)
    assert not member.dropped
    member.push(encode(1), NOW_S)
    assert member.dropped
    assert transport.aborted
    assert member.queue.qsize() == 10


async def test_order_holds_across_direct_queued_binary_large_and_ping(serve, connect_js):
    """Pings every 10 ms come from the queue; large events fill the write buffer."""
    server, url = await serve("ours", ping_interval=0.01, ping_timeout=10, backlog_max_bytes=2**26)
    clients = await connect_js(url, [TRANSPORTS["websocket"]] * 4)
    acknowledged = []
    count = 600

    for number in range(count):
        match number % 7:
            case 0:
                await server.emit("n", (number, b"binary"))
            case 1:
                await server.emit("n", (number, "x" * 150_000))
            case 2:
                for sid in clients.sids:
                    await server.emit(
                        "n", number, to=sid, callback=lambda *reply: acknowledged.append(reply)
                    )
            case 3:
                # Both are started in this order; neither is awaited before the other.
                await asyncio.gather(server.emit("n", number), server.emit("n", (number, "second")))
            case 4:
                await server.manager.emit_many(None, [("n", number), ("n", (number, "second"))])
            case _:
                await server.emit("n", number)
    await server.emit("done")
    await clients.wait_for_each("event", ["done"])

    expected = [n for n in range(count) for _ in range(2 if n % 7 in {3, 4} else 1)]
    for client in range(4):
        events = clients.events(client)
        assert [event[1] for event in events[:-1]] == expected
        seconds = [event[1] for event in events if event[-1] == "second"]
        assert seconds == [n for n in range(count) if n % 7 in {3, 4}]
    await clients.wait_until(lambda: len(acknowledged) == 4 * len(range(2, count, 7)))
    for client in range(4):
        assert [n for c, n in acknowledged if c == client] == list(range(2, count, 7))


async def test_members_of_a_room_get_the_same_bytes():
    made = [make_socket() for _ in range(3)]
    writers = [asyncio.create_task(member.poll()) for member, _ in made]
    await step()
    encoded = encode(1)

    for member, _ in made:
        member.push(encoded, NOW_S)
    await asyncio.sleep(0)

    assert all(transport.written[0] is encoded[1] for _, transport in made)
    for writer in writers:
        writer.cancel()
    await asyncio.wait(writers)


async def test_event_is_encoded_once_for_a_room(serve, connect_js):
    server, url = await serve("ours")
    clients = await connect_js(url, [TRANSPORTS["websocket"]] * 4 + [TRANSPORTS["polling"]])
    encoded = []

    class CountedPacket(JsonPacket):
        def encode(self):
            encoded.append(self.data[0])
            return super().encode()

    server.packet_class = CountedPacket
    for number in range(10):
        await server.emit("number", number)
    await server.emit("done")
    await clients.wait_for_each("event", ["done"])

    assert encoded == ["number"] * 10 + ["done"]
    for client in range(5):
        assert clients.events(client) == [*(["number", n] for n in range(10)), ["done"]]
