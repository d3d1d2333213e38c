"""Who may write a market: leases, fences and takeovers."""

import asyncio
import os
import subprocess
from dataclasses import replace

import pytest
from sqlalchemy import update

from models.orders import Lane as LaneRow
from server.orders.lane.lease import is_known_dead, name_owner
from server.orders.lane.loop import start_lane, stop_lane
from server.orders.lane.store import FenceLostError
from tests.lane.lanes import let_lease_run_out, make_lane, picture, read_lane_row, run_lane, until
from tests.market_world import MARKET


def sale(person, amount="100", price="26000"):
    return {
        "market": MARKET,
        "side": "sell",
        "pricing": {"type": "fixed", "price": price},
        "amount": amount,
        "payment_account_ids": list(person.accounts.values()),
        "always_on": True,
    }


async def take_over(world, second):
    """The second owner takes the lane while the first one is between two batches."""
    async with world.lane.between_batches:
        await let_lease_run_out(world)
        start_lane(second)
        await until(lambda: second.serving, "the second owner serves")


async def test_owner_that_lost_its_lease_writes_nothing_more(world):
    seller = await world.join("seller", usdt="1000")
    await seller.add_account()
    second = make_lane(world)
    try:
        await take_over(world, second)
        epoch, batches = second.lease.epoch, world.lane.batches

        status, problem = await seller.ask("POST", "/orders", sale(seller), key="after")

        assert (status, problem["code"]) == (503, "lane_elsewhere")
        assert await world.read("SELECT id FROM orders") == []
        row = await read_lane_row(world)
        assert (row.owner, row.epoch) == ("elsewhere/1/1", epoch)
        assert second.batches >= batches
        assert (await seller.balances())["reserved"] == "0.000000"
    finally:
        await stop_lane(second)


async def test_owner_that_lost_its_lease_discards_its_memory(world):
    seller = await world.join("seller", usdt="1000")
    await seller.sell("100", "26000")
    second = make_lane(world)
    try:
        await take_over(world, second)
        await seller.ask("POST", "/orders", sale(seller))

        await until(lambda: not world.lane.serving, "the first owner stops")
        status, problem = await seller.ask("POST", "/orders", sale(seller))
        book_status, book = await seller.ask("GET", f"/markets/{MARKET}/book")

        assert (status, problem["code"]) == (503, "lane_elsewhere")
        assert (book_status, book["code"]) == (503, "lane_elsewhere")
    finally:
        await stop_lane(second)


async def test_batches_of_a_lost_epoch_fail_for_ever(world):
    second = make_lane(world)
    first = world.lane
    fence_before = (first.lease.owner, first.lease.epoch)
    try:
        await take_over(world, second)
        for batch in range(first.batches - 1, first.batches + 4):
            with pytest.raises(FenceLostError):
                await first.store.begin(
                    replace_fence(world, owner=fence_before[0], epoch=fence_before[1], batch=batch)
                )
            await first.store.rollback()
    finally:
        await stop_lane(second)


def replace_fence(world, **values):
    from server.orders.lane.store import Fence

    fence = Fence(MARKET, "nobody", 0, 0, world.clock.now())
    return replace(fence, **values)


async def test_first_owner_serves_again_when_the_second_gives_up(world):
    seller = await world.join("seller", usdt="1000")
    await seller.add_account()
    second = make_lane(world)
    await take_over(world, second)
    await seller.ask("POST", "/orders", sale(seller))
    await until(lambda: not world.lane.serving, "the first owner stops")

    await stop_lane(second)

    await until(lambda: world.lane.serving, "the first owner serves again")
    order = await seller.must("POST", "/orders", sale(seller), key="again")
    assert order["status"] == "open"


async def test_lease_of_a_living_owner_is_not_taken(world):
    second = make_lane(world)
    async with run_lane(second):
        await asyncio.sleep(0.6)

        assert not second.serving
        assert world.lane.serving


async def test_lease_that_ran_out_is_taken_over(world):
    epoch = (await read_lane_row(world)).epoch
    second = make_lane(world)
    try:
        await take_over(world, second)

        assert (await read_lane_row(world)).epoch == epoch + 1
    finally:
        await stop_lane(second)


async def test_idle_owner_keeps_its_lease(world):
    world.lane.config = replace(world.lane.config, lease_s=1)
    second = make_lane(world)
    async with run_lane(second):
        await asyncio.sleep(2.5)

        assert world.lane.serving
        assert not second.serving


async def test_dead_owner_is_followed_at_once(world):
    await stop_lane(world.lane)
    gone = subprocess.Popen(["true"])
    gone.wait()
    host = name_owner().split("/")[0]
    far = world.kernel.real_clock.now().replace(year=2100)

    async def work(unit):
        await unit.execute(
            update(LaneRow)
            .where(LaneRow.market == MARKET)
            .values(owner=f"{host}/{gone.pid}/12345", expires_at=far)
        )

    await world.database.transact(work, name="test")
    second = make_lane(world)
    started = asyncio.get_running_loop().time()
    async with run_lane(second):
        await until(lambda: second.serving, "the dead owner's lane is served")

        assert asyncio.get_running_loop().time() - started < 2


def test_only_a_process_of_this_host_is_known_dead():
    own = name_owner()
    host, _, _ = own.split("/")

    assert not is_known_dead(own)
    assert is_known_dead(f"{host}/{os.getpid()}/1")
    assert not is_known_dead(f"another-{host}/1/1")
    assert not is_known_dead("nonsense")


async def test_next_owner_goes_on_with_the_numbers_of_the_room(world):
    seller = await world.join("seller", usdt="1000")
    await seller.sell("100", "26000")
    second = make_lane(world)
    await take_over(world, second)
    await seller.ask("POST", "/orders", sale(seller))
    await until(lambda: not world.lane.serving, "the first owner stops")
    await stop_lane(second)
    await until(lambda: world.lane.serving, "the first owner serves again")

    await seller.sell("100", "26010")

    rows = await world.read(
        f"SELECT seq FROM outbox WHERE room = 'market:{MARKET}' AND seq IS NOT NULL ORDER BY seq"
    )
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    assert len(rows) >= 2


async def test_second_owner_sees_the_book_of_the_first(world):
    seller = await world.join("seller", usdt="1000")
    buyer = await world.join("buyer")
    await seller.sell("100", "26000")
    await buyer.buy("40", "26000")
    await world.settle()
    before = picture(world.lane, users=[])
    second = make_lane(world)
    try:
        await take_over(world, second)
        after = picture(second, users=[])

        assert after["orders"] == before["orders"]
        assert after["ladders"] == before["ladders"]
    finally:
        await stop_lane(second)
