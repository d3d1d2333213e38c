"""What a starting lane reads at once is what the rows say, field by field."""

import pytest

from server.matching.orders import read_fields
from server.orders.lane import living, loading
from tests.market_world import MARKET

AWKWARD = "a|b\nc'd\\e \x1f 汉字 ­"


async def fill(world):
    seller = await world.join("seller", usdt="5000")
    buyer = await world.join("buyer")
    await seller.add_account("vn-one")
    await seller.add_account("vn-two")
    await seller.sell("100", "26000", terms=AWKWARD, auto_reply="|", min_fiat="300000")
    paused = await seller.sell(
        "50", "26500", requirements={"kyc_level": 1, "verified_only": True}, max_trades=3
    )
    await seller.must("POST", f"/orders/{paused['id']}/pause")
    await seller.sell("60", "0", pricing={"type": "floating", "margin_bp": 150})
    await seller.sell("70", "26700", price_guard={"low": "25000", "high": None})
    await seller.sell("80", "26800", visibility="unlisted", matching="manual")
    for price in ("25000", "25100", "25200", "26000"):
        await buyer.buy("20", price, payment_window_s=3600, always_on=False)


async def load_both(world):
    async with world.database.read() as connection:
        slow = await loading.load_orders(connection, MARKET, loading.living())
        fast = await living.load_living(connection, MARKET)
    return slow, fast


def picture(loaded):
    return [
        (order.id, order.user, read_fields(order), loaded.records[order.id])
        for order in sorted(loaded.orders, key=lambda order: order.seq)
    ]


@pytest.mark.parametrize("chunk", [1, 3, 2_000])
async def test_living_orders_are_read_as_their_rows_say(world, monkeypatch, chunk):
    monkeypatch.setattr(living, "CHUNK", chunk)
    await fill(world)

    slow, fast = await load_both(world)

    assert len(fast.orders) == 8
    assert picture(fast) == picture(slow)
    assert {order.status for order in fast.orders} >= {"open", "partially_filled", "paused"}


async def test_ended_orders_are_left_out(world):
    seller = await world.join("seller", usdt="1000")
    kept = await seller.sell("100", "26000")
    ended = await seller.sell("100", "26000")
    await seller.must("DELETE", f"/orders/{ended['id']}")

    _, fast = await load_both(world)

    assert [str(order.id) for order in fast.orders] == [kept["id"]]


async def test_chunk_that_does_not_fit_is_read_in_smaller_ones(world, monkeypatch):
    await fill(world)
    asked = []
    read = living._read_lines if world.database.dialect != "sqlite" else living._read_rows

    async def refuse_large(connection, market, status, after, chunk):
        asked.append(chunk)
        return None if chunk > 600 else await read(connection, market, status, after, chunk)

    monkeypatch.setattr(living, read.__name__, refuse_large)

    slow, fast = await load_both(world)

    assert picture(fast) == picture(slow)
    assert 500 in asked
