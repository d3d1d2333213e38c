"""The history of the index grows thinner with age."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from models.markets import IndexReading
from server.markets import history
from server.markets.history import thin_readings


@pytest.fixture
def write(markets):
    """Readings of some ages, newest last; the second of a minute is refused."""

    async def write(*ages, market="USDT-VND", accepted=True):
        async def work(unit):
            for age in sorted(ages, reverse=True):
                await unit.execute(
                    insert(IndexReading).values(
                        id=unit.ids.new_id(), market=market, index_ticks=1,
                        read_at=unit.now - age, accepted=accepted, source="test",
                    )
                )  # fmt: skip

        await markets.database.transact(work, name="test")

    return write


@pytest.fixture
def thin(markets):
    async def thin():
        return await markets.database.transact(thin_readings, name="test")

    return thin


async def list_ages(markets):
    rows = await markets.fetch(
        select(IndexReading.read_at).order_by(IndexReading.read_at.desc(), IndexReading.id)
    )
    return [(markets.clock.now() - row.read_at) // timedelta(seconds=1) for row in rows]


async def test_each_reading_is_kept_for_a_day_then_one_a_minute_and_after_a_week_one_an_hour(
    markets, write, thin
):
    day, week = 24 * 3600, 7 * 24 * 3600
    young = [3600 + second for second in (0, 20, 40)]
    # The clock stands at a full hour: ages are counted back from it.
    older = [2 * day - second for second in (0, 20, 40, 60, 80)]
    oldest = [week + day - second for second in (0, 60, 1800, 3599, 3600)]
    await write(*(timedelta(seconds=age) for age in young + older + oldest))

    assert await thin() == 3 + 3
    assert await thin() == 0

    assert await list_ages(markets) == [
        *young, 2 * day - 60, 2 * day, week + day - 3600, week + day,
    ]  # fmt: skip


async def test_accepted_reading_of_a_minute_is_the_one_that_stays(markets, write, thin):
    two_days = timedelta(days=2)
    await write(two_days, accepted=False)
    await write(two_days - timedelta(seconds=30))
    await write(two_days - timedelta(seconds=90), accepted=False)

    await thin()

    rows = await markets.fetch(select(IndexReading.accepted).order_by(IndexReading.read_at))
    assert rows == [(True,), (False,)]


async def test_markets_are_thinned_apart_and_chunks_end_with_their_minute(
    markets, write, thin, monkeypatch
):
    await markets.add("USD", price_digits=4)
    monkeypatch.setattr(history, "THIN_MAX", 5)
    ages = [timedelta(days=2, seconds=-second) for second in (0, 20, 40, 60, 80, 100)]
    for market in ("USDT-VND", "USDT-USD"):
        await write(*ages[:3:2], market=market)
    await write(*ages[3:])

    forgotten = [await thin() for _ in range(4)]

    assert sum(forgotten) == 2 + 2
    assert await markets.fetch(
        select(IndexReading.market).order_by(IndexReading.market, IndexReading.read_at)
    ) == [("USDT-USD",), ("USDT-VND",), ("USDT-VND",)]
