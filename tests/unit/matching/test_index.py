"""Floating prices, the band, guards, standings, market switches."""

import pytest

from server.matching.orders import Guard
from tests.unit.matching.factory import USDT, World, build_order, build_standing


def floating(world, side, margin_bp, amount=100, **changes):
    return world.rest(side, pricing="floating", margin_bp=margin_bp, amount=amount, **changes)


@pytest.mark.parametrize(
    ("side", "price"), [("sell", 1_013), ("buy", 1_012)], ids=["seller up", "buyer down"]
)
def test_floating_price_rounds_to_the_tick_in_the_makers_favour(side, price):
    world = World()
    world.book.set_index(1_000)
    floating(world, side, 125)
    other = {"side": "buy", "price": 1_100} if side == "sell" else {"side": "sell", "price": 900}
    assert world.send(**other).fills[0].price_ticks == price


def test_floating_sell_is_not_crossed_when_its_rounded_price_is_beyond_the_limit():
    world = World()
    world.book.set_index(1_000)
    floating(world, "sell", 125)
    assert world.send("buy", 1_012).fills == []


def test_prices_are_compared_without_rounding():
    world = World()
    world.book.set_index(1_000)
    fixed = world.rest("sell", 1_013)
    nearer = floating(world, "sell", 124)
    assert [x.maker_id for x in world.send("buy", 1_013, 200).fills] == [nearer.id, fixed.id]


def test_equal_fixed_and_floating_prices_go_by_time():
    world = World()
    world.book.set_index(1_000)
    first = floating(world, "sell", 100)
    second = world.rest("sell", 1_010)
    third = floating(world, "sell", 100)
    outcome = world.send("buy", 1_010, 300)
    assert [x.maker_id for x in outcome.fills] == [first.id, second.id, third.id]


def test_index_tick_crosses_resting_orders_with_the_older_as_maker():
    world = World()
    world.book.set_index(100)
    buy = world.rest("buy", 100)
    floating(world, "sell", 500)
    outcome = world.book.set_index(95)
    assert [(fill.maker_id, fill.price_ticks) for fill in outcome.fills] == [(buy.id, 100)]


def test_index_tick_costs_what_it_crosses_not_what_rests():
    world = World()
    world.book.set_index(1_000)
    for number in range(300):
        floating(world, "sell", 100 + number)
        floating(world, "buy", -100 - number)
        world.rest("buy", 900 - number % 50)
    assert world.book.set_index(1_001).examined == 0


def test_floating_side_can_be_switched_off_and_on():
    world = World()
    world.book.set_index(100)
    sell = floating(world, "sell", 0)
    world.book.set_index(100, is_floating_on=False)
    assert world.send("buy", 100).fills == []
    outcome = world.book.set_index(100)
    assert [fill.maker_id for fill in outcome.fills] == [sell.id]
    assert sell.status == "filled"


def test_switched_off_floating_orders_keep_their_status():
    world = World()
    world.book.set_index(100)
    sell = floating(world, "sell", 0)
    outcome = world.book.set_index(100, is_floating_on=False)
    assert (sell.status, outcome.touched) == ("open", {})
    assert world.book.list_skips(sell) == {"index_stale": 1}


def test_fixed_price_outside_the_band_does_not_match_and_is_not_examined():
    world = World()
    order = world.rest("sell", 100)
    world.book.set_index(130)
    outcome = world.send("buy", 110)
    assert (outcome.fills, outcome.examined) == ([], 0)
    assert world.book.list_skips(order) == {"price_band": 1}


def test_order_that_the_band_lets_in_again_matches():
    world = World()
    world.rest("sell", 100)
    world.book.set_index(130)
    world.rest("buy", 110)
    outcome = world.book.set_index(120)
    assert [fill.price_ticks for fill in outcome.fills] == [100]


