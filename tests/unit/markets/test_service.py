"""Recording readings of the index, on both databases."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select

from models.markets import IndexReading, Market, MarketIndex, MarketSettings
from server.core.money import fee_down
from server.core.refusals import NotFound
from server.markets import history
from server.markets.history import purge_readings
from server.markets.service import (
    moved_amount,
    stop_stale_indexes,
    switch_off_stale,
)

READINGS = select(IndexReading.index_ticks, IndexReading.accepted).order_by(IndexReading.id)
INDEX = select(MarketIndex.index_ticks, MarketIndex.floating_on, MarketIndex.pending_ticks)


async def test_market_is_added_once_with_the_numbers_of_the_product(markets):
    await markets.add()

    (settings,) = await markets.fetch(select(MarketSettings.__table__))
    assert settings._asdict() == {
        "market": "USDT-VND",
        "status": "open",
        "maker_fee_ppm": 500,
        "taker_fee_ppm": 1500,
        "amount_min_micro": 10_000_000,
        "amount_max_micro": 50_000_000_000,
        "band_bp": 2000,
        "version": 1,
    }
    assert len(await markets.fetch(select(Market.id))) == 1


async def test_accepted_reading_becomes_the_index_and_is_told_to_the_lane(markets):
    await markets.read(26_350)

    assert await markets.fetch(INDEX) == [(26_350, True, None)]
    assert await markets.fetch(READINGS) == [(26_350, True)]
    assert await markets.inbox() == [
        (
            "USDT-VND",
            {"index_ticks": 26_350, "floating_on": True, "read_at": "2026-01-01T00:00:00.000Z"},
        )
    ]
    assert markets.woken == ["USDT-VND"]


async def test_large_step_is_kept_as_refused_and_switches_the_lane_off_once(markets):
    await markets.read(26_000)
    for ticks in (30_000, 40_000):
        markets.clock.advance(seconds=5)
        await markets.read(ticks)

    assert await markets.fetch(INDEX) == [(26_000, False, 40_000)]
    assert await markets.fetch(READINGS) == [(26_000, True), (30_000, False), (40_000, False)]
    told = [(body["index_ticks"], body["floating_on"]) for _, body in await markets.inbox()]
    assert told == [(26_000, True), (26_000, False)]


async def test_second_reading_that_agrees_is_told_to_the_lane(markets):
    for ticks in (26_000, 30_000, 30_010):
        await markets.read(ticks)
        markets.clock.advance(seconds=5)

    told = [(body["index_ticks"], body["floating_on"]) for _, body in await markets.inbox()]
    assert told == [(26_000, True), (26_000, False), (30_010, True)]


async def test_reading_seen_before_is_not_kept(markets):
    await markets.read(26_000)

    verdict = await markets.read(26_001)

    assert not verdict.accepted
    assert await markets.fetch(READINGS) == [(26_000, True)]


@pytest.mark.parametrize(("ticks", "ahead_s"), [(0, 0), (10**30, 0), (26_000, 3600)])
async def test_reading_that_is_no_price_blocks_nothing(markets, ticks, ahead_s):
    read_at = markets.clock.now() + timedelta(seconds=ahead_s)
    await markets.read(ticks, read_at=read_at)

    assert (await markets.read(26_000)).accepted


async def test_old_reading_is_refused(markets):
    read_at = markets.clock.now() - timedelta(seconds=121)

    assert not (await markets.read(26_000, read_at=read_at)).accepted
    assert await markets.fetch(INDEX) == []


async def test_unknown_market_has_no_index(markets):
    with pytest.raises(NotFound):
        await markets.read(1, market="USDT-ZZZ")


async def test_clock_switches_stale_markets_off_and_tells_the_lanes_once(markets):
    await markets.add("NGN", price_digits=2)
    await markets.read(26_000)
    markets.clock.advance(seconds=60)
    await markets.read(150_000, market="USDT-NGN")
    markets.clock.advance(seconds=60)
    assert await stop_stale_indexes(markets.database) == 0
    markets.clock.advance(seconds=1)

    assert await stop_stale_indexes(markets.database) == 1
    assert await stop_stale_indexes(markets.database) == 0

    (last_market, last) = (await markets.inbox())[-1]
    assert (last_market, last["floating_on"]) == ("USDT-VND", False)
    on = select(MarketIndex.market).where(MarketIndex.floating_on)
    assert await markets.fetch(on) == [("USDT-NGN",)]


async def test_index_that_was_read_meanwhile_is_not_switched_off(markets):
    await markets.read(26_000)
    markets.clock.advance(seconds=121)
    await markets.read(26_000)

    async def work(unit):
        return await switch_off_stale(unit, "USDT-VND")

    assert not await markets.database.transact(work, name="test")


async def test_readings_are_forgotten_after_thirty_days_in_chunks(markets, monkeypatch):
    monkeypatch.setattr(history, "PURGE_CHUNK", 2)
    for _ in range(4):
        await markets.read(26_000)
        markets.clock.advance(seconds=5)
    markets.clock.advance(hours=30 * 24, seconds=-7)

    async def work(unit):
        return await purge_readings(unit)

    assert [await markets.database.transact(work, name="test") for _ in range(3)] == [2, 1, 0]
    assert await markets.fetch(select(func.count()).select_from(IndexReading)) == [(1,)]


@pytest.mark.parametrize("part", [1, 999_999, 10_000_000, 12_345_678, 49_999_999_999])
@pytest.mark.parametrize(("buyer_ppm", "seller_ppm"), [(1500, 500), (500, 1500), (0, 0)])
def test_part_of_a_split_is_found_exactly_from_what_the_hold_paid(part, buyer_ppm, seller_ppm):
    buyer_fee, seller_fee = fee_down(part, buyer_ppm), fee_down(part, seller_ppm)
    row = SimpleNamespace(
        resolution="split",
        amount=50_000_000_000,
        paid_out=part - buyer_fee,
        fees=buyer_fee + seller_fee,
        seller_fee_ppm=seller_ppm,
    )

    assert moved_amount(row) == part
