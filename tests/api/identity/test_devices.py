"""Which sign-ins are on a known device, and who is told of the others."""

import re

import pytest
from sqlalchemy import select

from models.devices import DeviceHold
from tests.api.identity.conftest import PASSWORD, start_api
from tests.api.identity.mailbox import read_letters
from tests.api.identity.people import join, list_notices

LOGIN = "/api/v1/auth/login"


@pytest.fixture
async def api(database_url, clock):
    """An application that watches devices."""
    async with start_api(database_url, clock, device_hold_hours=24) as started:
        yield started


async def sign_in(api, **more):
    body = {"email": "alice@example.com", "password": PASSWORD, **more}
    reply = await api.ask("POST", LOGIN, body)
    assert reply.status == 200, await reply.text()
    return await reply.json()


async def count_holds(api):
    now = api.clock.now()
    return len(await api.read(select(DeviceHold.until).where(DeviceHold.until > now)))


async def test_device_on_which_the_account_was_opened_is_known_at_once(api):
    registered = await api.register("alice")
    await sign_in(api, device_token=registered["device_token"])

    assert await count_holds(api) == 0
    assert "new_device" not in await list_notices(api)


@pytest.mark.parametrize("shown", [{}, {"device_token": "made-up"}])
async def test_other_device_is_held_and_told_to_the_owner(api, shown):
    await api.register("alice")

    done = await sign_in(api, **shown)

    assert done["device_token"] not in (None, "made-up")
    assert await count_holds(api) == 1
    assert (await list_notices(api)).count("new_device") == 1
    assert "new device" in (await read_letters(api, "alice@example.com"))[-1]


async def test_device_is_known_a_day_after_its_first_sign_in(api):
    await api.register("alice")
    token = (await sign_in(api))["device_token"]
    api.clock.advance(hours=23)
    assert (await sign_in(api, device_token=token))["device_token"] == token
    assert await count_holds(api) == 2
    api.clock.advance(hours=1)

    await sign_in(api, device_token=token)

    assert await count_holds(api) == 0
    assert (await list_notices(api)).count("new_device") == 1


async def test_device_of_one_user_is_new_to_another(api):
    token = (await api.register("bob"))["device_token"]
    await api.register("alice")

    await sign_in(api, device_token=token)

    assert await count_holds(api) == 1


async def test_device_is_shown_with_the_second_factor(api):
    alice = await join(api)
    app = await alice.add_totp()
    waiting = await alice.wait_for_factor()
    api.clock.advance(seconds=30)

    done = await (await alice.finish(waiting["token"], code=app.code())).json()

    assert done["device_token"]
    assert await count_holds(api) == 1


async def test_token_of_a_device_is_stored_as_a_digest_alone(api):
    token = (await api.register("alice"))["device_token"]

    assert token.encode() not in await api.dump("devices")


async def test_settings_may_watch_no_devices(database_url, clock):
    async with start_api(database_url, clock) as api:
        registered = await api.register("alice")
        await sign_in(api)

        assert registered["device_token"] is None
        assert await count_holds(api) == 0


async def test_no_device_is_known_after_a_password_was_reset(api):
    token = (await api.register("alice"))["device_token"]
    await api.ask("POST", "/api/v1/auth/forgot-password", {"email": "alice@example.com"})
    letter = (await read_letters(api, "alice@example.com"))[-1]
    link = re.search(r"/reset-password#([A-Za-z0-9_-]{43})", letter)[1]
    body = {"token": link, "password": "another horse battery"}
    assert (await api.ask("POST", "/api/v1/auth/reset-password", body)).status == 204

    await sign_in(api, password="another horse battery", device_token=token)

    assert await count_holds(api) == 1
    assert "new_device" in await list_notices(api)
