"""Many clients, one order book."""

import asyncio
import signal
from uuid import UUID

from tests.market_world import MARKET, add_market
from tests.processes import MachineClock, call_of, call_together

CALLERS = 32


def sale(person, market=MARKET):
    return {
        "market": market,
        "side": "sell",
        "pricing": {"type": "fixed", "price": "26000"},
        "amount": "100",
        "payment_account_ids": list(person.accounts.values()),
        "always_on": True,
    }


async def test_takers_of_the_last_slice_take_no_more_than_there_is(farm, rounds):
    server, _ = await farm.start_ready()
    world = farm.world(server)
    seller = await world.join("seller", usdt="5000")
    takers = [await world.join(f"taker{n}") for n in range(CALLERS)]
    for number in range(rounds):
        order = await seller.sell("100", "26000")

        answers = await call_together(
            [
                call_of(
                    server, taker, "POST", f"/orders/{order['id']}/take",
                    {"amount": "40", "payment_method_id": "vn-one", "worst_price": "26000"},
                    key=f"take-{number}",
                )
                for taker in takers
            ]
        )  # fmt: skip

        assert sorted(status for status, _ in answers) == [201] * 2 + [409] * (CALLERS - 2)
        left = await seller.must("GET", f"/orders/{order['id']}")
        assert left["remaining"] == "20.000000"
        await seller.must("DELETE", f"/orders/{order['id']}")


async def test_one_balance_is_spent_once_by_many_orders(farm, rounds):
    server, _ = await farm.start_ready()
    world = farm.world(server)
    for number in range(rounds):
        seller = await world.join(f"seller{number}", usdt="550")
        await seller.add_account()

        answers = await call_together(
            [
                call_of(server, seller, "POST", "/orders", sale(seller), key=f"sell-{place}")
                for place in range(CALLERS)
            ]
        )

        placed = [status for status, _ in answers if status == 201]
        assert len(placed) == 5
        refused = {body["code"] for status, body in answers if status != 201}
        assert refused == {"insufficient_funds"}
        assert (await seller.balances())["available"] == "49.250000"


async def test_one_balance_is_spent_once_in_markets_of_two_servers(farm, rounds):
    first, _ = await farm.start_ready(lane_lease_s=60)
    world = farm.world(first)
    people = [await world.join(f"seller{n}", usdt="550") for n in range(rounds)]
    for seller in people:
        await seller.add_account()
    first.signal(signal.SIGSTOP)
    try:

        async def work(unit):
            await add_market(unit, MachineClock(), market="USDT-TWO")

        await farm.database.transact(work, name="test")
        second = await farm.start(lane_lease_s=60)
        await wait_for_lane(farm, second, "USDT-TWO")
    finally:
        first.signal(signal.SIGCONT)

    for seller in people:
        answers = await call_together(
            [
                call_of(
                    (first, second)[place % 2], seller, "POST", "/orders",
                    sale(seller, (MARKET, "USDT-TWO")[place % 2]), key=f"sell-{place}",
                )
                for place in range(CALLERS)
            ]
        )  # fmt: skip

        assert {status for status, _ in answers} <= {201, 422, 503}
        placed = [body["market"] for status, body in answers if status == 201]
        assert 1 <= len(placed) <= 5
        balances = await seller.balances()
        assert balances["reserved"] == f"{len(placed) * 100.15:.6f}"


async def wait_for_lane(farm, server, market):
    world = farm.world(server)
    for _ in range(500):
        async with world.client.get(f"/api/v1/markets/{market}/book") as reply:
            if reply.status == 200:
                return
        await asyncio.sleep(0.02)
    raise AssertionError(server.read_log())


async def test_same_key_in_parallel_places_one_order(farm, rounds):
    server, _ = await farm.start_ready()
    world = farm.world(server)
    seller = await world.join("seller", usdt="100000")
    await seller.add_account()
    for number in range(rounds):
        answers = await call_together(
            [
                call_of(server, seller, "POST", "/orders", sale(seller), key=f"same-{number}")
                for _ in range(CALLERS)
            ]
        )

        done = [body for status, body in answers if status == 201]
        assert done
        assert all(body == done[0] for body in done)
        others = {body["code"] for status, body in answers if status != 201}
        assert others <= {"idempotency_key_in_flight"}
    rows = await world.read("SELECT count(*) FROM orders")
    assert rows[0][0] == rounds


async def test_takeover_of_a_stalled_owner_loses_and_doubles_nothing(farm, rounds):
    for number in range(min(rounds, 10)):
        first, _ = await farm.start_ready(lane_lease_s=1)
        world = farm.world(first)
        seller = await world.join(f"seller{number}", usdt="5000")
        await seller.add_account()
        second = await farm.start(lane_lease_s=1)
        first.signal(signal.SIGSTOP)
        await wait_for_lane(farm, second, MARKET)
        calls = [
            call_of(server, seller, "POST", "/orders", sale(seller), key=f"over-{place}")
            for place in range(CALLERS // 2)
            for server in (first, second)
        ]
        first.signal(signal.SIGCONT)

        answers = await call_together(calls)

        done = {}
        for (status, body), asked in zip(answers, calls, strict=True):
            key = asked["headers"]["Idempotency-Key"]
            if status == 201:
                assert done.setdefault(key, body) == body
            else:
                assert status in {409, 503}, body
        assert len(done) == CALLERS // 2
        rows = await world.read(
            f"SELECT count(*) FROM orders WHERE user_id = x'{UUID(seller.id).hex}'"
        )
        assert rows[0][0] == len(done)
        await first.kill()
        await second.kill()
