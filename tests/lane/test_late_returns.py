"""What returns to a filled order after its time does not put it on the market again."""

from datetime import timedelta

import pytest

from server.core.clock import format_instant
from tests.lane.lanes import cancel_trade


@pytest.mark.parametrize("minutes", [3, 6])
@pytest.mark.parametrize("kind", ["expires_at", "schedule"])
async def test_return_after_the_time_of_an_order_does_not_match(world, kind, minutes):
    seller = await world.join("seller", usdt="1000")
    buyer, waiting = await world.join("buyer"), await world.join("waiting")
    more = {"schedule": [{"from_minute": 0, "to_minute": 3 * 24 * 60 + 5}]}
    if kind == "expires_at":
        ends = world.clock.now() + timedelta(minutes=5)
        more = {"time_in_force": "gtd", "expires_at": format_instant(ends)}
    order = await seller.sell("40", "26000", **more)
    bought = await buyer.buy("40", "26000", **more)
    (trade,) = bought["trades"]
    await waiting.buy("40", "26000")
    world.clock.advance(minutes=minutes)

    await cancel_trade(buyer, trade["id"])
    await world.wait_for_inbox()
    await world.settle()

    assert (await buyer.must("GET", f"/orders/{bought['id']}"))["status"] == "filled"
    after = await seller.must("GET", f"/orders/{order['id']}")
    trades = await world.read("SELECT count(*) FROM trades")
    if minutes == 3:
        assert (after["status"], trades[0][0]) == ("filled", 2)
    elif kind == "expires_at":
        assert (after["status"], after["reserved"], trades[0][0]) == ("expired", "0.000000", 1)
        assert (await seller.balances())["available"] == "1000.000000"
    else:
        assert (after["status"], after["status_reason"], trades[0][0]) == ("paused", "schedule", 1)
