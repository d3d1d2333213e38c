"""Who is here: batches, the minute's pause, sockets."""

import uuid
from datetime import timedelta

import pytest

from server.core.clock import ManualClock
from server.identity.presence import PresenceRecorder
from server.identity.standing import PRESENT_FOR, read_standings
from tests.unit.identity.conftest import ALICE, BOB


async def read(database, user_id=ALICE):
    async with database.read() as connection:
        return (await read_standings(connection, [user_id]))[user_id]


async def test_first_request_makes_present_and_tells_the_lanes(database, clock, notes):
    recorder = PresenceRecorder(clock)
    recorder.note_request(ALICE)
    assert await recorder.flush(database, notes.hooks) == 1
    row = await read(database)
    assert (row.present, row.seen_at, row.version) == (True, clock.now(), 1)
    assert row.recheck_at == clock.now() + timedelta(minutes=5)
    assert notes.changed == [ALICE]
    assert not (await read(database, BOB)).present


async def test_requests_are_written_once_a_minute_and_keep_the_version(database, clock, notes):
    recorder = PresenceRecorder(clock)
    written = 0
    for _ in range(30):
        recorder.note_request(ALICE)
        written += await recorder.flush(database, notes.hooks)
        clock.advance(seconds=10)
    row = await read(database)
    assert written == 5
    assert row.version == 1
    assert row.seen_at == clock.now() - timedelta(seconds=60)


async def test_last_request_of_a_minute_is_written_later(database, clock, notes):
    recorder = PresenceRecorder(clock)
    recorder.note_request(ALICE)
    await recorder.flush(database, notes.hooks)
    clock.advance(seconds=50)
    last = clock.now()
    recorder.note_request(ALICE)
    assert await recorder.flush(database, notes.hooks) == 0
    clock.advance(seconds=10)
    assert await recorder.flush(database, notes.hooks) == 1
    assert (await read(database)).seen_at == last
    assert await recorder.flush(database, notes.hooks) == 0


async def test_many_people_are_written_each_with_his_instant(database, clock, notes):
    recorder = PresenceRecorder(clock)
    recorder.note_request(ALICE)
    recorder.note_request(BOB)
    await recorder.flush(database, notes.hooks)
    clock.advance(seconds=70)
    recorder.note_request(ALICE)
    clock.advance(seconds=5)
    recorder.note_request(BOB)
    assert await recorder.flush(database, notes.hooks) == 2
    assert (await read(database, ALICE)).seen_at == clock.now() - timedelta(seconds=5)
    assert (await read(database, BOB)).seen_at == clock.now()


async def test_open_socket_keeps_its_user_present(database, clock, notes):
    recorder = PresenceRecorder(clock)
    recorder.open_socket(ALICE)
    recorder.open_socket(ALICE)
    recorder.close_socket(ALICE)
    for _ in range(10):
        await recorder.flush(database, notes.hooks)
        clock.advance(minutes=1)
    assert (await read(database)).seen_at == clock.now() - timedelta(minutes=1)
    recorder.close_socket(ALICE)
    clock.advance(minutes=10)
    await recorder.flush(database, notes.hooks)
    assert (await read(database)).seen_at == clock.now() - timedelta(minutes=10)
    assert await recorder.flush(database, notes.hooks) == 0


async def test_unknown_user_does_not_stop_the_batch(database, clock, notes):
    recorder = PresenceRecorder(clock)
    recorder.note_request(uuid.UUID(int=9))
    recorder.note_request(ALICE)
    await recorder.flush(database, notes.hooks)
    assert (await read(database)).present


@pytest.mark.parametrize(("speed", "flush_s"), [(1, 5.0), (60, 1.0)])
def test_presence_is_written_faster_under_a_fast_clock(speed, flush_s):
    recorder = PresenceRecorder(ManualClock(), clock_speed=speed)
    assert recorder.flush_s == flush_s
    assert timedelta(seconds=flush_s * speed) < PRESENT_FOR
