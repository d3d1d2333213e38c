"""Who has, or had, the same payment account as another one is kept apart from him."""

from sqlalchemy import delete

from models.identity import PaymentFingerprint

NUMBER = "12345678"


async def start(world):
    """A seller with an order, and a buyer whom the lane has met before he adds that account.

    Whose the account is has been forgotten, else nobody but the seller could add it.
    """
    seller, buyer = await world.join("seller", usdt="1000"), await world.join("buyer")
    await seller.add_account(number=NUMBER)
    order = await seller.sell("40", "26000")
    await buyer.must(
        "POST",
        "/quote",
        {"market": "USDT-VND", "side": "buy", "amount": "20", "payment_method_ids": ["vn-one"]},
    )
    await world.database.transact(
        lambda unit: unit.execute(delete(PaymentFingerprint)), name="test"
    )
    return buyer, order


async def test_people_with_the_same_payment_account_do_not_trade(world):
    buyer, order = await start(world)
    await buyer.add_account(number=NUMBER)

    placed = await buyer.buy("20", "26000")
    status, problem = await buyer.ask(
        "POST",
        f"/orders/{order['id']}/take",
        {"amount": "20", "payment_method_id": "vn-one", "order_version": order["version"]},
    )

    assert placed["trades"] == []
    assert (status, problem["code"]) == (409, "not_eligible")


async def test_removed_payment_account_keeps_people_apart(world):
    buyer, _ = await start(world)
    await buyer.remove_account(await buyer.add_account(number=NUMBER))

    assert (await buyer.buy("20", "26000"))["trades"] == []


async def test_people_with_different_payment_accounts_trade(world):
    buyer, _ = await start(world)
    await buyer.add_account(number="87654321")

    assert len((await buyer.buy("20", "26000"))["trades"]) == 1
