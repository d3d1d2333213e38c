"""Stuffing of passwords from one address and from many, and who is never locked out by it."""

import secrets

import pytest

from server.identity.sign_in_limits import (
    ACCOUNT_FAILURES_MAX,
    ADDRESS_FAILURES_MAX,
    DEVICE_FAILURES_MAX,
    PAIR_FAILURES_MAX,
)
from tests.api.identity.conftest import PASSWORD, start_api
from tests.api.identity.people import refuse
from tests.services import find_free_port

LOGIN = "/api/v1/auth/login"
PROXIED = {"trusted_proxies": "127.0.0.1", "device_hold_hours": 24}


@pytest.fixture
async def api(database_url, clock):
    """An application behind a proxy, which watches devices."""
    async with start_api(database_url, clock, **PROXIED) as started:
        yield started


async def try_password(api, name, password=None, *, ip="10.0.0.1", device=None):
    body = {"email": f"{name}@example.com", "password": password or "a wrong password"}
    if device is not None:
        body["device_token"] = device
    return await api.ask("POST", LOGIN, body, headers={"X-Forwarded-For": ip})


async def guess(api, count, name="alice", ip="10.0.0.1"):
    """Wrong passwords; `name` and `ip` may have a place for the number of the try."""
    for number in range(count):
        reply = await try_password(api, name.format(number), ip=ip.format(number))
        assert reply.status == 401


async def test_many_accounts_from_one_address_are_stopped_there_alone(api):
    await api.register("alice")
    await guess(api, ADDRESS_FAILURES_MAX, name="user{}")

    await refuse(await try_password(api, "alice", PASSWORD), 429, "sign_ins_limited")
    assert (await try_password(api, "alice", PASSWORD, ip="10.0.0.2")).status == 200


async def test_one_account_from_many_addresses_is_stopped_everywhere(api):
    await api.register("alice")
    await api.register("bob")
    await guess(api, ACCOUNT_FAILURES_MAX, ip="10.0.1.{}")

    refused = await try_password(api, "alice", PASSWORD, ip="10.0.2.1")

    await refuse(refused, 429, "sign_ins_limited")
    assert int(refused.headers["Retry-After"]) > 0
    assert (await try_password(api, "bob", PASSWORD, ip="10.0.2.1")).status == 200
    api.clock.advance(minutes=15)
    assert (await try_password(api, "alice", PASSWORD, ip="10.0.2.1")).status == 200


async def test_guessing_elsewhere_does_not_lock_the_owner_out_of_his_device(api):
    device = (await api.register("alice"))["device_token"]
    await guess(api, ACCOUNT_FAILURES_MAX, ip="10.0.1.{}")
    await guess(api, ADDRESS_FAILURES_MAX, name="user{}", ip="10.0.0.9")

    for ip in ("10.0.2.1", "10.0.0.9"):
        assert (await try_password(api, "alice", PASSWORD, ip=ip, device=device)).status == 200


async def test_known_device_guesses_no_more_than_its_own_limit(api):
    device = (await api.register("alice"))["device_token"]
    await guess(api, PAIR_FAILURES_MAX)

    tries = [
        (await try_password(api, "alice", device=device)).status
        for _ in range(DEVICE_FAILURES_MAX + 1)
    ]

    assert tries == [401] * DEVICE_FAILURES_MAX + [429]


async def test_device_of_somebody_else_or_a_new_one_opens_nothing(api):
    await api.register("alice")
    of_bob = (await api.register("bob"))["device_token"]
    new = (await (await try_password(api, "alice", PASSWORD)).json())["device_token"]
    await guess(api, PAIR_FAILURES_MAX)

    for device in (of_bob, new, "made-up"):
        refused = await try_password(api, "alice", PASSWORD, device=device)
        await refuse(refused, 429, "sign_ins_limited")


async def test_unknown_account_is_refused_with_a_device_as_a_known_one_is(api):
    device = (await api.register("alice"))["device_token"]
    await guess(api, PAIR_FAILURES_MAX, name="nobody")

    refused = await try_password(api, "nobody", PASSWORD, device=device)

    await refuse(refused, 429, "sign_ins_limited")


async def test_two_processes_with_a_redis_count_together(database_url, clock, redis_url, draw_ip):
    settings = {"trusted_proxies": "127.0.0.1", "redis_url": redis_url, "processes": 2}
    async with (
        start_api(database_url, clock, **settings) as one,
        start_api(database_url, clock, **settings) as other,
    ):
        tries = [
            (await try_password((one, other)[number % 2], f"u{draw_ip[-4:]}", ip=draw_ip)).status
            for number in range(PAIR_FAILURES_MAX + 2)
        ]

    assert tries == [401] * PAIR_FAILURES_MAX + [429] * 2


async def test_without_redis_a_process_allows_its_share(database_url, clock):
    gone = f"redis://127.0.0.1:{find_free_port()}/0"
    for url in ("", gone):
        async with start_api(database_url, clock, redis_url=url, processes=2) as api:
            tries = [(await try_password(api, "alice")).status for _ in range(7)]
        assert tries == [401] * 5 + [429] * 2


@pytest.fixture
def draw_ip():
    """An address that no other test has: the Redis is shared."""
    return ":".join(["fd00", *(secrets.token_hex(2) for _ in range(7))])
