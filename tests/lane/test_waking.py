"""What lets resting orders match again: standings, instants that come, people who return."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from tests.lane.lanes import leave_recheck
from tests.sockets.live import Listener


async def count_trades(world):
    return (await world.read("SELECT count(*) FROM trades"))[0][0]


async def wait_for_trade(world):
    async def look():
        world.lane.nudge()
        return await count_trades(world)

    async with asyncio.timeout(60):
        while not await look():
            await asyncio.sleep(0.02)


async def cross_while_frozen(world):
    """A sell and a buy order that cross and do not match, as the seller is frozen."""
    seller, buyer = await world.join("seller", usdt="1000"), await world.join("buyer")
    await seller.sell("40", "26000")
    await world.change_standing(seller, frozen_at=world.clock.now())
    await leave_recheck(world, seller)
    await world.wait_for_inbox()
    assert (await buyer.buy("40", "26000"))["trades"] == []
    return seller


async def test_changed_standing_makes_orders_match_again(world):
    seller = await cross_while_frozen(world)

    await world.change_standing(seller, frozen_at=None)
    await world.settle()
    assert await count_trades(world) == 0
    await leave_recheck(world, seller)

    await wait_for_trade(world)


@pytest.mark.parametrize("minutes", [59, 60])
async def test_instant_of_a_standing_comes_as_a_recheck_and_not_by_the_clock(world, minutes):
    seller, buyer = await world.join("seller", usdt="1000"), await world.join("buyer")
    await seller.sell("40", "26000")
    ends = world.clock.now() + timedelta(hours=1)
    await world.change_standing(seller, selling_blocked_until=ends, recheck_at=ends)
    await leave_recheck(world, seller)
    await world.wait_for_inbox()
    assert (await buyer.buy("40", "26000"))["trades"] == []

    world.clock.advance(minutes=minutes)

    if minutes == 60:
        await wait_for_trade(world)
        return
    await world.settle()
    rows = await world.read("SELECT id FROM lane_inbox WHERE kind = 'recheck'")
    assert (len(rows), await count_trades(world)) == (1, 0)


@pytest.mark.parametrize("returns", ["request", "socket"])
async def test_return_of_the_owner_makes_his_orders_match_again(world, returns):
    seller, buyer = await world.join("seller", usdt="1000"), await world.join("buyer")
    await seller.sell("40", "26000", always_on=False)
    await until_present(world, seller, present=True)
    world.clock.advance(minutes=6)
    await until_present(world, seller, present=False)
    await world.wait_for_inbox()
    assert (await buyer.buy("40", "26000"))["trades"] == []

    if returns == "request":
        await seller.must("GET", "/me")
        await wait_for_trade(world)
        return
    listener = Listener(str(world.client.make_url("")))
    assert await listener.connect(token=seller.token)
    await wait_for_trade(world)
    await listener.close()


async def until_present(world, person, *, present):
    key = UUID(person.id).hex
    async with asyncio.timeout(60):
        while True:
            rows = await world.read(
                f"SELECT present FROM standings WHERE hex(user_id) = '{key.upper()}'"
            )
            if bool(rows[0].present) is present:
                return
            await asyncio.sleep(0.02)
