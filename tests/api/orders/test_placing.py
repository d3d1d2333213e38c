"""POST /orders: what it takes, what it makes at once, what it refuses."""

from dataclasses import replace
from datetime import timedelta

import pytest

from server.core.clock import format_instant


def write_order(person, **changes):
    body = {
        "market": "USDT-VND",
        "side": "sell",
        "pricing": {"type": "fixed", "price": "26000"},
        "amount": "100",
        "payment_account_ids": list(person.accounts.values()),
        "always_on": True,
    }
    return {name: value for name, value in {**body, **changes}.items() if value is not None}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"market": "USDT-ZZZ"}, "market"),
        ({"side": "hold"}, "side"),
        ({"amount": "0"}, "amount"),
        ({"amount": "-1"}, "amount"),
        ({"amount": "1.0000001"}, "amount"),
        ({"amount": 100}, "amount"),
        ({"amount": "1e3"}, "amount"),
        ({"pricing": {"type": "fixed"}}, "pricing"),
        ({"pricing": {"type": "fixed", "price": "0"}}, "pricing.price"),
        ({"pricing": {"type": "fixed", "price": "26000.5"}}, "pricing.price"),
        ({"pricing": {"type": "floating", "price": "26000"}}, "pricing"),
        ({"min_fiat": "200", "max_fiat": "100"}, "min_fiat"),
        ({"payment_window_s": 60}, "payment_window_s"),
        ({"time_in_force": "gtd"}, "expires_at"),
        ({"payment_account_ids": None}, "payment_account_ids"),
        ({"payment_method_ids": ["vn-one"]}, "payment_account_ids"),
        ({"max_trades": 0}, "max_trades"),
        ({"terms": "x" * 1001}, "terms"),
        ({"price_guard": {"low": "27000", "high": "26000"}}, "price_guard"),
        ({"schedule": [{"from_minute": 60, "to_minute": 60}]}, "schedule"),
        ({"bond": True}, "bond"),
        ({"status": "filled"}, "status"),
    ],
)
async def test_field_that_cannot_be_is_named(world, seller, changes, field):
    status, problem = await seller.ask("POST", "/orders", write_order(seller, **changes))

    assert (status, problem["code"]) == (422, "invalid")
    assert field in problem["errors"]


async def test_seller_names_only_his_own_accounts(world, seller):
    other = await world.join("other")
    foreign = await other.add_account()

    status, problem = await seller.ask(
        "POST", "/orders", write_order(seller, payment_account_ids=[foreign])
    )

    assert (status, list(problem["errors"])) == (422, ["payment_account_ids"])


async def test_price_outside_the_band_is_refused(world, seller):
    pricing = {"type": "fixed", "price": "31201"}

    status, problem = await seller.ask("POST", "/orders", write_order(seller, pricing=pricing))

    assert (status, problem["code"]) == (422, "price_out_of_band")


async def test_margin_outside_the_band_is_refused(world, seller):
    pricing = {"type": "floating", "margin_bp": 2001}

    status, problem = await seller.ask("POST", "/orders", write_order(seller, pricing=pricing))

    assert (status, problem["code"]) == (422, "margin_out_of_band")


async def test_amount_below_the_minimum_is_refused(world, seller):
    status, problem = await seller.ask("POST", "/orders", write_order(seller, amount="9.999999"))

    assert (status, problem["code"]) == (422, "amount_too_small")


async def test_order_lives_for_thirty_days_at_most(world, seller):
    late = format_instant(world.clock.now() + timedelta(days=30, seconds=1))

    status, problem = await seller.ask(
        "POST", "/orders", write_order(seller, time_in_force="gtd", expires_at=late)
    )

    assert (status, list(problem["errors"])) == (422, ["expires_at"])


async def test_gtd_order_expires_at_its_time_and_returns_its_reservation(world, seller):
    end = format_instant(world.clock.now() + timedelta(minutes=5))
    order = await seller.must(
        "POST", "/orders", write_order(seller, time_in_force="gtd", expires_at=end)
    )

    world.clock.advance(minutes=5)
    await world.settle()

    assert (await seller.must("GET", f"/orders/{order['id']}"))["status"] == "expired"
    assert (await seller.balances())["available"] == "1000.000000"


