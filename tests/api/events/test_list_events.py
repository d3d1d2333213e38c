"""`GET /events`: what sockets replay, over HTTP and under the same rights."""

import asyncio
from uuid import uuid4

from sqlalchemy import delete, select

from models.operations import Outbox
from server.core.events import Event
from tests.market_world import MARKET


async def emit(world, room, count):
    async def work(unit):
        for number in range(count):
            unit.emit(Event(room, "notification_created", {"number": number}))

    await world.database.transact(work, name="test")
    async with asyncio.timeout(10):
        while await world.read(select(Outbox.id).where(Outbox.relay_batch.is_(None))):
            await asyncio.sleep(0.01)


async def ask_as_nobody(world, room):
    async with world.client.get(f"/api/v1/events?room={room}") as reply:
        return reply.status, await reply.json()


async def test_events_are_given_in_order_page_by_page(world):
    alice = await world.join("alice")
    room = f"user:{alice.id}"
    await emit(world, room, 7)

    first = await alice.must("GET", f"/events?room={room}&after=2&limit=3")
    second = await alice.must(
        "GET", f"/events?room={room}&after=2&limit=3&cursor={first['next_cursor']}"
    )

    assert [item["seq"] for item in first["items"]] == [3, 4, 5]
    assert first["items"][0] == {
        "room": room,
        "seq": 3,
        "event": "notification_created",
        "data": {"number": 2},
    }
    assert [item["seq"] for item in second["items"]] == [6, 7]
    assert (second["next_cursor"], second["seq"], second["reset"]) == (None, 7, False)


async def test_events_of_a_market_are_public(world):
    seller = await world.join("seller", usdt="1000")
    order = await seller.sell("100", "26000")

    status, page = await ask_as_nobody(world, f"market:{MARKET}")

    assert status == 200
    assert [item["data"]["id"] for item in page["items"]] == [order["id"]]
    assert page["items"][0]["seq"] == page["seq"] == 1


async def test_foreign_rooms_do_not_exist(world):
    alice, bob = await world.join("alice"), await world.join("bob")
    await emit(world, f"user:{alice.id}", 1)

    for room in (f"user:{alice.id}", f"trade:{uuid4()}", "staff:disputes", "market:USDT-ZZZ", "x"):
        status, problem = await bob.ask("GET", f"/events?room={room}")
        assert (status, problem["code"]) == (404, "not_found"), room
    status, problem = await ask_as_nobody(world, f"user:{alice.id}")
    assert (status, problem["code"]) == (401, "unauthenticated")


async def test_what_is_no_longer_kept_is_a_reset(world):
    alice = await world.join("alice")
    room = f"user:{alice.id}"
    await emit(world, room, 5)

    async def forget(unit):
        await unit.execute(delete(Outbox).where(Outbox.room == room, Outbox.seq <= 2))

    await world.database.transact(forget, name="test")

    lost = await alice.must("GET", f"/events?room={room}&after=1")
    kept = await alice.must("GET", f"/events?room={room}&after=2")
    beyond = await alice.must("GET", f"/events?room={room}&after=6")

    assert lost == beyond == {"items": [], "next_cursor": None, "seq": 5, "reset": True}
    assert ([item["seq"] for item in kept["items"]], kept["reset"]) == ([3, 4, 5], False)


async def test_all_markets_together_are_refused(world):
    status, problem = await ask_as_nobody(world, "market_updates")
    assert (status, problem["code"]) == (422, "invalid")
    assert "room" in problem["errors"]


async def test_bad_questions_are_refused(world):
    alice = await world.join("alice")
    room = f"user:{alice.id}"
    for query in (
        "", f"room={room}&after=-1", f"room={room}&after=x", f"room={room}&after={2**63}",
        f"room={room}&limit=101", f"room={room}&cursor=AAAA", f"room={room}&x=1",
        f"room={room}&cursor=__________8",
    ):  # fmt: skip
        status, problem = await alice.ask("GET", f"/events?{query}")
        assert (status, problem["code"]) == (422, "invalid"), query
