"""GET /markets/{market}/index, and how a reading comes to the book."""

from decimal import Decimal

import orjson
from sqlalchemy import select

from models.operations import Outbox
from server.markets.median import Judged
from server.markets.service import record_reading, stop_stale_indexes
from server.orders.lane.loop import start_lane, stop_lane


async def read_index(world, ticks):
    async def work(unit):
        verdict = await record_reading(
            unit, "USDT-VND", index_ticks=ticks, read_at=unit.now, source="test"
        )
        return verdict.accepted

    world.clock.advance(seconds=5)
    return await world.database.transact(work, name="test")


async def list_told(world):
    """The `index_updated` events of the market's room: numbers and bodies."""
    rows = await world.read(
        select(Outbox.room, Outbox.seq, Outbox.body)
        .where(Outbox.name == "index_updated")
        .order_by(Outbox.seq)
    )
    assert all(row.room == "market:USDT-VND" for row in rows)
    return [(row.seq, orjson.loads(row.body)) for row in rows]


async def test_index_is_shown_with_its_readings_newest_first(world, fetch):
    await read_index(world, 26_100)
    await read_index(world, 30_000)

    status, index = await fetch("/markets/USDT-VND/index")

    assert status == 200
    history = index.pop("items")
    assert index == {
        "market": "USDT-VND",
        "index": "26100",
        "floating_on": False,
        "read_at": "2026-01-01T00:00:05.000Z",
        "override": None,
        "next_cursor": None,
    }
    assert [(item["index"], item["accepted"], item["read_at"]) for item in history] == [
        ("30000", False, "2026-01-01T00:00:10.000Z"),
        ("26100", True, "2026-01-01T00:00:05.000Z"),
    ]
    assert history[0]["source"] == "test"


async def test_sources_of_a_reading_are_shown(world, fetch):
    judged = (Judged("kraken", Decimal("26100.50"), "counted"), Judged("okx", Decimal(99), "stale"))

    async def work(unit):
        await record_reading(
            unit, "USDT-VND", index_ticks=26_100, read_at=unit.now, source="median", judged=judged
        )

    world.clock.advance(seconds=5)
    await world.database.transact(work, name="test")

    _, index = await fetch("/markets/USDT-VND/index")
    assert index["items"][0]["sources"] == [
        {"source": "kraken", "price": "26100.5", "verdict": "counted"},
        {"source": "okx", "price": "99", "verdict": "stale"},
    ]


async def test_history_is_read_in_pages(world, fetch):
    for ticks in range(26_001, 26_006):
        await read_index(world, ticks)

    seen, cursor = [], ""
    for _ in range(3):
        _, page = await fetch(f"/markets/USDT-VND/index?limit=2{cursor}")
        seen += [item["index"] for item in page["items"]]
        cursor = f"&cursor={page['next_cursor']}"

    assert seen == ["26005", "26004", "26003", "26002", "26001"]
    assert page["next_cursor"] is None


async def test_last_event_of_the_room_equals_the_fetched_index(world, fetch):
    await read_index(world, 26_100)
    await world.wait_for_inbox()
    await read_index(world, 30_000)
    await world.wait_for_inbox()

    told = await list_told(world)
    _, index = await fetch("/markets/USDT-VND/index")

    del index["items"], index["next_cursor"], index["override"]
    assert [seq for seq, _ in told] == [1, 2]
    assert told[-1][1] == index


async def test_reading_makes_floating_orders_cross(world):
    seller = await world.join("seller", usdt="1000")
    buyer = await world.join("buyer")
    pricing = {"type": "floating", "margin_bp": 100}
    await seller.sell("100", "0", pricing=pricing)
    order = await buyer.buy("40", "26000")
    assert order["trades"] == []

    await read_index(world, 25_700)
    await world.wait_for_inbox()

    matched = await buyer.must("GET", f"/orders/{order['id']}")
    assert matched["status"] == "filled"


async def test_step_keeps_floating_orders_from_matching_until_it_is_confirmed(world):
    seller = await world.join("seller", usdt="1000")
    buyer = await world.join("buyer")
    await seller.sell("100", "0", pricing={"type": "floating", "margin_bp": 100})
    order = await buyer.buy("40", "25000")

    assert not await read_index(world, 24_700)
    await world.wait_for_inbox()
    waiting = await buyer.must("GET", f"/orders/{order['id']}")
    assert await read_index(world, 24_710)
    await world.wait_for_inbox()
    matched = await buyer.must("GET", f"/orders/{order['id']}")

    assert (waiting["status"], matched["status"]) == ("open", "filled")


async def test_stale_index_switches_the_floating_side_of_the_lane_off(world):
    await read_index(world, 26_000)
    await world.wait_for_inbox()
    assert world.lane.desk.book.state.is_floating_on
    world.clock.advance(seconds=121)

    assert await stop_stale_indexes(world.database) == 1
    await world.wait_for_inbox()

    assert not world.lane.desk.book.state.is_floating_on
    assert [body["floating_on"] for _, body in await list_told(world)] == [True, False]


async def test_readings_that_waited_are_all_told_but_only_the_last_is_matched_on(world):
    seller = await world.join("seller", usdt="1000")
    buyer = await world.join("buyer")
    await seller.sell("100", "0", pricing={"type": "floating", "margin_bp": 100})
    order = await buyer.buy("40", "26000")
    await stop_lane(world.lane)
    for ticks in (25_700, 26_000):
        await read_index(world, ticks)

    start_lane(world.lane)
    await world.wait_for_inbox()

    waiting = await buyer.must("GET", f"/orders/{order['id']}")
    assert waiting["status"] == "open"
    assert [body["index"] for _, body in await list_told(world)] == ["25700", "26000"]
    assert world.lane.desk.book.state.index_ticks == 26_000
