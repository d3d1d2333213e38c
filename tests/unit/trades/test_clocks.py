"""The clocks: the time decides, not the tick; late, doubled and missed ticks do no harm."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from models.ledger import Lot
from models.trades import Trade, TradeStatus
from server.core.money import MICRO
from server.jobs.recheck_standings import recheck_standings
from server.jobs.release_lots import release_lots
from server.jobs.run_clocks import run_clocks
from server.trades import refusals
from server.trades.clocks import count_seconds_overdue
from tests.trade_world import ACTIONS, PAYER

S = TradeStatus


async def test_a_run_moves_every_due_trade_one_row_at_its_deadline(world):
    unpaid, paid = await world.open_trade(), await world.open_trade(S.PAID)
    world.clock.advance(minutes=29, seconds=59)
    assert await run_clocks(world.desk) == 0
    world.clock.advance(seconds=1)
    assert await run_clocks(world.desk) == 2
    assert (await world.trade(unpaid)).status is S.GRACE
    assert (await world.trade(paid)).status is S.DISPUTED
    world.clock.advance(minutes=15)
    assert await run_clocks(world.desk) == 1
    assert (await world.trade(unpaid)).status is S.EXPIRED


async def test_a_late_run_expires_a_trade_through_grace(world):
    trade_id = await world.open_trade()
    world.clock.advance(hours=3)
    assert await run_clocks(world.desk) == 1
    assert [entry[1] for entry in await world.history(trade_id)] == [
        "opened",
        "window_over",
        "grace_over",
    ]
    assert {entry[4] for entry in (await world.history(trade_id))[1:]} == {"clock"}


async def test_doubled_runs_move_a_trade_once(world):
    trade_id = await world.open_trade()
    world.clock.advance(minutes=45)
    moved = await asyncio.gather(*(run_clocks(world.desk) for _ in range(4)))
    assert sum(moved) >= 1
    assert (await world.trade(trade_id)).version == 3
    assert await run_clocks(world.desk) == 0


async def test_more_trades_than_a_chunk_are_all_moved(world, monkeypatch):
    for _ in range(7):
        await world.open_trade()
    monkeypatch.setattr("server.trades.clocks.CHUNK", 3)
    monkeypatch.setattr("server.jobs.run_clocks.CHUNK", 3)
    world.clock.advance(minutes=30)
    assert await run_clocks(world.desk) == 7


async def test_a_trade_that_cannot_be_moved_does_not_stop_the_others(world):
    broken, sound = await world.open_trade(), await world.open_trade()
    world.clock.advance(minutes=45)

    async def set_version(version):
        async def work(unit):
            await unit.execute(update(Trade).where(Trade.id == broken).values(version=version))

        await world.run(work)

    await set_version(0)
    assert await run_clocks(world.desk) == 1
    assert (await world.trade(sound)).status is S.EXPIRED
    await set_version(1)
    assert await run_clocks(world.desk) == 1


async def test_an_action_first_applies_what_is_due(world):
    trade_id = await world.open_trade()
    await world.do("declare_payer", trade_id)
    world.clock.advance(minutes=45)
    with pytest.raises(refusals.WrongTradeStatus) as refused:
        await world.do("mark_paid", trade_id)
    assert refused.value.params["status"] == "expired"
    assert (await world.trade(trade_id)).status is S.EXPIRED


async def test_a_deadline_that_passes_between_reading_and_locking_still_decides(world):
    trade_id = await world.open_trade()
    await world.do("declare_payer", trade_id)
    caller = await world.caller(world.buyer, "mark_paid", trade_id)
    world.clock.advance(minutes=45)

    async def work(unit):
        return await ACTIONS["mark_paid"](unit, world.desk, caller, trade_id)

    with pytest.raises(refusals.WrongTradeStatus):
        await world.run(work)


async def test_a_clock_that_jumped_decides_nothing(world):
    trade_id = await world.open_trade()
    world.desk = replace(world.desk, is_steady=lambda: False)
    world.clock.advance(hours=3)
    assert await run_clocks(world.desk) == 0
    assert (await world.trade(trade_id)).status is S.AWAITING_PAYMENT


async def test_a_clock_never_moves_a_paid_trade_but_to_disputed(world):
    trade_id = await world.open_trade(S.PAID)
    world.clock.advance(hours=1000)
    await run_clocks(world.desk)
    await run_clocks(world.desk)
    trade = await world.trade(trade_id)
    assert (trade.status, trade.deadline_at) == (S.DISPUTED, None)
    assert (await world.hold(trade_id)).resolution is None


async def test_the_measure_of_overdue_trades_is_zero_after_a_run(world):
    await world.open_trade()
    world.clock.advance(minutes=45, seconds=61)
    assert await count_seconds_overdue(world.desk) == 15 * 60 + 61
    await run_clocks(world.desk)
    assert await count_seconds_overdue(world.desk) == 0


async def test_due_lots_are_released_once(world):
    await world.set_standing(world.buyer, trades_completed=0)
    await world.open_trade(S.COMPLETED)
    world.clock.advance(hours=23, minutes=59)
    assert await release_lots(world.desk) == 0
    world.clock.advance(minutes=1)
    released = await asyncio.gather(*(release_lots(world.desk) for _ in range(3)))
    assert sum(released) == 1
    assert await world.balances(world.buyer) == {"available": 99_850_000}
    assert len(await world.fetch(select(Lot.released_at).where(Lot.released_at.is_not(None)))) == 1


async def test_the_rolling_limit_forgets_trades_after_24_hours(world):
    await world.open_trade(S.PAID)
    world.clock.advance(hours=12)
    await run_clocks(world.desk)
    second = await world.open_trade(S.PAID, amount=50 * MICRO)
    await world.do("release", second)
    world.clock.advance(hours=11, minutes=59)
    await recheck_standings(world.desk)
    assert (await world.standing(world.buyer)).limit_used_micro == 150 * MICRO
    world.clock.advance(minutes=1)
    world.changed.clear()
    assert await recheck_standings(world.desk) == 2
    standing = await world.standing(world.buyer)
    assert standing.limit_used_micro == 50 * MICRO
    assert standing.recheck_at == world.clock.now() + timedelta(hours=12)
    assert sorted(world.changed) == sorted([world.buyer, world.seller])
    assert await recheck_standings(world.desk) == 0


async def test_a_trade_that_ends_unpaid_after_24_hours_takes_nothing_from_the_limit_twice(world):
    trade_id = await world.open_trade(S.DISPUTED)
    world.clock.advance(hours=25)
    await recheck_standings(world.desk)
    assert (await world.standing(world.buyer)).limit_used_micro == 0
    await world.do("concede", trade_id)
    assert (await world.standing(world.buyer)).limit_used_micro == 0


async def test_the_ladder_and_its_block_end_with_time(world):
    for _ in range(4):
        await world.open_trade(S.CANCELLED)
    world.clock.advance(minutes=15)
    world.changed.clear()
    await recheck_standings(world.desk)
    assert world.buyer in world.changed
    world.clock.advance(hours=24)
    await recheck_standings(world.desk)
    standing = await world.standing(world.buyer)
    assert (standing.ladder_step, standing.recheck_at) == (0, None)


async def test_release_by_the_seller_at_the_deadline_is_still_possible_in_the_case(world):
    trade_id = await world.open_trade(S.PAID)
    world.clock.advance(minutes=30)
    await world.do("release", trade_id, payer_name_seen=PAYER)
    events = [entry[1] for entry in await world.history(trade_id)]
    assert events[-2:] == ["release_time_over", "released"]
