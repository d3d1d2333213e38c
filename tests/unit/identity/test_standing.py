"""Standings: versions, locks, levels, rechecks."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from server.core.refusals import Invalid, NotFound
from server.identity.standing import (
    completion_rate_bp,
    hold_selling,
    list_due_rechecks,
    lock_standing,
    lock_standings,
    next_recheck_at,
    note_present,
    read_standings,
    recheck_standing,
    set_level,
    update_standing,
)
from tests.unit.identity.conftest import ALICE, BOB


async def read(database, user_id=ALICE):
    async with database.read() as connection:
        return (await read_standings(connection, [user_id]))[user_id]


async def change(database, **changes):
    async def work(unit):
        return await update_standing(unit, await lock_standing(unit, ALICE), **changes)

    return await database.transact(work, name="test")


async def test_every_change_counts_the_version_up(database):
    changed = await change(database, trades_completed=1)
    assert changed.version == 1
    assert await read(database) == changed
    assert (await change(database)).version == 2


async def test_change_of_a_stale_row_is_a_fault(database):
    row = await read(database)
    await change(database, trades_completed=1)

    async def work(unit):
        await update_standing(unit, row, trades_completed=5)

    with pytest.raises(AssertionError):
        await database.transact(work, name="test")
    assert (await read(database)).trades_completed == 1


async def test_parallel_changes_are_all_counted(database):
    async def work(unit):
        row = await lock_standing(unit, ALICE)
        await update_standing(unit, row, trades_completed=row.trades_completed + 1)

    await asyncio.gather(*(database.transact(work, name="test") for _ in range(20)))
    row = await read(database)
    assert (row.trades_completed, row.version) == (20, 20)


async def test_standings_are_locked_ascending_and_unknown_users_left_out(database):
    async def work(unit):
        return await lock_standings(unit, [BOB, database.ids.new_id(), ALICE])

    assert list(await database.transact(work, name="test")) == [ALICE, BOB]


async def test_unknown_user_is_not_found(database):
    async def work(unit):
        await lock_standing(unit, database.ids.new_id())

    with pytest.raises(NotFound):
        await database.transact(work, name="test")


async def test_level_is_set_and_the_lanes_hear_of_it_once(database, notes):
    async def work(unit):
        return await set_level(unit, notes.hooks, ALICE, 3)

    for _ in range(2):
        row = await database.transact(work, name="test")
    assert (row.kyc_level, row.version) == (3, 1)
    assert notes.changed == [ALICE]


@pytest.mark.parametrize("level", [-1, 4])
async def test_level_that_does_not_exist_is_refused(database, notes, level):
    async def work(unit):
        await set_level(unit, notes.hooks, ALICE, level)

    with pytest.raises(Invalid):
        await database.transact(work, name="test")


async def test_completion_rate_rounds_down_and_is_unknown_without_trades(database):
    row = await read(database)
    assert completion_rate_bp(row) is None
    assert completion_rate_bp(replace(row, trades_completed=2, trades_ended=3)) == 6666
    assert completion_rate_bp(replace(row, trades_completed=3, trades_ended=3)) == 10_000


async def test_next_recheck_is_the_first_instant_still_to_come(database, clock):
    row = await read(database)
    now = clock.now()
    soon, later = now + timedelta(minutes=2), now + timedelta(hours=1)
    assert next_recheck_at(row, now) is None
    assert next_recheck_at(replace(row, taking_blocked_until=later), now) == later
    assert next_recheck_at(replace(row, taking_blocked_until=later), now, soon, None) == soon
    assert next_recheck_at(replace(row, taking_blocked_until=now), now) is None
    present = replace(row, present=True, seen_at=now)
    assert next_recheck_at(present, now, later) == now + timedelta(minutes=5)


async def arrive(database, notes, seen_at):
    async def work(unit):
        await note_present(unit, notes.hooks, ALICE, seen_at)

    await database.transact(work, name="test")


async def recheck(database, notes, **options):
    async def work(unit):
        return await recheck_standing(unit, notes.hooks, ALICE, **options)

    return await database.transact(work, name="test")


async def list_due(database, clock):
    async with database.read() as connection:
        return await list_due_rechecks(connection, clock.now())


async def test_presence_ends_five_minutes_after_the_last_sign(database, notes, clock):
    await arrive(database, notes, clock.now())
    assert (await read(database)).present
    clock.advance(minutes=4, seconds=59)
    assert await list_due(database, clock) == []
    assert (await recheck(database, notes)).present
    clock.advance(seconds=1)
    assert await list_due(database, clock) == [ALICE]
    assert not (await recheck(database, notes)).present
    assert notes.changed == [ALICE, ALICE]
    assert await list_due(database, clock) == []


async def test_old_sign_makes_nobody_present(database, notes, clock):
    await arrive(database, notes, clock.now() - timedelta(minutes=5))
    row = await read(database)
    assert (row.present, row.version, notes.changed) == (False, 0, [])


async def test_end_of_a_block_is_told_to_the_lanes_once(database, notes, clock):
    until = clock.now() + timedelta(hours=1)
    await change(database, taking_blocked_until=until, recheck_at=until)
    clock.advance(hours=1)
    for _ in range(3):
        await recheck(database, notes)
    assert notes.changed == [ALICE]
    assert (await read(database)).recheck_at is None


async def test_other_instants_move_the_recheck_and_tell_nobody(database, notes, clock):
    later = clock.now() + timedelta(hours=3)
    row = await recheck(database, notes, others=(later,))
    assert row.recheck_at == later
    assert notes.changed == []


async def test_shorter_hold_does_not_replace_a_longer_one(database, notes, clock):
    async def hold(hours):
        async def work(unit):
            row = await lock_standing(unit, ALICE)
            until = unit.now + timedelta(hours=hours)
            return await hold_selling(unit, notes.hooks, row, until)

        return await database.transact(work, name="test")

    longest = (await hold(24)).selling_blocked_until
    row = await hold(1)
    assert row.selling_blocked_until == row.recheck_at == longest
    assert notes.changed == [ALICE]
