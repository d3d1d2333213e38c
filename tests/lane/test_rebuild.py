"""A rebuilt book equals the live one in everything that its future depends on."""

import asyncio
import random
from datetime import timedelta

from server.markets.index import STALE_AFTER
from server.markets.service import record_reading
from server.monitor.verifier import verify
from server.orders.lane import loading
from server.orders.lane.loop import start_lane, stop_lane
from tests.lane.lanes import (
    cancel_trade,
    leave_recheck,
    let_lease_run_out,
    make_lane,
    pay,
    picture,
    release,
    until,
)
from tests.market_world import MARKET

STEPS = 14


async def act(world, chance, person, orders, trades):
    """One thing that a person does in a busy hour."""
    choice = chance.random()
    if choice < 0.7:
        return await place(person, draw_order(chance, person), orders)
    if choice < 0.85 and orders:
        return await change_order(chance, *chance.choice(orders))
    if trades:
        return await end_trade(world, chance, trades.pop(chance.randrange(len(trades))))
    return None


def draw_order(chance, person):
    """Any order that this person may place."""
    body = {
        "market": MARKET,
        "amount": str(chance.randrange(10, 90)),
        "pricing": {"type": "fixed", "price": str(26_000 + chance.randrange(-4, 5) * 10)},
        "max_trades": chance.randrange(1, 4),
        "always_on": chance.random() < 0.8,
    }
    rare = {
        "pricing": {"type": "floating", "margin_bp": chance.randrange(-40, 41)},
        "time_in_force": "ioc",
        "min_fiat": str(chance.randrange(1, 40) * 10_000),
        "requirements": {"completed_trades": chance.randrange(0, 12)},
        "visibility": "unlisted",
        "price_guard": {"low": "25900", "high": "26100"},
    }
    body |= {name: value for name, value in rare.items() if chance.random() < 0.15}
    if chance.random() < 0.5:
        return body | {"side": "sell", "payment_account_ids": list(person.accounts.values())}
    rails = chance.sample(["vn-one", "vn-two", "vn-slow"], chance.randrange(1, 4))
    return body | {"side": "buy", "payment_method_ids": rails}


async def change_order(chance, owner, order_id):
    verb = chance.choice(["cancel", "pause", "resume", "edit", "more"])
    if verb == "cancel":
        return await owner.ask("DELETE", f"/orders/{order_id}")
    if verb in {"pause", "resume"}:
        return await owner.ask("POST", f"/orders/{order_id}/{verb}")
    change = {"terms": "Quick"} if verb == "edit" else {"amount": "120"}
    return await owner.ask("PATCH", f"/orders/{order_id}", change)


async def end_trade(world, chance, trade):
    buyer = world.people[trade["buyer"]]
    if chance.random() < 0.5:
        return await cancel_trade(buyer, trade["id"])
    paid = await pay(world, buyer, trade["id"])
    if chance.random() < 0.7:
        return await release(world.people[trade["seller"]], paid)
    return None


async def place(person, body, orders):
    status, answer = await person.ask("POST", "/orders", body)
    assert status < 500 or answer["code"] == "lane_busy", answer
    if status != 201:
        return None
    orders.append((person, answer["id"]))
    return answer["trades"]


async def read_index(unit):
    """A source that goes on, so that floating orders do."""
    now = unit.now
    await record_reading(unit, MARKET, index_ticks=26_000, read_at=now, source="test")


async def test_rebuilt_book_equals_the_live_one_after_a_busy_hour(world):
    chance = random.Random(11)
    people = [
        await world.join(f"person{n}", usdt="9000", trades=chance.choice([0, 10, 60]))
        for n in range(7)
    ]
    for person in people:
        for method in ("vn-one", "vn-two"):
            await person.add_account(method)
    orders, trades = [], []

    for step in range(STEPS):
        done = await asyncio.gather(
            *(act(world, chance, person, orders, trades) for person in people)
        )
        for made in done:
            if isinstance(made, list):
                trades += made
        world.clock.advance(seconds=60)
        await world.database.transact(read_index, name="test")
        if step % 5 == 4:
            await world.wait_for_inbox()
    for person in people:
        # Commands make their givers present in memory before the row says so. Nor shall the clock
        # find somebody gone again before the books are compared.
        here = {"present": True, "seen_at": world.clock.now(), "recheck_at": None}
        await world.change_standing(person, **here)
        await leave_recheck(world, person)
    await world.wait_for_inbox()
    await quiet_skips(world)

    assert trades or len(orders) > 20
    assert await verify(world.database, full=True) == []
    second = make_lane(world)
    try:
        async with world.lane.between_batches:
            await let_lease_run_out(world)
            second.queue.put = lambda command: None  # the first batch would already change things
            start_lane(second)
            await until(lambda: second.serving, "the second owner serves")
            users = set(second.desk.book.state.members)
            live, rebuilt = picture(world.lane, users), picture(second, users)
        for part, expected in live.items():
            if isinstance(expected, dict):
                for key in {*expected, *rebuilt[part]}:
                    assert rebuilt[part].get(key) == expected.get(key), (part, key)
            assert rebuilt[part] == expected, part
    finally:
        await stop_lane(second)


async def test_lane_that_begins_with_an_old_index_keeps_floating_orders_back(world):
    read_at = world.clock.now()
    async with world.database.read() as connection:
        fresh = await loading.load_market(connection, MARKET, read_at + STALE_AFTER)
        late = read_at + STALE_AFTER + timedelta(seconds=1)
        old = await loading.load_market(connection, MARKET, late)
    assert (fresh.floating_on, old.floating_on) == (True, False)
    assert old.index_ticks == fresh.index_ticks


async def quiet_skips(world):
    """Let the lane write the skip counts that it keeps for a second."""
    world.lane.skips_written_at = 0.0
    person = next(iter(world.people.values()))
    order = await person.sell("10", "29000")
    await person.must("DELETE", f"/orders/{order['id']}")
    await world.settle()
