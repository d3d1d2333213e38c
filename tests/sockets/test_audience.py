"""Whom a room is open to, and what of an order its public rooms hold."""

from uuid import uuid4

from sqlalchemy import select

from models.operations import Outbox
from tests.market_world import MARKET
from tests.sockets.test_rooms import ROOM, open_trade
from tests.staff_world import give_case, join_staff


async def test_sockets_and_http_open_the_same_rooms_to_the_same_people(world, listen):
    seller, buyer, trade_id = await open_trade(world)
    stranger = await world.join("stranger")
    clerk = await join_staff(world, "clerk", "dispute_ruler")
    other = await join_staff(world, "other", "dispute_ruler", "support_agent")
    await give_case(world, clerk, trade_id)
    rooms = {
        ROOM: {"nobody", "seller", "buyer", "stranger", "clerk", "other"},
        f"user:{seller.id}": {"seller"},
        f"user:{clerk.id}": {"clerk"},
        f"trade:{trade_id}": {"seller", "buyer", "clerk"},
        f"trade:{uuid4()}": set(),
        "staff:disputes": {"clerk", "other"},
        "staff:nothing": set(),
        "market:USDT-ZZZ": set(),
    }
    for person in (None, seller, buyer, stranger, clerk, other):
        listener = await listen(world, person)
        name = person.name if person else "nobody"
        headers = {"Authorization": f"Bearer {person.token}"} if person else {}
        for room, members in rooms.items():
            reply = await listener.subscribe(room)
            path = f"/api/v1/events?room={room}"
            async with world.client.get(path, headers=headers) as answer:
                status, body = answer.status, await answer.json()

            assert (reply["status"] == "ok") == (name in members), (name, room)
            assert (status == 200) == (name in members), (name, room)
            assert reply.get("code") == body.get("code"), (name, room)


async def test_unlisted_order_stays_out_of_public_rooms(world, listen):
    nobody = await listen(world)
    await nobody.subscribe("market_updates")
    seller, buyer = await world.join("seller", usdt="1000"), await world.join("buyer")
    taken = await seller.sell("50", "26000", visibility="unlisted")
    hidden = await seller.sell("50", "26020", visibility="unlisted")
    path = f"/orders/{hidden['id']}"
    await buyer.must("POST", f"/orders/{taken['id']}/take", {
        "amount": "50", "payment_method_id": "vn-one", "worst_price": "26000",
    })  # fmt: skip
    await seller.must("POST", f"{path}/pause")
    await seller.must("POST", f"{path}/resume")
    await seller.must("PATCH", path, {"amount": "40"})
    await seller.must("DELETE", path)

    shown = await seller.sell("50", "26010")

    await nobody.wait_until(lambda: "order_created" in [event[0] for event in nobody.heard])
    ids = {event[1]["data"].get("id") for event in nobody.heard if event[1]["seq"] is not None}
    assert ids == {shown["id"]}
    stored = await world.read(select(Outbox.body).where(Outbox.room == ROOM))
    assert not [row for row in stored if taken["id"] in row.body or hidden["id"] in row.body]
    depth = [event[1]["data"] for event in nobody.heard if event[0] == "book_updated"]
    assert {level["price"] for body in depth for level in body["asks"]} <= {"26010"}


async def test_order_that_becomes_unlisted_ends_for_the_public(world, listen):
    nobody = await listen(world)
    await nobody.subscribe(ROOM)
    seller = await world.join("seller", usdt="1000")
    order = await seller.sell("50", "26000")

    await seller.must("PATCH", f"/orders/{order['id']}", {"visibility": "unlisted"})
    await seller.must("PATCH", f"/orders/{order['id']}", {"amount": "40"})
    shown = await seller.sell("50", "26010")

    await nobody.wait_until(lambda: len(nobody.numbers(ROOM)) == 3)
    told = [(event[0], event[1]["data"]) for event in nobody.heard if event[1]["seq"] is not None]
    assert told[1] == ("order_cancelled", {"id": order["id"], "market": MARKET})
    assert [(name, body["id"]) for name, body in told[::2]] == [
        ("order_created", order["id"]),
        ("order_created", shown["id"]),
    ]
