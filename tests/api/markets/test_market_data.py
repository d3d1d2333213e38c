"""GET candles, the corridor index and the tickers for aggregators: completed trades only."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, select, text

from models.candles import Candle, CandleMark
from models.orders import LaneInbox
from server.markets import candle_queries
from server.markets.candles import (
    Bar,
    TradeDone,
    draw_bars,
    fold_candles,
    purge_candles,
)
from server.markets.service import moved_amount
from tests.api.markets.test_get_ticker import end, trade


@pytest.fixture
async def people(world):
    return await world.join("seller", usdt="5000", level=3), await world.join("buyer", level=3)


async def tell(world, trade_id, batch):
    """What the lane leaves when it has told of a completed trade."""

    async def work(unit):
        await unit.execute(
            insert(LaneInbox).values(
                id=unit.ids.new_id(), market="USDT-VND", kind="tape", cause=f"tape:{trade_id}",
                body="{}", created_at=unit.now, consumed_batch=batch,
            )
        )  # fmt: skip

    await world.database.transact(work, name="test")


async def complete(world, people, amount, price, *, batch, **how):
    trade_id = await trade(world, *people, amount, price)
    await end(world, trade_id, **how)
    await tell(world, trade_id, batch)
    return trade_id


async def read_stored(world):
    async with world.database.read() as connection:
        rows = (await connection.execute(select(Candle.__table__))).mappings().all()
    return {
        (row["span_s"], row["started_at"]): Bar(
            **{key: row[key] for key in row if key not in {"market", "span_s", "started_at"}}
        )
        for row in rows
    }


async def recompute(world):
    """The candles of every completed trade, from the trades alone."""
    async with world.database.read() as connection:
        ids = (
            await connection.execute(text("SELECT id FROM trades WHERE status = 'completed'"))
        ).scalars()
        named = [UUID(bytes=bytes(each)) for each in ids]
        rows = (await connection.execute(candle_queries.list_trades(named))).all()
    return draw_bars(
        TradeDone(row.id, row.completed_at, row.price_ticks, moved_amount(row)) for row in rows
    )


async def test_released_trade_is_in_the_candles(world, people, fetch):
    seller, buyer = people
    trade_id = str(await trade(world, *people, "40", "26000"))
    await buyer.must("POST", f"/trades/{trade_id}/payer", {"payer_name": "Nguyen Van An"})
    await buyer.must("POST", f"/trades/{trade_id}/paid", {})
    await seller.release(trade_id, "Nguyen Van An")
    await world.wait_for_inbox()
    await fold_candles(world.database)

    _, page = await fetch("/markets/USDT-VND/candles?interval=1m")

    (candle,) = page["items"]
    assert {key: candle[key] for key in candle if key != "started_at"} == {
        "open": "26000", "high": "26000", "low": "26000", "close": "26000",
        "volume": "40.000000", "turnover": "1040000", "trades": 1,
    }  # fmt: skip
    assert candle["started_at"].endswith(":00.000Z")
    assert await read_stored(world) == await recompute(world)


async def test_candles_kept_piece_by_piece_equal_a_recomputation(world, people):
    await complete(world, people, "40", "26000", batch=10)
    await fold_candles(world.database)
    # Told late: completed before what is counted already.
    await complete(world, people, "20", "25900", batch=12, ago_s=90)
    await complete(world, people, "100", "26200", batch=12, part=30_000_000)
    await fold_candles(world.database)
    await complete(world, people, "10", "26100", batch=15, wait_s=3_700)
    await fold_candles(world.database)

    assert await fold_candles(world.database) == 0
    assert await read_stored(world) == await recompute(world)


async def test_two_folding_at_once_count_each_trade_once(world, people):
    for batch, price in enumerate(("26000", "26100", "26200"), start=5):
        await complete(world, people, "10", price, batch=batch)

    await asyncio.gather(*(fold_candles(world.database) for _ in range(4)))

    assert await read_stored(world) == await recompute(world)


async def test_broken_off_fold_counts_nothing_twice(world, people, monkeypatch):
    await complete(world, people, "10", "26000", batch=5)

    def break_off(*_):
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(candle_queries, "move_mark", break_off)
        with pytest.raises(RuntimeError):
            await fold_candles(world.database)
    assert await read_stored(world) == {}

    await fold_candles(world.database)
    assert await read_stored(world) == await recompute(world)


async def test_other_rows_of_the_lane_move_the_mark_and_count_nothing(world, people):
    await trade(world, *people, "10", "26000")

    async def note(unit):
        await unit.execute(
            insert(LaneInbox).values(
                id=unit.ids.new_id(), market="USDT-VND", kind="recheck", cause="recheck:x",
                body="{}", created_at=unit.now, consumed_batch=900,
            )
        )  # fmt: skip

    await world.database.transact(note, name="test")
    await fold_candles(world.database)

    assert await read_stored(world) == {}
    async with world.database.read() as connection:
        assert (await connection.execute(select(CandleMark.batch))).scalar_one() == 900


async def test_pages_of_candles_have_no_gap_and_no_double(world, people, fetch):
    for batch in range(5, 12):
        await complete(world, people, "10", f"26{batch:02}0", batch=batch, wait_s=60)
    await fold_candles(world.database)

    seen, cursor = [], ""
    while cursor is not None:
        asked = f"/markets/USDT-VND/candles?interval=1m&limit=2{cursor and f'&cursor={cursor}'}"
        _, page = await fetch(asked)
        seen += page["items"]
        cursor = page["next_cursor"]

    starts = [candle["started_at"] for candle in seen]
    assert starts == sorted(set(starts), reverse=True)
    assert sum(candle["trades"] for candle in seen) == 7


@pytest.mark.parametrize("interval", ["5m", "15m", "1h", "4h", "1d"])
async def test_longer_candles_hold_the_shorter_ones(world, people, fetch, interval):
    for batch, price in enumerate(("26000", "26500", "25800", "26100"), start=5):
        await complete(world, people, "10", price, batch=batch, wait_s=1)
    await fold_candles(world.database)

    _, page = await fetch(f"/markets/USDT-VND/candles?interval={interval}")

    assert sum(candle["trades"] for candle in page["items"]) == 4
    assert max(candle["high"] for candle in page["items"]) == "26500"
    assert page["items"][-1]["open"] == "26000"
    assert page["items"][0]["close"] == "26100"


@pytest.mark.parametrize(
    "query", ["interval=2m", "interval=", "cursor=%F0%9F", "cursor=AAAA_not", "limit=0", "x=1",
              "cursor=_______________________________w"],
)  # fmt: skip
async def test_bad_query_of_candles_is_refused(fetch, query):
    status, problem = await fetch(f"/markets/USDT-VND/candles?{query}")
    assert (status, problem["code"]) == (422, "invalid")


@pytest.mark.parametrize("what", ["candles", "corridor"])
async def test_data_of_a_missing_market_are_not_found(fetch, what):
    assert (await fetch(f"/markets/USDT-ZZZ/{what}"))[0] == 404


async def test_old_short_candles_are_forgotten_and_long_ones_stay(world, people):
    await complete(world, people, "10", "26000", batch=5)
    await fold_candles(world.database)
    world.clock.advance(seconds=31 * 86_400)
    assert await world.database.transact(purge_candles, name="test") == 1
    assert await world.database.transact(purge_candles, name="test") == 0
    world.clock.advance(seconds=400 * 86_400)
    while await world.database.transact(purge_candles, name="test"):
        pass
    assert {span_s for span_s, _ in await read_stored(world)} == {3_600, 14_400, 86_400}


async def test_corridor_needs_enough_different_people(world, people, fetch):
    await complete(world, people, "10", "26000", batch=5)

    assert await fetch("/markets/USDT-VND/corridor") == (
        200,
        {
            "market": "USDT-VND",
            "index": None,
            "pairs": 1,
            "outliers": 0,
            "volume": "10.000000",
        },
    )


async def test_corridor_is_what_five_pairs_paid(world, fetch):
    for number in range(5):
        pair = (
            await world.join(f"seller{number}", usdt="500", level=3),
            await world.join(f"buyer{number}", level=3),
        )
        await end(world, await trade(world, *pair, "10", str(26_000 + number)))

    _, corridor = await fetch("/markets/USDT-VND/corridor")

    assert (corridor["index"], corridor["pairs"]) == ("26002", 5)


async def test_aggregators_get_the_tickers_of_real_markets(world, people, fetch):
    await complete(world, people, "10", "26000", batch=5)
    await complete(world, people, "20", "26300", batch=6)
    await fold_candles(world.database)

    status, tickers = await fetch("/coingecko/tickers")

    assert status == 200
    assert tickers == [
        {
            "ticker_id": "USDT_VND",
            "base_currency": "USDT",
            "target_currency": "VND",
            "last_price": "26300",
            "base_volume": "30.000000",
            "target_volume": "786000",
            "bid": None,
            "ask": None,
            "high": "26300",
            "low": "26000",
        }
    ]


async def test_aggregators_see_only_the_volume_of_a_day(world, people, fetch):
    await complete(world, people, "10", "26000", batch=5)
    await fold_candles(world.database)
    world.clock.advance(seconds=timedelta(days=1, minutes=2).total_seconds())

    _, (ticker,) = await fetch("/coingecko/tickers")

    assert (ticker["base_volume"], ticker["target_volume"]) == ("0.000000", "0")
