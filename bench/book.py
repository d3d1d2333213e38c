"""What a command costs the book at 1,000 and at 100,000 open orders, and how long a rebuild takes.

`python -m bench.book` prints the figures; `--million` adds the rebuild of 1,000,000 orders. A
command is an order that is placed, half of them crossing; it is undone before the next one, so
that every command meets the same book. Only the placing is timed.
"""

import argparse
import asyncio
import gc
import random
import statistics
import time
from collections.abc import Iterator
from datetime import timedelta

import aiomysql
from sqlalchemy.engine import make_url

from bench.market import INDEX, MARKET, RAILS, SEED, Member, open_bench_kernel
from bench.stage import MariaDbStage, Stage, make_store, open_lane, open_stages
from server.core.ids import make_uuid
from server.core.money import MICRO, PriceScale
from server.matching.book import Book
from server.matching.orders import BookOrder, Key, Requirements
from server.matching.standings import MarketTerms, Standing
from server.orders.lane.loop import stop_lane
from server.orders.lane.mariadb_store import MULTI_STATEMENTS, build_mariadb
from server.orders.lane.statements import STATEMENTS

USERS = 1_000
ANYBODY = Requirements()
NOBODY = Requirements(completed_trades=10_000)
UNFIT = 0.3
COMMANDS = 2_000
ROUNDS = 7
ROWS_A_STATEMENT = 2_000


def draw_order(chance: random.Random, number: int, *, crosses: bool) -> BookOrder:
    """An order of somebody; a crossing one reaches through the whole other side."""
    side, sign = chance.choice((("sell", 1), ("buy", -1)))
    methods = tuple(chance.sample(RAILS, 2))
    away = -3_000 if crosses else chance.randrange(1, 2_000)
    return BookOrder(
        id=number,
        user=chance.randrange(USERS),
        side=side,
        pricing="fixed",
        price_ticks=INDEX + sign * away,
        amount_micro=(20 if crosses else chance.randrange(40, 400)) * MICRO,
        methods=methods,
        accounts=dict.fromkeys(methods, 0),
        always_on=True,
    )


def load_book(order_count: int, *, unfit: float) -> Book:
    """A book of resting orders; the share `unfit` of them asks for what nobody has."""
    chance = random.Random(SEED)
    orders = []
    for number in range(order_count):
        order = draw_order(chance, number, crosses=False)
        order.seq = number + 1
        order.needs = NOBODY if chance.random() < unfit else ANYBODY
        orders.append(order)
    users: dict[Key, Standing] = {
        user: Standing(
            completed_trades=50, has_earned_resting=True, limit_left_micro=10**15,
            open_unpaid_max=10**6, kyc_level=3,
        )
        for user in range(USERS)
    }  # fmt: skip
    book = Book(MarketTerms(scale=PriceScale(1, 1), band_bp=0))
    book.load(users, orders)
    return book


def time_commands(book: Book, commands: int) -> float:
    """Microseconds of a command."""
    chance = random.Random(SEED + 1)
    gc.collect()
    gc.freeze()
    spent = 0.0
    for number in range(commands):
        order = draw_order(chance, 10**9 + number, crosses=number % 2 == 0)
        mark = book.mark()
        began = time.perf_counter()
        outcome = book.place(order)
        spent += time.perf_counter() - began
        assert outcome.refusal is None, outcome.refusal
        assert bool(outcome.fills) == (number % 2 == 0), "half of the orders cross"
        book.undo(mark)
    gc.unfreeze()
    return spent * 1e6 / commands


def measure_book(*, commands: int = COMMANDS, rounds: int = ROUNDS) -> dict[str, float]:
    """The medians of interleaved rounds."""
    books = {
        "book.command_us.1k": load_book(1_000, unfit=0),
        "book.command_us.100k": load_book(100_000, unfit=0),
        "book.unfit_us.100k": load_book(100_000, unfit=UNFIT),
    }
    spent: dict[str, list[float]] = {key: [] for key in books}
    for _ in range(rounds):
        for key, book in books.items():
            spent[key].append(time_commands(book, commands))
    return {key: statistics.median(values) for key, values in spent.items()}


def draw_rows(members: list[Member], count: int, now: object) -> Iterator[tuple[object, ...]]:
    """Rows of `orders` that rest: of any side, rails, price and owner."""
    chance = random.Random(SEED + 3)
    ends = now + timedelta(days=20)  # type: ignore[operator]  # a datetime
    for number in range(count):
        member = chance.choice(members)
        side, sign = chance.choice((("sell", 1), ("buy", -1)))
        rails = chance.sample(RAILS, 2)
        methods = " ".join(f"{rail}:{member.accounts[rail]}" for rail in rails)
        if side == "buy":
            methods = " ".join(rails)
        amount = chance.randrange(40, 400) * MICRO
        yield (
            make_uuid((1 << 100) + number), MARKET, member.id, side, "fixed",
            INDEX + sign * chance.randrange(1, 2_000), None, None, amount, amount, 0, 0, 0,
            amount if side == "sell" else 0, 500, 1500, 0, 0, methods, 0, "gtc", ends, "auto",
            "public", True, 1, 0, "", "", "", None, "open", "", "", 1, 10_000 + number, now, now,
        )  # fmt: skip


async def fill_orders(url: str, members: list[Member], count: int) -> None:
    """Put `count` resting orders into a copy of the market, as many rows a statement as go."""
    parsed = make_url(url)
    connection = await aiomysql.connect(
        host=parsed.host, port=parsed.port, user=parsed.username, db=parsed.database,
        client_flag=MULTI_STATEMENTS, charset="utf8mb4", autocommit=True,
    )  # fmt: skip
    kernel = open_bench_kernel(url)
    rows: list[tuple[object, ...]] = []
    for row in draw_rows(members, count, kernel.clock.now()):
        rows.append(row)
        if len(rows) == ROWS_A_STATEMENT:
            await connection.query(build_mariadb(STATEMENTS["orders"], rows))
            rows.clear()
    if rows:
        await connection.query(build_mariadb(STATEMENTS["orders"], rows))
    await kernel.close()
    connection.close()


async def time_rebuild(stage: Stage, url: str, count: int) -> float:
    """Seconds from the start of a lane until it serves a market with `count` open orders."""
    await fill_orders(url, stage.members, count)
    kernel = open_bench_kernel(url)
    began = time.perf_counter()
    lane = await open_lane(kernel, make_store(kernel))
    took = time.perf_counter() - began
    assert lane.desk is not None
    assert len(lane.desk.book.state.orders) >= count, "orders are missing"
    await stop_lane(lane)
    await kernel.close()
    return took


def measure_rebuild(stage: MariaDbStage, counts: tuple[int, ...]) -> dict[str, float]:
    """`rebuild.100k.s` and its like."""
    result = {}
    for count in counts:
        name = f"{count // 1_000}k" if count < 10**6 else f"{count // 10**6}m"
        result[f"rebuild.{name}.s"] = asyncio.run(time_rebuild(stage, stage.copy(), count))
        gc.collect()
    return result


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="bench.book")
    parser.add_argument("--million", action="store_true")
    chosen = parser.parse_args()
    result = measure_book()
    with open_stages(USERS, 100) as (mariadb, _):
        result |= measure_rebuild(mariadb, (100_000, 1_000_000) if chosen.million else (100_000,))
    for key, value in result.items():
        print(f"{key:40} {value:12,.2f}")


if __name__ == "__main__":
    main()
