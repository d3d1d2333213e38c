"""Who hears what, in which order, and what is told again."""

import asyncio
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, select

from models.operations import Outbox
from server.core import fault
from server.core.events import Event
from sockets.replay import look_up_replay, read_missed
from tests.market_world import MARKET
from tests.staff_world import give_case, join_staff
from tests.views import find_differences

ROOM = f"market:{MARKET}"


async def emit(world, room, count=1):
    async def work(unit):
        for number in range(count):
            unit.emit(Event(room, "notification_created", {"number": number}))

    await world.database.transact(work, name="test")


async def open_trade(world):
    seller = await world.join("seller", usdt="1000")
    buyer = await world.join("buyer")
    await seller.sell("100", "26000")
    order = await buyer.buy("40", "26100")
    return seller, buyer, order["trades"][0]["id"]


async def test_own_room_is_entered_by_connecting(world, listen):
    alice = await world.join("alice")
    listener = await listen(world, alice)

    await emit(world, f"user:{alice.id}", 3)

    await listener.wait_until(lambda: len(listener.heard) == 3)
    assert listener.numbers(f"user:{alice.id}") == [1, 2, 3]
    assert listener.heard[0] == (
        "notification_created",
        {
            "room": f"user:{alice.id}",
            "seq": 1,
            "event": "notification_created",
            "data": {"number": 0},
        },
    )


async def test_public_rooms_are_open_to_everyone(world, listen):
    nobody = await listen(world)
    of_market, of_all = await nobody.subscribe(ROOM), await nobody.subscribe("market_updates")
    assert (of_market["status"], of_all["status"]) == ("ok", "ok")
    assert of_all["seq"] == {MARKET: of_market["seq"]}
    seller = await world.join("seller", usdt="1000")

    order = await seller.sell("100", "26000")

    await nobody.wait_until(lambda: nobody.numbers(ROOM))
    envelope = next(event for event in nobody.heard if event[0] == "order_created")[1]
    assert (envelope["room"], envelope["data"]["id"]) == (ROOM, order["id"])
    # Two rooms, one event.
    assert nobody.numbers(ROOM) == [of_market["seq"] + 1]


async def test_market_updates_carry_the_room_and_number_of_the_market(world, listen):
    listener = await listen(world)
    seqs = (await listener.subscribe("market_updates"))["seq"]
    seller = await world.join("seller", usdt="1000")

    await seller.sell("100", "26000")
    await seller.sell("100", "26010")

    await listener.wait_until(lambda: len(listener.numbers(ROOM)) == 2)
    assert listener.numbers(ROOM) == [seqs[MARKET] + 1, seqs[MARKET] + 2]


FORGED = (
    "user:{other}", "trade:{trade}", "trade:{unknown}", "staff:disputes", "market:USDT-ZZZ",
    "user:{OWN}", "user: {own}", "user:{own}:x", "USER:{own}", "user:", "", "market_updates ",
    "trade:{trade_hex}", "staff:everything", "{sid}", "market:usdt-vnd", "user:*", None, 5,
    ["market_updates"], {"room": "market_updates"}, "x" * 5000,
)  # fmt: skip


async def test_foreign_and_forged_rooms_do_not_exist(world, listen):
    _, _, trade_id = await open_trade(world)
    other, own = await world.join("other"), await world.join("own")
    listener = await listen(world, own)
    names = {
        "other": other.id, "own": own.id, "OWN": own.id.upper(), "trade": trade_id,
        "unknown": uuid4(), "trade_hex": UUID(trade_id).hex, "sid": listener.client.get_sid(),
    }  # fmt: skip
    for place, room in enumerate(FORGED):
        asked = room.format(**names) if isinstance(room, str) else room

        reply = await listener.subscribe(asked)

        assert (reply["status"], reply["code"]) == ("refused", "not_found"), asked
        assert "seq" not in reply
        if place % 10 == 9:
            await asyncio.sleep(1.1)  # twenty messages a second


async def test_private_rooms_need_a_session(world, listen):
    alice = await world.join("alice")
    nobody = await listen(world)

    replies = [
        await nobody.subscribe(room)
        for room in (f"user:{alice.id}", f"trade:{uuid4()}", "staff:disputes")
    ]

    assert {reply["code"] for reply in replies} == {"unauthenticated"}


async def test_refused_socket_hears_nothing_of_the_room(world, listen):
    alice, bob = await world.join("alice"), await world.join("bob")
    listener = await listen(world, bob)
    await listener.subscribe(f"user:{alice.id}")

    await emit(world, f"user:{alice.id}", 2)
    await emit(world, f"user:{bob.id}")

    await listener.wait_until(lambda: listener.numbers(f"user:{bob.id}"))
    assert listener.numbers(f"user:{alice.id}") == []


