"""Whether two orders fit: each rule on its own, and what the skipped order's owner reads."""

import pytest

from server.core.money import PriceScale
from server.matching.orders import Requirements
from tests.unit.matching.factory import USDT, World, build_order


def send_past(sell, buyer=None, seller=None, **changes):
    """Send a buy order of 100 against a resting sell; the outcome, the sell and the world."""
    world = World()
    resting = world.rest("sell", 100, standing=seller or {}, user="seller", **sell)
    outcome = world.send("buy", 100, standing=buyer or {}, user="buyer", **changes)
    return outcome, resting, world


@pytest.mark.parametrize(
    ("sell", "buyer", "seller", "reason"),
    [
        ({}, {"apart": frozenset({"seller"})}, {}, "not_eligible"),
        ({}, {}, {"apart": frozenset({"buyer"})}, "not_eligible"),
        ({}, {"may_take": False}, {}, "not_eligible"),
        ({"needs": Requirements(kyc_level=3)}, {}, {}, "kyc_level"),
        ({"needs": Requirements(completed_trades=51)}, {}, {}, "requirements"),
        ({"needs": Requirements(completion_bp=9_900)}, {}, {}, "requirements"),
        ({"needs": Requirements(account_age_days=401)}, {}, {}, "requirements"),
        ({"needs": Requirements(verified_only=True)}, {"is_verified": False}, {}, "requirements"),
        ({"max_fiat_minor": 900}, {}, {}, "size"),
        ({"min_fiat_minor": 9_000}, {"limit_left_micro": 80 * USDT}, {}, "limit_used"),
        ({"min_fiat_minor": 9_000}, {"trade_cap_micro": 80 * USDT}, {}, "first_trade_cap"),
        ({"min_fiat_minor": 9_000}, {"completed_trades": 4}, {}, "new_buyer_share"),
    ],
)
def test_unfit_candidate_is_skipped_with_its_reason(sell, buyer, seller, reason):
    outcome, resting, world = send_past(sell, buyer, seller)
    assert outcome.fills == []
    assert outcome.skipped == [(resting.id, reason)]
    assert world.book.list_skips(resting) == {reason: 1}
    assert (resting.status, resting.seq) == ("open", 1)


def test_taker_asks_requirements_of_the_maker_too():
    outcome, _, _ = send_past({}, needs=Requirements(kyc_level=3))
    assert outcome.fills == []


def test_nobody_trades_with_himself():
    world = World()
    mine = world.rest("sell", 100, user="me")
    assert world.send("buy", 100, user="me").skipped == [(mine.id, "self")]


def test_skipped_candidate_keeps_its_place():
    world = World()
    first = world.rest("sell", 100, 20, needs=Requirements(kyc_level=3))
    second = world.rest("sell", 100, 20)
    assert world.send("buy", 100, 20).fills[0].maker_id == second.id
    world.rest("sell", 100, 20)
    fill = world.send("buy", 100, 20, standing={"kyc_level": 3}).fills[0]
    assert fill.maker_id == first.id


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"may_trade": False}, "not_eligible"),
        ({"has_factor": False}, "second_factor_required"),
        ({"may_sell": False}, "selling_paused"),
        ({"is_present": False}, "not_present"),
        ({"limit_left_micro": 9 * USDT}, "limit_used"),
    ],
)
def test_order_of_a_stopped_owner_sleeps_unexamined_and_says_why(changes, reason):
    world = World()
    resting = world.rest("sell", 100, user="seller")
    world.know("seller", **changes)
    outcome = world.send("buy", 100)
    assert (outcome.fills, outcome.examined) == ([], 0)
    assert world.book.list_skips(resting) == {reason: 1}


def test_always_on_order_matches_while_its_owner_is_away():
    world = World()
    world.rest("sell", 100, always_on=True, user="seller")
    world.know("seller", is_present=False)
    assert len(world.send("buy", 100).fills) == 1


def test_buyer_with_all_open_unpaid_trades_used_buys_no_more():
    world = World()
    world.rest("buy", 100, 40, user="buyer", standing={"open_unpaid": 1, "open_unpaid_max": 2})
    assert len(world.send("sell", 100, 20).fills) == 1
    assert world.send("sell", 100, 20).fills == []
    assert world.book.find_standing("buyer").open_unpaid == 2


def test_open_unpaid_trades_do_not_stop_a_seller():
    world = World()
    world.rest("sell", 100, user="seller", standing={"open_unpaid": 1, "open_unpaid_max": 1})
    assert len(world.send("buy", 100).fills) == 1


def test_fill_uses_the_allowance_of_both_sides():
    world = World()
    world.rest("sell", 100, 100, user="seller", standing={"limit_left_micro": 150 * USDT})
    world.send("buy", 100, 60, user="buyer", standing={"limit_left_micro": 70 * USDT})
    assert world.book.find_standing("seller").limit_left_micro == 90 * USDT
    assert world.book.find_standing("buyer").limit_left_micro == 10 * USDT


