"""Whole deals between people of a `tests.market_world`."""

PAYER = "NGUYEN VAN A"


async def open_deal(seller, buyer, amount="20", price="26000"):
    """A trade that waits for its payment; its identifier."""
    order = await seller.sell(amount, price)
    body = {"amount": amount, "payment_method_id": "vn-one", "order_version": order["version"]}
    taken = await buyer.must("POST", f"/orders/{order['id']}/take", body)
    return taken["trades"][0]["id"]


async def pay(buyer, trade_id, payer=PAYER, reference=None):
    """The buyer names the payer and says that he paid."""
    await buyer.must("POST", f"/trades/{trade_id}/payer", {"payer_name": payer})
    body = {} if reference is None else {"reference": reference}
    return await buyer.must("POST", f"/trades/{trade_id}/paid", body)


async def complete(seller, buyer, amount="20"):
    """A completed trade; its identifier."""
    trade_id = await open_deal(seller, buyer, amount)
    await pay(buyer, trade_id)
    await seller.release(trade_id, PAYER)
    return trade_id


async def rate(person, trade_id, stars=5, **more):
    """Status and reply of a rating."""
    return await person.ask("POST", f"/trades/{trade_id}/rating", {"stars": stars, **more})
