"""Who comes back is woken as he is now, not as the lane remembered him."""

import pytest


async def be_forgotten(world, name):
    """Somebody whom the lane has met while he was away and whom nothing rests for."""
    person = await world.join(name, trades=0)
    await world.change_standing(person, present=False)
    asked = {"market": "USDT-VND", "side": "buy", "amount": "10", "payment_method_ids": ["vn-one"]}
    await person.must("POST", "/quote", asked)
    return person


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"frozen_at": True}, "not_eligible"),
        ({"open_unpaid_as_buyer": 1}, "open_trades"),
        ({"limit_used_micro": 20_000_000_000}, "limit_used"),
    ],
)
async def test_change_while_away_counts_for_the_first_command_after(world, change, code):
    seller = await world.join("seller", usdt="1000")
    order = await seller.sell("40", "26000")
    buyer = await be_forgotten(world, "buyer")
    if "frozen_at" in change:
        change = {"frozen_at": world.clock.now()}
    await world.change_standing(buyer, **change)

    status, reply = await buyer.ask(
        "POST",
        f"/orders/{order['id']}/take",
        {"amount": "10", "payment_method_id": "vn-one", "order_version": order["version"]},
    )

    assert (status, reply.get("code")) == (409, code)
    assert await world.read("SELECT id FROM trades") == []
