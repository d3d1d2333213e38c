"""After a change of where money is paid nothing new is sold for a day, by no way."""

import asyncio

import pytest

from server.monitor.verifier import verify
from server.staff.audit_chain import chain_waiting
from tests.api.orders.test_limits import sign_in_again
from tests.market_world import start_world

TAKE = {"amount": "20"}


@pytest.fixture
async def world(database_url):
    async with start_world(database_url, change_hold_hours="24") as started:
        yield started
        # The clock of the test outruns the duty that gives entries of the audit their places.
        await chain_waiting(started.database)
        assert await verify(started.database, full=True) == []


@pytest.fixture
async def seller(world):
    """Somebody with an order on the book who has just added another account."""
    person = await world.join("seller", usdt="1000")
    await person.add_account()
    await world.change_standing(person, selling_blocked_until=None, recheck_at=None)
    await person.sell("100", "26000")
    await person.add_account("vn-two")
    await world.wait_for_inbox()
    return person


def sell_order(seller):
    return {
        "market": "USDT-VND", "side": "sell", "pricing": {"type": "fixed", "price": "26000"},
        "amount": "20", "payment_account_ids": list(seller.accounts.values()), "always_on": True,
    }  # fmt: skip


async def test_order_that_rests_is_neither_matched_nor_taken(world, seller):
    buyer = await world.join("buyer")
    order = (await seller.must("GET", "/orders?mine=true"))["items"][0]

    placed = await buyer.buy("20", "26000")
    taken = await buyer.ask(
        "POST", f"/orders/{order['id']}/take",
        {**TAKE, "payment_method_id": "vn-one", "order_version": order["version"]},
    )  # fmt: skip

    assert placed["trades"] == []
    assert (taken[0], taken[1]["code"]) == (409, "not_eligible")


async def test_nothing_is_sold_anew_and_buying_goes_on(world, seller):
    other = await world.join("other", usdt="1000")
    bid = await other.buy("20", "25000")
    account = seller.accounts["vn-one"]

    placed = await seller.ask("POST", "/orders", sell_order(seller))
    taken = await seller.ask(
        "POST", f"/orders/{bid['id']}/take",
        {**TAKE, "payment_account_id": account, "order_version": bid["version"]},
    )  # fmt: skip
    bought = await seller.buy("20", "25000")

    assert (placed[0], placed[1]["code"]) == (409, "selling_paused")
    assert (taken[0], taken[1]["code"]) == (409, "selling_paused")
    assert bought["status"] == "open"


@pytest.mark.parametrize(("seconds", "paused"), [(86_399, True), (86_400, False)])
async def test_selling_goes_on_after_the_last_second_of_the_day(world, seller, seconds, paused):
    world.clock.advance(seconds=seconds)
    await sign_in_again(seller)

    async def is_paused():
        status, _ = await seller.ask("POST", "/orders", sell_order(seller))
        return status == 409

    if paused:
        assert await is_paused()
        return
    async with asyncio.timeout(60):
        while await is_paused():
            await asyncio.sleep(0.05)
