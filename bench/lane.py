"""Orders a second without HTTP: the lane, and the baselines with the same rows.

`python -m bench.lane` prints the figures of MariaDB and SQLite. The lane gets commands that were
made before the clock, all at once, and forms its default batches; it locks, matches, settles,
writes, commits and answers as in service. Sides take turns; each figure is a median.
"""

import asyncio
import gc
import statistics
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

import uvloop

from bench.baselines import build_packets, replay_mariadb, replay_sqlite, run_naive
from bench.capture import Written, capture
from bench.checks import check_invariants, check_stored
from bench.market import draw_commands, open_bench_kernel, unfit_share
from bench.stage import (
    MariaDbStage,
    Stage,
    make_store,
    open_lane,
    open_stages,
    wait_for_first_batch,
)
from server.orders.lane.loop import stop_lane

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Size:
    """How long the benchmark is."""

    users: int = 1_000
    resting: int = 2_000
    orders: int = 8_000
    """Of the lane and of raw batches."""
    single_orders: int = 1_500
    """Of raw with one order a transaction, and of naive."""
    rounds: int = 5
    raw_batches: tuple[int, ...] = (1, 64, 256)
    naive_pools: tuple[int, ...] = (1, 4, 16)


QUICK = Size(
    users=60, resting=100, orders=400, single_orders=60, rounds=1,
    raw_batches=(1, 64), naive_pools=(4,),
)  # fmt: skip


@dataclass(slots=True)
class Figures:
    """What the rounds measured, by key; `cpu` holds CPU microseconds an order of the client."""

    rates: dict[str, list[float]] = field(default_factory=dict)
    cpu_us: dict[str, list[float]] = field(default_factory=dict)
    unfit_share: float = 0.0
    rows: dict[str, float] = field(default_factory=dict)
    """Rows an order by statement, in batches of 64."""

    def note(self, key: str, orders: int, took_s: float, cpu_s: float) -> None:
        """Take over one run."""
        self.rates.setdefault(key, []).append(orders / took_s)
        self.cpu_us.setdefault(key, []).append(cpu_s * 1e6 / orders)

    def median(self, key: str) -> float:
        """The median rate, orders a second."""
        return statistics.median(self.rates[key])


def run_apart(work: Coroutine[Any, Any, T]) -> T:
    """Run in a loop as the service has it, without the collector seeing what was there before."""
    gc.collect()
    gc.freeze()
    try:
        return uvloop.run(work)
    finally:
        gc.unfreeze()


async def run_lane(stage: Stage, url: str, orders: int) -> tuple[float, float]:
    """Seconds from the first command to the last answer, and CPU seconds of this process."""
    kernel = open_bench_kernel(url)
    lane = await open_lane(kernel, make_store(kernel))
    await wait_for_first_batch(lane)
    commands = draw_commands(stage.members, lane, orders)
    gc.collect()
    gc.freeze()
    began, cpu_began = time.perf_counter(), time.process_time()
    replies = await asyncio.gather(*(lane.submit(command) for command in commands))
    took, cpu = time.perf_counter() - began, time.process_time() - cpu_began
    await stop_lane(lane)
    await check_stored(kernel.database, [reply.body for reply in replies])
    await check_invariants(kernel.database)
    await kernel.close()
    return took, cpu


async def measure_unfit(stage: Stage, url: str, size: Size) -> float:
    """The share of unfit ones among the candidates that the orders of a run meet."""
    kernel = open_bench_kernel(url)
    lane = await open_lane(kernel, make_store(kernel))
    for member in stage.members:
        async with lane.quiet(member.id):
            pass
    async with lane.quiet():
        resting = draw_commands(stage.members, lane, size.resting, resting_only=True)
        share = unfit_share(draw_commands(stage.members, lane, size.orders), resting, lane)
    await stop_lane(lane)
    await kernel.close()
    return share


def _timed(work: Coroutine[Any, Any, float]) -> tuple[float, float]:
    began = time.process_time()
    took = run_apart(work)
    return took, time.process_time() - began


def replay(stage: Stage, written: list[Written]) -> tuple[float, float]:
    """Write captured batches raw: seconds, and CPU seconds of this process."""
    url = stage.copy()
    if isinstance(stage, MariaDbStage):
        packets = build_packets(written)
        return _timed(replay_mariadb(url, packets))
    began = time.process_time()
    return replay_sqlite(url, written), time.process_time() - began


def measure(stage: Stage, size: Size) -> Figures:
    """The rates of one kind of database: `lane`, `raw.1`, `raw.64` ..., `naive.1`, `naive.4` ..."""
    figures = Figures()
    orders_of = {
        batch: size.single_orders if batch == 1 else size.orders for batch in size.raw_batches
    }
    written = {}
    for batch, count in orders_of.items():
        url = stage.copy()
        if batch == 1:
            figures.unfit_share = run_apart(measure_unfit(stage, url, size))
        written[batch] = run_apart(capture(stage, url, count, batch))
    for one in written[64]:
        for name, rows in one.rows.items():
            figures.rows[name] = figures.rows.get(name, 0) + len(rows) / size.orders
    for _ in range(size.rounds):
        figures.note("lane", size.orders, *run_apart(run_lane(stage, stage.copy(), size.orders)))
        for batch, count in orders_of.items():
            figures.note(f"raw.{batch}", count, *replay(stage, written[batch]))
        for pool in size.naive_pools:
            work = run_naive(stage.copy(), written[1], pool)
            figures.note(f"naive.{pool}", size.single_orders, *_timed(work))
    return figures


def keys_of(kind: str, figures: Figures) -> dict[str, float]:
    """The flat keys of one kind of database."""
    medians = {name: figures.median(name) for name in figures.rates}
    naive = [name for name in medians if name.startswith("naive.")]
    of_sides = {
        f"{side}.{kind}.{'b' if side == 'raw' else 'p'}{number}.orders_per_s": medians[name]
        for name in medians
        for side, _, number in [name.partition(".")]
        if number
    }
    return of_sides | {
        f"lane.{kind}.orders_per_s": medians["lane"],
        f"raw.{kind}.orders_per_s": medians["raw.64"],
        f"naive.{kind}.orders_per_s": max(medians[name] for name in naive),
        f"lane.{kind}.cpu_us": statistics.median(figures.cpu_us["lane"]),
        f"lane.{kind}.unfit_share": figures.unfit_share,
        f"lane.{kind}.rows_per_order": sum(figures.rows.values()),
    }


def run(size: Size) -> dict[str, float]:
    """Measure both databases; returns flat keys."""
    result: dict[str, float] = {}
    stages: tuple[Stage, ...]
    with open_stages(size.users, size.resting) as stages:
        for stage in stages:
            result |= keys_of(stage.kind, measure(stage, size))
    return result


def main() -> None:
    """Print the figures."""
    for key, value in run(Size(rounds=3)).items():
        print(f"{key:40} {value:12,.2f}")


if __name__ == "__main__":
    main()
