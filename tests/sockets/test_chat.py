"""The chat over sockets: messages in their order, read marks, and who may say that he writes."""

from uuid import UUID

from server.core.permissions import Permission
from sockets.app import SOCKETS
from tests.sockets.test_rooms import open_trade
from tests.staff_world import give_case, join_staff


async def type_in(listener, room):
    return await listener.client.call("typing", {"room": room})


def of_kind(listener, name):
    return [envelope["data"] for kind, envelope in listener.heard if kind == name]


async def test_both_hear_every_message_once_in_the_order_of_its_number(world, listen):
    seller, buyer, trade_id = await open_trade(world)
    room = f"trade:{trade_id}"
    listeners = [await listen(world, person) for person in (seller, buyer)]
    for listener in listeners:
        assert (await listener.subscribe(room))["status"] == "ok"
    for number in range(10):
        body = {"client_id": f"c{number}", "text": f"Message {number}"}
        for _ in range(2):
            await (seller, buyer)[number % 2].must("POST", f"/trades/{trade_id}/messages", body)
    await buyer.must("POST", f"/trades/{trade_id}/messages/read", {"number": 11})

    for listener in listeners:
        await listener.wait_until(lambda of=listener: of_kind(of, "message_read"))
        messages = of_kind(listener, "message_created")
        assert [one["number"] for one in messages] == list(range(1, 12))
        assert [one["text"] for one in messages[1:]] == [f"Message {n}" for n in range(10)]
        page = await seller.must("GET", f"/trades/{trade_id}/messages")
        assert page["items"] == messages[::-1]
        assert of_kind(listener, "message_read") == [
            {"trade_id": trade_id, "reader": "buyer", "number": 11}
        ]


async def test_only_a_party_in_the_room_says_that_he_writes_and_not_too_often(world, listen):
    seller, buyer, trade_id = await open_trade(world)
    room = f"trade:{trade_id}"
    clerk = await join_staff(world, "clerk", "dispute_ruler")
    await give_case(world, clerk, trade_id)
    stranger = await world.join("stranger")
    hears, writes, staff, other = [
        await listen(world, person) for person in (seller, buyer, clerk, stranger)
    ]
    assert (await type_in(writes, room))["code"] == "not_found"
    for listener in (hears, writes, staff):
        assert (await listener.subscribe(room))["status"] == "ok"
    for listener, asked in ((staff, room), (other, room), (writes, f"user:{buyer.id}")):
        assert (await type_in(listener, asked))["code"] == "not_found"

    for _ in range(5):
        assert await type_in(writes, room) == {"status": "ok"}

    await hears.wait_until(lambda: of_kind(hears, "typing"))
    assert of_kind(hears, "typing") == [{"trade_id": trade_id, "author": "buyer"}]
    stored = await world.read("SELECT COUNT(*) FROM outbox WHERE name = 'typing'")
    assert stored[0][0] == 0
    (member,) = world.client.server.app[SOCKETS].registry.list_by_right()
    assert member.by_right == {room: Permission.READ_TRADES}


async def test_staff_who_hear_a_trade_are_in_the_audit_each_time(world, listen):
    _, buyer, trade_id = await open_trade(world)
    room = f"trade:{trade_id}"
    clerk = await join_staff(world, "clerk", "dispute_ruler")
    listener, party = await listen(world, clerk), await listen(world, buyer)
    assert (await listener.subscribe(room))["code"] == "case_not_yours"
    await give_case(world, clerk, trade_id)
    for each in (listener, listener, party):
        reply = await each.subscribe(room)
        assert reply["status"] == "ok", reply
    for person in (clerk, buyer):
        await person.must("GET", f"/events?room={room}")

    acts = await world.read(
        "SELECT action, actor_id FROM audit_entries WHERE action IN ('chat_read',"
        f" 'trade_read_refused') AND object_id = '{trade_id}' ORDER BY id"
    )
    assert {row.actor_id for row in acts} == {UUID(clerk.id).bytes}
    assert [row.action for row in acts] == ["trade_read_refused", *["chat_read"] * 3]
