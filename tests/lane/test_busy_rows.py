"""Rows that somebody else holds: commands leave the batch, nobody else waits."""

import asyncio
import contextlib
import time
from uuid import UUID

import pytest
from sqlalchemy import text

from server.markets.service import record_reading
from server.monitor.verifier import verify
from tests.lane.lanes import cancel_trade, leave_recheck
from tests.lane.test_fence import sale
from tests.market_world import MARKET, start_world


@pytest.fixture
async def world(mariadb_url):
    async with start_world(mariadb_url) as started:
        yield started
        assert await verify(started.database, full=True) == []


@contextlib.asynccontextmanager
async def hold_row(world, statement):
    """A console session that locks rows and does not let go."""
    async with world.database.engine.connect() as connection:
        await connection.begin()
        await connection.execute(text(statement))
        yield
        await connection.rollback()


def standing_of(person):
    return f"SELECT * FROM standings WHERE user_id = x'{UUID(person.id).hex}' FOR UPDATE"


def account_of(person, kind):
    return (
        f"SELECT * FROM accounts WHERE user_id = x'{UUID(person.id).hex}' AND asset = 'USDT'"
        f" AND kind = '{kind}' FOR UPDATE"
    )


async def test_command_of_a_busy_user_is_answered_lane_busy_after_half_a_second(world):
    seller = await world.join("seller", usdt="1000")
    await seller.add_account()

    async with hold_row(world, standing_of(seller)):
        headers = {"Authorization": f"Bearer {seller.token}", "Idempotency-Key": "while-busy"}
        started = time.monotonic()
        async with world.client.post("/api/v1/orders", json=sale(seller), headers=headers) as reply:
            problem = await reply.json()
        took = time.monotonic() - started

    assert (reply.status, problem["code"]) == (503, "lane_busy")
    assert int(reply.headers["Retry-After"]) >= 1
    assert 0.4 < took < 2
    assert await world.read("SELECT id FROM orders") == []


@pytest.mark.parametrize("kind", ["available", "held"])
async def test_one_locked_account_makes_its_owner_busy(world, kind):
    seller = await world.join("seller", usdt="1000")
    await seller.add_account()

    async with hold_row(world, account_of(seller, kind)):
        status, problem = await seller.ask("POST", "/orders", sale(seller))

    assert (status, problem["code"]) == (503, "lane_busy")
    assert (await seller.sell("100", "26000"))["status"] == "open"


async def test_command_whose_row_is_free_again_in_time_is_done(world):
    seller = await world.join("seller", usdt="1000")
    await seller.add_account()

    async with hold_row(world, standing_of(seller)):
        placing = asyncio.create_task(seller.ask("POST", "/orders", sale(seller)))
        await asyncio.sleep(0.15)
    status, order = await placing

    assert (status, order["status"]) == (201, "open")


async def test_market_goes_on_while_somebodys_row_is_busy(world):
    stuck = await world.join("stuck", usdt="1000")
    others = [await world.join(f"other{n}", usdt="1000") for n in range(4)]
    for person in (stuck, *others):
        await person.add_account()

    async with hold_row(world, standing_of(stuck)):
        waiting = asyncio.create_task(stuck.ask("POST", "/orders", sale(stuck)))
        placed = await asyncio.gather(
            *(person.must("POST", "/orders", sale(person, price="26100")) for person in others)
        )
        status, _ = await waiting

    assert [order["status"] for order in placed] == ["open"] * 4
    assert status == 503


async def test_candidate_whose_row_is_busy_does_not_match_but_others_do(world):
    stuck = await world.join("stuck", usdt="1000")
    free = await world.join("free", usdt="1000")
    buyer, other = await world.join("buyer"), await world.join("other")
    await stuck.sell("100", "26000")
    await free.sell("100", "26100")

    async with hold_row(world, account_of(stuck, "reserved")):
        wanted = asyncio.create_task(buyer.ask("POST", "/orders", {
            "market": MARKET, "side": "buy", "amount": "50", "always_on": True,
            "pricing": {"type": "fixed", "price": "26000"}, "payment_method_ids": ["vn-one"],
        }))  # fmt: skip
        await asyncio.sleep(0.05)
        lower = await other.buy("20", "25000")
        status, problem = await wanted

    assert lower["status"] == "open"
    assert (status, problem["code"]) == (503, "lane_busy")


