"""No call takes a field that it does not declare: no role, balance or owner is slipped in."""

import itertools

from server.core.permissions import ADMINISTRATOR
from server.http.endpoint import Access
from server.http.examples import make_example
from server.http.openapi import build_document
from server.settings import load_settings
from server.wiring import list_endpoints
from tests.market_world import PASSWORD, start_world
from tests.staff_world import make_staff

PRIVILEGED = {
    "role": "admin", "is_admin": True, "user_id": "01890000-0000-7000-8000-000000000000",
    "owner_id": "01890000-0000-7000-8000-000000000000", "balance": "1000000", "available": "1",
    "status": "completed", "state": "completed", "fee": "0", "maker_fee_ppm": 0,
    "kyc_level": 3, "verified": True, "version_": 9, "__class__": "x", "$where": "1",
}  # fmt: skip
MISSING = "01890000-0000-7000-8000-000000000000"


def list_writes():
    """Every changing endpoint with an example of its body, or None for no body."""
    # A file has no fields.
    endpoints = [
        each
        for each in list_endpoints(load_settings({}))
        if each.method != "GET" and not each.takes
    ]
    document = build_document(endpoints)
    for endpoint in endpoints:
        operation = document["paths"][endpoint.path][endpoint.method.lower()]
        example = None
        if "requestBody" in operation:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            example = make_example(document, schema)
        yield endpoint, example


def fill_path(path):
    """The path with something in the place of each name."""
    parts = (MISSING if part.startswith("{") else part for part in path.split("/"))
    return "/".join(parts)


async def test_no_write_takes_a_field_that_it_does_not_declare(database_url):
    keys, taken = itertools.count(), []
    writes = list(list_writes())
    assert len(writes) > 50
    async with start_world(database_url) as world:
        staff = await world.join("boss")
        await make_staff(world.client.server.app, staff.id, ADMINISTRATOR)
        account = {"email": "boss@example.com", "password": PASSWORD}
        async with world.client.post("/api/v1/auth/login", json=account) as reply:
            staff.token = (await reply.json())["access_token"]
        before = await world.read("SELECT count(*) FROM outbox")
        for endpoint, example in writes:
            known = set() if endpoint.body is None else set(endpoint.body.fields)
            for name, value in PRIVILEGED.items():
                if name in known:
                    continue
                headers = {"Idempotency-Key": f"k{next(keys)}"}
                if endpoint.access is not Access.PUBLIC:
                    headers["Authorization"] = f"Bearer {staff.token}"
                async with world.client.request(
                    endpoint.method, fill_path(endpoint.path),
                    json={**(example or {}), name: value}, headers=headers,
                ) as reply:  # fmt: skip
                    problem = await reply.json()
                named = name in problem.get("errors", {}) or endpoint.body is None
                if reply.status != 422 or problem["code"] != "invalid" or not named:
                    taken.append((endpoint.name, name, reply.status, problem))
        assert await world.read("SELECT count(*) FROM outbox") == before
    assert taken == []
