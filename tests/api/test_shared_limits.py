"""Limits of several processes: one count in Redis, and never more than the limit without it."""

import asyncio
import secrets
from contextlib import AsyncExitStack

import pytest

from server.core.clock import ManualClock
from server.core.refusals import RateLimited
from server.http.rate import WRITE, RateLimiter, Rates
from server.http.shared_rate import SharedLimiter
from tests.api.rig import serve_rig
from tests.services import find_free_port

PROXY = frozenset({"127.0.0.1"})
PER_S = 5


def draw_address():
    """An address that no other test has: the Redis is shared."""
    return ":".join(["fd00", *(secrets.token_hex(2) for _ in range(7))])


async def open_server(stack, database_url, redis_url, *, processes=1):
    shared = SharedLimiter(redis_url, RateLimiter(ManualClock()), processes=processes)
    stack.push_async_callback(shared.close)
    return await stack.enter_async_context(
        serve_rig(database_url, rates=Rates(0, 0, PER_S), shared=shared, trusted_proxies=PROXY)
    )


async def ask(rig, address):
    headers = {"X-Forwarded-For": address}
    return await rig.call("GET", "/api/v1/open", headers=headers)


async def test_two_servers_allow_together_what_one_would(sqlite_url, redis_url):
    async with AsyncExitStack() as stack:
        rigs = [await open_server(stack, sqlite_url, redis_url) for _ in range(2)]
        address = draw_address()
        answers = await asyncio.gather(*(ask(rigs[n % 2], address) for n in range(6 * PER_S)))
        statuses = [status for status, _, _ in answers]
        # A slow machine may see the window move while they are asked; alone each allows ten.
        assert 2 * PER_S <= statuses.count(200) < 4 * PER_S
        assert set(statuses) == {200, 429}
        assert (await ask(rigs[0], draw_address()))[0] == 200


async def test_refusal_says_the_limit_and_when_to_come_back(sqlite_url, redis_url):
    async with AsyncExitStack() as stack:
        rig = await open_server(stack, sqlite_url, redis_url)
        address = draw_address()
        answers = await asyncio.gather(*(ask(rig, address) for _ in range(6 * PER_S)))
        _, headers, body = next(one for one in answers if one[0] == 429)
        assert headers["Retry-After"] == "1"
        assert headers["RateLimit-Policy"] == '"calls";q=10;w=2'
        assert headers["RateLimit"] == '"calls";r=0;t=1'
        assert b'"code":"rate_limited"' in body


async def test_call_of_many_changes_counts_as_so_many_in_all_processes(redis_url):
    async with AsyncExitStack() as stack:
        limiters = []
        for _ in range(2):
            limiters.append(SharedLimiter(redis_url, RateLimiter(ManualClock()), processes=1))
            stack.push_async_callback(limiters[-1].close)
        caller = (WRITE, secrets.token_hex(8))
        await limiters[0].take(caller, PER_S, 60)
        with pytest.raises(RateLimited) as refused:
            await limiters[1].take(caller, PER_S, 60)
        assert refused.value.retry_after_s == 12
        await limiters[1].take(caller, PER_S, 20)


async def test_without_redis_each_process_allows_its_share(sqlite_url):
    async with AsyncExitStack() as stack:
        gone = f"redis://127.0.0.1:{find_free_port()}/0"
        rig = await open_server(stack, sqlite_url, gone, processes=2)
        address = draw_address()
        statuses = [(await ask(rig, address))[0] for _ in range(8)]
        # Half of five a second, whole calls, for the two seconds that may be used at once.
        assert statuses == [200] * 4 + [429] * 4


async def test_redis_that_hangs_stops_nobody(sqlite_url):
    async def hang(reader, writer):
        await reader.read()
        writer.close()

    async with AsyncExitStack() as stack:
        server = await asyncio.start_server(hang, "127.0.0.1", 0)
        stack.callback(server.close)
        port = server.sockets[0].getsockname()[1]
        rig = await open_server(stack, sqlite_url, f"redis://127.0.0.1:{port}/0")
        address = draw_address()
        statuses = [(await ask(rig, address))[0] for _ in range(12)]
        assert statuses == [200] * 10 + [429] * 2


async def test_one_process_says_its_limits_the_same_way(sqlite_url):
    async with serve_rig(sqlite_url, rates=Rates(0, 0, 1)) as rig:
        answers = [await rig.call("GET", "/api/v1/open") for _ in range(3)]
        status, headers, _ = answers[-1]
        assert status == 429
        assert headers["RateLimit-Policy"] == '"calls";q=2;w=2'
