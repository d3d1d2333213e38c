"""A server that is killed and started again, and people who ask until they are answered."""

import asyncio
import contextlib
import itertools

import aiohttp

from tests.lane.lanes import prove
from tests.processes import READY_MAX_S

LEASE_S = 30
"""Long, so that only commands and returns make batches."""
BUSY = frozenset({"idempotency_key_in_flight", "database_busy", "lane_busy"})
TRIES_MAX = 3000
"""How often a call is made before its caller gives up."""
GONE = (aiohttp.ClientError, ConnectionError)
"""How the end of a server looks to who waits for its answer."""


class Site:
    """A farm with one server at a time."""

    def __init__(self, farm):
        self.farm = farm
        self.server = None
        self.world = None
        self.kills = 0
        self._restarting = asyncio.Lock()

    async def open(self):
        self.server, _ = await self.farm.start_ready(lane_lease_s=LEASE_S)
        self.world = self.farm.world(self.server)

    async def restart(self):
        """After a kill: nothing is half done, and a new server is ready in time."""
        await self.server.wait_end()
        self.kills += 1
        await self.farm.check()
        self.server, took_s = await self.farm.start_ready(lane_lease_s=LEASE_S)
        assert took_s < READY_MAX_S
        self.farm.move(self.world, self.server)

    async def call(self, person, method, path, body=None, *, key, root="/api/v1", **headers):
        """Status, body, and whether it was the stored reply."""
        sent = {"Authorization": f"Bearer {person.token}", "Idempotency-Key": key, **headers}
        async with self.world.client.request(
            method, f"{root}{path}", json=body, headers=sent
        ) as reply:
            replayed = reply.headers.get("Idempotency-Replayed") == "true"
            return reply.status, await reply.json(), replayed

    async def kill_at(self, point, call):
        """Make a call in which the server dies; how its retry is answered, and if from the store.

        `call` is a coroutine function that makes the same call each time.
        """
        await self.server.arm(point)
        with contextlib.suppress(*GONE):
            raise AssertionError(f"{point} was not reached: {await call()}")
        await self.restart()
        status, body, replayed = await call()
        assert status < 300, (point, body)
        assert await call() == (status, body, True), point
        return body, replayed

    async def persist(self, person, method, path, body, key):
        """Make a call until it is answered, through kills; the answer."""
        for _ in range(TRIES_MAX):
            server = self.server
            try:
                status, answer, _ = await self.call(person, method, path, body, key=key)
            except GONE:
                async with self._restarting:
                    if self.server is server and not server.alive:
                        await self.restart()
            else:
                if status < 300:
                    return answer
                assert status == 503 or answer["code"] in BUSY, answer
            await asyncio.sleep(0.02)
        raise AssertionError(f"{path} was not answered\n{self.server.read_log()}")

    async def check_numbers(self):
        """Every event has its number, and no number is missing or given twice."""
        async with asyncio.timeout(READY_MAX_S):
            while await self._count("outbox WHERE seq IS NULL"):
                await asyncio.sleep(0.05)
        rows = await self.world.read(
            "SELECT room, COUNT(*), COUNT(DISTINCT seq), MIN(seq), MAX(seq)"
            " FROM outbox GROUP BY room"
        )
        assert rows
        for room, count, distinct, first, last in rows:
            assert (count, distinct, first) == (last, last, 1), room

    async def wait_for_inbox(self):
        """Return when the lane has consumed all that was left for it."""
        async with asyncio.timeout(READY_MAX_S):
            while await self._count("lane_inbox WHERE consumed_batch IS NULL"):
                await asyncio.sleep(0.02)

    async def _count(self, what):
        return (await self.world.read(f"SELECT COUNT(*) FROM {what}"))[0][0]


class Crowd:
    """Sellers and buyers who place orders at once and remember every answer."""

    def __init__(self, site):
        self.site = site
        self.answers = {}
        self.enough = False
        self.tasks = []
        self.numbers = itertools.count(1)

    async def open(self, pairs=4):
        world = self.site.world
        for number in range(pairs):
            seller = await world.join(f"crowd-seller{number}", usdt="1000000")
            await seller.add_account()
            buyer = await world.join(f"crowd-buyer{number}")
            self.tasks += [
                asyncio.create_task(self._place(seller, sale(seller))),
                asyncio.create_task(self._place(buyer, purchase())),
            ]

    async def _place(self, person, body):
        while not self.enough:
            key = f"crowd-{next(self.numbers)}"
            answer = await self.site.persist(person, "POST", "/orders", body, key)
            self.answers[key] = person, body, answer

    async def wait_for_more(self, count):
        wanted = len(self.answers) + count
        while len(self.answers) < wanted:
            for task in self.tasks:
                if task.done():
                    task.result()
            await asyncio.sleep(0.01)

    async def check(self):
        """End; all that was answered is there once, and each retry is answered as before."""
        self.enough = True
        await asyncio.gather(*self.tasks)
        for key, (person, body, answer) in self.answers.items():
            again = await self.site.call(person, "POST", "/orders", body, key=key)
            assert again == (201, answer, True)
        rows = await self.site.world.read("SELECT COUNT(*) FROM orders")
        assert rows[0][0] == len(self.answers)


def sale(seller, amount="10"):
    return {
        "market": "USDT-VND",
        "side": "sell",
        "pricing": {"type": "fixed", "price": "26000"},
        "amount": amount,
        "payment_account_ids": list(seller.accounts.values()),
        "always_on": True,
    }


def purchase(amount="10"):
    return {
        "market": "USDT-VND",
        "side": "buy",
        "pricing": {"type": "fixed", "price": "26000"},
        "amount": amount,
        "payment_method_ids": ["vn-one"],
        "always_on": True,
    }


class Deal:
    """An order of 100 USDT of which a trade took 40."""

    def __init__(self, site, seller, buyer, order, trade):
        self.site = site
        self.seller = seller
        self.buyer = buyer
        self.order = order
        self.id = trade["id"]

    async def release_call(self):
        """A release with one key and one proof."""
        proof = await prove(self.seller, await self.buyer.must("GET", f"/trades/{self.id}"))
        body = {"payer_name_seen": "TRAN VAN B"}
        return self.call_of(self.seller, "release", body, **{"Step-Up": proof})

    def call_of(self, person, act, body, **headers):
        """A call on the trade that may be repeated."""

        def call():
            return self.site.call(
                person, "POST", f"/trades/{self.id}/{act}", body, key=f"{act}-{self.id}", **headers
            )

        return call

    async def read_history(self):
        rows = await self.site.world.read(
            "SELECT version, event FROM trade_events"
            f" WHERE trade_id = x'{self.id.replace('-', '')}' ORDER BY version"
        )
        assert [row.version for row in rows] == list(range(1, len(rows) + 1))
        return [row.event for row in rows]

    async def check_returned(self):
        """The order has its whole amount again, given back once."""
        await self.site.wait_for_inbox()
        found = await self.seller.must("GET", f"/orders/{self.order['id']}")
        left = found["status"], found["remaining"], found["returned"]
        assert left == ("open", "100.000000", "40.000000"), left


async def open_deal(site, number):
    """People of their own, so that nothing but this trade moves their money."""
    world = site.world
    seller = await world.join(f"seller{number}", usdt="1000")
    buyer = await world.join(f"buyer{number}")
    order = await seller.sell("100", "26000")
    taking = {"amount": "40", "payment_method_id": "vn-one", "worst_price": "26000"}
    (trade,) = (await buyer.must("POST", f"/orders/{order['id']}/take", taking))["trades"]
    return Deal(site, seller, buyer, order, trade)
