"""What people do in their trades: pay fast, late or not at all, cancel, split, dispute, release."""

import asyncio
from collections.abc import Awaitable, Callable

from seeds.demo.client import Answer
from seeds.demo.person import FINAL, UNPAID, Person

OWN_HABIT = 0.6
"""How often somebody does as is his habit; else he is fast."""
STRANGE_PAYER = 0.05
"""How often the money comes from somebody else's account."""
SLEEPY_SELLER = 0.15
GENEROUS_SELLER = 0.3
CONCEDING_BUYER = 0.5
WINDOW_MINUTES = 200
"""Longer than any clock of a trade."""
CLOSING_S = 60.0
"""How long a trade may take to end once the demo ends, in real time."""
PAID = frozenset({"paid"})
GRACE = frozenset({"grace"})
DISPUTED = frozenset({"disputed"})

Habit = Callable[[Person, str], Awaitable[None]]


async def play_trade(person: Person, trade_id: str) -> None:
    """Carry one trade to its end, on the side that is one's own."""
    if person.view.trades[trade_id]["role"] == "seller":
        await _sell(person, trade_id)
        return
    own = person.world.chance.random() < OWN_HABIT
    await HABITS[person.habit if own else "fast"](person, trade_id)
    await _end_as_buyer(person, trade_id)


# The buyer.


async def _pay(person: Person, trade_id: str) -> bool:
    """Name the payer, see where to pay, pay at the bank, and say so."""
    world = person.world
    trade = person.view.trades[trade_id]
    if not trade.get("payer_declared"):
        answer = await person.act(trade_id, "payer", {"payer_name": person.full_name})
        if not answer.ok:
            return False
    await world.rest_between(0.5, 1.5)
    strange = world.chance.random() < STRANGE_PAYER
    world.bank.setdefault(trade_id, "Somebody Else" if strange else person.full_name.upper())
    reference = f"FT{world.chance.randrange(10**9, 10**10)}"
    return (await person.act(trade_id, "paid", {"reference": reference})).ok


async def pay_fast(person: Person, trade_id: str) -> None:
    """Pays within minutes."""
    await person.world.rest_between(0.5, 2)
    await _pay(person, trade_id)


async def pay_late(person: Person, trade_id: str) -> None:
    """Names the payer in time, and pays in the minutes of grace."""
    await person.world.rest_between(0.5, 2)
    await person.act(trade_id, "payer", {"payer_name": person.full_name})
    await person.wait(trade_id, GRACE | FINAL, WINDOW_MINUTES)
    await person.world.rest_between(0.5, 2)
    if person.view.trades[trade_id]["status"] in UNPAID:
        await _pay(person, trade_id)


async def cancel_soon(person: Person, trade_id: str) -> None:
    """Changes his mind."""
    await person.world.rest_between(1, 4)
    reason = person.world.chance.choice(("changed_mind", "cannot_pay", "details_wrong"))
    answer = await person.act(trade_id, "cancel", {"reason": reason})
    if answer.code == "seller_fault_claims_used":
        await person.act(trade_id, "cancel", {"reason": "other"})


async def stay_silent(person: Person, trade_id: str) -> None:
    """Does nothing at all."""
    await person.wait(trade_id, FINAL, WINDOW_MINUTES)


async def split_deal(person: Person, trade_id: str) -> None:
    """Pays, then offers to leave a part of it: he could not send all of the money."""
    await person.world.rest_between(0.5, 2)
    if not await _pay(person, trade_id):
        return
    amount_micro = _to_micro(person.view.trades[trade_id]["amount"])
    part_micro = amount_micro * person.world.chance.randrange(30, 80) // 100
    await person.act(trade_id, "split", {"buyer_amount": _from_micro(part_micro)})
    if person.world.chance.random() < 0.2:
        await person.world.rest_between(1, 2)
        await person.act(trade_id, "split/decline", {})


async def dispute_deal(person: Person, trade_id: str) -> None:
    """Pays, waits as long as he must, and opens a case unless the seller was faster."""
    await pay_fast(person, trade_id)
    await person.wait(trade_id, FINAL | DISPUTED, 11)
    if person.view.trades[trade_id]["status"] == "paid" and not person.world.closing.is_set():
        body = {"reason": "not_released", "statement": "I paid and nothing happens."}
        await person.act(trade_id, "dispute", body)


async def pay_twice_said(person: Person, trade_id: str) -> None:
    """Says that he paid, takes it back, and says it again."""
    await person.world.rest_between(0.5, 1)
    if await _pay(person, trade_id) and (await person.act(trade_id, "undo-paid")).ok:
        await person.world.rest_between(0.5, 1)
        await person.act(trade_id, "paid", {"reference": "once more"})


