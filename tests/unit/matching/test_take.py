"""Taking one chosen order."""

import pytest

from server.core.money import PriceScale
from server.matching.orders import Requirements
from tests.unit.matching.factory import USDT, World, read_book


def test_take_trades_at_the_targets_price_though_another_is_better():
    world = World()
    world.rest("sell", 99)
    target = world.rest("sell", 105)
    fill = world.take(target, 40).fills[0]
    assert (fill.maker_id, fill.price_ticks, fill.amount_micro) == (target.id, 105, 40 * USDT)


def test_take_is_an_order_of_its_own_that_ends():
    world = World()
    outcome = world.take(world.rest("sell", 100), 40)
    take = outcome.touched[outcome.fills[0].taker_id]
    assert (take.status, take.matched_micro, take.remaining_micro) == ("filled", 40 * USDT, 0)
    assert world.book.find_order(take.id) is None


def test_fiat_given_by_the_taker_is_kept_exactly_and_usdt_rounds_down():
    world = World(scale=PriceScale(1, 1))
    fill = world.take(world.rest("sell", 101), fiat=5_000).fills[0]
    assert (fill.amount_micro, fill.fiat_minor) == (49_504_950, 5_000)


def test_amount_given_by_the_taker_is_kept_exactly_and_fiat_rounds_up():
    world = World(scale=PriceScale(1, 100))
    fill = world.take(world.rest("sell", 101), 33).fills[0]
    assert (fill.amount_micro, fill.fiat_minor) == (33 * USDT, 34)


def test_manual_unlisted_order_is_taken_by_its_id():
    world = World()
    target = world.rest("sell", 100, manual=True, listed=False)
    assert len(world.take(target, 40).fills) == 1


def test_manual_order_is_taken_while_its_owner_is_away():
    world = World()
    target = world.rest("sell", 100, manual=True, user="seller")
    world.know("seller", is_present=False)
    assert len(world.take(target, 40).fills) == 1


def test_sell_order_takes_a_buy_order():
    world = World()
    target = world.rest("buy", 100)
    fill = world.take(target, 40, user="seller").fills[0]
    assert (fill.seller, fill.payment_account) == ("seller", "seller:bank")


@pytest.mark.parametrize(
    ("target", "seller", "take", "code"),
    [
        ({}, {}, {"amount": 101}, "order_changed"),
        ({"max_fiat_minor": 3_000}, {}, {}, "size"),
        ({"min_fiat_minor": 5_000}, {}, {}, "size"),
        ({}, {}, {"amount": 9}, "size"),
        ({}, {}, {"target_version": 2}, "order_changed"),
        ({}, {}, {"worst_price_ticks": 99}, "order_changed"),
        ({}, {}, {"user": "seller"}, "self"),
        ({}, {}, {"methods": ("momo",)}, "no_common_method"),
        ({"needs": Requirements(kyc_level=3)}, {}, {}, "kyc_level"),
        ({}, {"is_present": False}, {}, "not_present"),
        ({}, {"may_trade": False}, {}, "not_eligible"),
        ({}, {"may_sell": False}, {}, "not_eligible"),
        ({}, {}, {"standing": {"may_take": False}}, "taking_paused"),
        ({}, {}, {"standing": {"may_trade": False}}, "not_eligible"),
        ({}, {}, {"standing": {"open_unpaid": 3, "open_unpaid_max": 3}}, "open_trades"),
        ({}, {}, {"standing": {"limit_left_micro": 39 * USDT}}, "limit_used"),
        ({}, {}, {"standing": {"apart": frozenset({"seller"})}}, "not_eligible"),
        ({}, {}, {"standing": {"completed_trades": 0}}, "new_buyer_share"),
    ],
)
def test_take_that_does_not_fit_is_refused_whole(target, seller, take, code):
    world = World()
    order = world.rest("sell", 100, user="seller", **target)
    world.know("seller", **seller)
    world.know("taker", **take.pop("standing", {}))
    before = read_book(world.book)
    outcome = world.take(order, **{"amount": 40, "user": "taker", **take})
    assert (outcome.refusal, outcome.fills) == (code, [])
    assert read_book(world.book) == before


def test_ended_order_cannot_be_taken():
    world = World()
    order = world.rest("sell", 100)
    world.book.cancel(order.id)
    assert world.take(order, 40).refusal == "order_not_open"


def test_paused_order_cannot_be_taken():
    world = World()
    order = world.rest("sell", 100)
    world.book.pause(order.id)
    assert world.take(order, 40).refusal == "order_not_open"


def test_floating_order_is_not_taken_without_a_fresh_index():
    world = World()
    order = world.rest("sell", pricing="floating", margin_bp=100)
    assert world.take(order, 40).refusal == "index_stale"


def test_order_outside_the_band_is_not_taken():
    world = World()
    order = world.rest("sell", 100)
    world.book.set_index(200)
    assert world.take(order, 40).refusal == "price_out_of_band"


def test_pair_that_failed_may_still_be_taken_by_hand():
    world = World()
    order = world.rest("sell", 100)
    failed = world.take(order, 40, user="buyer").fills[0]
    world.book.give_back(order.id, failed.amount_micro, failed.taker_id)
    assert len(world.take(order, 40, user="buyer").fills) == 1
