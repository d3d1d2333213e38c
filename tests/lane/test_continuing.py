"""A command that meets more candidates than one command may examine goes on with the next batch."""

import asyncio
from dataclasses import replace

from server.matching.standings import MarketTerms
from tests.lane.lanes import until
from tests.market_world import MARKET

UNFIT = 205


async def rest_unfit(seller):
    """Orders at the best price that nobody here may trade with."""
    place = {
        "op": "place", "market": MARKET, "side": "sell", "amount": "10", "always_on": True,
        "pricing": {"type": "fixed", "price": "26000"},
        "payment_account_ids": list(seller.accounts.values()),
        "requirements": {"completed_trades": 10_000},
    }  # fmt: skip
    for start in range(0, UNFIT, 100):
        commands = [place] * min(100, UNFIT - start)
        reply = await seller.must("POST", "/orders/batch", {"commands": commands})
        assert {item["status"] for item in reply["items"]} == {201}


async def begin(world):
    picky = await world.join("picky", usdt="9000")
    await picky.add_account()
    await rest_unfit(picky)
    seller = await world.join("seller", usdt="100")
    return await seller.sell("20", "26100")


def purchase(**more):
    return {
        "market": MARKET, "side": "buy", "amount": "20", "always_on": True,
        "pricing": {"type": "fixed", "price": "26100"}, "payment_method_ids": ["vn-one"], **more,
    }  # fmt: skip


async def test_command_at_the_bound_is_answered_continuing_and_goes_on_by_itself(world):
    assert MarketTerms.__dataclass_fields__["candidates_max"].default == 200
    await begin(world)
    buyer = await world.join("buyer")

    status, order = await buyer.ask("POST", "/orders", purchase(time_in_force="ioc"))

    assert (status, order["continuing"], order["trades"]) == (201, True, [])
    assert order["status"] == "open"
    stored = await world.read("SELECT status FROM orders WHERE side = 'buy'")
    assert len(stored) == 1
    await until(lambda: not world.lane.desk.book.is_pending, "the order has gone on")
    await world.settle()
    found = await buyer.must("GET", f"/orders/{order['id']}")
    assert (found["status"], found["matched"]) == ("filled", "20.000000")
    assert (await world.read("SELECT count(*) FROM trades"))[0][0] == 1


async def test_what_goes_on_comes_before_the_commands_that_wait(world):
    fit = await begin(world)
    first, rival = await world.join("first"), await world.join("rival")
    world.lane.config = replace(world.lane.config, batch_max=1)
    take = {"amount": "20", "payment_method_id": "vn-one", "order_version": fit["version"]}
    async with world.lane.between_batches:
        calls = []
        for call in (
            first.ask("POST", "/orders", purchase()),
            rival.ask("POST", f"/orders/{fit['id']}/take", take),
        ):
            calls.append(asyncio.create_task(call))
            await until(lambda: len(world.lane.queue) == len(calls), "the command waits")

    (_, order), (status, problem) = await asyncio.gather(*calls)

    assert (order["continuing"], order["trades"]) == (True, [])
    assert (status, problem["code"]) == (409, "order_not_open")
    found = await first.must("GET", f"/orders/{order['id']}")
    assert found["status"] == "filled"