async def test_parties_and_staff_enter_the_room_of_a_trade(world, listen):
    seller, buyer, trade_id = await open_trade(world)
    clerk = await join_staff(world, "clerk", "dispute_ruler")
    await give_case(world, clerk, trade_id)
    listeners = [await listen(world, person) for person in (seller, buyer, clerk)]
    for listener in listeners:
        assert (await listener.subscribe(f"trade:{trade_id}"))["status"] == "ok"
    assert (await listeners[2].subscribe("staff:disputes"))["status"] == "ok"

    await buyer.must("POST", f"/trades/{trade_id}/payer", {"payer_name": "Nguyen Van A"})
    await buyer.must("POST", f"/trades/{trade_id}/paid", {})

    for listener in listeners:
        await listener.wait_until(lambda of=listener: "trade_paid" in [e[0] for e in of.heard])
    shared = [
        event[1]["data"]
        for event in listeners[0].heard
        if event[1].get("room") == f"trade:{trade_id}"
    ]
    assert shared
    assert not any("allowed_actions" in body or "fee" in body for body in shared)


async def test_missed_events_are_replayed_in_order_before_the_answer(world, listen):
    alice = await world.join("alice")
    room = f"user:{alice.id}"
    await emit(world, room, 700)
    listener = await listen(world, alice)
    await wait_for_numbers(world, room, 700)

    reply = await listener.subscribe(room, after=3)

    assert reply == {"status": "ok", "seq": 700}
    assert listener.numbers(room)[-697:] == list(range(4, 701))
    await emit(world, room)
    await listener.wait_until(lambda: 701 in listener.numbers(room))
    assert listener.numbers(room)[-1] == 701


async def wait_for_numbers(world, room, seq):
    async with asyncio.timeout(60):
        while True:
            rows = await world.read(
                select(Outbox.seq).where(Outbox.room == room, Outbox.seq == seq)
            )
            if rows:
                return
            await asyncio.sleep(0.01)


async def test_replay_of_market_updates_asks_for_no_market_that_there_is_not(world, listen):
    listener = await listen(world)

    reply = await listener.subscribe("market_updates", after={MARKET: 0, "USDT-ZZZ": 0})

    assert (reply["status"], reply["code"]) == ("refused", "not_found")


async def test_replay_of_market_updates_goes_by_market(world, listen):
    seller = await world.join("seller", usdt="1000")
    for price in ("26000", "26010", "26020"):
        await seller.sell("20", price)
    listener = await listen(world)

    reply = await listener.subscribe("market_updates", after={MARKET: 1})

    assert reply == {"status": "ok", "seq": {MARKET: 3}}
    assert listener.numbers(ROOM) == [2, 3]


async def test_subscribing_while_events_flow_misses_and_reorders_none(world, listen):
    alice = await world.join("alice")
    room = f"user:{alice.id}"
    listener = await listen(world, alice)

    async def flow():
        for _ in range(60):
            await emit(world, room, 5)
            await asyncio.sleep(0.02)

    flowing = asyncio.create_task(flow())
    for _ in range(15):
        await listener.client.call("unsubscribe", {"room": room})
        listener.heard.clear()
        after = listener.view.last.get(room, 0)
        reply = await listener.subscribe(room, after=after)
        assert reply["status"] == "ok"
        numbers = listener.numbers(room)
        assert numbers == list(range(after + 1, after + 1 + len(numbers)))
        await asyncio.sleep(0.15)
    await flowing
    await listener.wait_until(lambda: listener.view.last[room] == 300)
    assert listener.view.gaps == []


@pytest.mark.parametrize("after", [901, 2**62])
async def test_number_beyond_the_room_is_a_reset(world, listen, after):
    alice = await world.join("alice")
    room = f"user:{alice.id}"
    await emit(world, room, 2)
    await wait_for_numbers(world, room, 2)
    listener = await listen(world, alice)

    reply = await listener.subscribe(room, after=after)

    assert reply == {"status": "reset", "seq": 2}
    await emit(world, room)
    await listener.wait_until(lambda: listener.numbers(room) == [3])


async def test_what_is_no_longer_kept_is_a_reset(world, listen):
    alice = await world.join("alice")
    room = f"user:{alice.id}"
    await emit(world, room, 9)
    await wait_for_numbers(world, room, 9)

    async def forget(unit):
        await unit.execute(delete(Outbox).where(Outbox.room == room, Outbox.seq < 5))

    await world.database.transact(forget, name="test")
    listener = await listen(world, alice)

    lost = await listener.subscribe(room, after=3)
    kept = await listener.subscribe(room, after=4)
    up_to_date = await listener.subscribe(room, after=9)

    assert lost == {"status": "reset", "seq": 9}
    assert kept == up_to_date == {"status": "ok", "seq": 9}
    assert listener.numbers(room) == [5, 6, 7, 8, 9]


