"""Registering an address that somebody has: how often it is told, and that its owner hears."""

import asyncio

from tests.api.identity.conftest import PASSWORD, start_api
from tests.api.identity.mailbox import read_letters
from tests.api.identity.people import list_notices, refuse

PATH = "/api/v1/auth/register"


async def register(api, email, name, ip="10.0.0.1"):
    body = {"email": email, "password": PASSWORD, "username": name}
    return await api.ask("POST", PATH, body, headers={"X-Forwarded-For": ip})


def start(database_url, clock):
    return start_api(database_url, clock, trusted_proxies="127.0.0.1")


async def test_sixth_taken_address_in_an_hour_is_429_and_so_is_a_free_one(database_url, clock):
    async with start(database_url, clock) as api:
        for number in range(6):
            await api.register(f"user{number}")
        for number in range(5):
            reply = await register(api, f"user{number}@example.com", "thief")
            await refuse(reply, 409, "identity_taken")

        for email in ("user5@example.com", "free@example.com"):
            reply = await register(api, email, "thief")
            await refuse(reply, 429, "registrations_limited")
            assert int(reply.headers["Retry-After"]) == 3600
        assert (await register(api, "free@example.com", "thief", "10.0.0.2")).status == 201
        api.clock.advance(hours=1)
        assert (await register(api, "other@example.com", "other")).status == 201


async def test_one_address_is_told_to_be_taken_five_times_an_hour(database_url, clock):
    async with start(database_url, clock) as api:
        await api.register("alice")
        statuses = [
            (await register(api, "alice@example.com", "thief", f"10.0.0.{number}")).status
            for number in range(6)
        ]
        assert statuses == [409] * 5 + [429]


async def test_parallel_questions_are_told_five_times(database_url, clock):
    async with start(database_url, clock) as api:
        await api.register("alice")
        replies = await asyncio.gather(
            *(register(api, "alice@example.com", f"thief{number}") for number in range(9))
        )
        statuses = sorted(reply.status for reply in replies)
        assert statuses == [409] * 5 + [429] * 4


async def test_taken_names_are_public_and_not_counted(database_url, clock):
    async with start(database_url, clock) as api:
        await api.register("alice")
        for number in range(7):
            reply = await register(api, f"free{number}@example.com", "alice")
            await refuse(reply, 409, "identity_taken")
        assert await list_notices(api) == []


async def test_owner_is_told_once_an_hour(database_url, clock):
    async with start(database_url, clock) as api:
        await api.register("alice")
        await asyncio.gather(
            *(register(api, "ALICE@example.com", "thief", f"10.0.0.{each}") for each in range(3))
        )
        assert await list_notices(api) == ["address_tried"]
        (letter,) = await read_letters(api, "alice@example.com")
        assert "Somebody tried to open an account with your e-mail address" in letter

        api.clock.advance(minutes=59)
        await register(api, "alice@example.com", "thief", "10.0.0.8")
        assert await list_notices(api) == ["address_tried"]
        api.clock.advance(minutes=1)
        await register(api, "alice@example.com", "thief", "10.0.0.9")
        assert await list_notices(api) == ["address_tried"] * 2
