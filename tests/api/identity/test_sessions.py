"""GET, DELETE /me/sessions and DELETE /me/sessions/{id}."""

import uuid

import pytest

from tests.api.identity.conftest import PASSWORD, start_api

PATH = "/api/v1/me/sessions"


async def list_sessions(api, token, query=""):
    reply = await api.ask("GET", PATH + query, token=token)
    assert reply.status == 200, await reply.text()
    return await reply.json()


async def test_sessions_are_listed_newest_first(api):
    await api.register("alice")
    api.clock.advance(minutes=1)
    token = (await (await api.login("alice")).json())["access_token"]
    body = await list_sessions(api, token)
    assert [item["current"] for item in body["items"]] == [True, False]
    assert body["items"][0]["ip"] == "127.0.…"
    assert body["items"][0]["device"].startswith("Python")
    assert body["next_cursor"] is None


async def test_sessions_come_in_pages(api):
    token = (await api.register("alice"))["access_token"]
    for _ in range(4):
        await api.login("alice")
    seen, query = [], "?limit=2"
    for _ in range(3):
        body = await list_sessions(api, token, query)
        seen += [item["id"] for item in body["items"]]
        query = f"?limit=2&cursor={body['next_cursor']}"
    assert body["next_cursor"] is None
    assert len(set(seen)) == 5
    assert seen == sorted(seen, reverse=True)


@pytest.mark.parametrize(
    "query", ["?limit=0", "?limit=101", "?limit=x", "?cursor=forged", "?cursor=AAAA", "?offset=-1"]
)
async def test_forged_page_is_refused(api, query):
    token = (await api.register("alice"))["access_token"]
    assert (await api.ask("GET", PATH + query, token=token)).status == 422


async def test_user_ends_another_session_of_his(api):
    first = await api.register("alice")
    second = await (await api.login("alice")).json()
    sessions = await list_sessions(api, second["access_token"])
    (other,) = [item["id"] for item in sessions["items"] if not item["current"]]
    reply = await api.ask("DELETE", f"{PATH}/{other}", token=second["access_token"])
    assert reply.status == 204
    assert await api.status_of_me(first["access_token"]) == 401
    assert (await api.refresh(first["refresh_token"])).status == 401
    assert len((await list_sessions(api, second["access_token"]))["items"]) == 1


async def test_foreign_session_looks_like_a_missing_one(api):
    alice = await api.register("alice")
    bob = await api.register("bob")
    (session,) = (await list_sessions(api, alice["access_token"]))["items"]
    foreign = await api.ask("DELETE", f"{PATH}/{session['id']}", token=bob["access_token"])
    missing = await api.ask("DELETE", f"{PATH}/{uuid.UUID(int=7)}", token=bob["access_token"])
    malformed = await api.ask("DELETE", f"{PATH}/nonsense", token=bob["access_token"])
    bodies = [await reply.json() for reply in (foreign, missing, malformed)]
    for body in bodies:
        body.pop("request_id")
    assert [reply.status for reply in (foreign, missing, malformed)] == [404, 404, 404]
    assert bodies[0] == bodies[1] == bodies[2]
    assert await api.status_of_me(alice["access_token"]) == 200


async def test_ended_session_is_missing(api):
    token = (await api.register("alice"))["access_token"]
    await api.login("alice")
    sessions = await list_sessions(api, token)
    (other,) = [item["id"] for item in sessions["items"] if not item["current"]]
    assert (await api.ask("DELETE", f"{PATH}/{other}", token=token)).status == 204
    assert (await api.ask("DELETE", f"{PATH}/{other}", token=token)).status == 404


async def test_repeated_delete_with_its_key_gets_the_same_answer(api):
    token = (await api.register("alice"))["access_token"]
    await api.login("alice")
    sessions = await list_sessions(api, token)
    (other,) = [item["id"] for item in sessions["items"] if not item["current"]]
    for _ in range(2):
        reply = await api.ask("DELETE", f"{PATH}/{other}", token=token, key="same")
        assert reply.status == 204


async def test_all_other_sessions_end_at_once(api):
    first = await api.register("alice")
    second = await (await api.login("alice")).json()
    bob = await api.register("bob")
    reply = await api.ask("DELETE", PATH, token=second["access_token"])
    assert reply.status == 204
    assert await api.status_of_me(first["access_token"]) == 401
    assert (await api.refresh(first["refresh_token"])).status == 401
    assert await api.status_of_me(second["access_token"]) == 200
    assert await api.status_of_me(bob["access_token"]) == 200


async def test_devices_are_told_apart_by_their_labels(api):
    token = (await api.register("alice"))["access_token"]
    body = {"email": "alice@example.com", "password": PASSWORD}
    agent = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"
    await api.ask("POST", "/api/v1/auth/login", body, headers={"User-Agent": agent})
    devices = [item["device"] for item in (await list_sessions(api, token))["items"]]
    assert devices[0] == "Firefox on Windows"
    assert devices[1].startswith("Python")


async def test_session_ends_when_it_is_idle_or_old_as_the_settings_say(database_url, clock):
    limits = {"session_days": 2, "session_idle_hours": 10}
    async with start_api(database_url, clock, **limits) as api:
        idle = (await api.register("alice"))["refresh_token"]
        used = (await (await api.login("alice")).json())["refresh_token"]
        for _ in range(5):
            clock.advance(hours=9, minutes=30)
            reply = await api.refresh(used)
            assert reply.status == 200
            used = (await reply.json())["refresh_token"]
        assert (await api.refresh(idle)).status == 401
        clock.advance(minutes=30)
        assert (await api.refresh(used)).status == 401
