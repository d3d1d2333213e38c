"""Edits, pauses, ends and returns: what keeps and what loses time priority, and the amounts."""

import pytest

from tests.unit.matching.factory import USDT, World, build_order


def check_sum(order):
    assert order.amount_micro == (
        order.remaining_micro + order.matched_micro - order.returned_micro + order.closed_micro
    )


def first_hit(world):
    """The maker that an incoming buy of 10 USDT meets."""
    return world.send("buy", 120, 10).fills[0].maker_id


@pytest.mark.parametrize(
    "changes",
    [
        {"min_fiat_minor": 500},
        {"amount_micro": 80 * USDT},
        {"max_trades": 7},
        {"methods": ("bank", "momo")},
    ],
)
def test_edit_that_is_no_better_for_its_owner_keeps_time_priority(changes):
    world = World()
    first = world.rest("sell", 100)
    world.rest("sell", 100)
    assert world.book.edit(first.id, changes).refusal is None
    assert first_hit(world) == first.id


def test_larger_amount_loses_time_priority():
    world = World()
    first = world.rest("sell", 100)
    second = world.rest("sell", 100)
    world.book.edit(first.id, {"amount_micro": 101 * USDT})
    assert first_hit(world) == second.id


def test_changed_price_loses_time_priority():
    world = World()
    first = world.rest("sell", 100)
    second = world.rest("sell", 100)
    world.book.edit(first.id, {"price_ticks": 101})
    world.book.edit(first.id, {"price_ticks": 100})
    assert first_hit(world) == second.id


def test_edit_that_crosses_matches_with_the_older_as_maker():
    world = World()
    sell = world.rest("sell", 105)
    buy = world.rest("buy", 100)
    outcome = world.book.edit(sell.id, {"price_ticks": 98})
    assert [(fill.maker_id, fill.price_ticks) for fill in outcome.fills] == [(buy.id, 100)]


def test_edit_that_keeps_priority_makes_the_edited_older_order_the_maker():
    world = World()
    sell = world.rest("sell", 98, methods=("momo",))
    world.rest("buy", 100)
    outcome = world.book.edit(
        sell.id, {"methods": ("bank", "momo"), "accounts": {"bank": 1, "momo": 2}}
    )
    assert [(fill.maker_id, fill.price_ticks) for fill in outcome.fills] == [(sell.id, 98)]


def test_edit_raises_the_version_and_an_old_version_is_refused():
    world = World()
    order = world.rest("sell", 100)
    world.book.edit(order.id, {"max_trades": 2}, version=1)
    assert order.version == 2
    assert world.book.edit(order.id, {"max_trades": 3}, version=1).refusal == "order_changed"


def test_amount_cannot_be_edited_below_what_is_matched():
    world = World()
    order = world.rest("sell", 100)
    world.send("buy", 100, 60)
    outcome = world.book.edit(order.id, {"amount_micro": 65 * USDT})
    assert outcome.refusal == "amount_too_small"
    assert order.remaining_micro == 40 * USDT


def test_edited_amount_changes_what_remains():
    world = World()
    order = world.rest("sell", 100)
    world.send("buy", 100, 60)
    world.book.edit(order.id, {"amount_micro": 150 * USDT})
    assert order.remaining_micro == 90 * USDT
    check_sum(order)


@pytest.mark.parametrize(("command", "status"), [("cancel", "cancelled"), ("expire", "expired")])
def test_ended_order_closes_all_that_remains(command, status):
    world = World()
    order = world.rest("sell", 100)
    world.send("buy", 100, 60)
    getattr(world.book, command)(order.id)
    assert (order.status, order.remaining_micro, order.closed_micro) == (status, 0, 40 * USDT)
    assert world.send("buy", 100).fills == []
    check_sum(order)


def test_second_cancel_is_refused():
    world = World()
    order = world.rest("sell", 100)
    world.book.cancel(order.id)
    assert world.book.cancel(order.id).refusal == "order_not_open"


def test_paused_order_does_not_match_and_keeps_its_place():
    world = World()
    first = world.rest("sell", 100)
    second = world.rest("sell", 100, 20)
    world.book.pause(first.id)
    assert first_hit(world) == second.id
    world.book.resume(first.id)
    assert first_hit(world) == first.id


def test_resumed_order_matches_what_it_crosses_as_the_older():
    world = World()
    sell = world.rest("sell", 99)
    world.book.pause(sell.id)
    world.rest("buy", 100)
    outcome = world.book.resume(sell.id)
    assert [(fill.maker_id, fill.price_ticks) for fill in outcome.fills] == [(sell.id, 99)]


def test_suspended_order_is_not_resumed_by_its_owner():
    world = World()
    order = world.rest("sell", 100)
    world.book.suspend(order.id, "review")
    assert (order.status, order.reason) == ("suspended", "review")
    assert world.book.resume(order.id).refusal == "order_suspended"
    assert world.send("buy", 100, immediate=True).fills == []
    world.book.lift(order.id)
    assert order.status == "open"


