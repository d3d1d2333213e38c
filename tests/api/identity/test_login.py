"""POST /auth/login."""

import pytest

from server.identity.sign_in_limits import PAIR_FAILURES_MAX
from tests.api.identity.conftest import PASSWORD

PATH = "/api/v1/auth/login"


async def test_signing_in_gives_the_user_and_both_tokens(api):
    registered = await api.register("alice")
    reply = await api.ask("POST", PATH, {"email": "Alice@EXAMPLE.com", "password": PASSWORD})
    assert reply.status == 200
    body = await reply.json()
    assert body["user"] == registered["user"]
    assert body["expires_in"] == 900
    assert await api.status_of_me(body["access_token"]) == 200


@pytest.mark.parametrize("email", ["nobody@example.com", "no address", "a@b", "alice@"])
async def test_unknown_address_is_answered_as_a_wrong_password_is(api, email):
    await api.register("alice")
    wrong = await api.login("alice", "wrong password")
    unknown = await api.ask("POST", PATH, {"email": email, "password": PASSWORD})
    assert wrong.status == unknown.status == 401
    first, second = await wrong.json(), await unknown.json()
    first.pop("request_id"), second.pop("request_id")
    assert first == second
    assert wrong.headers["Content-Length"] == unknown.headers["Content-Length"]


async def test_eleventh_wrong_attempt_waits_even_when_it_is_right(api):
    await api.register("alice")
    for _ in range(PAIR_FAILURES_MAX):
        assert (await api.login("alice", "wrong password")).status == 401
    reply = await api.login("alice")
    assert reply.status == 429
    assert int(reply.headers["Retry-After"]) > 0
    api.clock.advance(minutes=16)
    assert (await api.login("alice")).status == 200


async def test_unknown_address_is_limited_as_a_known_one_is(api):
    for _ in range(PAIR_FAILURES_MAX):
        assert (await api.login("nobody", "wrong password")).status == 401
    assert (await api.login("nobody", "wrong password")).status == 429


async def test_right_passwords_are_not_counted(api):
    await api.register("alice")
    for _ in range(PAIR_FAILURES_MAX + 5):
        assert (await api.login("alice")).status == 200


@pytest.mark.parametrize("alias", ["/api/auth/", "/api/v1/auth/"])
async def test_legacy_address_does_the_same(api, alias):
    body = {"email": "alice@example.com", "password": PASSWORD, "username": "alice"}
    reply = await api.ask("POST", f"{alias}register", body)
    assert reply.status == 201
    reply = await api.ask(
        "POST", f"{alias}login", {"email": "alice@example.com", "password": PASSWORD}
    )
    tokens = await reply.json()
    reply = await api.ask("POST", f"{alias}refresh", {"refresh_token": tokens["refresh_token"]})
    assert reply.status == 200
    token = (await reply.json())["access_token"]
    reply = await api.ask("POST", f"{alias}logout", {}, token=token)
    assert reply.status == 204
    assert await api.status_of_me(token) == 401


async def test_method_override_is_ignored(api):
    reply = await api.ask("GET", PATH, headers={"X-HTTP-Method-Override": "POST"})
    assert reply.status == 405
    reply = await api.ask("TRACE", PATH)
    assert reply.status == 405
