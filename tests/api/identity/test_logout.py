"""POST /auth/logout, and how fast it is true everywhere."""

import asyncio
import time

import pytest
from sqlalchemy import select

from models.identity import Role, SessionState
from server.identity.service import set_role
from server.identity.sessions import end_sessions
from tests.api.identity.conftest import start_api


async def wait_for_refusal(api, token):
    """Seconds until the token is refused, at most two."""
    began = time.monotonic()
    while time.monotonic() - began < 2:
        if await api.status_of_me(token) == 401:
            return time.monotonic() - began
        await asyncio.sleep(0.02)
    return 2


async def test_access_token_is_refused_at_once_after_logout(api):
    body = await api.register("alice")
    reply = await api.ask("POST", "/api/v1/auth/logout", {}, token=body["access_token"])
    assert reply.status == 204
    assert await api.status_of_me(body["access_token"]) == 401
    assert (await api.refresh(body["refresh_token"])).status == 401


async def test_logout_counts_on_another_process_within_a_second(api, other_api):
    body = await api.register("alice")
    assert await other_api.status_of_me(body["access_token"]) == 200
    await api.ask("POST", "/api/v1/auth/logout", {}, token=body["access_token"])
    assert await wait_for_refusal(other_api, body["access_token"]) < 1


async def test_lost_role_ends_the_sessions_within_a_second(api, other_api):
    body = await api.register("alice")
    user_id = await api.id_of("alice")
    assert await other_api.status_of_me(body["access_token"]) == 200

    async def work(unit):
        await set_role(api.identity, unit, user_id, Role.SUPPORT)

    await api.database.transact(work, name="test")
    assert await api.status_of_me(body["access_token"]) == 401
    assert await wait_for_refusal(other_api, body["access_token"]) < 1
    assert (await api.refresh(body["refresh_token"])).status == 401


async def test_ban_ends_every_session_within_a_second(api, other_api):
    tokens = [(await api.register("alice"))["access_token"]]
    tokens.append((await (await api.login("alice")).json())["access_token"])
    user_id = await api.id_of("alice")

    async def work(unit):
        return await end_sessions(api.identity, unit, user_id, "banned")

    assert await api.database.transact(work, name="test") == 2
    for token in tokens:
        assert await wait_for_refusal(other_api, token) < 1
        assert await api.status_of_me(token) == 401


async def test_requests_with_a_token_ask_the_database_nothing_about_it(api):
    token = (await api.register("alice"))["access_token"]
    with api.count_statements() as seen:
        for _ in range(20):
            assert await api.status_of_me(token) == 200
    asked = [text for text in seen if "user_profiles" in text]
    # One question a request, for the profile that it shows; none about the token. The feed of
    # revocations is read by a task, however many requests there are.
    assert len(asked) == 20
    assert not any(
        table in text for text in seen for table in ("sessions", "session_states", "refresh_tokens")
    )
    assert len([text for text in seen if "session_revocations" in text]) < 10


async def test_logout_by_refresh_token_works_without_an_access_token(api):
    body = await api.register("alice")
    reply = await api.ask("POST", "/api/v1/auth/logout", {"refresh_token": body["refresh_token"]})
    assert reply.status == 204
    assert await api.status_of_me(body["access_token"]) == 401


@pytest.mark.parametrize("body", [{}, {"refresh_token": "A" * 43}, {"refresh_token": "x"}])
async def test_logout_of_nothing_is_no_error(api, body):
    assert (await api.ask("POST", "/api/v1/auth/logout", body)).status == 204


async def test_logout_ends_no_other_session(api):
    first = await api.register("alice")
    second = await (await api.login("alice")).json()
    await api.ask("POST", "/api/v1/auth/logout", {}, token=first["access_token"])
    assert await api.status_of_me(second["access_token"]) == 200
    rows = await api.read(
        select(SessionState.ended_reason).where(SessionState.ended_at.is_not(None))
    )
    assert [row.ended_reason for row in rows] == ["logout"]


async def test_access_token_ends_after_fifteen_minutes(api):
    body = await api.register("alice")
    api.clock.advance(minutes=14, seconds=59)
    assert await api.status_of_me(body["access_token"]) == 200
    api.clock.advance(seconds=1)
    assert await api.status_of_me(body["access_token"]) == 401


async def test_process_that_starts_later_knows_of_earlier_logouts(api, database_url):
    body = await api.register("alice")
    await api.ask("POST", "/api/v1/auth/logout", {}, token=body["access_token"])
    async with start_api(database_url, api.clock) as later:
        assert await later.status_of_me(body["access_token"]) == 401
