"""Health and metrics over HTTP, of the real application."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import update

from models.operations import Breach
from server.core.clock import ManualClock
from server.core.refusals import Unavailable
from server.identity.revocations import Revocations
from server.monitor.checks import REVOCATIONS_LATE, check_invariants, check_sessions
from server.monitor.health import HEALTH, Health, PartDown, PartState, State
from server.monitor.queries.service import insert_breach
from server.settings import load_settings
from server.wiring import build_app, open_kernel
from tests.staff_world import make_staff

PASSWORD = "correct horse battery"


@asynccontextmanager
async def serve(database_url, **settings):
    written = {f"IQX_{name.upper()}": value for name, value in settings.items()}
    kernel = open_kernel(
        load_settings({"IQX_DATABASE_URL": database_url, "IQX_BCRYPT_ROUNDS": "4", **written})
    )
    async with TestClient(TestServer(build_app(kernel))) as client:
        yield client, kernel


async def sign_in(client, kernel, name, role=None):
    """An access token of a new user, on the staff with this role if there is one."""
    account = {"email": f"{name}@example.com", "username": name, "password": PASSWORD}
    reply = await client.post("/api/v1/auth/register", json=account)
    assert reply.status == 201, await reply.text()

    if role is not None:
        await make_staff(client.server.app, (await reply.json())["user"]["id"], role)
    reply = await client.post(
        "/api/v1/auth/login", json={k: account[k] for k in ("email", "password")}
    )
    return {"Authorization": f"Bearer {(await reply.json())['access_token']}"}


async def test_everybody_may_ask_how_the_parts_are(database_url):
    async with serve(database_url) as (client, _):
        reply = await client.get("/api/health")
        assert reply.status == 200
        told = await reply.json()
        parts = {"database", "clock", "sessions", "lanes", "relay", "duties", "invariants"}
        assert parts <= {one["name"] for one in told["parts"]}
        assert all(set(one) == {"name", "state"} for one in told["parts"])


async def test_broken_invariant_shows_until_it_is_settled(database_url):
    async with serve(database_url) as (client, kernel):
        check = check_invariants(kernel.database)
        assert await check() == PartState(State.OK, {"open_breaches": 0})

        async def find(unit):
            row = {"invariant": "I1", "subject": "USDT", "detail": "off by one"}
            await unit.execute(
                insert_breach({"id": unit.ids.new_id(), "found_at": unit.now, **row})
            )

        await kernel.database.transact(find, name="test")
        assert await check() == PartState(State.DEGRADED, {"open_breaches": 1})
        told = await (await client.get("/api/health")).json()
        assert told["ok"] is False

        async def settle(unit):
            await unit.execute(update(Breach).values(settled_at=unit.now))

        await kernel.database.transact(settle, name="test")
        assert (await check()).state is State.OK


@pytest.mark.parametrize(("speed", "state"), [(1, State.DEGRADED), (60, State.OK)])
async def test_lateness_of_sessions_is_measured_in_the_time_of_the_clock(speed, state):
    clock = ManualClock()
    revocations = Revocations(clock)
    revocations.read_at = clock.now()
    clock.advance(seconds=30)
    check = check_sessions(revocations, clock, late_max=REVOCATIONS_LATE * speed)
    assert (await check()).state is state


async def test_health_is_503_while_the_database_is_down(database_url):
    async with serve(database_url) as (client, _):
        health = client.server.app[HEALTH]

        async def answer_not():
            raise Unavailable

        health._checks["database"] = answer_not
        reply = await client.get("/api/health")
        problem = await reply.json()
        assert (reply.status, problem["code"]) == (503, "part_down")
        assert problem["params"] == {"parts": ["database"]}
        assert reply.headers["Retry-After"] == "2"


@pytest.mark.parametrize(
    ("role", "status"), [(None, 403), ("support_agent", 200), ("administrator", 200)]
)
async def test_facts_are_for_staff(database_url, role, status):
    async with serve(database_url) as (client, kernel):
        token = await sign_in(client, kernel, "ada", role)
        reply = await client.get("/api/monitor/health", headers=token)
        assert reply.status == status
        if status == 200:
            parts = {one["name"]: one for one in (await reply.json())["parts"]}
            assert parts["database"]["facts"]["kind"] == kernel.database.dialect
        assert (await client.get("/api/monitor/health")).status == 401


@pytest.mark.parametrize(
    ("role", "status"), [(None, 403), ("support_agent", 403), ("administrator", 200)]
)
async def test_metrics_are_for_administrators(database_url, role, status):
    async with serve(database_url) as (client, kernel):
        token = await sign_in(client, kernel, "ada", role)
        assert (await client.get("/api/monitor/metrics", headers=token)).status == status
        assert (await client.get("/api/monitor/metrics")).status == 401


async def test_metrics_are_open_to_listed_addresses(database_url):
    async with serve(database_url, metrics_addresses="127.0.0.1") as (client, _):
        assert (await client.get("/api/monitor/metrics")).status == 200


async def test_metrics_stay_closed_to_addresses_that_are_not_listed(database_url):
    async with serve(database_url, metrics_addresses="10.1.1.1") as (client, _):
        forged = {"X-Forwarded-For": "10.1.1.1"}
        assert (await client.get("/api/monitor/metrics", headers=forged)).status == 401


async def test_metrics_count_requests_refusals_and_units(database_url):
    async with serve(database_url, metrics_addresses="127.0.0.1") as (client, kernel):
        await sign_in(client, kernel, "ada")
        for _ in range(3):
            await client.get("/api/v1/me")
        reply = await client.get("/api/monitor/metrics")
        assert reply.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        samples = {
            (sample.name, *sorted(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(await reply.text())
            for sample in family.samples
        }
        me = (("endpoint", "get_me"), ("status", "401"))
        assert samples["iqx_request_seconds_count", *me] == 3
        assert 0 < samples["iqx_request_seconds_sum", *me] < 5
        assert samples["iqx_request_seconds_bucket", me[0], ("le", "+Inf"), me[1]] == 3
        assert samples["iqx_refusals_total", ("code", "unauthenticated")] == 3
        assert samples["iqx_units_committed_total",] == kernel.database.counts.committed > 0
        if kernel.database.gate is not None:
            assert samples["iqx_gate_waits_total",] > 0


async def test_part_that_does_not_answer_is_down_in_time():
    health = Health()

    async def sleep():
        await asyncio.sleep(60)

    health.register("slow", sleep, essential=True)
    states = await asyncio.wait_for(health.read(), 5)
    assert states["slow"].state is State.DOWN
    with pytest.raises(PartDown):
        health.require_essential(states)


async def test_many_questions_are_one_check():
    health, asked = Health(), []

    async def count():
        asked.append(1)
        await asyncio.sleep(0.01)
        return PartState(State.OK)

    health.register("part", count)
    await asyncio.gather(*(health.read() for _ in range(20)))
    assert len(asked) == 1


async def test_degraded_part_is_told_and_is_no_503(database_url):
    async with serve(database_url) as (client, _):

        async def late():
            return PartState(State.DEGRADED, {"late_s": 9})

        client.server.app[HEALTH].register("relay of the test", late)
        reply = await client.get("/api/health")
        told = await reply.json()
        assert (reply.status, told["ok"]) == (200, False)


async def test_two_parts_of_one_name_are_a_fault():
    health = Health()

    async def fine():
        return PartState(State.OK)

    health.register("part", fine)
    with pytest.raises(AssertionError, match="two parts"):
        health.register("part", fine)
