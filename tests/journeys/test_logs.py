"""The log of the real program, through a whole deal and whatever goes wrong in it, is silent
about everything that is secret or somebody's own."""

import json
import re
import signal
from types import SimpleNamespace

import aiohttp
import pytest
from sqlalchemy import text

from server.core.clock import ManualClock
from server.core.ids import SystemRandom
from server.db import Database
from server.db.engine import open_engine
from server.identity.rails import upsert_payment_methods
from tests.market_world import PASSWORD, RAILS, World, add_market
from tests.server_process import run_server

PAYER = "Nguyễn Thị Geheim"
OTHER_PAYER = "Pham Van Fremd"
REASON = "grandmother-is-ill"
REFERENCE = "FT-geheim-2603"
NUMBER = "4929100200300400"


@pytest.fixture
async def database(database_url):
    database = Database(open_engine(database_url), clock=ManualClock(), random=SystemRandom())

    async def prepare(unit):
        await upsert_payment_methods(unit, RAILS)
        await add_market(unit, database.clock)

    await database.transact(prepare, name="test")
    yield database
    await database.close()


class Secrets:
    """Everything that was sent or received and must not be in the log."""

    def __init__(self):
        self.found = {
            PASSWORD,
            PAYER,
            "Geheim",
            OTHER_PAYER,
            REASON,
            REFERENCE,
            NUMBER,
            NUMBER[-8:],
        }

    def note(self, *texts):
        self.found.update(texts)

    def note_person(self, person):
        self.note(person.token, person.token.rpartition(".")[2], person.name)
        self.note(f"{person.name}@example.com")


async def trade(world, secrets):
    """A deal from the book to its release, with the mistakes that people make in it."""
    seller = await world.join("sellername", usdt="1000")
    buyer = await world.join("buyername")
    for person in (seller, buyer):
        secrets.note_person(person)
    await seller.add_account("vn-one", NUMBER)
    await seller.sell("100", "26000")
    (trade,) = (await buyer.buy("40", "26100"))["trades"]
    path = f"/trades/{trade['id']}"
    await buyer.must("POST", f"{path}/payer", {"payer_name": PAYER})
    await buyer.must("POST", f"{path}/paid", {"reference": REFERENCE})
    shown = await seller.must("GET", path)
    proof = await seller.prove("release", trade["id"], shown["amount"], shown["version"])
    secrets.note(proof)
    body = {"payer_name_seen": OTHER_PAYER}
    status, _ = await seller.ask("POST", f"{path}/release", body, **{"Step-Up": proof})
    assert status in (409, 422)
    released = await seller.release(trade["id"], PAYER)
    assert released["status"] == "completed"
    (second,) = (await buyer.buy("20", "26100"))["trades"]
    await buyer.ask("POST", f"/trades/{second['id']}/cancel", {"reason": REASON})
    return seller, buyer


async def make_mistakes(world, secrets):
    """Requests that are refused, each with something secret in it."""
    post = world.client.post

    async def send(path, body, **headers):
        async with post(f"/api/v1{path}", json=body, headers=headers) as reply:
            return reply.status, await reply.json()

    who = {"email": "sellername@example.com", "password": "wrong-hunter2"}
    secrets.note("wrong-hunter2", "hunter3", "stolen-token", "ghost@example.com")
    assert (await send("/auth/login", who))[0] == 401
    assert (await send("/auth/login", who | {"email": "ghost@example.com"}))[0] == 401
    taken = who | {"username": "sellername", "password": PASSWORD}
    assert (await send("/auth/register", taken))[0] in (409, 422)
    assert (await send("/auth/register", {"email": "hunter3", "password": "hunter3"}))[0] == 422
    status, signed_in = await send("/auth/login", who | {"password": PASSWORD})
    assert status == 200
    secrets.note(signed_in["access_token"], signed_in["refresh_token"])
    refresh = {"refresh_token": signed_in["refresh_token"]}
    status, refreshed = await send("/auth/refresh", refresh)
    assert status == 200
    secrets.note(refreshed["access_token"], refreshed["refresh_token"])
    assert (await send("/auth/refresh", {"refresh_token": "stolen-token"}))[0] == 401
    stolen = {"Authorization": "Bearer stolen-token"}
    async with world.client.get("/api/v1/me", headers=stolen) as reply:
        assert reply.status == 401
    async with world.client.get("/api/v1/ghost@example.com?token=stolen-token") as reply:
        assert reply.status == 404
    async with post("/api/v1/auth/login", data=b'{"password": "hunter3",') as reply:
        assert reply.status in (400, 415)


async def break_the_server(world, database):
    """A fault inside a statement whose values are somebody's own."""
    async with database.engine.connect() as connection:
        await connection.execute(text("ALTER TABLE user_profiles RENAME TO elsewhere"))
        await connection.commit()
    body = {"email": "sellername@example.com", "password": PASSWORD}
    async with world.client.post("/api/v1/auth/login", json=body) as reply:
        assert reply.status == 500
        assert "sellername" not in await reply.text()
    async with database.engine.connect() as connection:
        await connection.execute(text("ALTER TABLE elsewhere RENAME TO user_profiles"))
        await connection.commit()


async def test_log_of_a_whole_deal_says_no_secret_and_nobody_s_name(database, database_url):
    secrets = Secrets()
    free = dict.fromkeys(("reads_per_s", "writes_per_s", "public_per_s"), 0)
    async with (
        run_server(database_url, log_level="debug", log_format="json", **free) as server,
        aiohttp.ClientSession(server.base) as client,
    ):
        world = World(client, SimpleNamespace(database=database), ManualClock())
        await trade(world, secrets)
        await make_mistakes(world, secrets)
        await break_the_server(world, database)
        server.tell(signal.SIGTERM)
        await server.wait(30)
    said = server.said.decode()

    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert all(re.fullmatch(r"[a-z_]+", line["event"]) for line in lines)
    events = {line["event"] for line in lines}
    assert {"refused", "fault"} <= events
    assert all(line.get("request_id") for line in lines if line["event"] in ("refused", "fault"))
    assert any("ProgrammingError" in line.get("exception", "")
               or "OperationalError" in line.get("exception", "") for line in lines)  # fmt: skip
    told = [secret for secret in secrets.found if secret.lower() in said.lower()]
    assert told == []
