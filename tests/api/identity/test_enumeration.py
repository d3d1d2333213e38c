"""No call tells a stranger whether an address has an account, or in what state it is."""

import pytest
from sqlalchemy import insert

from models.compliance import AccountClosure, AccountHold
from server.http.examples import make_example
from server.http.openapi import build_document
from server.settings import load_settings
from server.wiring import list_endpoints
from tests.api.identity.conftest import start_api
from tests.api.identity.people import join

DOCUMENT = build_document(list_endpoints(load_settings({})))
OF_ITS_OWN = {"x-request-id", "date", "ratelimit"}
"""Headers that differ between any two answers."""
TOLD = {"register"}
"""Registering a taken address is 409: the recorded deviation, with limits and a notice."""


def list_calls():
    """Every public call that takes an address, and a body of its shape."""
    for path, operations in DOCUMENT["paths"].items():
        for method, operation in operations.items():
            if method != "post" or operation.get("security") not in ([], None, [{}]):
                continue
            content = operation.get("requestBody", {}).get("content", {})
            schema = content.get("application/json", {}).get("schema")
            if schema is None or path.rpartition("/")[2] in TOLD:
                continue
            body = make_example(DOCUMENT, schema)
            if isinstance(body, dict) and "email" in body:
                yield path, body


CALLS = list(list_calls())
STATES = ("plain", "with a second factor", "closed", "frozen", "with a session of today")


@pytest.fixture
async def api(database_url, clock):
    async with start_api(database_url, clock, new_account_level=0) as started:
        yield started


async def make_person(api, state):
    person = await join(api, "alice")
    user_id = await api.id_of("alice")

    async def close(unit):
        values = {"user_id": user_id, "closed_at": unit.now, "anonymise_at": unit.now}
        await unit.execute(insert(AccountClosure).values(**values))

    async def freeze(unit):
        values = {"id": unit.ids.new_id(), "user_id": user_id, "kind": "freeze",
                  "reason": "Asked by the bank.", "placed_at": unit.now}  # fmt: skip
        await unit.execute(insert(AccountHold).values(**values))

    if state == "with a second factor":
        await person.add_totp()
    elif state == "closed":
        await api.database.transact(close, name="test")
    elif state == "frozen":
        await api.database.transact(freeze, name="test")
    elif state == "with a session of today":
        assert (await api.login("alice")).status == 200


async def ask(api, path, body, name):
    """Everything that a caller sees, but for what differs between any two answers."""
    asked = {**body, "email": f"{name}@example.com"}
    if "password" in asked:
        asked["password"] = "wrong password of a guesser"
    reply = await api.ask("POST", path, asked)
    text = await reply.text()
    request_id = reply.headers["X-Request-Id"]
    headers = {
        key.lower(): value for key, value in reply.headers.items() if key.lower() not in OF_ITS_OWN
    }
    return reply.status, text.replace(request_id, "-"), headers


def test_there_are_calls_that_take_an_address():
    assert {path.removeprefix("/api/v1/auth/") for path, _ in CALLS} >= {
        "login", "forgot-password",
    }  # fmt: skip


@pytest.mark.parametrize("state", STATES)
async def test_answer_about_an_account_in_any_state_is_that_about_nobody(api, state):
    await make_person(api, state)
    for path, body in CALLS:
        known = await ask(api, path, body, "alice")
        unknown = await ask(api, path, body, "nobody")
        assert known == unknown, path
        assert "alice" not in known[1]


async def test_limit_of_guesses_is_the_same_for_nobody(api):
    await join(api, "alice")
    for path, body in CALLS:
        for _ in range(12):
            known = await ask(api, path, body, "alice")
            unknown = await ask(api, path, body, "nobody")
            assert known == unknown, path