@pytest.mark.parametrize("twice", [False, True])
def test_order_that_its_owner_paused_is_still_paused_after_a_suspension(twice):
    world = World()
    order = world.rest("sell", 100)
    world.book.pause(order.id)
    world.book.suspend(order.id, "review")
    if twice:
        world.book.suspend(order.id, "payment_account_removed")
    outcome = world.book.lift(order.id)
    assert (order.status, order.reason) == ("paused", "owner")
    assert list(outcome.touched) == [order.id]
    assert world.send("buy", 100, immediate=True).fills == []
    world.book.resume(order.id)
    world.book.suspend(order.id, "review")
    world.book.lift(order.id)
    assert order.status == "open"


def test_trade_that_ends_unpaid_in_a_suspension_leaves_its_buy_order_paused():
    world = World()
    buy = world.rest("buy", 100)
    fill = world.send("sell", 100, 60).fills[0]
    world.book.suspend(buy.id, "review")
    world.book.give_back(buy.id, 0, fill.sell_order_id)
    assert (buy.status, buy.reason) == ("suspended", "review")
    world.book.lift(buy.id)
    assert (buy.status, buy.reason) == ("paused", "unpaid")


def test_return_reopens_a_sell_order_and_matches_it():
    world = World()
    sell = world.rest("sell", 100)
    fill = world.send("buy", 100, 60).fills[0]
    waiting = build_order("buy", 100, 100)
    world.place(waiting)
    world.book.admit(sell)
    outcome = world.book.give_back(sell.id, 60 * USDT, fill.buy_order_id)
    assert sell.returned_micro == 60 * USDT
    assert [(x.maker_id, x.taker_id) for x in outcome.fills] == [(sell.id, waiting.id)]
    check_sum(sell)


def test_return_reopens_a_filled_order_with_its_old_priority():
    world = World()
    sell = world.rest("sell", 100)
    fill = world.send("buy", 100).fills[0]
    world.rest("sell", 100)
    world.book.admit(sell)
    world.book.give_back(sell.id, fill.amount_micro, fill.buy_order_id)
    assert (sell.status, sell.remaining_micro) == ("open", 100 * USDT)
    assert first_hit(world) == sell.id
    check_sum(sell)


def test_return_to_an_ended_order_is_returned_and_closed_alike():
    world = World()
    sell = world.rest("sell", 100)
    fill = world.send("buy", 100, 60).fills[0]
    world.book.cancel(sell.id)
    world.book.admit(sell)
    world.book.give_back(sell.id, 60 * USDT, fill.buy_order_id)
    assert (sell.status, sell.remaining_micro) == ("cancelled", 0)
    assert (sell.returned_micro, sell.closed_micro) == (60 * USDT, 100 * USDT)
    assert world.book.find_order(sell.id) is None
    check_sum(sell)


def test_return_to_an_immediate_order_never_reopens_it():
    world = World()
    buy = world.rest("buy", 100)
    outcome = world.take(buy, 40)
    take = outcome.touched[outcome.fills[0].taker_id]
    world.book.admit(take)
    world.book.give_back(take.id, 40 * USDT, buy.id)
    assert (take.remaining_micro, take.closed_micro) == (0, 40 * USDT)
    assert world.book.find_order(take.id) is None
    check_sum(take)


def test_return_to_a_paused_order_leaves_it_paused():
    world = World()
    sell = world.rest("sell", 100)
    fill = world.send("buy", 100, 60).fills[0]
    world.book.pause(sell.id)
    outcome = world.book.give_back(sell.id, 60 * USDT, fill.buy_order_id)
    assert (sell.status, sell.remaining_micro, outcome.fills) == ("paused", 100 * USDT, [])


def test_unpaid_trade_pauses_the_buy_order_which_gets_nothing_back():
    world = World()
    buy = world.rest("buy", 100)
    fill = world.send("sell", 100, 60).fills[0]
    world.book.give_back(buy.id, 60 * USDT, fill.sell_order_id)
    assert (buy.status, buy.reason) == ("paused", "unpaid")
    assert (buy.remaining_micro, buy.returned_micro) == (40 * USDT, 0)
    check_sum(buy)


def test_pair_whose_trade_ended_unpaid_never_matches_by_itself_again():
    world = World()
    buy = world.rest("buy", 100)
    sell = build_order("sell", 100, 60)
    world.place(sell)
    world.book.admit(sell)
    world.book.give_back(buy.id, 60 * USDT, sell.id)
    assert world.book.give_back(sell.id, 60 * USDT, buy.id).fills == []
    outcome = world.book.resume(buy.id)
    assert (outcome.fills, outcome.skipped) == ([], [(sell.id, "ended_unpaid")])


def test_returned_share_of_new_buyers_is_free_again():
    world = World()
    sell = world.rest("sell", 100, 1_000)
    fill = world.send("buy", 100, 100, standing={"completed_trades": 0}).fills[0]
    world.book.give_back(sell.id, fill.amount_micro, fill.buy_order_id, was_new=True)
    assert sell.new_unpaid_micro == 0


@pytest.mark.parametrize("command", ["cancel", "pause", "resume", "expire", "lift"])
def test_unknown_order_is_refused(command):
    assert getattr(World().book, command)("nothing").refusal == "order_not_open"
