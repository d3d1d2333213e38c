"""Blocks reach a lane that knows both people, and so does their end."""

import pytest


@pytest.mark.parametrize("blocker", ["seller", "buyer"])
async def test_block_and_its_end_count_at_once_whoever_set_it(world, blocker):
    seller, buyer = await world.join("seller", usdt="1000"), await world.join("buyer")
    order = await seller.sell("100", "26000")
    take = {"amount": "20", "payment_method_id": "vn-one", "worst_price": "26000"}
    path = f"/orders/{order['id']}/take"
    (first,) = (await buyer.must("POST", path, take))["trades"]
    await buyer.must("POST", f"/trades/{first['id']}/cancel", {"reason": "changed_mind"})
    await world.wait_for_inbox()
    one, other = (seller, buyer) if blocker == "seller" else (buyer, seller)

    await one.must("POST", "/me/blocks", {"username": other.name})
    await world.wait_for_inbox()
    status, problem = await buyer.ask("POST", path, take)
    assert (status, problem["code"]) == (409, "not_eligible")

    await one.must("DELETE", f"/me/blocks/{other.name}")
    await world.wait_for_inbox()
    assert len((await buyer.must("POST", path, take))["trades"]) == 1