async def test_return_to_a_busy_seller_is_kept_until_his_row_is_free(world):
    seller = await world.join("seller", usdt="1000")
    buyer = await world.join("buyer")
    order = await seller.sell("100", "26000")
    bought = await buyer.buy("40", "26000")
    await cancel_trade(buyer, bought["trades"][0]["id"])
    await world.wait_for_inbox()
    again = await world.join("again")
    bought = await again.buy("40", "26000")

    async with world.lane.between_batches:
        await cancel_trade(again, bought["trades"][0]["id"])
    async with hold_row(world, account_of(seller, "reserved")):
        world.lane.nudge()
        await asyncio.sleep(0.8)
    await world.wait_for_inbox()

    found = await seller.must("GET", f"/orders/{order['id']}")
    assert found["remaining"] == "100.000000"


async def test_recheck_that_would_match_a_busy_user_is_done_later(world):
    seller = await world.join("seller", usdt="1000")
    buyer = await world.join("buyer", level=2)
    await world.change_standing(buyer, frozen_at=world.clock.now())
    await seller.sell("100", "26000")
    await world.change_standing(buyer, frozen_at=None)
    order = await buyer.buy("50", "25000")
    assert order["status"] == "open"
    await world.change_standing(buyer, frozen_at=world.clock.now())
    await leave_recheck(world, buyer)
    await world.wait_for_inbox()
    await seller.sell("100", "25000")

    async with hold_row(world, account_of(seller, "reserved")):
        await world.change_standing(buyer, frozen_at=None)
        await leave_recheck(world, buyer)
        world.lane.nudge()
        await asyncio.sleep(0.8)
    await world.settle()
    await asyncio.sleep(0.1)

    found = await buyer.must("GET", f"/orders/{order['id']}")
    assert found["status"] == "filled"


async def test_index_tick_that_crosses_a_busy_user_is_not_dropped(world):
    seller, buyer = await world.join("seller", usdt="1000"), await world.join("buyer")
    order = await seller.sell("50", "0", pricing={"type": "floating", "margin_bp": 0})
    await buyer.buy("50", "25900")
    world.clock.advance(seconds=5)

    async def tick(unit):
        await record_reading(unit, MARKET, index_ticks=25_900, read_at=unit.now, source="test")

    async with hold_row(world, account_of(seller, "reserved")):
        await world.database.transact(tick, name="test")
        world.lane.nudge()
        await asyncio.sleep(0.8)
        assert await world.read("SELECT id FROM trades") == []
    await world.wait_for_inbox()
    await world.settle()

    assert (await seller.must("GET", f"/orders/{order['id']}"))["status"] == "filled"


async def test_standing_that_moved_is_taken_over_before_matching(world):
    seller = await world.join("seller", usdt="1000")
    buyer = await world.join("buyer", level=2)
    await seller.sell("100", "26000")
    await buyer.buy("10", "20900")
    await world.change_standing(buyer, frozen_at=world.clock.now())

    status, problem = await buyer.ask("POST", "/orders", {
        "market": MARKET, "side": "buy", "amount": "50",
        "pricing": {"type": "fixed", "price": "26000"}, "payment_method_ids": ["vn-one"],
    })  # fmt: skip

    assert (status, problem["code"]) == (409, "not_eligible")
    assert await world.read("SELECT id FROM trades") == []


@pytest.mark.parametrize("side", ["seller", "buyer"])
async def test_block_holds_for_the_very_next_order(world, side):
    seller = await world.join("seller", usdt="1000")
    buyer = await world.join("buyer")
    await seller.sell("100", "26000")
    await buyer.buy("10", "20900")
    one, other = (seller, buyer) if side == "seller" else (buyer, seller)

    async with world.lane.between_batches:
        await one.must("POST", "/me/blocks", {"username": other.name})
        world.lane.inbox_due = False
        world.lane.inbox_read_at = asyncio.get_running_loop().time() + 60
    order = await buyer.buy("50", "26000")
    world.lane.inbox_read_at = 0.0

    assert order["trades"] == []
