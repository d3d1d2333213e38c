"""Plays the counterparties that learners asked for, through the interface that everybody has.

Each has an account, a wallet of test USDT and a payment account, and takes one step of his script
at a time. What he has done is noted after each step, so a process that dies goes on where it
stopped; a step that was taken and not noted is refused by the trade's own rules and noted then.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
import structlog

from models.sandbox import CounterpartyStatus, Script
from seeds.demo.client import Answer, Api
from seeds.demo.person import fill_details
from seeds.demo.tally import Tally
from server.core.ids import Random
from server.core.money import format_usdt
from server.db import Database, Unit
from server.http.outside import Session
from server.identity.sealing import Sealer
from server.sandbox import queries
from server.sandbox.counterparties import context_of, full_name_of
from server.sandbox.scripts import DISPUTED, Call, Scene, Step, next_step

CHUNK = 50
"""Counterparties played in one round; the next round goes on after them."""
STEPS_MAX = 4
"""Steps of one counterparty in a round."""
FUNDS_FACTOR = 2
"""He gets as many times the amount that he trades, for fees and a bond."""
PARTIES = frozenset({"buyer", "seller"})
FINAL = frozenset({"completed", "cancelled", "expired", "refunded"})
TRY_AGAIN = frozenset({"", "unreachable", "lane_busy", "database_busy", "step_up_required"})
"""Refusals after which a later round asks again."""
log = structlog.get_logger()


@dataclass(slots=True)
class Actor:
    """A counterparty with his connection."""

    row: Any
    api: Api
    password: str
    full_name: str

    @property
    def done(self) -> list[str]:
        """The steps he has taken."""
        taken: list[str] = orjson.loads(self.row.done)
        return taken


class PlayFailedError(Exception):
    """Something was refused that a counterparty cannot do without; `code` is the refusal's."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.code)
        self.code = answer.code


