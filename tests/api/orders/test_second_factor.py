"""Where the settings say so, nobody trades without a second factor."""

import pytest

from server.monitor.verifier import verify
from server.staff.audit_chain import chain_waiting
from tests.market_world import TEST_MARKET, start_world
from tests.softkey import App

ORDER = {
    "market": "USDT-VND", "side": "buy", "pricing": {"type": "fixed", "price": "26000"},
    "amount": "40", "payment_method_ids": ["vn-one"], "always_on": True,
}  # fmt: skip


@pytest.fixture
async def world(database_url):
    async with start_world(
        database_url, second_factor_before_trade="true", test_market=True
    ) as started:
        yield started
        # The clock of the test outruns the duty that gives entries of the audit their places.
        await chain_waiting(started.database)
        assert await verify(started.database, full=True) == []


async def add_app(world, person):
    new = await person.must_proven("factor", "POST", "/me/totp")
    app = App(new["secret"], world.clock)
    await person.must("POST", "/me/totp/confirm", {"code": app.code()})
    await world.wait_for_inbox()


async def protect(world, name, **options):
    person = await world.join(name, **options)
    await add_app(world, person)
    return person


def code_of(answer):
    return answer[0], answer[1]["code"]


async def test_without_a_second_factor_nothing_is_placed_taken_or_sent_in_a_batch(world):
    seller = await protect(world, "seller", usdt="1000")
    order = await seller.sell("100", "26000")
    buyer = await world.join("buyer")
    take = {"amount": "20", "payment_method_id": "vn-one", "order_version": 1}

    placed = await buyer.ask("POST", "/orders", ORDER)
    taken = await buyer.ask("POST", f"/orders/{order['id']}/take", take)
    batch = await buyer.must("POST", "/orders/batch", {"commands": [{"op": "place", **ORDER}]})

    assert code_of(placed) == code_of(taken) == (403, "second_factor_required")
    assert "second_factor_required" in str(batch)
    assert (await buyer.must("GET", "/me/limits"))["second_factor_missing"]
    assert not (await buyer.must("GET", "/me/limits"))["may_take"]
    assert await world.read("SELECT id FROM trades") == []


async def test_who_adds_a_second_factor_trades_at_once(world):
    seller = await protect(world, "seller", usdt="1000")
    await seller.sell("100", "26000")
    buyer = await world.join("buyer")
    assert code_of(await buyer.ask("POST", "/orders", ORDER)) == (403, "second_factor_required")

    await add_app(world, buyer)

    assert len((await buyer.must("POST", "/orders", ORDER))["trades"]) == 1
    assert not (await buyer.must("GET", "/me/limits"))["second_factor_missing"]


async def test_resting_orders_of_who_removes_the_last_factor_sleep(world):
    seller = await protect(world, "seller", usdt="1000")
    order = await seller.sell("100", "26000")
    buyer = await protect(world, "buyer")
    await seller.must_proven("factor", "DELETE", "/me/totp")
    await world.wait_for_inbox()

    placed = await buyer.must("POST", "/orders", ORDER)

    assert placed["trades"] == []
    skips = await seller.must("GET", f"/orders/{order['id']}/skips")
    assert "second_factor_required" in str(skips)
    await add_app(world, seller)
    assert len(await world.read("SELECT id FROM trades")) == 1


async def test_test_usdt_is_traded_without_a_second_factor(world):
    buyer = await world.join("buyer")
    order = await buyer.must("POST", "/orders", {**ORDER, "market": TEST_MARKET})
    assert order["status"] == "open"