@pytest.mark.parametrize(
    ("guard", "index"), [(Guard(low_ticks=98), 97), (Guard(high_ticks=102), 103)]
)
def test_guard_pauses_and_re_arms(guard, index):
    world = World()
    world.book.set_index(100)
    order = world.rest("sell", 100, guard=guard)
    outcome = world.book.set_index(index)
    assert (order.status, order.reason) == ("paused", "guard")
    assert list(outcome.touched) == [order.id]
    assert world.send("buy", 100, 20).fills == []
    outcome = world.book.set_index(100)
    assert [fill.maker_id for fill in outcome.fills] == [order.id]


def test_guard_does_not_resume_what_the_owner_paused():
    world = World()
    world.book.set_index(100)
    order = world.rest("sell", 100, guard=Guard(low_ticks=98))
    world.book.set_index(97)
    world.book.pause(order.id)
    world.book.set_index(100)
    assert (order.status, order.reason) == ("paused", "owner")


def test_order_resumed_outside_its_guard_pauses_by_it():
    world = World()
    world.book.set_index(100)
    order = world.rest("sell", 100, guard=Guard(low_ticks=98))
    world.book.pause(order.id)
    world.book.set_index(97)
    world.book.resume(order.id)
    assert (order.status, order.reason) == ("paused", "guard")


def test_changed_standing_matches_the_users_resting_orders():
    world = World()
    sell = world.rest("sell", 100, user="seller")
    world.know("seller", is_present=False)
    waiting = world.rest("buy", 100)
    outcome = world.book.set_standing("seller", build_standing())
    assert [(fill.maker_id, fill.taker_id) for fill in outcome.fills] == [(sell.id, waiting.id)]


def test_user_woken_matches_his_orders_by_age():
    world = World()
    world.rest("sell", 101, 20, user="seller")
    world.rest("sell", 100, 20, user="seller")
    world.know("seller", is_present=False)
    world.rest("buy", 101, 100)
    outcome = world.book.set_standing("seller", build_standing())
    assert [fill.price_ticks for fill in outcome.fills] == [101, 100]


def test_reopened_market_uncrosses_what_waited():
    world = World()
    world.rest("sell", 100, user="seller")
    world.know("seller", is_present=False)
    world.rest("buy", 100)
    terms = world.book.state.terms
    closed = build_terms_like(terms, is_open=False)
    world.book.set_terms(closed)
    assert world.book.set_standing("seller", build_standing()).fills == []
    assert len(world.book.set_terms(terms).fills) == 1


def build_terms_like(terms, **changes):
    fields = {name: getattr(terms, name) for name in terms.__slots__}
    return type(terms)(**{**fields, **changes})


def test_depth_shows_floating_orders_by_margin_and_no_price():
    world = World()
    floating(world, "buy", -50, 40)
    floating(world, "buy", 25, 60)
    _, levels = world.book.list_depth("buy", 1)
    assert [(x.price_ticks, x.margin_bp, x.amount_micro) for x in levels] == [(None, 25, 60 * USDT)]


def test_guard_is_triggered_among_many_without_touching_the_others():
    world = World()
    world.book.set_index(1_000)
    orders = [
        world.rest("sell", 1_100, 10, guard=Guard(low_ticks=900 + number)) for number in range(100)
    ]
    outcome = world.book.set_index(990)
    assert list(outcome.touched) == [order.id for order in orders[91:]]


def test_quote_says_what_would_match_and_changes_nothing():
    world = World()
    sell = world.rest("sell", 100, 40)
    before = world.book.mark()
    order = build_order("buy", 105, 60, pricing="market", immediate=True, user="guest")
    outcome = world.book.quote(order, build_standing())
    assert [(fill.price_ticks, fill.amount_micro) for fill in outcome.fills] == [(100, 40 * USDT)]
    assert (sell.remaining_micro, world.book.find_standing("guest")) == (40 * USDT, None)
    assert world.book.mark() == before


def test_quote_of_a_sum_in_fiat_spends_it_exactly():
    world = World()
    world.rest("sell", 100, 40)
    world.rest("sell", 101, 40)
    order = build_order(
        "buy", 200, 10**6, pricing="market", immediate=True, user="guest", fiat_left_minor=6_001
    )
    outcome = world.book.quote(order, build_standing())
    assert [fill.fiat_minor for fill in outcome.fills] == [4_000, 2_001]
