"""A lane does not remember everybody who ever traded in its market."""

from uuid import UUID


async def test_users_without_living_orders_are_forgotten_and_known_again(world):
    seller = await world.join("seller", usdt="1000")
    order = await seller.sell("100", "26000")
    for number in range(4):
        passer = await world.join(f"passer{number}")
        await passer.ask("POST", "/quote", {
            "market": "USDT-VND", "side": "buy", "amount": "10", "payment_method_ids": ["vn-one"],
        })  # fmt: skip
    desk = world.lane.desk
    assert len(desk.members) == 5
    desk.members_max = 3
    await world.settle()

    assert set(desk.members) == set(desk.book.state.members) == {UUID(seller.id)}
    assert desk.members_max > 3
    bought = await passer.buy("20", "26000")
    assert [trade["seller"] for trade in bought["trades"]] == ["seller"]
    assert (await seller.must("GET", f"/orders/{order['id']}"))["matched"] == "20.000000"
