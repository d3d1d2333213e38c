"""One person: his interface, his socket, and the view that he builds from his events."""

import asyncio
import re
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from typing import Any

from seeds.demo.client import Answer, Api
from seeds.demo.feed import Body, OwnView, PublicView, RoomWatch
from seeds.demo.listener import Listener
from seeds.demo.world import Chance, Market, World

PASSWORD = "correct horse battery staple"  # an account of a made-up person
RENEW_PART = 0.3
"""An access token is renewed after this part of its life."""
PROOF_TRIES_MAX = 10
"""At 60 times its speed a proof lives for two seconds: on a busy machine some come too late."""
PROOF_PAUSE_S = 0.5
LOOK_EVERY_S = 1.0
"""How often who waits for news looks whether the demo has ended."""
FINAL = frozenset({"completed", "cancelled", "expired", "refunded"})
UNPAID = frozenset({"awaiting_payment", "grace"})

Play = Callable[["Person", str], Coroutine[Any, Any, None]]
"""What somebody does about a new trade of his."""


class Person:
    """Somebody with an account. `habit` names how he behaves in his trades."""

    def __init__(self, world: World, name: str, full_name: str, market: Market, habit: str) -> None:
        self.world = world
        self.name = name
        self.full_name = full_name
        self.market = market
        self.habit = habit
        self.id = ""
        self.api = Api(world.session, world.url, name, world.tally)
        self.listener = Listener(world.url, name, world.tally, self._take)
        self.view = OwnView()
        self.public = PublicView()
        self.accounts: list[str] = []
        """His payment accounts."""
        self.play: Play | None = None
        self.tasks: set[asyncio.Task[None]] = set()
        """What he does about his trades, one task each."""
        self._playing: set[str] = set()
        self._heard = asyncio.Event()

    async def join(self, *, usdt: int) -> bool:
        """Open an account, listen, get `usdt` of the development credit and payment accounts."""
        email = f"{self.name}@demo.example"
        user = await self.api.register(email, PASSWORD)
        if user is None:
            self.world.tally.faults.add(f"{self.name} could not register")
            return False
        self.id = user["id"]
        for room in (f"user:{self.id}", f"market:{self.market.id}"):
            self.listener.watches[room] = RoomWatch(room, self.name, self.world.tally.faults)
        if not await self.listener.connect(self.api.token):
            return False
        self.view.load(*await self.fetch())
        self.public.load(await self.fetch_listed())
        if usdt:
            await self.api.ask("POST", "/dev/credit", {"amount": str(usdt)})
        for rail in self.market.rails:
            await self._add_account(rail)
        self.world.tally.people += 1
        return True

    async def follow_token(self) -> None:
        """Renew the access token in time, until cancelled."""
        while True:
            life_s = self.api.token_life_s / self.world.speed
            await asyncio.sleep(life_s * RENEW_PART)
            if await self.api.renew():
                await self.listener.renew(self.api.token)

    async def fetch(self) -> tuple[list[Body], list[Body], list[Body]]:
        """His orders, trades and wallet, asked anew."""
        orders = await self.api.list_all("/orders?mine=true")
        trades = await self.api.list_all("/trades")
        wallet = await self.api.get("/wallet")
        return orders, trades, wallet.get("items", [])

    async def fetch_listed(self) -> list[Body]:
        """The public orders of his market, asked anew."""
        path = f"/orders?market={self.market.id}&side="
        sides = [await self.api.list_all(path + side) for side in ("buy", "sell")]
        return [order for side in sides for order in side]

    async def read_seq(self, room: str) -> int:
        """The last number that the server gave in a room."""
        last = self.listener.watches[room].last or 0
        page = await self.api.get(f"/events?room={room}&after={last}&limit=1")
        return int(page.get("seq", -1))

    def open_trades(self) -> list[Body]:
        """His trades that have not ended, as far as he heard."""
        return [trade for trade in self.view.trades.values() if trade["status"] not in FINAL]

    def has_unpaid(self) -> bool:
        """Whether he must pay or end a trade before the next."""
        return any(
            trade["role"] == "buyer" and trade["status"] in UNPAID for trade in self.open_trades()
        )

    def list_resting(self, side: str) -> list[Body]:
        """His orders on the book."""
        return [
            order
            for order in self.view.orders.values()
            if order["side"] == side and "cancel" in order["allowed_actions"]
        ]

    async def wait(self, trade_id: str, statuses: frozenset[str], minutes: float) -> str:
        """Until he hears that the trade has one of the statuses; the status he knows then.

        Ends earlier when the minutes are over or the demo ends.
        """
        loop = asyncio.get_running_loop()
        until_s = loop.time() + minutes * self.world.minute_s
        while True:
            status: str = self.view.trades[trade_id]["status"]
            left_s = until_s - loop.time()
            if status in statuses or self.world.closing.is_set() or left_s <= 0:
                return status
            # Nobody need say anything any more when the demo ends.
            await self._hear(min(left_s, LOOK_EVERY_S))

    async def wait_until_over(self, trade_id: str, seconds: float) -> bool:
        """Until he hears that the trade has ended, for at most so many seconds of real time."""
        loop = asyncio.get_running_loop()
        until_s = loop.time() + seconds
        while self.view.trades[trade_id]["status"] not in FINAL:
            left_s = until_s - loop.time()
            if left_s <= 0:
                return False
            await self._hear(left_s)
        return True

    async def act(
        self, trade_id: str, path: str, body: Any = None, *, proof: str | None = None
    ) -> Answer:
        """One action on a trade; what it did is counted."""
        answer = await self.api.ask("POST", f"/trades/{trade_id}/{path}", body, proof=proof)
        if answer.ok:
            self.world.tally.acts[path] += 1
        return answer

    async def act_proven(self, trade_id: str, action: str, path: str, body: Any) -> Answer:
        """An action that needs a step-up: proven for the trade as it is now, again if it moved."""
        answer = Answer(0, {"code": "not_proven"})
        for _ in range(PROOF_TRIES_MAX):
            async with self.world.proving:
                tried = await self._try_proven(trade_id, action, path, body)
            if tried is None:
                return answer
            answer = tried
            if answer.code not in ("step_up_required", "releases_stopped"):
                break
            await asyncio.sleep(PROOF_PAUSE_S)
        if answer.ok:
            self.world.tally.acts[path] += 1
        return answer

    async def _try_proven(self, trade_id: str, action: str, path: str, body: Any) -> Answer | None:
        trade = await self.api.get(f"/trades/{trade_id}")
        if not trade or trade["status"] in FINAL:
            return None
        amount = trade["amount"]
        if action == "split":
            if trade["split_offer"] is None:
                return None
            amount = trade["split_offer"]["buyer_amount"]
        proof = await self.api.prove(PASSWORD, action, trade_id, amount, trade["version"])
        target = f"/trades/{trade_id}/{path}"
        if action == "concede":
            target = f"/disputes/{trade['dispute']['id']}/concede"
        return await self.api.ask("POST", target, body, proof=proof)

    async def settle(self) -> None:
        """Return when what he does about his trades is done."""
        while self.tasks:
            await asyncio.wait(set(self.tasks))

    def _take(self, room: str, name: str, body: Body) -> None:
        if not room.startswith("user:"):
            self.public.apply(name, body)
            return
        self.view.apply(name, body)
        if name.startswith("trade_"):
            self.world.tally.take_trade(self.view.trades[body["id"]])
            if self.play is not None and body["id"] not in self._playing:
                self._playing.add(body["id"])
                task = asyncio.create_task(self.play(self, body["id"]))
                self.tasks.add(task)
                task.add_done_callback(self._end_task)
        heard, self._heard = self._heard, asyncio.Event()
        heard.set()

    def _end_task(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self.world.tally.faults.add(f"{self.name} stumbled: {task.exception()!r}")

    async def _hear(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._heard.wait()

    async def _add_account(self, rail: Any) -> None:
        details = fill_details(self.name, self.full_name, self.world.chance, rail["fields"])
        if details is None:
            return
        path, body = "/me/payment-accounts", {"payment_method_id": rail["id"], "details": details}
        answer = Answer(0, {"code": "not_proven"})
        for _ in range(PROOF_TRIES_MAX):
            async with self.world.proving:
                proof = await self.api.prove_request(
                    PASSWORD, "payment_account", "POST", path, body
                )
                answer = await self.api.ask("POST", path, body, proof=proof)
            if answer.code != "step_up_required":
                break
            await asyncio.sleep(PROOF_PAUSE_S)
        if answer.ok:
            self.accounts.append(answer.body["id"])


FILLED = frozenset({"text", "name", "digits", "account", "phone", "email", "handle", "choice"})
"""Kinds of fields that made-up details are known for."""


def fill_details(
    name: str, full_name: str, chance: Chance, fields: Sequence[Mapping[str, Any]]
) -> dict[str, str] | None:
    """Made-up details of an account on a rail; None for a form that nobody here can fill in."""
    details: dict[str, str] = {}
    for field in fields:
        fitting = [
            text for text in _list_texts(name, full_name, chance, field) if _fits(field, text)
        ]
        if not fitting:
            return None
        details[field["name"]] = fitting[0]
    return details


def can_fill(fields: Sequence[Mapping[str, Any]]) -> bool:
    """Whether people here have what a rail asks for: all of them have Vietnamese telephones."""
    return all(
        field["kind"] in FILLED
        and not (field["kind"] == "phone" and field["countries"] not in ([], ["VN"]))
        for field in fields
    )


def _list_texts(name: str, full_name: str, chance: Chance, field: Mapping[str, Any]) -> list[str]:
    length = max(field["length_min"], min(field["length_max"], 10))
    digits = "".join(str(chance.randrange(1, 10)) for _ in range(length))
    handle = name.replace("_", "")
    texts = {
        "name": [full_name],
        "email": [f"{name}@demo.example"],
        "phone": [f"+84912{chance.randrange(100_000, 999_999)}"],
        "handle": [f"{field['prefix']}{handle}"],
        "choice": [option["value"] for option in field["options"]],
    }
    return texts.get(field["kind"], [digits, handle])


def _fits(field: Mapping[str, Any], text: str) -> bool:
    pattern = field["pattern"]
    is_long_enough = field["length_min"] <= len(text) <= field["length_max"]
    return is_long_enough and (pattern is None or re.fullmatch(pattern, text) is not None)
