"""Exact undo, the bound on candidates, continuation, rebuild."""

from random import Random

import pytest

from server.matching.book import Book
from server.matching.orders import BookOrder, read_fields, write_fields
from server.matching.standings import copy_standing
from tests.unit.matching.crowd import SCALES, Crowd
from tests.unit.matching.driver import Market, check_idle, mirror_market
from tests.unit.matching.factory import USDT, World, build_order, read_book


def fill_market(seed, command_count=80, candidates_max=200):
    """A crowded market after some commands."""
    rng = Random(seed)
    market = Market(rng.choice(SCALES), 400, candidates_max)
    crowd = Crowd(rng, market)
    for command in crowd.open_market():
        market.command(command)
    for _ in range(command_count):
        market.fills += market.command(crowd.make_command()).fills
        while market.book.is_pending:
            market.fills += market.book.continue_matching().fills
    market.book.forget()
    return market, crowd


@pytest.mark.parametrize("seed", range(30))
def test_undo_of_a_batch_restores_everything(seed):
    market, crowd = fill_market(seed, candidates_max=2)
    before = read_book(market.book)
    mark = market.book.mark()
    for _ in range(40):
        market.fills += market.command(crowd.make_command()).fills
    market.book.undo(mark)
    assert read_book(market.book) == before


def test_undo_reaches_back_to_its_mark_only():
    world = World()
    first = world.rest("sell", 100)
    before = read_book(world.book)
    mark = world.book.mark()
    world.send("buy", 100, 60)
    world.book.undo(mark)
    assert read_book(world.book) == before
    assert first.remaining_micro == 100 * USDT


def test_undone_order_can_be_placed_again():
    world = World()
    world.rest("sell", 100)
    order = build_order("buy", 100, 60)
    world.know(order.user)
    mark = world.book.mark()
    dry = world.book.place(order).fills
    world.book.undo(mark)
    assert read_fields(order) == read_fields(
        build_order("buy", 100, 60, id=order.id, user=order.user)
    )
    assert world.book.place(order).fills == dry


def test_same_commands_give_the_same_trades():
    first, _ = fill_market(5)
    second, _ = fill_market(5)
    assert first.fills == second.fills
    assert read_book(first.book) == read_book(second.book)


def test_command_examines_at_most_its_bound_and_continues():
    world = World(candidates_max=3)
    for _ in range(7):
        world.rest("sell", 100, 20)
    order = build_order("buy", 100, 140)
    outcome = world.place(order)
    assert (len(outcome.fills), outcome.examined, outcome.continuing) == (3, 3, True)
    assert world.book.find_order(order.id) is order
    outcome = world.book.continue_matching()
    assert (len(outcome.fills), outcome.continuing) == (3, True)
    outcome = world.book.continue_matching()
    assert (len(outcome.fills), outcome.continuing) == (1, False)
    assert not world.book.is_pending


def test_continued_order_does_not_meet_its_candidates_again():
    world = World(candidates_max=3)
    for _ in range(4):
        world.rest("sell", 100, 20, user="same", methods=("bank",))
    world.know("same", apart=frozenset({"taker"}))
    outcome = world.send("buy", 100, user="taker")
    assert (outcome.examined, outcome.continuing) == (3, True)
    assert world.book.continue_matching().examined == 1


def test_immediate_order_waits_for_its_continuation_before_it_ends():
    world = World(candidates_max=1)
    world.rest("sell", 100, 20)
    world.rest("sell", 100, 20)
    order = build_order("buy", 100, 100, immediate=True)
    assert world.place(order).continuing
    assert order.status == "partially_filled"
    world.book.continue_matching()
    assert world.book.continue_matching().continuing is False
    assert (order.status, order.matched_micro) == ("cancelled", 40 * USDT)


def test_order_cancelled_between_is_not_continued():
    world = World(candidates_max=1)
    world.rest("sell", 100, 20)
    world.rest("sell", 100, 20)
    order = build_order("buy", 100, 100)
    world.place(order)
    world.book.cancel(order.id)
    assert world.book.continue_matching().fills == []


def test_order_may_be_hit_while_it_waits_for_its_continuation():
    world = World(candidates_max=1)
    world.rest("sell", 100, 20)
    world.rest("sell", 100, 20)
    order = build_order("buy", 100, 60)
    world.place(order)
    assert world.send("sell", 100, 40).fills[0].maker_id == order.id
    assert world.book.continue_matching().fills == []


def rebuild(market, unfinished=()):
    """A book loaded from copies of another's orders and standings."""
    state = market.book.state
    book = Book(state.terms)
    orders = [copy_order(order) for order in state.orders.values()]
    Random(1).shuffle(orders)
    book.load(
        {user: copy_standing(member.standing) for user, member in state.members.items()},
        orders,
        next_seq=state.next_seq,
        index_ticks=state.index_ticks,
        is_floating_on=state.is_floating_on,
        unfinished=unfinished,
    )
    return book


def copy_order(order):
    fresh = BookOrder(order.id, order.user, order.side, order.pricing, 0, ())
    write_fields(fresh, read_fields(order))
    fresh.skips = dict(order.skips)
    return fresh


@pytest.mark.parametrize("seed", range(20))
def test_rebuilt_book_equals_the_live_one(seed):
    market, _ = fill_market(seed)
    rebuilt, live = read_book(rebuild(market)), read_book(market.book)
    assert rebuilt[:6] == live[:6]
    assert rebuilt[-1] == live[-1]


@pytest.mark.parametrize("seed", range(20))
def test_rebuilt_book_makes_the_same_trades(seed):
    market, crowd = fill_market(seed)
    twin = Market((1, 1), 0, 1)
    twin.book, twin.terms = rebuild(market), market.terms
    for _ in range(60):
        command = crowd.make_command()
        if command[0] == "give_back":
            continue
        mark = market.book.mark()
        made = market.command(command).fills
        while market.book.is_pending:
            made += market.book.continue_matching().fills
        market.book.undo(mark)
        mark = twin.book.mark()
        again = twin.command(command).fills
        while twin.book.is_pending:
            again += twin.book.continue_matching().fills
        twin.book.undo(mark)
        assert again == made


def test_rebuild_resumes_an_order_that_met_the_bound():
    market = Market((1, 1), 0, 1)
    world = World(candidates_max=1)
    market.book, market.terms = world.book, {}
    world.rest("sell", 100, 20)
    world.rest("sell", 100, 20)
    order = build_order("buy", 100, 40)
    world.place(order)
    book = rebuild(market, unfinished=[order.id])
    assert len(book.continue_matching().fills) == 1
    market.book = book
    check_idle(mirror_market(market))


def test_stamped_version_is_undone_with_its_batch():
    world = World()
    world.know("user", version=4)
    mark = world.book.mark()
    world.book.stamp_version("user", 5)
    assert world.book.find_standing("user").version == 5
    world.book.undo(mark)
    assert world.book.find_standing("user").version == 4
