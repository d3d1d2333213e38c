"""What a client may send, and how much of it."""

import asyncio
import json

import aiohttp
import pytest

from sockets.app import SOCKETS
from tests.market_world import MARKET, start_world
from tests.sockets.live import WAIT_MAX_S, Listener

WEBSOCKET = "/socket.io/?EIO=4&transport=websocket"


class Raw:
    """A websocket that says what it likes."""

    def __init__(self, websocket):
        self.websocket = websocket
        self.texts = []

    async def send(self, text):
        await self.websocket.send_str(text)

    async def read_to_end(self):
        """All texts until the server closes; the time is bounded."""
        async with asyncio.timeout(WAIT_MAX_S):
            async for message in self.websocket:
                self.texts.append(message.data)
        return self.texts

    @property
    def errors(self):
        events = [json.loads(text[2:]) for text in self.texts if text.startswith("42")]
        return [event[1]["code"] for event in events if event[0] == "error"]


@pytest.fixture
async def raw(world):
    """Connect raw websockets to the world; `connected` ones are past the handshake."""
    async with aiohttp.ClientSession() as session:

        async def connect(*, connected=True):
            url = str(world.client.make_url("")).rstrip("/") + WEBSOCKET
            one = Raw(await session.ws_connect(url, max_msg_size=0))
            one.texts.append((await one.websocket.receive()).data)
            if connected:
                await one.send("40")
                assert (await one.websocket.receive()).data.startswith("40{")
            return one

        yield connect


SERVER_EVENTS = (
    "order_created", "balance_updated", "error", "connect", "disconnect", "message", "*", "",
    "__disconnect_final", "message_created", "join", "enter_room", "leave_room",
)  # fmt: skip


async def test_event_of_the_server_cannot_be_emitted(world, listen, raw):
    witness = await listen(world)
    await witness.subscribe("market_updates")
    for event in SERVER_EVENTS:
        client = await raw()

        await client.send("42" + json.dumps([event, {"room": "market_updates"}, {}]))
        await client.read_to_end()

        assert client.errors == ["unknown_event"], event
    assert set(SERVER_EVENTS).isdisjoint(heard[0] for heard in witness.heard)


MALFORMED = (
    "4", "42", "42{}", "42[]", "42[[]]", "42[5]", "42[", "49", "4x", "44{}", "43[]", "451-[]",
    "40", "40/admin,", '42/admin,["subscribe"]', "42" + "[" * 5000, "4²", "42\u0000",
)  # fmt: skip


async def test_malformed_message_ends_the_connection(world, raw):
    for text in MALFORMED:
        client = await raw()

        await client.send(text)
        await client.read_to_end()

        assert client.errors in (["malformed"], ["unknown_event"]), text


async def test_binary_message_ends_the_connection(world, raw):
    client = await raw()
    await client.websocket.send_bytes(b"\x04subscribe")
    await client.read_to_end()
    assert client.errors == ["malformed"]


async def test_message_before_connecting_ends_the_connection(world, raw):
    client = await raw(connected=False)
    await client.send('42["subscribe",{"room":"market_updates"}]')
    await client.read_to_end()
    assert client.websocket.closed


async def test_frame_of_a_megabyte_ends_the_connection(world, raw):
    client = await raw()
    await client.send('42["subscribe",{"room":"' + "x" * 1_000_000 + '"}]')
    await client.read_to_end()
    assert client.websocket.close_code == 1009


async def test_flood_of_messages_ends_the_connection(world, raw, listen):
    client, other = await raw(), await listen(world)
    for number in range(1000):
        try:
            await client.send(f'42{number}["unsubscribe",{{"room":"market_updates"}}]')
        except (ConnectionError, aiohttp.ClientError):
            break
    await client.read_to_end()

    answered = [text for text in client.texts if text.startswith("43")]
    assert len(answered) <= 40
    assert client.errors == ["too_many_messages"]
    assert (await other.subscribe(f"market:{MARKET}"))["status"] == "ok"


async def test_twenty_messages_a_second_are_answered(world, listen):
    listener = await listen(world)
    replies = [await listener.subscribe(f"market:{MARKET}") for _ in range(20)]
    assert {reply["status"] for reply in replies} == {"ok"}


ROOM = f"market:{MARKET}"
BADLY_SHAPED = (
    [], [5], [None], [{}, {}], [{}], [{"room": ROOM, "x": 1}], [{"room": ROOM, "after": -1}],
    [{"room": ROOM, "after": "1"}], [{"room": ROOM, "after": 1.0}], [{"room": ROOM, "after": True}],
    [{"room": ROOM, "after": 2**63}], [{"room": "market_updates", "after": 1}],
    [{"room": "market_updates", "after": {MARKET: "1"}}],
)  # fmt: skip


async def test_badly_shaped_question_is_answered_with_a_refusal(world, raw):
    client = await raw()
    for asked in BADLY_SHAPED:
        await client.send("427" + json.dumps(["subscribe", *asked]))
        async with asyncio.timeout(WAIT_MAX_S):
            text = (await client.websocket.receive()).data

        (reply,) = json.loads(text.removeprefix("437"))
        assert reply["status"] == "refused", asked
        assert reply["code"] in ("invalid", "not_found"), asked


async def test_eleventh_socket_of_a_user_is_refused(world, listen):
    alice, bob = await world.join("alice"), await world.join("bob")
    kept = [await listen(world, alice) for _ in range(10)]
    extra = Listener(str(world.client.make_url("")))

    assert not await extra.connect(token=alice.token)
    assert extra.refused["data"]["code"] == "too_many_sockets"
    assert await listen(world, bob)
    await kept.pop().close()
    async with asyncio.timeout(WAIT_MAX_S):
        while len(world.client.server.app[SOCKETS].registry) > 10:
            await asyncio.sleep(0.01)
    assert await extra.connect(token=alice.token)
    await extra.close()


async def test_sockets_without_a_session_are_bounded_by_address(database_url):
    async with start_world(database_url, sockets_per_address=2) as world:
        listeners = [Listener(str(world.client.make_url(""))) for _ in range(3)]
        connected = [await listener.connect() for listener in listeners]
        for listener in listeners:
            await listener.close()
    assert connected == [True, True, False]


async def test_socket_enters_no_more_rooms_than_the_bound(world, listen):
    listener = await listen(world)
    registry = world.client.server.app[SOCKETS].registry
    member = registry.find(listener.client.get_sid())
    member.rooms |= {f"trade:{number}" for number in range(50)}

    reply = await listener.subscribe(f"market:{MARKET}")

    assert (reply["status"], reply["code"]) == ("refused", "too_many_rooms")


async def test_client_that_never_connects_is_closed(world, raw):
    client = await raw(connected=False)
    server = world.client.server.app[SOCKETS].server
    (eio_sid,) = server.eio.sockets
    server._end_silent(eio_sid)
    await client.read_to_end()
    assert client.websocket.closed


async def test_cut_client_that_keeps_talking_is_gone_soon(world, raw):
    client = await raw()
    await client.send('42["order_created"]')
    await asyncio.sleep(0.1)
    for _ in range(5):
        try:
            await client.send('42["subscribe",{"room":"market_updates"}]')
        except (ConnectionError, aiohttp.ClientError):
            break
    await client.read_to_end()
    assert client.errors == ["unknown_event"]
    assert not any(text.startswith("43") for text in client.texts)
