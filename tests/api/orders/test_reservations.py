"""What a sell order sets aside, what its trades draw from it, and what comes back."""

import pytest
from sqlalchemy import insert, select, update

from models.ledger import Hold
from models.markets import MarketSettings
from models.orders import LaneInbox
from models.trades import Trade
from tests.lane.lanes import pay
from tests.market_world import MARKET


async def read_order(person, order):
    return await person.must("GET", f"/orders/{order['id']}")


async def set_fees(world, *, maker_ppm, taker_ppm):
    """New rates of the market, as an administrator sets them: the lane is told."""

    async def work(unit):
        await unit.execute(
            update(MarketSettings)
            .where(MarketSettings.market == MARKET)
            .values(maker_fee_ppm=maker_ppm, taker_fee_ppm=taker_ppm)
        )
        await unit.execute(
            insert(LaneInbox).values(
                id=unit.ids.new_id(),
                market=MARKET,
                kind="terms",
                cause=f"fees:{maker_ppm}",
                body="{}",
                created_at=unit.now,
            )
        )

    await world.database.transact(work, name="test")
    await world.wait_for_inbox()


async def test_fills_draw_the_reservation_down_and_the_end_closes_it_once(world, seller, buyer):
    order = await seller.sell("100", "26000")
    left = [order["reserved"]]
    for amount in ("40", "35"):
        await buyer.buy(amount, "26000", time_in_force="ioc")
        left.append((await read_order(seller, order))["reserved"])
    ended = await seller.must("DELETE", f"/orders/{order['id']}")
    again, problem = await seller.ask("DELETE", f"/orders/{order['id']}")

    # Each trade locks its amount and the maker's fee of 0.05 %.
    assert left == ["100.150000", "60.130000", "25.112500"]
    assert ended["reserved"] == "0.000000"
    assert (again, problem["code"]) == (409, "order_not_open")
    balances = await seller.balances()
    assert balances["reserved"] == "0.000000"
    assert (balances["escrow"], balances["available"]) == ("75.037500", "924.962500")


async def test_surplus_of_the_fee_returns_when_the_order_is_filled(world, seller, buyer):
    order = await seller.sell("33.333333", "26000", max_trades=5)
    for amount in ("10.000001", "12.345678", "10.987654"):
        await buyer.buy(amount, "26000", time_in_force="ioc")

    # Reserved 33.333333 and floor(0.15 %) = 0.049999; the trades took floor(0.05 %) each:
    # 0.005000, 0.006172 and 0.005493.
    assert order["reserved"] == "33.383332"
    assert (await read_order(seller, order))["status"] == "filled"
    balances = await seller.balances()
    assert balances["escrow"] == "33.349998"
    assert (balances["reserved"], balances["available"]) == ("0.000000", "966.650002")
    holds = await world.read(select(Hold.amount))
    assert sum(row.amount for row in holds) == 33_349_998


async def test_fees_of_partial_fills_never_exceed_what_was_reserved(world, seller, buyer):
    # As taker the seller pays the higher rate, which is just what the order reserved.
    for amount in ("10.000667", "10.000667", "10.000667"):
        await buyer.buy(amount, "26000")
    order = await seller.sell("30.002001", "26000", max_trades=3)

    assert [trade["amount"] for trade in order["trades"]] == ["10.000667"] * 3
    holds = sorted(row.amount for row in await world.read(select(Hold.amount)))
    fee = 10_000_667 * 1_500 // 1_000_000
    assert holds == [10_000_667 + fee] * 3
    reserved = 30_002_001 + 30_002_001 * 1_500 // 1_000_000
    assert sum(holds) <= reserved
    balances = await seller.balances()
    assert balances["reserved"] == "0.000000"
    assert sum(holds) + int(balances["available"].replace(".", "")) == 1_000_000_000


async def test_rates_are_those_of_the_day_when_the_order_was_placed(world, seller, buyer):
    old = await seller.sell("50", "26000")
    await set_fees(world, maker_ppm=10_000, taker_ppm=20_000)
    new = await seller.sell("50", "26100")
    await buyer.buy("20", "26000", time_in_force="ioc")
    await buyer.buy("40", "26100", time_in_force="ioc", max_trades=1)

    assert (old["maker_fee_ppm"], old["taker_fee_ppm"]) == (500, 1500)
    assert (new["maker_fee_ppm"], new["taker_fee_ppm"]) == (10_000, 20_000)
    assert (old["reserved"], new["reserved"]) == ("50.075000", "51.000000")
    rates = await world.read(select(Trade.seller_fee_ppm, Trade.buyer_fee_ppm).order_by(Trade.id))
    # The buyer's orders are younger than the change, the seller's first order is older.
    assert [tuple(row) for row in rates] == [(500, 20_000), (500, 20_000)]


async def test_rates_of_a_trade_stay_when_the_market_changes_its_own(world, seller, buyer):
    await seller.sell("50", "26000")
    (trade,) = (await buyer.buy("40", "26000"))["trades"]
    await set_fees(world, maker_ppm=10_000, taker_ppm=20_000)

    await pay(world, buyer, trade["id"])
    await seller.release(trade["id"], "TRAN VAN B")

    assert (await buyer.balances())["available"] == "39.940000"


@pytest.mark.parametrize("by", ["cancel", "fill"])
async def test_ended_order_keeps_nothing_of_its_owner(world, seller, buyer, by):
    order = await seller.sell("20", "26000")
    if by == "cancel":
        await seller.must("DELETE", f"/orders/{order['id']}")
    else:
        await buyer.buy("20", "26000", time_in_force="ioc")

    assert (await read_order(seller, order))["reserved"] == "0.000000"
    assert (await seller.balances())["reserved"] == "0.000000"
