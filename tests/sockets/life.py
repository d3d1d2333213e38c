"""A day in which every kind of event happens, and two people who hear all of it."""

import asyncio

from server.identity.context import IDENTITY
from server.markets.service import record_reading
from tests.market_world import MARKET, PASSWORD
from tests.pictures import draw
from tests.staff_world import agree, ask_as_staff, join_staff

PROOF = draw((200, 160))
ROOM = f"market:{MARKET}"
PAYER = "Nguyen Van A"


class Life:
    """A seller and a buyer, each with a listener in every room that he may enter."""

    def __init__(self, world, listen):
        self.world = world
        self.listen = listen
        self.listeners = {}
        self.office = None
        """Who hears the staff."""
        self.trades = []

    async def begin(self):
        """Join, connect, and hold the book."""
        self.seller = await self.world.join("seller", usdt="5000")
        self.buyer = await self.world.join("buyer")
        await self.seller.add_account()
        for person in (self.seller, self.buyer):
            listener = self.listeners[person.name] = await self.listen(self.world, person)
            await listener.subscribe(f"user:{person.id}", after=0)
            await listener.subscribe(ROOM, after=0)
            listener.view.hold_book(await person.must("GET", f"/markets/{MARKET}/book"))

    async def pass_minutes(self, minutes):
        """Time passes; the sockets' tokens are renewed meanwhile."""
        tokens = self.world.client.server.app[IDENTITY].tokens
        while minutes > 0:
            step = min(10, minutes)
            actors = {p.name: tokens.authenticate(p.token) for p in (self.seller, self.buyer)}
            self.world.clock.advance(minutes=step)
            minutes -= step
            for person in (self.seller, self.buyer):
                person.token = tokens.issue(actors[person.name])
                reply = await self.listeners[person.name].client.call(
                    "renew", {"token": person.token}
                )
                assert reply == {"status": "ok"}

    async def trade(self, amount="40"):
        """The buyer takes of what rests; both enter the trade's room."""
        bought = await self.buyer.buy(amount, "26000", time_in_force="ioc")
        (trade,) = bought["trades"]
        return await self.enter(trade["id"])

    async def enter(self, trade_id):
        for listener in self.listeners.values():
            assert (await listener.subscribe(f"trade:{trade_id}", after=0))["status"] == "ok"
        self.trades.append(trade_id)
        return trade_id

    async def pay(self, trade_id):
        await self.buyer.must("POST", f"/trades/{trade_id}/payer", {"payer_name": PAYER})
        await self.buyer.must("POST", f"/trades/{trade_id}/paid", {})

    async def live(self):
        """Everything that may happen to orders, trades, cases, money, markets and sessions."""
        await self.staff_decides()
        await self.orders()
        await self.read_index(26_100)
        talked = await self.trade()
        await self.talk(talked)
        await self.complete(talked)
        expired = await self.trade("30")
        await self.expire(expired)
        await self.dispute_and_concede(await self.trade("30"))
        await self.claim(expired)
        await self.lose_a_session()
        await self.see_index_go_stale()
        await self.share_an_account()
        await self.send_one_proof_twice()
        await self.report_a_person()

    async def staff_decides(self):
        """Somebody proposes and withdraws; the view of it equals a fresh fetch."""
        clerk = await join_staff(self.world, "clerk", "administrator")
        self.office = await self.listen(self.world, clerk)
        reply = await self.office.subscribe("staff:approvals", after=0)
        assert reply["status"] == "ok", reply
        asked = {
            "kind": "grant_role", "object_id": self.buyer.id, "body": {"role": "finance"},
            "reason": "He knows money.",
        }  # fmt: skip
        status, made = await ask_as_staff(clerk, "POST", "/approvals", asked, proven=True)
        assert status == 201
        path = f"/approvals/{made['id']}"
        assert (await ask_as_staff(clerk, "POST", f"{path}/withdraw"))[0] == 200
        await self.office.wait_until(lambda: len(self.office.numbers("staff:approvals")) == 2)
        _, fetched = await ask_as_staff(clerk, "GET", path)
        (seen,) = self.office.view.proposals.values()
        assert {name: fetched[name] for name in seen.keys() & fetched.keys()} == {
            name: seen[name] for name in seen.keys() & fetched.keys()
        }
        await self.stop_a_rail(clerk)
        await self.office.close()

    async def stop_a_rail(self, clerk):
        """One is stopped and goes on, another stays stopped."""
        second = await join_staff(self.world, "second", "administrator")
        reason = {"reason": "The bank is down."}
        for rail in ("vn-two", "vn-slow"):
            path = f"/switches/rail:{rail}/stop"
            assert (await ask_as_staff(clerk, "POST", path, reason, proven=True))[0] == 200
        await agree(clerk, second, "restart", "rail:vn-two")

    async def orders(self):
        """Placed, changed, filled while resting, ended early."""
        resting = await self.seller.sell("1000", "26000")
        changed = {"amount": "900", "version": resting["version"]}
        await self.seller.must("PATCH", f"/orders/{resting['id']}", changed)
        await self.buyer.buy("20", "25000")
        filled = await self.seller.sell("20", "25000", time_in_force="ioc")
        unwanted = await self.enter(filled["trades"][0]["id"])
        reason = {"reason": "changed_mind"}
        await self.buyer.must("POST", f"/trades/{unwanted}/cancel", reason)
        ended = await self.seller.sell("20", "27000")
        await self.seller.must("DELETE", f"/orders/{ended['id']}")

    async def read_index(self, ticks):
        async def work(unit):
            await record_reading(unit, MARKET, index_ticks=ticks, read_at=unit.now, source="test")

        await self.pass_minutes(1)
        await self.world.database.transact(work, name="test")
        await self.world.wait_for_inbox()

    async def see_index_go_stale(self):
        """Nobody has read it for an hour; a duty of the service notices."""
        async with asyncio.timeout(60):
            while (await self.seller.must("GET", f"/markets/{MARKET}/index"))["floating_on"]:
                await asyncio.sleep(0.05)

    async def talk(self, trade_id):
        """Each types, writes and reads; one of them wants to go elsewhere."""
        for person, text in ((self.buyer, "Hello"), (self.seller, "Hi, add me on zalo")):
            asked = {"room": f"trade:{trade_id}"}
            reply = await self.listeners[person.name].client.call("typing", asked)
            assert reply == {"status": "ok"}
            body = {"client_id": "first", "text": text}
            await person.must("POST", f"/trades/{trade_id}/messages", body)
        await self.buyer.must("POST", f"/trades/{trade_id}/messages/read", {"number": 3})

    async def complete(self, trade_id):
        await self.pay(trade_id)
        await self.buyer.must("POST", f"/trades/{trade_id}/undo-paid", {})
        await self.buyer.must("POST", f"/trades/{trade_id}/paid", {})
        await self.seller.release(trade_id, PAYER)

    async def expire(self, trade_id):
        await self.pass_minutes(45)
        found = await self.buyer.must("GET", f"/trades/{trade_id}")
        assert found["status"] == "expired"

    async def dispute_and_concede(self, trade_id):
        await self.pay(trade_id)
        await self.pass_minutes(31)
        found = await self.buyer.must("GET", f"/trades/{trade_id}")
        assert found["status"] == "disputed"
        proof = await self.buyer.prove("concede", trade_id, found["amount"], found["version"])
        ruler = await join_staff(self.world, "ruler", "dispute_ruler")
        desk = self.listeners["ruler"] = await self.listen(self.world, ruler)
        assert (await desk.subscribe("staff:disputes", after=0))["status"] == "ok"
        path = f"/disputes/{found['dispute']['id']}/concede"
        await self.buyer.must("POST", path, {}, **{"Step-Up": proof})

    async def claim(self, trade_id):
        """The desk, which came for the case, hears of this too."""
        body = {"reason": "paid_late", "statement": "I had paid."}
        await self.buyer.must("POST", f"/trades/{trade_id}/claim", body)

    async def lose_a_session(self):
        """Somebody shows a refresh token of another device that was used long ago."""
        client = self.world.client
        asked = {"email": "seller@example.com", "password": PASSWORD}
        async with client.post("/api/v1/auth/login", json=asked) as reply:
            first = token = (await reply.json())["refresh_token"]
        for turn in range(3):
            shown = {"refresh_token": first if turn == 2 else token}
            async with client.post("/api/v1/auth/refresh", json=shown) as reply:
                assert reply.status == (401 if turn == 2 else 200)
                token = (await reply.json()).get("refresh_token")

    async def share_an_account(self):
        """The buyer tries to add an account of the seller, and compliance hears of it."""
        officer = await join_staff(self.world, "officer", "compliance")
        listener = self.listeners["officer"] = await self.listen(self.world, officer)
        assert (await listener.subscribe("staff:kyc", after=0))["status"] == "ok"
        body = {"payment_method_id": "vn-two", "details": {"number": "4445556667"}}
        call = ("payment_account", "POST", "/me/payment-accounts", body)
        await self.seller.must_proven(*call)
        status, problem = await self.buyer.ask_proven(*call)
        assert (status, problem["code"]) == (409, "payment_account_taken")
        await listener.wait_until(lambda: listener.view.last.get("staff:kyc") == 1)

    async def send_file(self, person, trade_id):
        """The same picture each time."""
        sent = {
            "Authorization": f"Bearer {person.token}", "Content-Type": "image/jpeg",
            "Idempotency-Key": f"{person.name}-{trade_id}",
        }  # fmt: skip
        path = f"/api/v1/trades/{trade_id}/attachments"
        async with self.world.client.post(path, data=PROOF, headers=sent) as reply:
            assert reply.status == 201, await reply.text()

    async def send_one_proof_twice(self):
        """The buyer's picture comes again in a trade of others, and staff hear of it."""
        reader = await join_staff(self.world, "reader", "dispute_ruler")
        listener = self.listeners["reader"] = await self.listen(self.world, reader)
        assert (await listener.subscribe("staff:disputes", after=0))["status"] == "ok"
        north = await self.world.join("north", usdt="100")
        south = await self.world.join("south")
        order = await north.sell("20", "27500")
        taking = {"amount": "20", "payment_method_id": "vn-one", "worst_price": "27500"}
        (other,) = (await south.must("POST", f"/orders/{order['id']}/take", taking))["trades"]
        await self.send_file(self.buyer, self.trades[-1])
        await self.send_file(south, other["id"])
        await listener.wait_until(
            lambda: "attachment_flagged" in [one["event"] for _, one in listener.heard]
        )

    async def report_a_person(self):
        """The buyer reports the seller, and who decides reports hears of it."""
        agent = await join_staff(self.world, "agent", "support_agent")
        listener = self.listeners["agent"] = await self.listen(self.world, agent)
        assert (await listener.subscribe("staff:reports", after=0))["status"] == "ok"
        asked = {"kind": "user", "subject": "seller", "reason": "scam"}
        await self.buyer.must("POST", "/reports", asked)
        await listener.wait_until(lambda: listener.view.last.get("staff:reports") == 1)
