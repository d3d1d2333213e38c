"""The learner who makes journeys through the sandbox over HTTP and sockets."""

import asyncio
from uuid import UUID

from server.wiring.sandbox import SANDBOX
from tests.journeys.table import CLAIMS, ENDINGS
from tests.market_world import TEST_MARKET
from tests.pictures import draw
from tests.sockets.live import Listener
from tests.views import differences

LEARNER = "Lê Thị Học"
ROUNDS_MAX = 12
SETTLE_S = 20
WINDOW_S = {"vn-one": 15 * 60, "vn-two": 15 * 60, "vn-slow": 30 * 60}
GRACE_S = 15 * 60
RELEASE_S = 30 * 60
WAIT_S = 10 * 60
"""After "paid" on an instant rail, before a case may be opened."""


class Learner:
    """Somebody in the sandbox, with a socket and a view of his own."""

    def __init__(self, world, person, bench):
        self.world = world
        self.person = person
        self.bench = bench
        self.player = world.client.server.app[SANDBOX]
        self.url = str(world.client.make_url("")).rstrip("/")
        self.player.url = self.url
        self.claim_id = None
        """Of the claim that he made last."""

    async def play(self):
        """Let the counterparties act until none has anything to do."""
        for _ in range(ROUNDS_MAX):
            if not await self.player.play_round():
                return
        raise AssertionError("the counterparties do not come to rest")

    async def ask(self, method, path, body=None, **headers):
        return await self.person.must(method, path, body, **headers)

    async def begin(self, journey):
        """Ask for the counterparty and meet him; the counterparty with his trade."""
        body = {
            "script": journey.script, "side": journey.side, "market": TEST_MARKET,
            "payment_method_id": journey.rail, "amount": "20", "price": "26000",
            "payer_name": LEARNER,
        }  # fmt: skip
        if journey.taker:
            body["order_id"] = (await self.place(journey))["id"]
        asked = await self.ask("POST", "/sandbox/counterparties", body)
        await self.play()
        shown = await self.look(asked["id"])
        assert shown["problem"] is None, shown
        if not journey.taker:
            take = {"amount": "20", "payment_method_id": journey.rail}
            if journey.side == "buy":
                take = {"amount": "20", "payment_account_id": self.person.accounts[journey.rail]}
            take["worst_price"] = "26000"
            await self.ask("POST", f"/orders/{shown['order_id']}/take", take)
            await self.play()
        return await self.look(asked["id"])

    async def place(self, journey):
        """The learner's own order, for the counterparty to take."""
        order = {
            "market": TEST_MARKET, "side": "sell" if journey.side == "buy" else "buy",
            "pricing": {"type": "fixed", "price": "26000"}, "amount": "20", "matching": "manual",
            "visibility": "unlisted", "always_on": True,
        }  # fmt: skip
        if journey.side == "buy":
            order["payment_account_ids"] = [self.person.accounts[journey.rail]]
        else:
            order["payment_method_ids"] = [journey.rail]
        return await self.ask("POST", "/orders", order)

    async def look(self, counterparty_id):
        return await self.ask("GET", f"/sandbox/counterparties/{counterparty_id}")

    async def walk(self, journey):
        """The whole journey; the counterparty and the trade at its end."""
        room = f"user:{self.person.id}"
        heard = (await self.person.get(f"/events?room={room}&limit=1"))["seq"]
        counterparty = await self.begin(journey)
        trade_id = counterparty["trade_id"]
        assert trade_id, counterparty
        async with Watch(self, counterparty, heard) as watch:
            await self.play()
            for move in journey.moves:
                await self.move(move, journey, counterparty["id"], trade_id)
                await self.play()
            trade = await self.ask("GET", f"/trades/{trade_id}")
            status, rows = ENDINGS[journey.ending]
            assert trade["status"] == status, (journey.name, trade["status"], trade["history"])
            assert trade["history"][-1]["event"] in rows, (journey.name, trade["history"])
            await self.play()
            assert (await self.look(counterparty["id"]))["status"] == "ended", journey.name
            if journey.ending in CLAIMS:
                claim = await self.ask("GET", f"/claims/{self.claim_id}")
                assert (claim["status"], claim["outcome"]) == ("closed", journey.ending)
            await watch.compare()
        return trade

    async def move(self, move, journey, counterparty_id, trade_id):
        """One thing that the learner does."""
        path = f"/trades/{trade_id}"
        trade = await self.ask("GET", path)
        spans = {
            "window": WINDOW_S[journey.rail], "grace": GRACE_S, "release_time": RELEASE_S,
            "wait": WAIT_S, "objection_time": 24 * 3600, "answer_time": 24 * 3600,
        }  # fmt: skip
        if move in spans:
            await self.ask("POST", f"/sandbox{path}/warp", {"seconds": spans[move]})
        elif move == "nothing":
            assert trade["status"] in ("awaiting_payment", "cancelled")
        elif move in AWARDS:
            await self.bench.rule(trade["dispute"]["id"], **AWARDS[move])
        elif move in DECISIONS:
            await self.bench.decide(self.claim_id, move)
        elif move == "see_objection":
            assert trade["dispute"]["status"] == "objected", trade["dispute"]
        elif move in MOVES:
            part, body = MOVES[move]
            await self.ask("POST", path + part, body)
        else:
            await PROVEN[move](self, trade, await self.look(counterparty_id))

    async def send_picture(self, trade_id):
        """A new picture in the trade's room; its identifier."""
        headers = {
            "Authorization": f"Bearer {self.person.token}", "Content-Type": "image/jpeg",
            "Idempotency-Key": f"picture-{trade_id}",
        }  # fmt: skip
        path = f"/api/v1/trades/{trade_id}/attachments"
        picture = draw((160, 120))
        async with self.world.client.post(path, data=picture, headers=headers) as reply:
            assert reply.status == 201, await reply.text()
            return (await reply.json())["id"]

    async def prove(self, action, trade, amount=None):
        amount = amount or trade["amount"]
        return await self.person.prove(action, trade["id"], amount, trade["version"])

    async def release(self, trade, name):
        proof = await self.prove("release", trade)
        return await self.person.ask(
            "POST", f"/trades/{trade['id']}/release", {"payer_name_seen": name},
            **{"Step-Up": proof},
        )  # fmt: skip


