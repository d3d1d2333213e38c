"""What commands cost, counted in candidates examined, never in time."""

from random import Random

from server.matching.book import Book
from server.matching.ladder import BLOCK_MAX, Ladder
from server.matching.orders import BookOrder
from tests.unit.matching.factory import USDT, World, build_order, build_standing, build_terms

RAILS = ("bank", "momo", "wise", "cash", "card")


def load_book(order_count, rng):
    """A deep book around 25,000 whose sides do not cross."""
    orders = []
    for number in range(order_count):
        side, sign = (("sell", 1), ("buy", -1))[number % 2]
        methods = tuple(rng.sample(RAILS, 2))
        orders.append(
            BookOrder(
                id=number,
                user=rng.randrange(1_000),
                side=side,
                pricing="fixed",
                price_ticks=25_000 + sign * rng.randint(1, 2_000),
                amount_micro=rng.randint(20, 500) * USDT,
                methods=methods,
                accounts=dict.fromkeys(methods, "account"),
                seq=number + 1,
            )
        )
    users = {
        user: build_standing(limit_left_micro=10**15, open_unpaid_max=10**6)
        for user in range(1_000)
    }
    book = Book(build_terms(band_bp=0))
    book.load(users, orders)
    return book


def count_examined(order_count):
    rng = Random(7)
    book = load_book(order_count, rng)
    examined = 0
    for number in range(400):
        side, sign = (("sell", -1), ("buy", 1))[number % 2]
        methods = tuple(rng.sample(RAILS, 2))
        order = build_order(side, 25_000 + sign * rng.randint(-100, 100), 30, methods=methods)
        order.user, order.max_trades = rng.randrange(1_000), 1
        outcome = book.place(order)
        examined += outcome.examined
    return examined


def test_deep_book_examines_no_more_candidates_than_a_shallow_one():
    assert count_examined(50_000) <= count_examined(1_000) * 1.5


def test_order_that_rests_examines_nobody():
    book = load_book(10_000, Random(3))
    assert book.place(build_order("buy", 20_000, user=1)).examined == 0


def test_each_unfit_candidate_is_examined_once():
    world = World()
    for number in range(100):
        world.rest("sell", 100, 10, user="kin" if number % 10 < 3 else f"seller{number}")
    world.know("kin", apart=frozenset({"taker"}))
    outcome = world.send("buy", 100, 700, user="taker")
    assert (len(outcome.fills), len(outcome.skipped), outcome.examined) == (70, 30, 100)


def test_taker_with_no_takes_left_examines_nobody_more():
    world = World()
    for _ in range(50):
        world.rest("sell", 100, 10)
    assert world.send("buy", 100, 500, max_trades=1).examined == 1


def test_ladder_blocks_stay_short_however_keys_arrive():
    ladder, rng = Ladder(), Random(9)
    keys = rng.sample(range(10**6), 20_000)
    for key in keys:
        ladder.add(key)
    assert max(len(block) for block in ladder.blocks) <= BLOCK_MAX
    assert ladder.keys() == sorted(keys)
    for key in keys[:15_000]:
        ladder.remove(key)
    rest = sorted(keys[15_000:])
    assert ladder.keys() == rest
    assert [ladder.after(key) for key in rest] == [*rest[1:], None]
    assert ladder.first_keys(5) == rest[:5]