async def test_more_than_the_bound_is_a_reset(world):
    await emit(world, "user:a", 6)
    await wait_for_numbers(world, "user:a", 6)
    async with world.database.read() as connection:
        too_many = await look_up_replay(connection, "user:a", 0, replay_max=5)
        enough = await look_up_replay(connection, "user:a", 1, replay_max=5)

    assert (too_many.reset, enough.reset) == (True, False)


async def test_replay_stops_before_a_hole(world):
    await emit(world, "user:a", 6)
    await wait_for_numbers(world, "user:a", 6)

    async def punch(unit):
        await unit.execute(delete(Outbox).where(Outbox.room == "user:a", Outbox.seq == 4))

    await world.database.transact(punch, name="test")
    async with world.database.read() as connection:
        events = await read_missed(connection, "user:a", 1)

    assert [event.seq for event in events] == [2, 3]


async def test_unsubscribed_socket_hears_no_more(world, listen):
    alice = await world.join("alice")
    listener, witness = await listen(world, alice), await listen(world, alice)
    room = f"user:{alice.id}"

    assert await listener.client.call("unsubscribe", {"room": room}) == {"status": "ok"}
    await emit(world, room)

    await witness.wait_until(lambda: witness.numbers(room))
    assert listener.numbers(room) == []


async def test_view_built_from_events_equals_a_fresh_fetch(world, listen):
    seller, buyer = await world.join("seller", usdt="1000"), await world.join("buyer")
    listeners = {}
    for person in (seller, buyer):
        listener = listeners[person.name] = await listen(world, person)
        await listener.subscribe(f"user:{person.id}", after=0)
        await listener.subscribe(ROOM, after=0)
        listener.view.hold_book(await person.must("GET", f"/markets/{MARKET}/book"))
    await seller.add_account()
    first = await seller.sell("100", "26000")
    await seller.sell("70", "26020")
    made = await buyer.buy("40", "26100")
    trade_id = made["trades"][0]["id"]
    await seller.must("PATCH", f"/orders/{first['id']}", {"amount": "90", "version": 1})
    await buyer.must("POST", f"/trades/{trade_id}/payer", {"payer_name": "Nguyen Van A"})
    await buyer.must("POST", f"/trades/{trade_id}/paid", {})
    await seller.must("DELETE", f"/orders/{first['id']}")
    await seller.sell("30", "26050")

    await wait_for_relay(world)
    numbers = await last_numbers(world)
    for person in (seller, buyer):
        view = listeners[person.name].view
        rooms = (f"user:{person.id}", ROOM)
        await listeners[person.name].wait_until(
            lambda of=view, rooms=rooms: all(of.last[room] == numbers[room] for room in rooms)
        )

        async def get(path, person=person):
            return await person.must("GET", path)

        await wait_for_equality(view, get)
        assert (view.gaps, view.stale_books) == ([], set())
    told = {name for _, _, name in listeners["seller"].view.taken}
    assert told >= {"order_created", "order_updated", "order_cancelled", "trade_created"}
    assert told >= {"trade_updated", "balance_updated"}


async def wait_for_equality(view, get):
    """The book follows within a tenth of a second; all else is equal already."""
    loop = asyncio.get_running_loop()
    until = loop.time() + 60
    while found := await find_differences(view, get, MARKET):
        assert loop.time() < until, found
        assert all(text.startswith("book ") for text in found), found
        await asyncio.sleep(0.05)


async def wait_for_relay(world):
    async with asyncio.timeout(60):
        while await world.read(select(Outbox.id).where(Outbox.relay_batch.is_(None))):
            await asyncio.sleep(0.01)


async def last_numbers(world):
    rows = await world.read(select(Outbox.room, Outbox.seq))
    last = {}
    for room, seq in rows:
        last[room] = max(last.get(room, 0), seq)
    return last


async def test_events_of_a_lane_that_died_after_its_commit_are_sent_by_the_next(world, listen):
    seller = await world.join("seller", usdt="1000")
    await seller.add_account()
    listener = await listen(world)
    await listener.subscribe(ROOM)
    view = listener.view
    await seller.sell("20", "26000")

    def die():
        raise OSError

    fault.arm("lane.after_commit", die)
    await seller.sell("20", "26010")
    fault.disarm()

    await listener.wait_until(lambda: view.last[ROOM] == 2)
    assert [number for _, number, _ in view.taken] == [1, 2]
    assert view.gaps == []
