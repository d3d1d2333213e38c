"""The baselines of the benchmark write what the lane writes: nothing less makes them faster."""

import asyncio

import pytest

from bench.baselines import NaiveWriter
from bench.capture import capture
from bench.checks import check_invariants, check_stored, read_tables
from bench.lane import replay, run_lane
from bench.market import open_bench_kernel
from server.orders.lane.statements import STATEMENTS

ORDERS = 60
KINDS = ("mariadb", "sqlite")


async def read_all(url):
    kernel = open_bench_kernel(url)
    tables = await read_tables(kernel.database)
    await check_invariants(kernel.database)
    await kernel.close()
    return tables


def capture_on(stage, batch_max):
    url = stage.copy()
    written = asyncio.run(capture(stage, url, ORDERS, batch_max))
    return written, asyncio.run(read_all(url))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("batch_max", [1, 16])
def test_raw_writes_the_rows_and_columns_of_the_lane(stages, kind, batch_max, monkeypatch):
    stage = stages[kind]
    written, by_lane = capture_on(stage, batch_max)
    copies = []
    copy = stage.copy
    monkeypatch.setattr(stage, "copy", lambda: copies.append(copy()) or copies[-1])

    replay(stage, written)

    assert asyncio.run(read_all(copies[-1])) == by_lane


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("pool", [1, 4])
def test_naive_writes_the_rows_and_columns_of_the_lane(stages, kind, pool):
    stage = stages[kind]
    written, by_lane = capture_on(stage, 1)
    url = stage.copy()

    async def write():
        writer = NaiveWriter(url, written, pool)

        async def work():
            while await writer.write_next() is not None:
                pass

        await asyncio.gather(*(work() for _ in range(pool)))
        await writer.close()

    asyncio.run(write())

    assert asyncio.run(read_all(url)) == by_lane


@pytest.mark.parametrize("kind", KINDS)
def test_capture_holds_every_table_that_an_order_touches(stages, kind):
    written, by_lane = capture_on(stages[kind], 1)

    named = {STATEMENTS[name].table for batch in written for name in batch.rows}
    assert named >= {
        "transfers", "postings", "accounts", "orders", "trades", "user_trades", "trade_events",
        "chats", "holds", "standings", "outbox", "idempotency_keys",
    }  # fmt: skip
    assert len(by_lane["trades"]) == sum(len(batch.rows.get("trades", ())) for batch in written)
    assert len(by_lane["trades"]) > ORDERS / 4


@pytest.mark.parametrize("kind", KINDS)
def test_lane_run_is_checked_against_the_database(stages, kind):
    stage = stages[kind]
    url = stage.copy()
    took_s, cpu_s = asyncio.run(run_lane(stage, url, ORDERS))
    assert took_s > 0
    assert cpu_s > 0

    async def check(replies):
        kernel = open_bench_kernel(url)
        try:
            await check_stored(kernel.database, replies)
        finally:
            await kernel.close()

    lost = b'{"id":"0197f0c2-7a3b-7c11-9d55-000000000000","trades":[]}'
    with pytest.raises(AssertionError, match="not stored"):
        asyncio.run(check([lost]))
