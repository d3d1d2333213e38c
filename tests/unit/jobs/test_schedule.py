"""The schedule: one process a duty, whatever happens to ticks."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.operations import JobLease
from server.jobs.schedule import DUTIES, LEASE, Duty, Schedule
from server.jobs.verify import verify_all, verify_new


class Counter:
    """A duty that counts, and fails or waits when told to."""

    def __init__(self):
        self.runs = 0
        self.fail = False
        self.gate = None

    async def run(self, _desk):
        if self.fail:
            raise RuntimeError
        if self.gate is not None:
            await self.gate.wait()
        self.runs += 1
        return 1


@pytest.fixture
def counter():
    return Counter()


@pytest.fixture
def duty(counter):
    return Duty("count", 1, counter.run)


def make_schedule(world, duty, owner="one", dead=()):
    return Schedule(world.desk, owner=owner, is_dead=lambda name: name in dead, duties=(duty,))


async def test_one_process_runs_a_duty(world, counter, duty):
    one, two = make_schedule(world, duty, "one"), make_schedule(world, duty, "two")
    assert await one.tick(duty)
    assert not await two.tick(duty)
    assert counter.runs == 1


async def test_two_processes_that_begin_at_once_run_a_duty_in_one(world, counter, duty):
    schedules = [make_schedule(world, duty, f"p{number}") for number in range(6)]
    ran = await asyncio.gather(*(schedule.tick(duty) for schedule in schedules))
    assert sum(ran) == 1
    assert counter.runs == 1


async def test_a_lease_that_ran_out_is_taken_over(world, counter, duty):
    one, two = make_schedule(world, duty, "one"), make_schedule(world, duty, "two")
    await one.tick(duty)
    world.clock.advance(seconds=LEASE.total_seconds())
    assert await two.tick(duty)
    assert not await one.tick(duty)


async def test_a_lease_of_a_dead_process_is_taken_over_at_once(world, counter, duty):
    one = make_schedule(world, duty, "one")
    two = make_schedule(world, duty, "two", dead=("one",))
    three = make_schedule(world, duty, "three", dead=("one",))
    await one.tick(duty)
    assert await two.tick(duty)
    assert not await three.tick(duty)


async def test_a_lease_is_kept_by_ticking(world, counter, duty):
    one, two = make_schedule(world, duty, "one"), make_schedule(world, duty, "two")
    for _ in range(10):
        assert await one.tick(duty)
        world.clock.advance(seconds=20)
        assert not await two.tick(duty)
    assert counter.runs == 10


async def test_a_stopped_schedule_gives_its_leases_back(world, counter, duty):
    one, two = make_schedule(world, duty, "one"), make_schedule(world, duty, "two")
    await one.start()
    await one.tick(duty)
    await one.stop()
    assert await two.tick(duty)


async def test_stopping_waits_for_the_tick_under_way(world, counter, duty):
    counter.gate = asyncio.Event()
    schedule = make_schedule(world, duty)
    await schedule.start()
    under_way = asyncio.create_task(schedule.tick(duty))
    while not schedule._running:
        await asyncio.sleep(0)
    stopping = asyncio.create_task(schedule.stop())
    await asyncio.sleep(0.05)
    assert not stopping.done()
    counter.gate.set()
    await stopping
    assert await under_way


async def test_a_failed_tick_is_tried_again_by_the_next(world, counter, duty):
    schedule = make_schedule(world, duty)
    counter.fail = True
    assert not await schedule.tick(duty)
    counter.fail = False
    assert await schedule.tick(duty)
    assert schedule.runs == {"count": 1}


async def test_duties_that_decide_by_the_time_wait_while_the_clock_is_in_doubt(world, counter):
    by_time, other = (
        Duty("timer", 1, counter.run, by_time=True),
        Duty("count", 1, counter.run),
    )
    steady = [False]
    world.desk = replace(world.desk, is_steady=lambda: steady[0])
    schedule = Schedule(world.desk, owner="one", is_dead=lambda _: False, duties=(by_time, other))

    assert [await schedule.tick(by_time), await schedule.tick(other)] == [False, True]
    steady[0] = True
    assert await schedule.tick(by_time)


def test_every_timer_decides_by_the_time():
    by_time = {duty.name for duty in DUTIES if duty.by_time}
    assert by_time >= {"run_clocks", "recheck_standings", "release_lots", "switch_off_stale"}


async def test_the_scheduler_ticks_by_itself(world, counter, duty):
    schedule = make_schedule(world, duty)
    await schedule.start()
    for _ in range(300):
        if counter.runs:
            break
        await asyncio.sleep(0.01)
    await schedule.stop()
    assert counter.runs >= 1


async def test_every_duty_of_the_service_runs_and_keeps_a_lease(world):
    schedule = Schedule(world.desk, owner="one", is_dead=lambda _: False)
    await schedule.start()
    for duty in DUTIES:
        assert await schedule.tick(duty)
    await schedule.stop()
    leases = await world.fetch(select(JobLease.name, JobLease.expires_at))
    assert {row.name for row in leases} == {duty.name for duty in DUTIES}
    assert {row.expires_at for row in leases} == {world.clock.now()}


async def test_a_daily_duty_runs_in_processes_that_do_not_live_for_a_day(world, counter):
    daily = Duty("daily", 24 * 3600, counter.run)
    for number in range(12):
        schedule = make_schedule(world, daily, f"process{number}")
        await schedule.tick(daily)
        await schedule.stop()
        world.clock.advance(hours=6)

    assert counter.runs == 3


async def test_a_daily_duty_is_looked_for_more_often_than_once_a_day(world, counter):
    schedule = make_schedule(world, Duty("daily", 24 * 3600, counter.run))
    await schedule.start()
    (job,) = schedule._scheduler.get_jobs()
    await schedule.stop()

    assert job.trigger.interval <= timedelta(minutes=10)


def test_the_heart_beats_every_five_seconds_and_clocks_run_every_second():
    every = {duty.name: duty.every_s for duty in DUTIES}
    assert (every["beat_heart"], every["run_clocks"]) == (5, 1)


def test_the_verifier_looks_every_minute_and_at_everything_once_a_day():
    every = {duty.name: (duty.every_s, duty.run) for duty in DUTIES}
    assert every["verify_new"] == (60, verify_new)
    assert every["verify_all"] == (24 * 3600, verify_all)
