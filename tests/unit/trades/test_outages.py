"""Outages: found by real time, credited once, public."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.trades import Heartbeat, Outage, TradeStatus
from server.core.clock import ManualClock
from server.jobs.run_clocks import beat_heart, run_clocks
from server.trades.outages import (
    OutageEnded,
    announce_outage,
    beat,
    credit_outages,
    end_outage,
    list_outages,
)

S = TradeStatus


async def outages(world):
    return await world.fetch(select(*Outage.__table__.columns).order_by(Outage.id))


async def announce(world, reason="maintenance"):
    async def work(unit):
        return await announce_outage(unit, reason)

    return await world.run(work)


async def end(world, outage_id):
    async def work(unit):
        await end_outage(unit, outage_id)

    await world.run(work)


async def test_a_gap_of_60_seconds_is_no_outage_and_a_longer_one_is(world):
    assert await beat(world.desk) is None
    world.clock.advance(seconds=60)
    assert await beat(world.desk) is None
    started_at = world.clock.now()
    world.clock.advance(seconds=60.001)
    outage_id = await beat(world.desk)
    [row] = await outages(world)
    assert (row.id, row.started_at, row.ended_at, row.announced) == (
        outage_id,
        started_at,
        world.clock.now(),
        False,
    )
    assert await beat(world.desk) is None


async def test_a_beat_is_kept_in_both_scopes(world):
    await beat(world.desk)
    await beat(world.desk)
    rows = await world.fetch(select(Heartbeat.scope, Heartbeat.counter))
    assert sorted(tuple(row) for row in rows) == [("domain", 2), ("real", 2)]


@pytest.mark.parametrize("status", [S.AWAITING_PAYMENT, S.GRACE, S.PAID])
async def test_an_open_deadline_is_credited_once_an_outage(world, status):
    trade_id = await world.open_trade(status)
    await beat_heart(world.desk)
    before = await world.trade(trade_id)
    world.clock.advance(minutes=10)
    assert await beat_heart(world.desk) == 1
    after = await world.trade(trade_id)
    assert after.deadline_at == before.deadline_at + timedelta(minutes=10)
    assert after.version == before.version + 1
    assert await credit_outages(world.desk) == 0
    assert (await world.history(trade_id))[-1][1] == "outage_credited"


async def test_a_stopped_crediting_resumes_without_crediting_twice(world):
    first, second = await world.open_trade(), await world.open_trade()
    await beat(world.desk)
    world.clock.advance(minutes=5)
    deadline = (await world.trade(first)).deadline_at
    outage_id = await beat(world.desk)
    await credit_outages(world.desk)

    async def forget(unit):
        await unit.execute(
            Outage.__table__.update().where(Outage.id == outage_id).values(credited_at=None)
        )

    await world.run(forget)
    assert await credit_outages(world.desk) == 0
    for trade_id in (first, second):
        assert (await world.trade(trade_id)).deadline_at == deadline + timedelta(minutes=5)


async def test_no_clock_runs_before_the_credit(world):
    trade_id = await world.open_trade()
    await beat(world.desk)
    world.clock.advance(minutes=40)
    assert await run_clocks(world.desk) == 0
    assert (await world.trade(trade_id)).status is S.AWAITING_PAYMENT
    await beat(world.desk)
    assert await run_clocks(world.desk) == 0
    await credit_outages(world.desk)
    assert (await world.trade(trade_id)).deadline_at == world.clock.now() + timedelta(minutes=30)
    assert await run_clocks(world.desk) == 0


async def test_a_deadline_that_was_over_before_the_outage_gets_nothing(world):
    trade_id = await world.open_trade()
    world.clock.advance(minutes=31)
    await beat(world.desk)
    deadline = (await world.trade(trade_id)).deadline_at
    world.clock.advance(minutes=5)
    assert await beat_heart(world.desk) == 0
    assert (await world.trade(trade_id)).deadline_at == deadline
    assert await run_clocks(world.desk) == 1


async def test_a_clock_that_began_in_an_announced_outage_gets_the_rest_of_it(world):
    trade_id = await world.open_trade(method="vn-card")
    outage_id = await announce(world)
    world.clock.advance(minutes=10)
    await world.do("declare_payer", trade_id)
    deadline = (await world.trade(trade_id)).deadline_at
    world.clock.advance(minutes=5)
    await end(world, outage_id)
    await credit_outages(world.desk)
    assert (await world.trade(trade_id)).deadline_at == deadline + timedelta(minutes=15)


async def test_clocks_stand_still_in_an_announced_outage(world):
    trade_id = await world.open_trade()
    outage_id = await announce(world)
    world.clock.advance(hours=2)
    assert await run_clocks(world.desk) == 0
    assert await beat_heart(world.desk) == 0
    await end(world, outage_id)
    await beat_heart(world.desk)
    assert (await world.trade(trade_id)).deadline_at == world.clock.now() + timedelta(minutes=30)
    with pytest.raises(OutageEnded):
        await end(world, outage_id)


async def test_a_gap_inside_an_announced_outage_is_credited_with_it_alone(world):
    await beat(world.desk)
    trade_id = await world.open_trade()
    deadline = (await world.trade(trade_id)).deadline_at
    outage_id = await announce(world)
    world.clock.advance(minutes=5)
    assert await beat(world.desk) is None
    world.clock.advance(seconds=30)
    await end(world, outage_id)
    await beat_heart(world.desk)
    assert len(await outages(world)) == 1
    assert (await world.trade(trade_id)).deadline_at == deadline + timedelta(minutes=5, seconds=30)


async def test_detection_stays_in_real_time_when_the_domains_clock_is_fast(world):
    real = ManualClock(world.clock.now())
    world.desk = replace(world.desk, real_clock=real)
    await beat(world.desk)
    world.clock.advance(minutes=30)
    real.advance(seconds=30)
    assert await beat(world.desk) is None
    world.clock.advance(minutes=61)
    real.advance(seconds=61)
    assert await beat(world.desk) is not None
    [row] = await outages(world)
    assert row.ended_at - row.started_at == timedelta(minutes=61)


async def test_the_log_is_newest_first(world):
    for reason in ("one", "two"):
        await end(world, await announce(world, reason))
        world.clock.advance(minutes=1)
    await credit_outages(world.desk)
    async with world.database.read() as connection:
        log = await list_outages(connection, before=None, limit=10)
    assert [(entry["reason"], entry["announced"]) for entry in log] == [
        ("two", True),
        ("one", True),
    ]
    assert all(entry["credited_at"] for entry in log)


@pytest.mark.parametrize("first_to_end", [0, 1])
async def test_time_of_two_outages_at_once_is_given_back_once(world, first_to_end):
    trade_id = await world.open_trade()
    deadline = (await world.trade(trade_id)).deadline_at
    outages = [await announce(world, "one")]
    world.clock.advance(minutes=10)
    outages.append(await announce(world, "two"))
    world.clock.advance(minutes=10)
    await end(world, outages.pop(first_to_end))
    await credit_outages(world.desk)
    world.clock.advance(minutes=10)
    await end(world, outages.pop())
    await credit_outages(world.desk)
    assert (await world.trade(trade_id)).deadline_at == deadline + timedelta(minutes=30)


async def test_gap_after_two_announced_outages_begins_where_the_later_one_ended(world):
    await beat(world.desk)
    longer, shorter = await announce(world, "longer"), await announce(world, "shorter")
    world.clock.advance(seconds=50)
    await end(world, shorter)
    world.clock.advance(seconds=5)
    ended_at = world.clock.now()
    await end(world, longer)
    await credit_outages(world.desk)
    world.clock.advance(seconds=100)
    await beat(world.desk)
    assert (await outages(world))[-1].started_at == ended_at
