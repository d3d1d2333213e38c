"""Signing in with a telephone number that was verified, in the place of the e-mail address."""

import pytest

from server.identity.sign_in_limits import PERSON_FAILURES_MAX, WINDOW
from tests.api.identity.conftest import PASSWORD, start_api
from tests.api.identity.mailbox import read_code
from tests.api.identity.people import join, refuse

LOGIN = "/api/v1/auth/login"
PHONE = "+84901234567"


async def verify_phone(person, phone=PHONE):
    await person.must("POST", "/auth/verify/request", {"channel": "phone", "phone": phone})
    code = await read_code(person.api, phone)
    await person.must("POST", "/auth/verify/confirm", {"channel": "phone", "code": code})


async def sign_in(api, identity, password=PASSWORD):
    return await api.ask("POST", LOGIN, {"identity": identity, "password": password})


@pytest.mark.parametrize("written", [PHONE, "+84 901 234 567", "alice@example.com"])
async def test_verified_number_signs_in_like_the_address(api, written):
    await verify_phone(await join(api))

    reply = await sign_in(api, written)

    assert reply.status == 200
    assert (await reply.json())["user"]["username"] == "alice"


async def test_number_that_was_not_verified_signs_nobody_in(api):
    await api.register("alice", phone=PHONE)

    await refuse(await sign_in(api, PHONE), 401, "wrong_credentials")


async def test_unknown_number_is_answered_as_a_wrong_password_is(api):
    await verify_phone(await join(api))
    bodies = []
    for identity in (PHONE, "+84907654321", "+1", "no number", "alice@example.com", "a@b"):
        reply = await sign_in(api, identity, "a wrong password")
        assert reply.status == 401
        body = await reply.json()
        body.pop("request_id")
        bodies.append((body, reply.headers["Content-Length"]))

    assert all(each == bodies[0] for each in bodies)


async def test_unknown_number_is_limited_as_a_known_one_is(api):
    await verify_phone(await join(api))
    for identity in (PHONE, "+84907654321"):
        tries = [(await sign_in(api, identity, "a wrong password")).status for _ in range(11)]
        assert tries == [401] * 10 + [429]


async def test_second_factor_is_asked_for_there_too(api):
    alice = await join(api)
    await verify_phone(alice)
    await alice.add_totp()

    reply = await sign_in(api, PHONE)

    assert "second_factor" in await reply.json()


@pytest.mark.parametrize("names", [{}, {"identity": PHONE, "email": "alice@example.com"}])
async def test_exactly_one_name_is_given(api, names):
    reply = await api.ask("POST", LOGIN, {**names, "password": PASSWORD})

    assert "identity" in (await refuse(reply, 422, "invalid"))["errors"]


async def test_guesses_by_address_and_by_number_count_together_and_nothing_says_so(
    database_url, clock
):
    settings = {"trusted_proxies": "127.0.0.1", "device_hold_hours": 24}
    async with start_api(database_url, clock, **settings) as api:
        alice = await join(api)
        await verify_phone(alice)
        device = (await (await sign_in(api, PHONE)).json())["device_token"]
        clock.advance(hours=24)
        names, places = (PHONE, "alice@example.com"), iter(range(1, 200))

        async def attempt(identity, password, **more):
            body = {"identity": identity, "password": password, **more}
            headers = {"X-Forwarded-For": f"192.0.2.{next(places)}"}
            return await api.ask("POST", LOGIN, body, headers=headers)

        for number in range(PERSON_FAILURES_MAX):
            assert (await attempt(names[number % 2], "a wrong password")).status == 401

        for name in names:
            await refuse(await attempt(name, PASSWORD), 401, "wrong_credentials")
        assert (await attempt(PHONE, PASSWORD, device_token=device)).status == 200
        clock.advance(seconds=int(WINDOW.total_seconds()))
        assert (await attempt(PHONE, PASSWORD)).status == 200