class TokenChance:
    """Choices from the service's source of randomness."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def random(self) -> float:
        """From 0 to below 1."""
        return self.randrange(0, 2**32) / 2**32

    def randrange(self, start: int, stop: int, /) -> int:
        """From `start` to below `stop`."""
        return start + int.from_bytes(self._random.token(8)) % (stop - start)

    def choice(self, seq: Sequence[Any], /) -> Any:
        """One of them."""
        return seq[self.randrange(0, len(seq))]


class Player:
    """Plays all active counterparties, one round at a time."""

    def __init__(
        self,
        database: Database,
        sealer: Sealer,
        random: Random,
        *,
        url: str,
        open_client: Callable[[str], Session],
    ) -> None:
        self.url = url
        """Where the service hears this process."""
        self._database = database
        self._sealer = sealer
        self._random = random
        self._chance = TokenChance(random)
        self._open_client = open_client
        self._client: Session | None = None
        self._apis: dict[UUID, Api] = {}
        self._after: UUID | None = None
        self._round = asyncio.Lock()

    async def play_round(self) -> int:
        """Let each do what he can do now; how many steps were taken."""
        async with self._round:
            return await self._play_all()

    async def _play_all(self) -> int:
        async with self._database.read() as connection:
            page = queries.list_active(self._after, CHUNK)
            rows = (await connection.execute(page)).all()
        self._after = rows[-1].id if len(rows) == CHUNK else None
        taken = 0
        for row in rows:
            try:
                taken += await self._play(row)
            except PlayFailedError as failure:
                if failure.code in TRY_AGAIN:
                    continue
                log.warning("sandbox_play_failed", counterparty_id=str(row.id), code=failure.code)
                await self._note(row.id, status="failed", problem=failure.code[:48])
        return taken

    def find_api(self, counterparty_id: UUID) -> Api | None:
        """The connection of a counterparty who has been played here."""
        return self._apis.get(counterparty_id)

    async def close(self) -> None:
        """End all connections."""
        if self._client is not None:
            await self._client.close()

    async def _play(self, row: Any) -> int:
        actor = await self._enter(row)
        taken = 0
        if row.order_id is None:
            await self._open_order(actor)
            taken += 1
        if actor.row.trade_id is None and not await self._find_trade(actor):
            return taken
        for _ in range(STEPS_MAX):
            if not await self._take_step(actor):
                break
            taken += 1
        return taken

    # Getting ready.

    async def _enter(self, row: Any) -> Actor:
        """Sign up, or in again after this process began."""
        full_name = full_name_of(row.id)
        api = self._apis.get(row.id)
        if row.sealed is not None:
            password = self._sealer.open_sealed(bytes(row.sealed), context_of(row.id)).decode()
            if api is None:
                api = self._make_api(row.username)
                body = {"email": f"{row.username}@sandbox.example", "password": password}
                _must(await api.sign_in(body))
        else:
            password = self._random.token(24).hex()
            username = f"sandbox_{row.id.hex[-10:]}"
            api = self._make_api(username)
            if await api.register(f"{username}@sandbox.example", password) is None:
                raise PlayFailedError(Answer(0, {"code": "unreachable"}))
            sealed = self._sealer.seal(password.encode(), context_of(row.id))
            row = await self._note(row.id, username=username, sealed=sealed)
        self._apis[row.id] = api
        return Actor(row, api, password, full_name)

    def _make_api(self, name: str) -> Api:
        if self._client is None:
            self._client = self._open_client(self.url)
        # The name goes into idempotency keys: those of an earlier process must not come again.
        api = Api(self._client, self.url, name, Tally())
        api.key_prefix = f"sandbox-{self._random.token(6).hex()}"
        return api

    async def _open_order(self, actor: Actor) -> None:
        row = actor.row
        funds = format_usdt(max(row.amount * FUNDS_FACTOR, 100_000_000))
        _must(await actor.api.ask("POST", "/dev/faucet", {"amount": funds}))
        account_id = await self._add_account(actor) if row.side == "sell" else None
        if row.target_id is not None:
            path, body = f"/orders/{row.target_id}/take", self._make_take(actor, account_id)
        else:
            path, body = "/orders", self._make_order(actor, account_id)
        order = _must(await actor.api.ask("POST", path, body)).body
        actor.row = await self._note(row.id, order_id=UUID(order["id"]))

    def _make_take(self, actor: Actor, account_id: str | None) -> Mapping[str, Any]:
        row = actor.row
        body = {"amount": format_usdt(row.amount), "worst_price": row.price}
        rail = {"payment_method_id": row.method_id}
        return body | (rail if account_id is None else {"payment_account_id": account_id})

    def _make_order(self, actor: Actor, account_id: str | None) -> Mapping[str, Any]:
        row = actor.row
        order = {
            "market": row.market,
            "side": row.side,
            "pricing": {"type": "fixed", "price": row.price},
            "amount": format_usdt(row.amount),
            "matching": "manual",
            "visibility": "unlisted",
            "always_on": True,
        }
        if account_id is not None:
            return {**order, "payment_account_ids": [account_id]}
        return {**order, "payment_method_ids": [row.method_id], "bond": True}

    async def _add_account(self, actor: Actor) -> str:
        currency = actor.row.market.rpartition("-")[2]
        rails = await actor.api.list_all(f"/payment-methods?currency={currency}")
        rail = next((each for each in rails if each["id"] == actor.row.method_id), None)
        details = None
        if rail is not None:
            details = fill_details(
                actor.row.username, actor.full_name, self._chance, rail["fields"]
            )
        if details is None:
            raise PlayFailedError(Answer(404, {"code": "rail_not_playable"}))
        path = "/me/payment-accounts"
        body = {"payment_method_id": actor.row.method_id, "details": details}
        proof = await actor.api.prove_request(actor.password, "payment_account", "POST", path, body)
        return str(_must(await actor.api.ask("POST", path, body, proof=proof)).body["id"])

    # Trading.

    async def _find_trade(self, actor: Actor) -> bool:
        trades = await actor.api.list_all("/trades")
        if not trades:
            return False
        trade_id = UUID(trades[0]["id"])
        actor.row = await self._note(actor.row.id, trade_id=trade_id, status="trading")
        return True

    async def _take_step(self, actor: Actor) -> bool:
        """One step if there is one to take; False too when the trade is over."""
        row = actor.row
        trade = _must(await actor.api.ask("GET", f"/trades/{row.trade_id}")).body
        if trade["status"] in FINAL:
            await self._end(actor)
            return False
        scene = await self._see(actor, trade)
        step = next_step(Script(row.script), row.side, scene, actor.done)
        if step is None:
            return False
        answer = await self._do(actor, trade, step.make(scene))
        if not answer.ok and answer.code in TRY_AGAIN:
            return False
        await self._note_step(actor, step)
        return True

    async def _see(self, actor: Actor, trade: Mapping[str, Any]) -> Scene:
        row, role = actor.row, trade["role"]
        page = _must(await actor.api.ask("GET", f"/trades/{row.trade_id}/messages")).body
        others = [item for item in page["items"] if item["author"] in PARTIES - {role}]
        return Scene(
            trade,
            actor.full_name,
            row.payer_name,
            len(others),
            await self._is_ruled_against(actor, trade),
            await self._read_case(actor, trade),
        )

    async def _read_case(self, actor: Actor, trade: Mapping[str, Any]) -> Mapping[str, Any] | None:
        if trade["status"] != DISPUTED:
            return None
        path = f"/disputes/{trade['dispute']['id']}"
        case: Mapping[str, Any] = _must(await actor.api.ask("GET", path)).body
        return case

    async def _is_ruled_against(self, actor: Actor, trade: Mapping[str, Any]) -> bool:
        dispute = trade["dispute"]
        if dispute is None or dispute["status"] != "ruled":
            return False
        path = f"/disputes/{dispute['id']}/rulings"
        ruled = _must(await actor.api.ask("GET", path)).body["rulings"][-1]["outcome"]
        return bool(ruled != ("release" if trade["role"] == "buyer" else "refund"))

    async def _do(self, actor: Actor, trade: Mapping[str, Any], call: Call) -> Answer:
        dispute = trade["dispute"]
        path = call.path.replace("{trade}", trade["id"])
        path = path.replace("{dispute}", dispute["id"] if dispute else "")
        proof = None
        if call.proof is not None:
            amount = call.amount or trade["amount"]
            proof = await actor.api.prove(
                actor.password, call.proof, trade["id"], amount, trade["version"]
            )
        return await actor.api.ask("POST", path, call.body, proof=proof)

    async def _note_step(self, actor: Actor, step: Step) -> None:
        done = orjson.dumps([*actor.done, step.name]).decode()
        actor.row = await self._note(actor.row.id, done=done)

    async def _end(self, actor: Actor) -> None:
        if actor.row.target_id is None:
            # What is left of his order waits for nobody; it may have ended already.
            await actor.api.ask("DELETE", f"/orders/{actor.row.order_id}")
        await self._note(actor.row.id, status=CounterpartyStatus.ENDED.value)

    async def _note(self, row_id: UUID, **values: Any) -> Any:
        async def work(unit: Unit) -> Any:
            await unit.execute(queries.change(row_id, values))
            return (await unit.execute(queries.find_one(row_id))).one()

        return await self._database.transact(work, name="note_counterparty")


def _must(answer: Answer) -> Answer:
    if not answer.ok:
        raise PlayFailedError(answer)
    return answer
