"""Nobody earns by having us send codes: the limits by number, block, country and conversion."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from models.messages import SmsCount
from server.core.refusals import Invalid
from server.messages.toll import (
    COUNTS_KEPT,
    CodesLimited,
    SmsLimits,
    confirm_sms,
    count_sms,
    country_of,
    purge_counts,
)

LIMITS = SmsLimits(
    countries=frozenset({"VN", "NG"}), per_number=3, per_prefix=10, per_country=50,
    conversion_percent=20, conversion_after=1000,
)  # fmt: skip
NUMBER = "+84901234567"


async def count(office, number=NUMBER, limits=LIMITS):
    async def work(unit):
        code_id = unit.ids.new_id()
        await count_sms(unit, limits, code_id, number)
        return code_id

    return await office.run(work)


async def confirm(office, code_id):
    async def work(unit):
        await confirm_sms(unit, code_id)

    await office.run(work)


async def refuse(office, **options):
    with pytest.raises(CodesLimited) as refused:
        await count(office, **options)
    return refused.value


def numbers_of(prefix, how_many):
    return [f"{prefix}{last:04}" for last in range(how_many)]


async def test_three_codes_in_ten_minutes_go_to_one_number(office):
    for _ in range(3):
        await count(office)

    refused = await refuse(office)

    assert refused.status == 429
    assert refused.retry_after_s == 600


async def test_fourth_code_goes_out_when_the_first_is_ten_minutes_old(office):
    for _ in range(3):
        await count(office)
        office.clock.advance(seconds=60)
    office.clock.advance(seconds=600 - 180 - 1)
    assert (await refuse(office)).retry_after_s == 1
    office.clock.advance(seconds=1)

    await count(office)


async def test_ten_codes_an_hour_go_to_numbers_that_begin_alike(office):
    for number in numbers_of("+8490123", 10):
        await count(office, number=number)

    await refuse(office, number="+84901239999")
    await count(office, number="+84901249999")
    office.clock.advance(seconds=3599)
    await refuse(office, number="+84901239999")
    office.clock.advance(seconds=1)
    await count(office, number="+84901239999")


async def test_country_has_a_limit_of_its_own(office):
    limits = replace(LIMITS, per_country=3)
    for prefix in ("+8490123", "+8490124", "+8490125"):
        await count(office, number=f"{prefix}0000", limits=limits)

    await refuse(office, number="+84901260000", limits=limits)
    await count(office, number="+2348031234567", limits=limits)
    office.clock.advance(seconds=3600)
    await count(office, number="+84901260000", limits=limits)


@pytest.mark.parametrize("number", ["+14155552671", "+881612345678", "+37120000000", "+8835100"])
async def test_country_that_is_not_listed_gets_no_code(office, number):
    with pytest.raises(Invalid) as refused:
        await count(office, number=number)

    assert "phone" in refused.value.errors
    assert await office.read(select(SmsCount.id)) == []


async def test_block_whose_codes_do_not_come_back_is_stopped_for_a_day(office):
    limits = replace(LIMITS, conversion_after=10, per_prefix=100)
    codes = [await count(office, number=n, limits=limits) for n in numbers_of("+8490123", 10)]
    await confirm(office, codes[0])
    office.clock.advance(seconds=601)

    await refuse(office, number="+84901239999", limits=limits)
    office.clock.advance(seconds=24 * 3600 - 601 - 1)
    await refuse(office, number="+84901239999", limits=limits)
    office.clock.advance(seconds=1)
    await count(office, number="+84901239999", limits=limits)


async def test_block_with_a_fifth_of_its_codes_back_goes_on(office):
    limits = replace(LIMITS, conversion_after=10, per_prefix=100)
    codes = [await count(office, number=n, limits=limits) for n in numbers_of("+8490123", 10)]
    for code_id in codes[:2]:
        await confirm(office, code_id)
    office.clock.advance(seconds=601)

    await count(office, number="+84901239999", limits=limits)


async def test_young_codes_may_still_come_back(office):
    limits = replace(LIMITS, conversion_after=10, per_prefix=100)
    for number in numbers_of("+8490123", 10):
        await count(office, number=number, limits=limits)
    office.clock.advance(seconds=599)

    await count(office, number="+84901239999", limits=limits)


async def test_parallel_codes_to_a_block_do_not_pass_its_limit_together(office):
    await count(office, number="+84901239999")

    outcomes = await asyncio.gather(
        *(count(office, number=number) for number in numbers_of("+8490123", 14)),
        return_exceptions=True,
    )

    assert sum(isinstance(outcome, CodesLimited) for outcome in outcomes) == 5
    ((counted,),) = await office.read(select(func.count()).select_from(SmsCount))
    assert counted == 10


async def test_counts_are_forgotten_after_two_days(office):
    await count(office)
    office.clock.advance(seconds=COUNTS_KEPT.total_seconds())
    assert await office.run(purge_counts) == 0
    office.clock.advance(seconds=1)

    assert await office.run(purge_counts) == 1


def test_country_of_a_number_is_that_of_its_plan():
    assert country_of(NUMBER) == "VN"
    assert country_of("+2348031234567") == "NG"
    assert country_of("+881612345678") is None
    assert timedelta(hours=48) == COUNTS_KEPT