def test_trade_is_cut_to_what_the_allowance_leaves():
    world = World()
    world.rest("sell", 100, 100, standing={"limit_left_micro": 30 * USDT})
    assert [fill.amount_micro for fill in world.send("buy", 100).fills] == [30 * USDT]


def test_first_trade_cap_bounds_a_trade():
    world = World()
    world.rest("sell", 100, 500)
    outcome = world.send("buy", 100, 500, max_trades=1, standing={"trade_cap_micro": 200 * USDT})
    assert [fill.amount_micro for fill in outcome.fills] == [200 * USDT]


def test_tenth_of_a_sell_order_may_be_unpaid_with_new_buyers():
    world = World()
    sell = world.rest("sell", 100, 1_000)
    first = world.send("buy", 100, 300, standing={"completed_trades": 4})
    assert [fill.amount_micro for fill in first.fills] == [100 * USDT]
    assert first.fills[0].is_new_buyer
    assert world.send("buy", 100, 300, standing={"completed_trades": 0}).fills == []
    assert world.send("buy", 100, 300, standing={"completed_trades": 5}).fills
    assert sell.new_unpaid_micro == 100 * USDT


def test_one_minimum_trade_with_a_new_buyer_is_always_allowed():
    world = World()
    world.rest("sell", 100, 50)
    outcome = world.send("buy", 100, 50, standing={"completed_trades": 0})
    assert [fill.amount_micro for fill in outcome.fills] == [10 * USDT]


def test_paid_trade_frees_the_share_and_matches_again():
    world = World()
    sell = world.rest("sell", 100, 1_000)
    buy = build_order("buy", 100, 300)
    world.place(buy, completed_trades=4)
    outcome = world.book.release_share(sell.id, 100 * USDT)
    assert [(fill.taker_id, fill.amount_micro) for fill in outcome.fills] == [(buy.id, 100 * USDT)]


def test_minimum_and_maximum_of_both_bound_a_trade():
    world = World()
    world.rest("sell", 100, 100, max_fiat_minor=5_000)
    outcome = world.send("buy", 100, 100, min_fiat_minor=5_001)
    assert outcome.fills == []
    outcome = world.send("buy", 100, 100, min_fiat_minor=5_000, max_trades=1)
    assert [fill.amount_micro for fill in outcome.fills] == [50 * USDT]


def test_remainder_waives_its_own_minimum():
    world = World()
    world.rest("sell", 100, 100, min_fiat_minor=6_000)
    world.send("buy", 100, 70)
    assert [fill.amount_micro for fill in world.send("buy", 100, 30).fills] == [30 * USDT]


def test_remainder_does_not_waive_the_others_minimum():
    world = World()
    world.rest("sell", 100, 100)
    world.send("buy", 100, 70)
    assert world.send("buy", 100, 60, min_fiat_minor=6_000).fills == []


def test_waived_minimum_lets_in_a_better_candidate_that_was_skipped():
    world = World()
    small = world.rest("sell", 99, 30)
    world.rest("sell", 100, 80)
    outcome = world.send("buy", 100, 110, min_fiat_minor=5_000)
    assert [fill.price_ticks for fill in outcome.fills] == [100, 99]
    assert outcome.fills[1].maker_id == small.id


def test_waived_minimum_of_a_maker_matches_what_rests_crossed():
    world = World()
    sell = world.rest("sell", 100, 100, min_fiat_minor=6_000)
    waiting = world.rest("buy", 100, 30)
    outcome = world.send("buy", 100, 70)
    assert [(fill.maker_id, fill.taker_id) for fill in outcome.fills][1:] == [(sell.id, waiting.id)]


def test_candidate_cut_by_the_bounds_of_one_trade_is_met_again():
    world = World()
    best = world.rest("sell", 99, 100, max_fiat_minor=4_950)
    world.rest("sell", 100, 100)
    outcome = world.send("buy", 100, 100)
    assert [fill.maker_id for fill in outcome.fills] == [best.id, best.id]


def test_market_maximum_bounds_a_trade():
    world = World(amount_max_micro=40 * USDT)
    world.rest("sell", 100, 100)
    assert world.send("buy", 100, 100, max_trades=1).fills[0].amount_micro == 40 * USDT


def test_maximum_in_fiat_rounds_the_amount_down():
    world = World(scale=PriceScale(1, 1))
    world.rest("sell", 101, 100, max_fiat_minor=5_000)
    fill = world.send("buy", 101, 100, max_trades=1).fills[0]
    assert (fill.amount_micro, fill.fiat_minor) == (49_504_950, 5_000)


def test_closed_rail_is_not_used():
    world = World(methods_off=frozenset({"bank"}))
    world.rest("sell", 100, methods=("bank", "momo"))
    assert world.send("buy", 100, methods=("bank",)).fills == []
    assert world.send("buy", 100, methods=("bank", "momo")).fills[0].method == "momo"
