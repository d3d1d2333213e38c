"""Placing orders: price, time, sizes, rounding, time in force."""

import pytest

from server.core.money import PriceScale
from tests.unit.matching.factory import USDT, World, build_order


def test_best_price_trades_first():
    world = World()
    world.rest("sell", 102)
    best = world.rest("sell", 101)
    outcome = world.send("buy", 105, 50)
    assert [fill.maker_id for fill in outcome.fills] == [best.id]


def test_earlier_order_trades_first_at_the_same_price():
    world = World()
    first = world.rest("sell", 101, 30)
    second = world.rest("sell", 101, 30)
    outcome = world.send("buy", 101, 50)
    assert [fill.maker_id for fill in outcome.fills] == [first.id, second.id]


def test_trade_is_made_at_the_resting_orders_price():
    world = World()
    world.rest("sell", 101)
    assert world.send("buy", 110, 50).fills[0].price_ticks == 101


def test_uncrossed_orders_rest():
    world = World()
    sell = world.rest("sell", 101)
    buy = world.rest("buy", 100)
    assert world.book.find_order(sell.id) is sell
    assert world.book.find_order(buy.id) is buy


def test_remainder_rests_and_is_partially_filled():
    world = World()
    world.rest("sell", 100, 40)
    order = build_order("buy", 100, 100)
    outcome = world.place(order)
    assert outcome.fills[0].amount_micro == 40 * USDT
    assert order.remaining_micro == 60 * USDT
    assert order.status == "partially_filled"
    assert world.book.find_order(order.id) is order


def test_filled_order_leaves_the_book():
    world = World()
    sell = world.rest("sell", 100, 100)
    world.send("buy", 100, 100)
    assert (sell.status, sell.remaining_micro, sell.closed_micro) == ("filled", 0, 0)
    assert world.book.find_order(sell.id) is None


def test_immediate_order_ends_with_its_command():
    world = World()
    world.rest("sell", 100, 40)
    order = build_order("buy", 100, 100, immediate=True)
    world.place(order)
    assert (order.status, order.reason) == ("cancelled", "immediate")
    assert order.closed_micro == 60 * USDT
    assert world.book.find_order(order.id) is None


def test_market_order_stops_at_its_worst_price():
    world = World()
    near = world.rest("sell", 100, 40)
    world.rest("sell", 103, 40)
    outcome = world.send("buy", 102, 80, pricing="market", immediate=True)
    assert [fill.maker_id for fill in outcome.fills] == [near.id]


def test_remainder_below_the_markets_minimum_is_closed():
    world = World()
    sell = world.rest("sell", 100, 105)
    world.send("buy", 100, 100)
    assert (sell.status, sell.reason) == ("cancelled", "remainder")
    assert (sell.remaining_micro, sell.closed_micro) == (0, 5 * USDT)


def test_fiat_rounds_up_for_the_seller():
    world = World(scale=PriceScale(1, 100))
    world.rest("sell", 101, 100)
    order = build_order("buy", 101)
    order.amount_micro = order.remaining_micro = 10_000_001
    assert world.place(order).fills[0].fiat_minor == 11


def test_makers_preferred_method_is_used():
    world = World()
    world.rest("sell", 100, methods=("momo", "bank"))
    fill = world.send("buy", 100, methods=("bank", "momo")).fills[0]
    assert fill.method == "momo"
    assert fill.payment_account == f"{fill.seller}:momo"


def test_rails_that_do_not_meet_are_not_examined():
    world = World()
    for _ in range(20):
        world.rest("sell", 100, methods=("momo",))
    outcome = world.send("buy", 100, methods=("bank",))
    assert (outcome.fills, outcome.examined) == ([], 0)


def test_order_on_two_shared_rails_is_examined_once():
    world = World()
    world.rest("sell", 100, methods=("momo", "bank"), user="same")
    world.book.set_standing("same", world.book.find_standing("same"))
    outcome = world.send("buy", 100, methods=("bank", "momo"), user="same")
    assert outcome.examined == 1


def test_max_trades_bounds_what_an_order_takes():
    world = World()
    world.rest("sell", 100, 20)
    world.rest("sell", 100, 20)
    order = build_order("buy", 100, 100, max_trades=1)
    assert len(world.place(order).fills) == 1


def test_order_at_its_bound_still_matches_as_maker():
    world = World()
    world.rest("sell", 100, 20)
    order = build_order("buy", 100, 100, max_trades=1)
    world.place(order)
    outcome = world.send("sell", 100, 20)
    assert [fill.maker_id for fill in outcome.fills] == [order.id]


def test_manual_order_is_not_matched_by_itself():
    world = World()
    world.rest("sell", 100, manual=True)
    assert world.send("buy", 100).fills == []


def test_unlisted_auto_order_matches_and_stays_out_of_the_depth():
    world = World()
    hidden = world.rest("sell", 100, listed=False)
    assert world.book.list_depth("sell", 5) == ([], [])
    assert world.send("buy", 100).fills[0].maker_id == hidden.id


def test_depth_sums_orders_by_level():
    world = World()
    world.rest("sell", 100, 40)
    world.rest("sell", 100, 60)
    world.rest("sell", 101, 10)
    levels, _ = world.book.list_depth("sell", 5)
    assert [(x.price_ticks, x.amount_micro, x.order_count) for x in levels] == [
        (100, 100 * USDT, 2),
        (101, 10 * USDT, 1),
    ]


@pytest.mark.parametrize(
    ("changes", "standing", "code"),
    [
        ({}, {"may_trade": False}, "not_eligible"),
        ({}, {"has_factor": False}, "second_factor_required"),
        ({}, {"has_accepted_terms": False}, "terms_outdated"),
        ({"side": "sell"}, {"may_sell": False}, "selling_paused"),
        ({"immediate": True}, {"may_take": False}, "taking_paused"),
        ({}, {"has_earned_resting": False}, "resting_not_earned"),
        ({"amount": 9}, {}, "amount_too_small"),
        ({"price": 121}, {}, "price_out_of_band"),
        ({"pricing": "floating", "margin_bp": 2_001}, {}, "margin_out_of_band"),
    ],
)
def test_place_is_refused_with_a_code(changes, standing, code):
    world = World()
    world.book.set_index(100)
    outcome = world.send(**{"side": "buy", **changes}, standing=standing)
    assert outcome.refusal == code
    assert not world.book.state.orders


def test_user_has_as_many_living_orders_as_he_may():
    world = World(orders_max=2)
    first, _ = (world.rest("buy", price, 10, user="ann") for price in (90, 91))
    assert world.send("buy", 92, 10, user="ann").refusal == "too_many_orders"
    assert world.send("buy", 92, 10, user="ann", immediate=True).refusal is None
    assert world.send("buy", 92, 10, user="bob").refusal is None
    world.book.cancel(first.id)
    assert world.send("buy", 92, 10, user="ann").refusal is None


def test_closed_market_refuses_orders():
    world = World(is_open=False)
    assert world.send("buy").refusal == "market_closed"
