"""POST /auth/refresh: rotation, the tolerated repetition, reuse.

The rule: a used token has one successor; its holder gets the same one again for ten seconds
unless that one was used too; any other showing of a used token ends the whole family.
"""

import asyncio
import base64

import orjson
import pytest
from sqlalchemy import func, select

from models.identity import RefreshToken, SessionState
from models.operations import Outbox


async def next_of(api, refresh_token):
    reply = await api.refresh(refresh_token)
    assert reply.status == 200, await reply.text()
    return (await reply.json())["refresh_token"]


async def list_live_tokens(api):
    return await api.read(select(RefreshToken.digest).where(RefreshToken.used_at.is_(None)))


async def list_ended(api):
    rows = await api.read(
        select(SessionState.ended_reason).where(SessionState.ended_at.is_not(None))
    )
    return [row.ended_reason for row in rows]


async def list_notices(api):
    rows = await api.read(
        select(Outbox.room, Outbox.body).where(Outbox.name == "notification_created")
    )
    return [(row.room, orjson.loads(row.body)) for row in rows]


async def test_refreshing_gives_new_tokens(api):
    first = await api.register("alice")
    reply = await api.refresh(first["refresh_token"])
    assert reply.status == 200
    second = await reply.json()
    assert second["expires_in"] == 900
    assert second["refresh_token"] != first["refresh_token"]
    assert await api.status_of_me(second["access_token"]) == 200


async def test_chain_of_refreshes_has_one_living_end(api):
    token = (await api.register("alice"))["refresh_token"]
    for _ in range(5):
        token = await next_of(api, token)
        api.clock.advance(minutes=14)
    assert len(await list_live_tokens(api)) == 1


async def test_second_tab_gets_the_same_successor_within_ten_seconds(api):
    first = (await api.register("alice"))["refresh_token"]
    second = await next_of(api, first)
    api.clock.advance(seconds=9)
    assert await next_of(api, first) == second
    assert len(await list_live_tokens(api)) == 1
    assert await next_of(api, second)


async def test_reuse_after_ten_seconds_ends_the_family_and_tells_the_user(api):
    registered = await api.register("alice")
    second = await next_of(api, registered["refresh_token"])
    api.clock.advance(seconds=10)
    reply = await api.refresh(registered["refresh_token"])
    assert reply.status == 401
    assert (await reply.json())["code"] == "refresh_refused"
    assert (await api.refresh(second)).status == 401
    assert await api.status_of_me(registered["access_token"]) == 401
    assert await list_ended(api) == ["refresh_reused"]
    ((room, body),) = await list_notices(api)
    assert room == f"user:{registered['user']['id']}"
    assert body["kind"] == "session_ended_for_safety"


async def test_predecessor_of_a_used_token_is_not_tolerated(api):
    first = (await api.register("alice"))["refresh_token"]
    third = await next_of(api, await next_of(api, first))
    assert (await api.refresh(first)).status == 401
    assert (await api.refresh(third)).status == 401
    assert await list_ended(api) == ["refresh_reused"]


async def test_reuse_is_told_once(api):
    first = (await api.register("alice"))["refresh_token"]
    await next_of(api, first)
    api.clock.advance(seconds=11)
    for _ in range(3):
        assert (await api.refresh(first)).status == 401
    assert len(await list_notices(api)) == 1


async def test_reuse_ends_no_other_session(api):
    first = await api.register("alice")
    other = await (await api.login("alice")).json()
    await next_of(api, first["refresh_token"])
    api.clock.advance(seconds=11)
    assert (await api.refresh(first["refresh_token"])).status == 401
    assert (await api.refresh(other["refresh_token"])).status == 200


async def test_sixteen_at_once_leave_one_living_chain(api):
    for number in range(4):
        first = (await api.register(f"alice{number}"))["refresh_token"]
        replies = await asyncio.gather(*(api.refresh(first) for _ in range(16)))
        bodies = [await reply.json() for reply in replies if reply.status == 200]
        busy = [reply.status for reply in replies if reply.status != 200]
        assert set(busy) <= {503}
        assert len({body["refresh_token"] for body in bodies}) == 1
        assert len(await list_live_tokens(api)) == number + 1
    assert await list_ended(api) == []


async def test_sixteen_at_once_over_two_processes_leave_one_living_chain(api, other_api):
    first = (await api.register("alice"))["refresh_token"]
    replies = await asyncio.gather(
        *((api, other_api)[number % 2].refresh(first) for number in range(16))
    )
    tokens = {(await reply.json())["refresh_token"] for reply in replies if reply.status == 200}
    assert len(tokens) == 1
    assert len(await list_live_tokens(api)) == 1


async def test_thief_and_owner_at_once_leave_no_living_token(api, other_api):
    """An old token among sixteen callers of two processes ends the family, whoever is first."""
    first = (await api.register("alice"))["refresh_token"]
    second = await next_of(api, first)
    api.clock.advance(seconds=11)
    tokens = [first if number % 4 == 3 else second for number in range(16)]
    replies = await asyncio.gather(
        *((api, other_api)[number % 2].refresh(token) for number, token in enumerate(tokens))
    )
    assert {reply.status for reply in replies} <= {200, 401, 503}
    given = {(await reply.json())["refresh_token"] for reply in replies if reply.status == 200}
    assert len(given) <= 1
    for token in (*given, first, second):
        assert (await api.refresh(token)).status == 401
    assert await list_ended(api) == ["refresh_reused"]


async def test_successor_is_forgotten_once_it_is_used(api):
    first = (await api.register("alice"))["refresh_token"]
    await next_of(api, await next_of(api, first))
    (row,) = await api.read(
        select(func.count().label("kept")).where(RefreshToken.successor.is_not(None))
    )
    assert row.kept == 1


async def test_stored_successor_is_not_the_token(api):
    second = await next_of(api, (await api.register("alice"))["refresh_token"])
    secret = base64.urlsafe_b64decode(second + "=")
    assert secret not in await api.dump("refresh_tokens")


async def test_session_ends_when_it_is_idle_for_seven_days(api):
    first = (await api.register("alice"))["refresh_token"]
    api.clock.advance(hours=7 * 24)
    assert (await api.refresh(first)).status == 401


async def test_session_ends_after_thirty_days_of_use(api):
    token = (await api.register("alice"))["refresh_token"]
    for _ in range(5):
        api.clock.advance(hours=6 * 24 - 1)
        token = await next_of(api, token)
    api.clock.advance(hours=6)
    assert (await api.refresh(token)).status == 401


async def test_access_token_is_no_refresh_token(api):
    body = await api.register("alice")
    assert (await api.refresh(body["access_token"][:100])).status == 401


@pytest.mark.parametrize("token", ["x", "A" * 43, "A" * 42 + "B", "é" * 43, "A" * 44, " " * 43])
async def test_made_up_token_is_refused(api, token):
    assert (await api.refresh(token)).status == 401


async def test_refresh_token_with_other_spelling_is_refused(api):
    token = (await api.register("alice"))["refresh_token"]
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    alike = token[:-1] + last[last.index(token[-1]) ^ 1]
    assert (await api.refresh(alike)).status == 401
    assert (await api.refresh(token)).status == 200
