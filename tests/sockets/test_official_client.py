"""The official JavaScript client against the real application, on every transport."""

from sqlalchemy import delete

from models.operations import Outbox
from server.core.events import Event
from tests.market_world import MARKET
from tests.sockets.js_clients import TRANSPORTS, JsClients
from tests.sockets.test_rooms import wait_for_numbers
from tests.views import View

ROOM = f"market:{MARKET}"


def url_of(world):
    return str(world.client.make_url("")).rstrip("/")


async def emit(world, room, count):
    async def work(unit):
        for number in range(count):
            unit.emit(Event(room, "notification_created", {"number": number}))

    await world.database.transact(work, name="test")


def numbers(clients, client, room):
    return [
        event[1]["seq"]
        for event in clients.events(client)
        if isinstance(event[1], dict) and event[1].get("room") == room and event[1]["seq"]
    ]


async def test_events_and_replay_come_in_order_on_every_transport(world, connect_js):
    alice = await world.join("alice")
    room = f"user:{alice.id}"
    await emit(world, room, 450)
    await wait_for_numbers(world, room, 450)
    auth = {"token": alice.token}
    clients = await connect_js(
        url_of(world), [{**kind, "auth": auth} for kind in TRANSPORTS.values()]
    )

    for client in range(3):
        before = len(numbers(clients, client, room))
        answer = await clients.ask(client, "subscribe", {"room": room, "after": 20})
        assert answer == {"status": "ok", "seq": 450}
        assert numbers(clients, client, room)[before:] == list(range(21, 451))
    await emit(world, room, 5)

    for client in range(3):
        await clients.wait_until(lambda of=client: 455 in numbers(clients, of, room))
        assert numbers(clients, client, room)[-6:] == [450, 451, 452, 453, 454, 455]


async def test_reader_that_was_cut_converges_by_asking(world, connect_js):
    seller = await world.join("seller", usdt="5000")
    clients = await connect_js(url_of(world), [TRANSPORTS["websocket"]])
    view = View()
    first = await clients.ask(0, "subscribe", {"room": ROOM})
    view.start(ROOM, first["seq"])
    for turn in range(6):
        await seller.sell("20", str(26000 + turn))
        await clients.command(0, cut=True)
        await clients.wait_until(lambda t=turn: count(clients, "disconnected") == t + 1)
        await seller.sell("20", str(26100 + turn))
        await clients.command(0, connect=True)
        await clients.wait_until(lambda t=turn: count(clients, "connected") == t + 2)
        apply_all(clients, view)
        answer = await clients.ask(0, "subscribe", {"room": ROOM, "after": view.last[ROOM]})
        assert answer["status"] == "ok"
        apply_all(clients, view)
        assert view.last[ROOM] == answer["seq"] == (turn + 1) * 2

    assert [number for _, number, _ in view.taken] == list(range(1, 13))
    assert len(view.public_orders) == 12


def count(clients, key):
    return sum(key in line for line in clients.seen[0])


def apply_all(clients, view):
    """Apply everything heard; what was applied before is ignored by its number."""
    for event in clients.events(0):
        view.take(event[1])


async def test_reset_is_answered_when_events_are_gone(world, connect_js):
    alice = await world.join("alice")
    room = f"user:{alice.id}"
    await emit(world, room, 4)
    await wait_for_numbers(world, room, 4)

    async def forget(unit):
        await unit.execute(delete(Outbox).where(Outbox.room == room, Outbox.seq <= 3))

    await world.database.transact(forget, name="test")
    clients = await connect_js(
        url_of(world), [{**TRANSPORTS["websocket"], "auth": {"token": alice.token}}]
    )

    answer = await clients.ask(0, "subscribe", {"room": room, "after": 1})

    assert answer == {"status": "reset", "seq": 4}


async def test_refused_connection_says_why(world):
    clients = await JsClients.start(
        url_of(world), [{**kind, "auth": {"token": "x"}} for kind in TRANSPORTS.values()]
    )
    try:
        await clients.wait_for_each("refused")
        for seen in clients.seen:
            (refused,) = (line for line in seen if "refused" in line)
            assert refused["reason"] == {"code": "unauthenticated"}
    finally:
        await clients.stop()


async def test_forged_event_ends_the_connection_on_every_transport(world, connect_js):
    clients = await connect_js(url_of(world), list(TRANSPORTS.values()))
    for client in range(3):
        await clients.command(client, emit=["order_created", {"room": ROOM}])
    await clients.wait_for_each("disconnected")
    for client in range(3):
        assert [event[0] for event in clients.events(client)] == ["error"]
        assert clients.events(client)[0][1]["code"] == "unknown_event"


async def test_large_message_ends_the_connection_on_every_transport(world, connect_js):
    clients = await connect_js(url_of(world), list(TRANSPORTS.values()))
    for client in range(3):
        await clients.command(client, emit=["subscribe", {"room": "x" * 1_000_000}])
    await clients.wait_for_each("disconnected")
    for client in range(3):
        assert clients.events(client) == []
