"""A payment account that was removed is named by no order any more."""

import asyncio


def sale(person, account_id):
    return {
        "market": "USDT-VND",
        "side": "sell",
        "pricing": {"type": "fixed", "price": "26000"},
        "amount": "20",
        "payment_account_ids": [account_id],
        "always_on": True,
    }


async def test_removed_account_is_refused_for_a_new_order(world):
    seller = await world.join("seller", usdt="1000")
    account_id = await seller.add_account()
    order = await seller.must("POST", "/orders", sale(seller, account_id))
    await seller.must("DELETE", f"/orders/{order['id']}")
    await seller.remove_account(account_id)
    await world.wait_for_inbox()

    status, problem = await seller.ask("POST", "/orders", sale(seller, account_id))

    assert (status, list(problem["errors"])) == (422, ["payment_account_ids"])


async def test_removed_account_is_refused_for_an_order_that_waits_for_the_lane(world):
    seller = await world.join("seller", usdt="1000")
    account_id = await seller.add_account()
    async with world.lane.between_batches:
        placing = asyncio.create_task(seller.ask("POST", "/orders", sale(seller, account_id)))
        while not len(world.lane.queue):
            await asyncio.sleep(0.005)
        await seller.remove_account(account_id)
        world.lane.nudge()

    status, problem = await placing

    assert (status, list(problem["errors"])) == (422, ["payment_account_ids"])
    assert await world.read("SELECT id FROM orders") == []
