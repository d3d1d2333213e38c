"""Suspensions come and go by the inbox; what the owner or his hours had paused stays paused."""

import orjson
import pytest
from sqlalchemy import insert

from models.orders import LaneInbox
from server.orders.lane.loop import start_lane, stop_lane
from tests.lane.lanes import cancel_trade, until
from tests.market_world import MARKET


async def leave(world, kind, order, **more):
    body = orjson.dumps({"order_id": order["id"], **more}).decode()

    async def work(unit):
        inbox_id = unit.ids.new_id()
        await unit.execute(
            insert(LaneInbox).values(
                id=inbox_id, market=MARKET, kind=kind, cause=f"test:{inbox_id}", body=body,
                created_at=unit.now,
            )
        )  # fmt: skip

    await world.database.transact(work, name="test")
    world.lane.nudge()
    await world.wait_for_inbox()


async def suspend_and_lift(world, order, *, restarts=False):
    await leave(world, "suspend", order, reason="review")
    if restarts:
        await stop_lane(world.lane)
        start_lane(world.lane)
        await until(lambda: world.lane.serving, "the lane serves again")
    await leave(world, "lift", order)


async def look(person, order):
    found = await person.must("GET", f"/orders/{order['id']}")
    return found["status"], found["status_reason"]


@pytest.mark.parametrize("restarts", [False, True])
async def test_lifted_order_that_its_owner_had_paused_stays_paused(world, restarts):
    seller, buyer = await world.join("seller", usdt="1000"), await world.join("buyer")
    order = await seller.sell("40", "26000")
    await seller.must("POST", f"/orders/{order['id']}/pause")

    await suspend_and_lift(world, order, restarts=restarts)

    assert await look(seller, order) == ("paused", "owner")
    assert (await buyer.buy("40", "26000", time_in_force="ioc"))["trades"] == []


@pytest.mark.parametrize("restarts", [False, True])
async def test_lifted_order_that_was_not_paused_trades_again(world, restarts):
    seller, buyer = await world.join("seller", usdt="1000"), await world.join("buyer")
    order = await seller.sell("40", "26000")

    await suspend_and_lift(world, order, restarts=restarts)

    assert await look(seller, order) == ("open", None)
    assert len((await buyer.buy("40", "26000", time_in_force="ioc"))["trades"]) == 1


async def test_hours_that_ended_in_a_suspension_are_over_after_it(world):
    seller = await world.join("seller", usdt="1000")
    order = await seller.sell("40", "26000")
    now = world.clock.now()
    minute = now.weekday() * 1440 + now.hour * 60 + now.minute
    hours = [{"from_minute": minute, "to_minute": minute + 5}]
    await seller.must("PATCH", f"/orders/{order['id']}", {"schedule": hours})
    await world.settle()
    assert await look(seller, order) == ("open", None)
    await leave(world, "suspend", order, reason="review")
    world.clock.advance(minutes=6)
    await world.settle()

    await leave(world, "lift", order)

    assert await look(seller, order) == ("paused", "schedule")


async def test_trade_that_ends_unpaid_in_a_suspension_pauses_its_buy_order(world):
    buyer = await world.join("buyer", trades=60)
    seller = await world.join("seller", usdt="1000")
    order = await buyer.buy("100", "26000")
    sold = await seller.sell("40", "26000")
    await leave(world, "suspend", order, reason="review")
    await cancel_trade(buyer, sold["trades"][0]["id"])
    await world.wait_for_inbox()

    await leave(world, "lift", order)

    assert await look(buyer, order) == ("paused", "unpaid")
