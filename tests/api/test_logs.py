"""What the real program writes about itself: events and identifiers, nothing of its users."""

import asyncio
import json
import uuid

import aiohttp
import structlog

from server.log import HIDDEN, configure_logs
from tests.server_process import run_server

SECRETS = {
    "email": "secret.address@example.com",
    "username": "secretname",
    "password": "secret horse battery",
}


async def test_log_names_events_and_no_secrets(database_url):
    headers = {"Idempotency-Key": "secret-key", "Step-Up": "secret-proof"}
    async with run_server(database_url, log_level="debug") as server:
        async with aiohttp.ClientSession(server.base) as client:
            await client.post("/api/v1/auth/register", json=SECRETS)
            account = {name: SECRETS[name] for name in ("email", "password")}
            reply = await client.post("/api/v1/auth/login", json=account)
            tokens = await reply.json()
            assert reply.status == 200, tokens
            await client.post("/api/v1/auth/login", json={**account, "password": "secret wrong"})
            headers["Authorization"] = f"Bearer {tokens['access_token']}"
            await client.get("/api/v1/me?secret=1", headers=headers)
            await client.post("/api/v1/me/payment-accounts", json={"secret": 1}, headers=headers)
            await client.get("/api/monitor/health", headers=headers)
            await client.get("/secret", headers={"Authorization": "Bearer secret-token"})
        await asyncio.sleep(0.2)
    lines = server.said.decode().splitlines()
    events = [json.loads(line) for line in lines if line.startswith("{")]
    refused = [event for event in events if event["event"] == "refused"]
    assert {"wrong_credentials", "invalid", "forbidden", "not_found"} <= {
        event["code"] for event in refused
    }
    assert all(uuid.UUID(hex=event["request_id"]).version == 7 for event in refused)
    assert all({"event", "level", "timestamp"} <= set(event) for event in events)
    said = "\n".join(lines)
    assert "secret" not in said.lower()
    assert tokens["access_token"][:40] not in said
    assert tokens["refresh_token"][:20] not in said


async def test_attempt_on_a_staff_route_is_logged_with_its_endpoint(database_url):
    async with run_server(database_url) as server:
        async with aiohttp.ClientSession(server.base) as client:
            reply = await client.post("/api/v1/auth/register", json=SECRETS)
            token = (await reply.json())["access_token"]
            reply = await client.get(
                "/api/monitor/health", headers={"Authorization": f"Bearer {token}"}
            )
            assert reply.status == 403
        await asyncio.sleep(0.2)
    events = [json.loads(line) for line in server.said.splitlines() if line.startswith(b"{")]
    assert [event["endpoint"] for event in events if event.get("code") == "forbidden"] == [
        "get_parts"
    ]


def test_value_under_a_telling_name_is_hidden(capsys):
    before = structlog.get_config()
    configure_logs("info", "json")
    try:
        structlog.get_logger().info("tried", **dict.fromkeys(HIDDEN, "secret"), request_id="1")
    finally:
        structlog.configure(**before)
    told = json.loads(capsys.readouterr().out)
    assert told["event"] == "tried"
    assert told["request_id"] == "1"
    assert {told[name] for name in HIDDEN} == {"hidden"}
