"""Countries that are not served: nobody registers or signs in from them."""

import pytest
from sqlalchemy import update

from models.identity import Profile
from tests.api.identity.conftest import PASSWORD, start_api

AUTH = "/api/v1/auth"
BLOCKED = {"blocked_countries": "KP,IR", "country_header": "CF-IPCountry"}
ACCOUNT = {"email": "alice@example.com", "password": PASSWORD}


@pytest.fixture
async def api(database_url, clock):
    async with start_api(database_url, clock, trusted_proxies="127.0.0.1", **BLOCKED) as started:
        yield started


async def ask(api, path, body, country=None):
    headers = {} if country is None else {"CF-IPCountry": country}
    reply = await api.ask("POST", AUTH + path, body, headers=headers)
    return reply.status, (await reply.json()).get("code")


async def test_nobody_registers_from_a_blocked_country_or_with_its_number(api):
    new = {**ACCOUNT, "username": "alice"}
    blocked = (403, "country_blocked")
    assert await ask(api, "/register", new, "KP") == blocked
    assert await ask(api, "/register", new, "ir") == blocked
    assert await ask(api, "/register", {**new, "phone": "+989121234567"}) == blocked
    assert await ask(api, "/register", {**new, "phone": "+84912345678"}, "VN") == (201, None)


async def test_nobody_signs_in_from_a_blocked_country_or_with_its_number(api):
    await api.register("alice")
    assert await ask(api, "/login", ACCOUNT, "KP") == (403, "country_blocked")
    for path, body in (("/login/second-factor", {"token": "x", "code": "000000"}),
                       ("/login/passkey", {"passkey": {}})):  # fmt: skip
        assert await ask(api, path, body, "KP") == (403, "country_blocked")
    assert await ask(api, "/login", ACCOUNT, "VN") == (200, None)

    async def move(unit):
        await unit.execute(update(Profile).values(phone="+989121234567"))

    await api.database.transact(move, name="test")
    assert await ask(api, "/login", ACCOUNT, "VN") == (403, "country_blocked")
    wrong = {**ACCOUNT, "password": "not the password"}
    assert await ask(api, "/login", wrong, "VN") == (401, "wrong_credentials")


async def test_nobody_stays_signed_in_from_a_blocked_country_or_with_its_number(api):
    token = (await api.register("alice"))["refresh_token"]
    assert await ask(api, "/refresh", {"refresh_token": token}, "KP") == (403, "country_blocked")

    async def move(unit):
        await unit.execute(update(Profile).values(phone="+989121234567"))

    async def move_back(unit):
        await unit.execute(update(Profile).values(phone="+84912345678"))

    await api.database.transact(move, name="test")
    assert await ask(api, "/refresh", {"refresh_token": token}, "VN") == (403, "country_blocked")
    # What was refused has used nothing up.
    await api.database.transact(move_back, name="test")
    assert await ask(api, "/refresh", {"refresh_token": token}, "VN") == (200, None)


async def test_nobody_gives_a_number_of_a_blocked_country_later(database_url, clock):
    async with start_api(database_url, clock, sms_countries="IR", **BLOCKED) as api:
        token = (await api.register("alice"))["access_token"]
        body = {"channel": "phone", "phone": "+989121234567"}
        reply = await api.ask("POST", AUTH + "/verify/request", body, token=token)
        assert (reply.status, (await reply.json())["code"]) == (403, "country_blocked")
        assert await ask(api, "/login", ACCOUNT) == (200, None)


async def test_country_that_no_trusted_proxy_says_does_not_count(database_url, clock):
    async with start_api(database_url, clock, **BLOCKED) as api:
        await api.register("alice")
        assert await ask(api, "/login", ACCOUNT, "KP") == (200, None)