HABITS: dict[str, Habit] = {
    "fast": pay_fast,
    "late": pay_late,
    "cancelling": cancel_soon,
    "silent": stay_silent,
    "splitting": split_deal,
    "disputing": dispute_deal,
    "hasty": pay_twice_said,
}


async def _end_as_buyer(person: Person, trade_id: str) -> None:
    """Whatever was left open: wait for the seller, answer him, and end it when the demo ends."""
    world = person.world
    status = await person.wait(trade_id, FINAL | DISPUTED, WINDOW_MINUTES)
    if status == "disputed" and world.chance.random() < CONCEDING_BUYER:
        await world.rest_between(1, 4)
        await person.act_proven(trade_id, "concede", "concede", None)

    async def call_off() -> None:
        if world.closing.is_set() and person.view.trades[trade_id]["status"] in UNPAID:
            await person.act(trade_id, "cancel", {"reason": "changed_mind"})

    if not await _see_through(person, trade_id, call_off):
        world.tally.faults.add(f"trade {trade_id} of {person.name} did not end")


# The seller.


async def _sell(person: Person, trade_id: str) -> None:
    world = person.world
    status = await person.wait(trade_id, PAID | GRACE | FINAL | DISPUTED, WINDOW_MINUTES)
    if status == "grace":
        await _meet_silence(person, trade_id)
        status = await person.wait(trade_id, PAID | FINAL | DISPUTED, WINDOW_MINUTES)
    if status == "paid":
        if world.chance.random() < SLEEPY_SELLER:
            await person.wait(trade_id, FINAL | DISPUTED, WINDOW_MINUTES)
        await world.rest_between(1, 3)
        await _answer_payment(person, trade_id)
    await _end_as_seller(person, trade_id)


async def _meet_silence(person: Person, trade_id: str) -> None:
    """The window is over: some give more time, some ask to cancel."""
    if person.world.chance.random() < GENEROUS_SELLER:
        await person.act(trade_id, "extend")
    elif person.world.chance.random() < GENEROUS_SELLER:
        await person.act(trade_id, "cancel-request", {"reason": "You did not pay in time."})


async def _answer_payment(person: Person, trade_id: str) -> None:
    """Accept the offered split, or release to the payer that the bank shows."""
    trade = person.view.trades[trade_id]
    offer = trade.get("split_offer")
    if trade["status"] == "paid" and offer is not None and offer["proposed_by"] == "buyer":
        body = {"offer_id": offer["id"]}
        if (await person.act_proven(trade_id, "split", "split/accept", body)).ok:
            return
    answer = await _release(person, trade_id)
    if answer.code == "payer_mismatch":
        body = {"reason": "wrong_payer", "statement": "The money came from somebody else."}
        await person.act(trade_id, "dispute", body)


async def _release(person: Person, trade_id: str) -> Answer:
    seen = person.world.bank.get(trade_id)
    return await person.act_proven(trade_id, "release", "release", {"payer_name_seen": seen})


async def _end_as_seller(person: Person, trade_id: str) -> None:
    """Whatever was left open: wait for the buyer, and release when the demo ends."""
    status = await person.wait(trade_id, FINAL | DISPUTED, WINDOW_MINUTES)
    if status == "disputed":
        # The buyer may give in meanwhile; if not, the seller does.
        await person.wait(trade_id, FINAL, 8)

    async def answer() -> None:
        if person.view.trades[trade_id]["status"] in PAID | DISPUTED:
            await _answer_payment(person, trade_id)

    await _see_through(person, trade_id, answer)


async def _see_through(person: Person, trade_id: str, step: Callable[[], Awaitable[None]]) -> bool:
    """Take a step every second until he hears that the trade has ended; whether it did.

    While the demo goes on a trade has all its clocks' time, once it ends a short while.
    """
    loop, world = asyncio.get_running_loop(), person.world
    until_s = loop.time() + WINDOW_MINUTES * world.minute_s
    is_closing = False
    while loop.time() < until_s:
        if world.closing.is_set() and not is_closing:
            is_closing, until_s = True, loop.time() + CLOSING_S
        if person.view.trades[trade_id]["status"] in FINAL:
            return True
        await step()
        await person.wait_until_over(trade_id, 1.0)
    return person.view.trades[trade_id]["status"] in FINAL


def _to_micro(amount: str) -> int:
    whole, _, part = amount.partition(".")
    return int(whole) * 1_000_000 + int(part.ljust(6, "0"))


def _from_micro(amount_micro: int) -> str:
    return f"{amount_micro // 1_000_000}.{amount_micro % 1_000_000:06}"
