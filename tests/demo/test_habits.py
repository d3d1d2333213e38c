"""Each habit of the demo's people, carried to its end against a real server."""

import asyncio
import random
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from seeds.demo.cast import load_markets
from seeds.demo.client import open_session
from seeds.demo.deals import HABITS, play_trade
from seeds.demo.own_server import run_own_server
from seeds.demo.person import Person
from seeds.demo.tally import Tally
from seeds.demo.world import World, make_pace
from server.cli import DEMO_WORKSHOP

SPEED = 60
OVER_S = 100

ENDINGS = {
    "fast": ("completed", {"payer", "paid", "release"}),
    "late": ("completed", {"payer", "paid", "release"}),
    "cancelling": ("cancelled", {"cancel"}),
    "silent": ("expired", set()),
    "splitting": ("completed", {"payer", "paid", "split", "split/accept"}),
    "disputing": ("completed", {"payer", "paid", "release"}),
    "hasty": ("completed", {"payer", "paid", "undo-paid", "release"}),
}
"""How a trade with somebody of the habit ends, and what both did in it."""


class Sure:
    """Chance that draws numbers by lot, and always the same part where somebody decides."""

    def __init__(self, part):
        self.part = part
        self.lot = random.Random(7)

    def random(self):
        return self.part

    def randrange(self, start, stop):
        return self.lot.randrange(start, stop)

    def choice(self, seq):
        return self.lot.choice(seq)


ATTENTIVE = Sure(0.5)
SLEEPY = Sure(0.1)


async def join(world, name, habit, usdt):
    person = Person(world, name, f"Nguyen {name.title()}", world.markets[0], habit)
    person.play = play_trade
    assert await person.join(usdt=usdt), world.tally.faults.sentences
    return person


async def trade(world, habit, seller_chance):
    """One trade between a buyer of the habit and a seller; the trade and what both did in it."""
    # Each pair counts for itself; the service, the pace and the banks are everybody's.
    own = replace(world, tally=Tally(), chance=ATTENTIVE)
    seller = await join(replace(own, chance=seller_chance), f"seller_{habit}", "fast", 1_000)
    buyer = await join(own, f"buyer_{habit}", habit, 0)
    people = (seller, buyer)
    watched = [asyncio.create_task(person.follow_token()) for person in people]
    placed = await seller.api.ask(
        "POST",
        "/orders",
        {
            "market": seller.market.id,
            "side": "sell",
            "pricing": {"type": "fixed", "price": seller.market.write_price(0)},
            "amount": "500",
            "max_trades": 1,
            "payment_account_ids": seller.accounts,
            "always_on": True,
        },
    )
    assert placed.ok, placed
    rail = placed.body["payment_methods"][0]
    taken = await buyer.api.ask(
        "POST",
        f"/orders/{placed.body['id']}/take",
        {
            "amount": "40",
            "worst_price": buyer.market.write_price(10),
            "payment_method_id": rail,
        },
    )
    assert taken.ok, taken
    trade_id = taken.body["trades"][0]["id"]
    async with asyncio.timeout(OVER_S):
        while trade_id not in buyer.view.trades or buyer.open_trades() or seller.open_trades():
            await asyncio.sleep(0.1)
        await asyncio.gather(*(person.settle() for person in people))
    for task in watched:
        task.cancel()
    for person in people:
        await person.listener.close()
    return buyer.view.trades[trade_id], own.tally


@pytest.fixture
async def deals():
    """Every habit at once on one server, and what the server's invariants say afterwards."""
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(
            run_own_server(SPEED, DEMO_WORKSHOP, random.Random().randrange)
        )
        session = await stack.enter_async_context(open_session())
        world = World(server.url, session, Tally(), ATTENTIVE, make_pace(SPEED), SPEED)
        world.markets = await load_markets(world)
        ended = await asyncio.gather(
            *(
                trade(world, habit, SLEEPY if habit == "disputing" else ATTENTIVE)
                for habit in HABITS
            )
        )
        await server.stop()
        breaches = await server.verify()
        yield dict(zip(HABITS, ended, strict=True)), breaches


async def test_each_habit_ends_as_it_should_and_the_books_are_green(deals):
    ended, breaches = deals

    assert set(ended) == set(ENDINGS)
    for habit, (status, acts) in ENDINGS.items():
        shown, tally = ended[habit]
        assert (habit, shown["status"]) == (habit, status)
        assert (habit, set(tally.acts) - {"dispute"}) == (habit, acts)
        # Where the rail lets him open none so early, the case opens by itself.
        assert (habit, shown["dispute"] is not None) == (habit, habit == "disputing")
    assert [habit for habit, (shown, _) in ended.items() if shown["late"]] == ["late"]
    assert breaches == []
