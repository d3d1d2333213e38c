"""Many people at once: the ledger sums to zero and the live book equals a rebuilt one."""

import asyncio
import random

from server.monitor.verifier import verify


async def test_invariants_hold_after_a_busy_hour(world):
    chance = random.Random(7)
    people = [await world.join(f"person{n}", usdt="5000") for n in range(8)]
    for person in people:
        await person.add_account("vn-one")
        await person.add_account("vn-two")
    orders = []

    async def act(person):
        for _ in range(12):
            price = str(26_000 + chance.randrange(-3, 4) * 10)
            amount = str(chance.randrange(10, 120))
            choice = chance.random()
            if choice < 0.4:
                status, body = await person.ask("POST", "/orders", {
                    "market": "USDT-VND", "side": "sell", "amount": amount,
                    "pricing": {"type": "fixed", "price": price},
                    "payment_account_ids": list(person.accounts.values()),
                    "max_trades": 3, "always_on": True,
                })  # fmt: skip
            elif choice < 0.8:
                status, body = await person.ask("POST", "/orders", {
                    "market": "USDT-VND", "side": "buy", "amount": amount,
                    "pricing": {"type": "fixed", "price": price},
                    "payment_method_ids": ["vn-one", "vn-two"],
                    "max_trades": 3, "always_on": True,
                })  # fmt: skip
            elif orders:
                order_id = chance.choice(orders)
                status, body = await person.ask("DELETE", f"/orders/{order_id}")
            else:
                continue
            assert status < 500, body
            if status == 201:
                orders.append(body["id"])

    await asyncio.gather(*(act(person) for person in people))

    assert await verify(world.database, full=True) == []
    trades = await world.read("SELECT count(*) FROM trades")
    assert trades[0][0] > 5
