"""GET /markets/{market}/ticker and GET /markets/{market}/trades: completed trades only."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from models.ledger import Hold
from models.trades import Trade
from server.core.money import fee_down
from server.markets.service import stop_stale_indexes


async def trade(world, seller, buyer, amount, price):
    """A trade that was just matched; its identifier."""
    await seller.sell(amount, price)
    order = await buyer.buy(amount, price)
    return UUID(order["trades"][0]["id"])


async def end(world, trade_id, status="completed", *, part=None, ago_s=0, wait_s=2):
    """What the end of a trade leaves in its rows; `part` in micro-USDT is a split."""

    async def work(unit):
        ended_at = unit.now - timedelta(seconds=ago_s)
        await unit.execute(
            update(Trade)
            .where(Trade.id == trade_id)
            .values(
                status=status,
                deadline_at=None,
                ended_at=ended_at,
                completed_at=ended_at if status == "completed" else None,
            )
        )
        if part is not None:
            fees = fee_down(part, 1500) + fee_down(part, 500)
            paid_out = part - fee_down(part, 1500)
            await unit.execute(
                update(Hold)
                .where(Hold.trade_id == trade_id)
                .values(
                    resolution="split",
                    resolved_at=unit.now,
                    paid_out=paid_out,
                    fees=fees,
                    given_back=Hold.amount - paid_out - fees,
                )
            )

    world.clock.advance(seconds=wait_s)
    await world.database.transact(work, name="test")


@pytest.fixture
async def people(world):
    return await world.join("seller", usdt="5000", level=3), await world.join("buyer", level=3)


async def test_market_without_trades_has_an_empty_ticker(fetch):
    assert await fetch("/markets/USDT-VND/ticker") == (
        200,
        {
            "market": "USDT-VND",
            "last_price": None,
            "high_24h": None,
            "low_24h": None,
            "volume_24h": "0.000000",
            "trades_24h": 0,
            "best_bid": None,
            "best_ask": None,
        },
    )
    assert await fetch("/markets/USDT-VND/trades") == (200, {"items": [], "next_cursor": None})


async def test_only_completed_trades_are_counted(world, people, fetch):
    for status, price in (("completed", "26000"), ("cancelled", "27000"), ("paid", "28000")):
        await end(world, await trade(world, *people, "40", price), status)

    _, ticker = await fetch("/markets/USDT-VND/ticker")
    _, tape = await fetch("/markets/USDT-VND/trades")

    assert (ticker["last_price"], ticker["high_24h"]) == ("26000", "26000")
    assert (ticker["volume_24h"], ticker["trades_24h"]) == ("40.000000", 1)
    assert [item["price"] for item in tape["items"]] == ["26000"]


async def test_ticker_has_the_figures_of_the_last_24_hours(world, people, fetch):
    day_s = 24 * 3600
    await end(world, await trade(world, *people, "100", "24000"), ago_s=day_s + 6)
    await end(world, await trade(world, *people, "10", "26100"), ago_s=day_s - 7)
    for amount, price in (("20", "26500"), ("40", "26000"), ("10", "26200")):
        await end(world, await trade(world, *people, amount, price))

    _, ticker = await fetch("/markets/USDT-VND/ticker")

    assert ticker["last_price"] == "26200"
    assert (ticker["high_24h"], ticker["low_24h"]) == ("26500", "26000")
    assert (ticker["volume_24h"], ticker["trades_24h"]) == ("80.000000", 4)


async def test_split_counts_with_the_part_that_changed_hands(world, people, fetch):
    await end(world, await trade(world, *people, "40", "26000"))
    await end(world, await trade(world, *people, "30", "26000"), part=12_345_678)

    _, ticker = await fetch("/markets/USDT-VND/ticker")
    _, tape = await fetch("/markets/USDT-VND/trades")

    assert ticker["volume_24h"] == "52.345678"
    assert [item["amount"] for item in tape["items"]] == ["12.345678", "40.000000"]


async def test_tape_names_nobody_and_is_read_in_pages(world, people, fetch):
    for price in ("26001", "26002", "26003"):
        await end(world, await trade(world, *people, "10", price))

    _, page = await fetch("/markets/USDT-VND/trades?limit=2")
    _, rest = await fetch(f"/markets/USDT-VND/trades?limit=2&cursor={page['next_cursor']}")

    assert [item["price"] for item in page["items"]] == ["26003", "26002"]
    assert rest == {
        "items": [
            {
                "market": "USDT-VND",
                "price": "26001",
                "amount": "10.000000",
                "taker_side": "buy",
                "completed_at": "2026-01-01T00:00:02.000Z",
            }
        ],
        "next_cursor": None,
    }


async def test_ticker_is_summed_at_most_once_a_second(world, people, fetch):
    counts = []
    for wait_s in (2, 0, 1):
        await end(world, await trade(world, *people, "10", "26000"), wait_s=wait_s)
        _, ticker = await fetch("/markets/USDT-VND/ticker")
        counts.append(ticker["trades_24h"])

    assert counts == [1, 1, 3]


async def test_ticker_shows_the_best_prices_of_the_book(world, people, fetch):
    seller, buyer = people
    await seller.sell("100", "27000")
    await buyer.buy("100", "25500")
    await fetch("/markets/USDT-VND/ticker")
    await seller.sell("100", "0", pricing={"type": "floating", "margin_bp": 101})
    await buyer.buy("100", "0", pricing={"type": "floating", "margin_bp": -101})
    world.clock.advance(seconds=1)

    _, ticker = await fetch("/markets/USDT-VND/ticker")

    # 26,000 x 1.0101 is 26,262.6 and 26,000 x 0.9899 is 25,737.4: in favour of each owner.
    assert (ticker["best_bid"], ticker["best_ask"]) == ("25737", "26263")


async def test_floating_orders_have_no_price_while_the_index_is_in_doubt(world, people, fetch):
    seller, _ = people
    await seller.sell("100", "27000")
    await seller.sell("100", "0", pricing={"type": "floating", "margin_bp": 101})
    world.clock.advance(seconds=121)
    await stop_stale_indexes(world.database)
    await world.wait_for_inbox()

    _, ticker = await fetch("/markets/USDT-VND/ticker")

    assert (ticker["best_bid"], ticker["best_ask"]) == (None, "27000")