DECISIONS = frozenset({"hold", "uphold", "reject"})
"""What the desk does about a claim."""
AWARDS = {
    "refund": {"outcome": "refund"},
    "award": {"outcome": "release"},
    "divide": {"outcome": "split", "buyer_amount": "12.000000"},
}
"""What the staff rule."""
MOVES = {
    "declare": ("/payer", {"payer_name": LEARNER}),
    "pay": ("/paid", {"reference": "FT1"}),
    "cancel": ("/cancel", {"reason": "changed_mind"}),
    "did_not_pay": ("/cancel", {"reason": "did_not_pay"}),
    "extend": ("/extend", {}),
    "ask_cancel": ("/cancel-request", {"reason": "Let us end this."}),
    "accept_cancel": ("/cancel-request/accept", {}),
    "decline_cancel": ("/cancel-request/decline", {}),
    "decline_split": ("/split/decline", {}),
    "dispute": ("/dispute", {"reason": "not_received", "statement": "Nothing has arrived."}),
    "answer": ("/messages", {"client_id": "learner-1", "text": "No, that is my price."}),
}
"""What takes no proof, with its path and body."""


async def _release(learner, trade, shown):
    bank = shown["bank"]
    name = trade["payer_name"] or (bank and bank["payer_name"]) or await declared(learner, shown)
    status, body = await learner.release(trade, name)
    assert status == 200, body


async def declared(learner, shown):
    """The name that the counterparty declared, as he himself reads it."""
    api = learner.player.find_api(UUID(shown["id"]))
    return (await api.get(f"/trades/{shown['trade_id']}"))["payer_name"]


async def _release_declared(learner, trade, shown):
    status, body = await learner.release(trade, await declared(learner, shown))
    assert status == 200, body


async def _release_early(learner, trade, _shown):
    status, body = await learner.release(trade, "Anybody")
    assert status == 200, body


async def _see_stranger(learner, trade, shown):
    assert shown["bank"]["payer_name"] == "SOMEBODY ELSE"
    status, problem = await learner.release(trade, shown["bank"]["payer_name"])
    assert (status, problem["code"]) == (409, "payer_mismatch")


async def _split(learner, trade, _shown):
    body = {"buyer_amount": "5.500000"}
    proof = await learner.prove("split", trade, body["buyer_amount"])
    await learner.ask("POST", f"/trades/{trade['id']}/split", body, **{"Step-Up": proof})


async def _accept_split(learner, trade, _shown):
    offer = trade["split_offer"]
    headers = {}
    if trade["role"] == "seller":
        headers["Step-Up"] = await learner.prove("split", trade, offer["buyer_amount"])
    path = f"/trades/{trade['id']}/split/accept"
    await learner.ask("POST", path, {"offer_id": offer["id"]}, **headers)


async def _offer(learner, trade, action, offer):
    """The learner's offer to end the case."""
    amount = offer.get("buyer_amount")
    headers = {"Step-Up": await learner.prove(action, trade, amount)}
    await learner.ask("POST", f"/disputes/{trade['dispute']['id']}/offers", offer, **headers)


