"""What people do on the market: standing orders of merchants, buyers of every kind."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

from seeds.demo.client import Answer
from seeds.demo.person import Person

STANDING_MAX = 2
"""Orders that a merchant keeps on the book."""
PHONE_LOST = 0.04
"""How often somebody loses his connection between two things he does."""

Round = Callable[[Person], Awaitable[None]]


async def live(person: Person, round_of: Round, low: float, high: float) -> None:
    """Do one thing after the other with some minutes in between, until the demo ends."""
    world = person.world
    await world.rest_between(0, high)
    while not world.closing.is_set():
        if world.chance.random() < PHONE_LOST:
            await person.listener.drop_and_return(world.minute_s * 2 * world.chance.random())
        await round_of(person)
        await world.rest_between(low, high)
        if world.tally.is_slow():
            # A machine that is busy with other things gets more time: this shows, it measures not.
            await world.rest_between(high, 2 * high)


async def trade_as_merchant(person: Person) -> None:
    """Keep large sell orders standing; now and then change, pause or replace one."""
    chance = person.world.chance
    resting = person.list_resting("sell")
    if len(resting) < STANDING_MAX:
        await _place(person, "sell", str(chance.randrange(15, 40) * 100), _draw_pricing(person, 10))
        return
    order = chance.choice(resting)
    path = f"/orders/{order['id']}"
    drawn = chance.random()
    if order["status"] == "paused":
        await person.api.ask("POST", f"{path}/resume")
    elif drawn < 0.15:
        await person.api.ask("PATCH", path, {"pricing": _draw_pricing(person, 10)})
    elif drawn < 0.2:
        await person.api.ask("POST", f"{path}/pause")
    elif drawn < 0.25:
        await person.api.ask("DELETE", path)


async def trade_as_seller(person: Person) -> None:
    """Sell smaller amounts, at once or from the book."""
    chance = person.world.chance
    resting = person.list_resting("sell")
    if resting and chance.random() < 0.2:
        await person.api.ask("DELETE", f"/orders/{chance.choice(resting)['id']}")
    elif len(resting) < STANDING_MAX:
        await _place(person, "sell", str(chance.randrange(100, 400)), _draw_pricing(person, 30))


async def trade_as_buyer(person: Person) -> None:
    """Buy at once, at a price of one's own, from a chosen order, or by a resting order."""
    chance = person.world.chance
    if person.has_unpaid():
        return
    amount = f"{chance.randrange(10, 90)}.{chance.randrange(0, 100):02}"
    drawn = chance.random()
    if drawn < 0.35:
        pricing = {"type": "market", "worst_price": person.market.write_price(150)}
        await _place(person, "buy", amount, pricing, time_in_force="ioc")
    elif drawn < 0.6:
        pricing = {"type": "fixed", "price": person.market.write_price(chance.randrange(0, 100))}
        await _place(person, "buy", amount, pricing, time_in_force="ioc")
    elif drawn < 0.85:
        await _take_by_hand(person, amount)
    elif not person.list_resting("buy"):
        pricing = {"type": "fixed", "price": person.market.write_price(chance.randrange(-60, 10))}
        await _place(person, "buy", amount, pricing)
    else:
        order = chance.choice(person.list_resting("buy"))
        await person.api.ask("DELETE", f"/orders/{order['id']}")


async def leave_market(person: Person) -> None:
    """End every order of one's own."""
    for order in [*person.list_resting("sell"), *person.list_resting("buy")]:
        await person.api.ask("DELETE", f"/orders/{order['id']}")


def _draw_pricing(person: Person, spread_bp: int) -> dict[str, Any]:
    """About the index, or bound to it."""
    chance = person.world.chance
    if chance.random() < 0.3:
        return {"type": "floating", "margin_bp": chance.randrange(-spread_bp, 4 * spread_bp)}
    part_bp = chance.randrange(-spread_bp, 4 * spread_bp)
    return {"type": "fixed", "price": person.market.write_price(part_bp)}


async def _place(
    person: Person, side: str, amount: str, pricing: dict[str, Any], **more: Any
) -> Answer:
    body = {
        "market": person.market.id,
        "side": side,
        "pricing": pricing,
        "amount": amount,
        "max_trades": 20,
        **more,
    }
    if side == "sell":
        body["payment_account_ids"] = person.accounts
        body["always_on"] = True
    else:
        body["payment_method_ids"] = [rail["id"] for rail in person.market.rails]
        body["max_trades"] = 1
    return _count(person, await person.api.ask("POST", "/orders", body))


async def _take_by_hand(person: Person, amount: str) -> None:
    """Look at the book, choose an order, and take it as it was seen."""
    listed = [
        order
        for order in person.public.orders.values()
        if order["side"] == "sell" and order["username"] != person.name
    ]
    if not listed:
        return
    order = person.world.chance.choice(listed)
    if Decimal(order["remaining"]) < Decimal(amount):
        return
    body = {"amount": amount, "worst_price": person.market.write_price(200)}
    body["payment_method_id"] = person.world.chance.choice(order["payment_methods"])
    _count(person, await person.api.ask("POST", f"/orders/{order['id']}/take", body))


def _count(person: Person, answer: Answer) -> Answer:
    if answer.ok:
        person.world.tally.orders += 1
    return answer