async def test_orders_do_not_expire_by_a_clock_that_has_jumped(world, seller):
    end = format_instant(world.clock.now() + timedelta(minutes=5))
    order = await seller.must(
        "POST", "/orders", write_order(seller, time_in_force="gtd", expires_at=end)
    )
    steady = world.lane.config
    world.lane.config = replace(steady, is_steady=lambda: False)
    world.clock.advance(minutes=10)

    await world.settle()
    doubted = await seller.must("GET", f"/orders/{order['id']}")
    world.lane.config = steady
    await world.settle()

    assert doubted["status"] == "open"
    assert (await seller.must("GET", f"/orders/{order['id']}"))["status"] == "expired"


async def test_floating_order_shows_its_margin_and_no_price(world, seller):
    pricing = {"type": "floating", "margin_bp": 100}

    order = await seller.must("POST", "/orders", write_order(seller, pricing=pricing))

    assert order["pricing"] == {
        "type": "floating", "price": None, "margin_bp": 100, "worst_price": None
    }  # fmt: skip


async def test_floating_order_trades_at_the_index_and_its_margin(world, seller, buyer):
    pricing = {"type": "floating", "margin_bp": 100}
    await seller.must("POST", "/orders", write_order(seller, pricing=pricing))

    order = await buyer.buy("50", "26300")

    assert [trade["price"] for trade in order["trades"]] == ["26260"]


async def test_immediate_order_ends_with_its_command(world, seller, buyer):
    await seller.sell("30", "26000")

    order = await buyer.buy("50", "26000", time_in_force="ioc")

    assert (order["status"], order["matched"], order["closed"]) == (
        "cancelled", "30.000000", "20.000000"
    )  # fmt: skip
    assert order["allowed_actions"] == []


async def test_market_order_accepts_one_percent_more_than_its_quote(world, seller, buyer):
    await seller.sell("100", "26000")

    order = await buyer.must("POST", "/orders", {
        "market": "USDT-VND", "side": "buy", "amount": "50", "pricing": {"type": "market"},
        "payment_method_ids": ["vn-one"],
    })  # fmt: skip

    assert order["status"] == "filled"
    assert order["pricing"]["worst_price"] == "26260"


async def test_market_order_keeps_within_the_bound_that_it_names(world, seller, buyer):
    await seller.sell("100", "26000")

    order = await buyer.must("POST", "/orders", {
        "market": "USDT-VND", "side": "buy", "amount": "50",
        "pricing": {"type": "market", "worst_price": "25999"}, "payment_method_ids": ["vn-one"],
    })  # fmt: skip

    assert (order["status"], order["trades"]) == ("cancelled", [])


async def test_reply_carries_the_trades_that_were_made_at_once(world, seller, buyer):
    await seller.sell("100", "26000")

    status, order = await buyer.ask("POST", "/orders", {
        "market": "USDT-VND", "side": "buy", "amount": "40",
        "pricing": {"type": "fixed", "price": "26000"}, "payment_method_ids": ["vn-one"],
    })  # fmt: skip

    assert status == 201
    (trade,) = order["trades"]
    assert (trade["buyer"], trade["seller"], trade["amount"]) == ("buyer", "seller", "40.000000")
    assert trade["fiat"] == "1040000"


async def test_limit_of_the_level_counts_both_sides(world, seller):
    buyer = await world.join("small", level=1)
    await seller.sell("500", "26000", max_trades=5)

    first = await buyer.buy("150", "26000", time_in_force="ioc")
    second = await buyer.buy("60", "26000", time_in_force="ioc")
    third = await buyer.buy("20", "26000", time_in_force="ioc")

    assert first["status"] == "filled"
    assert [trade["amount"] for trade in second["trades"]] == ["50.000000"]
    assert third["trades"] == []


async def test_first_trade_is_capped(world, seller):
    newcomer = await world.join("newcomer", trades=0)
    await seller.must("POST", "/orders", write_order(seller, amount="900"))

    order = await newcomer.buy("300", "26000", time_in_force="ioc")

    assert sum(float(trade["amount"]) for trade in order["trades"]) <= 200


async def test_order_of_somebody_away_does_not_match(world, seller, buyer):
    await seller.must("POST", "/orders", write_order(seller, always_on=False))
    await world.change_standing(seller, present=False)
    async with world.lane.quiet():
        pass
    from uuid import UUID

    from server.orders.inbox import leave_rechecks

    await world.database.transact(lambda unit: leave_rechecks(unit, UUID(seller.id)), name="test")
    await world.wait_for_inbox()

    order = await buyer.buy("50", "26000")

    assert order["trades"] == []
