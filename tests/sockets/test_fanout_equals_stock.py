"""What official clients receive from our fan-out is what they receive from the stock manager."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.sockets.js_clients import TRANSPORTS, JsClients

Scenario = Callable[[Any, JsClients], Awaitable[None]]

# The text of an event is `42["sized","xxx"]`: 13 characters around the argument.
EVENT_FRAME_CHARACTERS = 13
FRAME_LENGTHS = (125, 126, 127, 65535, 65536, 300_000)


async def send_to_rooms(server: Any, clients: JsClients) -> None:
    first, second, third = clients.sids
    await server.enter_room(first, "market:USDT-VND")
    await server.enter_room(second, "market:USDT-VND")
    await server.enter_room(second, "market:USDT-THB")
    await server.enter_room(third, "market:USDT-THB")
    await server.emit("vnd", {"price": "26000"}, room="market:USDT-VND")
    await server.emit("thb", {"price": "35.1"}, to="market:USDT-THB")
    await server.emit("either", 1, to=["market:USDT-VND", "market:USDT-THB"])
    await server.emit("nobody", 1, room="market:USDT-ZZZ")
    await server.leave_room(second, "market:USDT-VND")
    await server.emit("vnd", {"price": "26001"}, room="market:USDT-VND")
    await server.close_room("market:USDT-THB")
    await server.emit("thb", {"price": "35.2"}, room="market:USDT-THB")
    await server.emit("only", 2, to=second)


async def skip_members(server: Any, clients: JsClients) -> None:
    first, second, third = clients.sids
    await server.emit("skip_one", 1, skip_sid=first)
    await server.emit("skip_two", 2, skip_sid=[first, second])
    await server.emit("skip_own_room", 3, to=[second, third], skip_sid=third)
    await server.emit("skip_none", 4, skip_sid=[])


async def send_many_rooms(server: Any, clients: JsClients) -> None:
    for number in range(200):
        for index, sid in enumerate(clients.sids):
            if number % (index + 2) == 0:
                await server.enter_room(sid, f"trade:{number}")
    for number in range(200):
        await server.emit("trade_updated", number, room=f"trade:{number}")


async def send_kinds_of_payload(server: Any, clients: JsClients) -> None:
    await server.emit("nothing")
    await server.emit("several", (1, "two", {"three": [3, None, True, 1.5]}))
    await server.emit("list", [1, [2, [3]]])
    await server.emit("unicode", {"tên": "Nguyễn Ánh", "ใช่": "👍🏽", "quote": '"\\\u2028\u0000'})
    await server.emit("big", 2**53 - 1)
    await server.send("message")


async def send_frame_lengths(server: Any, clients: JsClients) -> None:
    for length in FRAME_LENGTHS:
        await server.emit("sized", "x" * (length - EVENT_FRAME_CHARACTERS))


async def mix_binary_and_text(server: Any, clients: JsClients) -> None:
    for number in range(20):
        await server.emit("text", number)
        await server.emit("binary", {"number": number, "parts": [b"\x00\xff", b"second"]})
        await server.emit("batch", (number, "after the binary"))


async def send_by_namespace(server: Any, clients: JsClients) -> None:
    await server.emit("root", 1)
    await server.emit("staff", 2, namespace="/staff")
    await server.emit("absent", 3, namespace="/absent")


async def call_with_acknowledgement(server: Any, clients: JsClients) -> None:
    for number, sid in enumerate(clients.sids):
        answer = await server.call("question", number, to=sid, timeout=10)
        await server.emit("answered", list(answer), to=sid)


SCENARIOS: dict[str, tuple[Scenario, int]] = {
    # The number is the count of events that all three clients receive together.
    "rooms": (send_to_rooms, 9),
    "skips": (skip_members, 7),
    "many rooms": (send_many_rooms, 217),
    "payloads": (send_kinds_of_payload, 18),
    "frame lengths": (send_frame_lengths, 18),
    "binary": (mix_binary_and_text, 180),
    "namespaces": (send_by_namespace, 3),
    "acknowledgements": (call_with_acknowledgement, 6),
}


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("scenario", SCENARIOS)
async def test_official_clients_receive_what_the_stock_manager_sends(
    scenario, transport, serve, connect_js
):
    send, expected_count = SCENARIOS[scenario]
    specs = [dict(TRANSPORTS[transport]) for _ in range(3)]
    if scenario == "namespaces":
        specs[2]["namespace"] = "/staff"
    received = {}
    for kind in ("stock", "ours"):
        server, url = await serve(kind)
        clients = await connect_js(url, specs)
        if transport == "upgrade":
            await clients.wait_for_each("upgraded", "websocket")

        await send(server, clients)

        for namespace in ("/", "/staff"):
            await server.emit("done", namespace=namespace)
        await clients.wait_for_each("event", ["done"])
        received[kind] = [clients.events(client) for client in range(3)]
    assert received["ours"] == received["stock"]
    assert sum(map(len, received["ours"])) - 3 == expected_count


@pytest.mark.parametrize("kind", ["stock", "ours"])
async def test_events_sent_while_clients_upgrade_arrive_once_and_in_order(kind, serve, connect_js):
    server, url = await serve(kind)
    clients = await connect_js(url, [TRANSPORTS["upgrade"]] * 5)
    number = 0

    while not all(any("upgraded" in line for line in seen) for seen in clients.seen):
        await server.emit("number", number)
        number += 1
        await server.sleep(0.0005)
    for _ in range(50):
        await server.emit("number", number)
        number += 1

    await server.emit("done")
    await clients.wait_for_each("event", ["done"])
    for client in range(5):
        assert clients.events(client) == [*(["number", n] for n in range(number)), ["done"]]


@pytest.mark.parametrize("kind", ["stock", "ours"])
async def test_member_that_leaves_in_the_middle_does_not_disturb_the_others(
    kind, serve, connect_js
):
    server, url = await serve(kind)
    gone = []
    server.on("disconnect", lambda sid, reason: gone.append((sid, reason)))
    clients = await connect_js(url, [*TRANSPORTS.values()] * 2)

    await clients.command(2, disconnect=True)
    for number in range(500):
        await server.emit("number", number)
        if number == 250:
            await server.disconnect(clients.sids[5])
        await server.sleep(0)

    await server.emit("done")
    await clients.wait_until(
        lambda: all(["done"] in clients.events(client) for client in (0, 1, 3, 4))
    )
    complete = [*(["number", n] for n in range(500)), ["done"]]
    for client in (0, 1, 3, 4):
        assert clients.events(client) == complete
    for client in (2, 5):
        assert clients.events(client) == complete[: len(clients.events(client))]
    assert clients.seen[5][-1] == {"disconnected": "io server disconnect"}
    assert [reason for sid, reason in gone if sid == clients.sids[2]] == ["client disconnect"]
    assert [reason for sid, reason in gone if sid == clients.sids[5]] == ["server disconnect"]


async def test_binary_reaches_polling_and_websocket_members_of_one_room(serve, connect_js):
    """The stock manager fails here: the packet keeps the encoding of the first transport."""
    server, url = await serve("ours")
    clients = await connect_js(url, list(TRANSPORTS.values()))
    await clients.wait_until(lambda: any("upgraded" in line for line in clients.seen[1]))

    for number in range(10):
        await server.emit("parts", (number, b"\x00\xff"))

    await server.emit("done")
    await clients.wait_for_each("event", ["done"])
    for client in range(3):
        assert clients.events(client)[:-1] == [["parts", n, {"binary": "00ff"}] for n in range(10)]
