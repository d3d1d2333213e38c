"""Payment methods that are added or changed reach lanes that serve."""

from server.identity.rails import upsert_payment_methods
from server.orders.host import LANES
from tests.market_world import MARKET, rail


async def test_new_and_changed_rails_reach_a_lane_that_serves(world):
    buyer = await world.join("buyer")
    seller = await world.join("seller", usdt="1000")
    wish = {
        "market": MARKET, "side": "buy", "pricing": {"type": "fixed", "price": "26000"},
        "amount": "20", "always_on": True, "payment_method_ids": ["vn-new"],
    }  # fmt: skip
    status, problem = await buyer.ask("POST", "/orders", wish)
    assert (status, list(problem["errors"])) == (422, ["payment_method_ids"])
    desk, epoch = world.lane.desk, world.lane.lease.epoch

    async def change(unit):
        abroad = {**rail("us-new"), "currency": "USD", "region": "US"}
        slower = rail("vn-slow", "other", "reversible")
        await upsert_payment_methods(unit, [rail("vn-new", "domestic"), slower, abroad])

    await world.database.transact(change, name="test")
    await world.client.server.app[LANES].discover()

    assert (world.lane.desk, world.lane.lease.epoch) == (desk, epoch)
    speeds = world.lane.desk.rails.speed_of
    assert (speeds["vn-new"], speeds["vn-slow"]) == ("domestic", "other")
    assert "us-new" not in speeds
    order = await buyer.must("POST", "/orders", wish)
    account_id = await seller.add_account("vn-new")
    taken = await seller.must(
        "POST",
        f"/orders/{order['id']}/take",
        {"amount": "20", "payment_account_id": account_id, "worst_price": "26000"},
    )
    assert taken["trades"][0]["payment_method"] == "vn-new"