async def _offer_split(learner, trade, _shown):
    await _offer(learner, trade, "split", {"kind": "split", "buyer_amount": "7.500000"})


async def _offer_refund(learner, trade, _shown):
    await _offer(learner, trade, "concede", {"kind": "refund"})


async def _take_offer(learner, trade, _shown):
    path = f"/disputes/{trade['dispute']['id']}"
    (offer,) = (await learner.ask("GET", path))["offers"]
    headers = {"Step-Up": await learner.prove("split", trade, offer["buyer_amount"])}
    await learner.ask("POST", f"{path}/offers/{offer['id']}/accept", None, **headers)


async def _show(learner, trade, shown):
    """A picture as evidence, which the counterparty can open."""
    picture = await learner.send_picture(trade["id"])
    path = f"/disputes/{trade['dispute']['id']}"
    evidence = {"kind": "statement", "statement": "My bank.", "attachment_ids": [picture]}
    await learner.ask("POST", f"{path}/evidence", evidence)
    other = learner.player.find_api(UUID(shown["id"]))
    assert (await other.get(path))["evidence"][-1]["attachment_ids"] == [picture]
    assert (await other.get(f"/attachments/{picture}"))["status"] == "clean"


async def _claim(learner, trade, _shown):
    body = {"reason": "paid_late", "statement": "I had paid."}
    learner.claim_id = (await learner.ask("POST", f"/trades/{trade['id']}/claim", body))["id"]


async def _withdraw(learner, _trade, _shown):
    await learner.ask("POST", f"/claims/{learner.claim_id}/withdraw")


async def _concede(learner, trade, _shown):
    proof = await learner.prove("concede", trade)
    path = f"/disputes/{trade['dispute']['id']}/concede"
    await learner.ask("POST", path, None, **{"Step-Up": proof})


PROVEN = {
    "release": _release,
    "release_declared": _release_declared,
    "release_early": _release_early,
    "see_stranger": _see_stranger,
    "split": _split,
    "accept_split": _accept_split,
    "concede": _concede,
    "offer_split": _offer_split,
    "offer_refund": _offer_refund,
    "take_offer": _take_offer,
    "show": _show,
    "claim": _claim,
    "withdraw": _withdraw,
}
"""What takes more than one call."""


class Watch:
    """Both sides' sockets from the meeting on: their views are built from events alone."""

    def __init__(self, learner, counterparty, heard):
        """`heard` is the last number in the learner's room before they met."""
        self.learner = learner
        self.trade_id = counterparty["trade_id"]
        api = learner.player.find_api(UUID(counterparty["id"]))
        self.readers = [(learner.person.token, learner.person.get, heard), (api.token, api.get, 0)]
        self.listeners = []

    async def __aenter__(self):
        for token, get, heard in self.readers:
            listener = Listener(self.learner.url)
            assert await listener.connect(token=token), listener.refused
            own = f"user:{(await get('/me'))['id']}"
            for room, after in ((own, heard), (f"trade:{self.trade_id}", 0)):
                listener.view.start(room, after)
                reply = await listener.subscribe(room, after)
                assert reply["status"] == "ok", reply
            # What came before the answer was sent again in its place.
            listener.view.gaps.clear()
            self.listeners.append(listener)
        return self

    async def __aexit__(self, *_):
        for listener in self.listeners:
            await listener.close()

    async def compare(self):
        """Both views of trade and case equal what is fetched anew."""
        left = ["nothing was compared"]
        for _ in range(SETTLE_S * 50):
            left = []
            for listener, (_, get, _) in zip(self.listeners, self.readers, strict=True):
                left += await self._differ(listener.view, get)
            if not left:
                assert [one.view.gaps for one in self.listeners] == [[], []]
                return
            await asyncio.sleep(0.02)
        raise AssertionError(left)

    async def _differ(self, view, get):
        shared = {self.trade_id: await get(f"/trades/{self.trade_id}")}
        found = differences(view, "shared_trades", shared)
        own = {key: body for key, body in view.trades.items() if key == self.trade_id}
        if not own:
            found.append("the own room told nothing of the trade")
        for body in own.values():
            fetched = shared[self.trade_id]
            found += [
                f"{name} is {value!r}, fetched {fetched[name]!r}"
                for name, value in body.items()
                if name in fetched and fetched[name] != value
            ]
        cases = {key: await get(f"/disputes/{key}") for key in view.cases}
        claims = {key: await get(f"/claims/{key}") for key in view.claims}
        found += differences(view, "cases", cases)
        return found + differences(view, "claims", claims)
