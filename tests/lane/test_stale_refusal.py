"""A no must be true of the standing as it is, not as the lane remembers it."""

import asyncio
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from models.identity import Standing


async def test_command_is_not_refused_for_a_standing_that_has_moved(world):
    seller = await world.join("seller", usdt="1000")
    buyer = await world.join("buyer")
    order = await seller.sell("100", "26000")
    take = {"amount": "20", "payment_method_id": "vn-one", "order_version": order["version"]}
    path = f"/orders/{order['id']}/take"
    until = world.clock.now() + timedelta(hours=1)
    await world.change_standing(buyer, taking_blocked_until=until)
    refused, _ = await buyer.ask("POST", path, take)

    await world.change_standing(buyer, taking_blocked_until=None)
    allowed, _ = await buyer.ask("POST", path, take)

    assert (refused, allowed) == (409, 201)


async def test_command_is_not_refused_for_a_standing_that_another_unit_holds(world):
    seller = await world.join("seller", usdt="1000")
    buyer = await world.join("buyer")
    order = await seller.sell("100", "26000")
    take = {"amount": "20", "payment_method_id": "vn-one", "order_version": order["version"]}
    path = f"/orders/{order['id']}/take"
    until = world.clock.now() + timedelta(hours=1)
    await world.change_standing(buyer, taking_blocked_until=until)
    await buyer.ask("POST", path, take)
    await world.change_standing(buyer, taking_blocked_until=None)

    async def hold(unit):
        mine = select(Standing.user_id).where(Standing.user_id == UUID(buyer.id))
        await unit.execute(mine.with_for_update())
        taking = asyncio.create_task(buyer.ask("POST", path, take))
        await asyncio.sleep(0.2)
        return taking

    taking = await world.database.transact(hold, name="test")

    status, _ = await taking
    assert status == 201
