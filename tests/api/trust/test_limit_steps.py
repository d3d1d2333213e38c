"""GET /me/limits says what raises each limit, by how much, and how far one is."""

from models.trades import TradeStatus
from server.trades import limits_routes
from tests.api.trades.conftest import serve_world
from tests.api.trust.deals import PAYER, pay
from tests.case_world import count_statements
from tests.trade_world import open_world


async def test_limits_say_what_raises_them_and_how_far_one_is(world):
    seller = await world.join("seller", usdt="1000")
    buyer = await world.join("buyer", trades=0)

    async def steps():
        shown = (await buyer.must("GET", "/me/limits"))["steps"]
        return {(one["limit"], one["raised_by"]): one for one in shown}

    before = await steps()
    grown = before["day_limit", "counterparties"]
    assert (grown["have"], grown["need"], grown["then"]) == (0, 5, "25000.000000")
    assert before["day_limit", "kyc_level"]["then"] == "200000.000000"
    assert before["trade_cap", "trades_completed"]["need"] == 1
    await seller.sell("200", "26000")
    (trade,) = (await buyer.buy("20", "26000", time_in_force="ioc"))["trades"]
    await pay(buyer, trade["id"])
    await seller.release(trade["id"], PAYER)
    after = await steps()
    assert ("trade_cap", "trades_completed") not in after
    assert after["day_limit", "counterparties"]["have"] == 1
    assert after["open_unpaid", "trades_completed"]["have"] == 1
    assert after["hold_reversible", "counted_trades"]["need"] == 50


async def test_trades_change_nothing_in_the_three_statements_that_read_limits(database_url):
    async with (
        open_world(database_url) as world,
        serve_world(world, *limits_routes.ROUTES.endpoints) as api,
    ):
        for _ in range(2):
            with count_statements(world.database.engine) as sent:
                assert (await api.get("/me/limits")).status == 200
            assert len([one for one in sent if one.startswith("SELECT")]) == 3
            for _ in range(2):
                await world.open_trade(TradeStatus.COMPLETED)
