"""GET, POST /me/trusted and DELETE /me/trusted/{username}."""

import asyncio

import pytest
from sqlalchemy import select

from models.audit import AuditEntry
from models.identity import Standing
from server.identity import lists

PATH = "/api/v1/me/trusted"
BLOCKS = "/api/v1/me/blocks"


@pytest.fixture
async def alice(api):
    await api.register("bob")
    return (await api.register("alice"))["access_token"]


async def trust(api, token, name):
    reply = await api.ask("POST", PATH, {"username": name}, token=token)
    return reply.status, await reply.json()


async def list_trusted(api, token, query=""):
    return await (await api.ask("GET", PATH + query, token=token)).json()


async def see(api, name, token=None):
    reply = await api.ask("GET", f"/api/v1/users/{name}", token=token)
    return await reply.json()


async def test_trusted_user_is_listed_seen_on_his_profile_and_taken_off_again(api, alice):
    bob = (await (await api.login("bob")).json())["access_token"]
    before = await see(api, "alice", bob)
    assert (await see(api, "bob", alice))["trusted_by_me"] is False
    status, body = await trust(api, alice, "Bob")
    assert (status, body["username"]) == (201, "bob")
    api.clock.advance(minutes=1)
    assert await trust(api, alice, "bob") == (201, body)
    assert (await list_trusted(api, alice))["items"] == [body]
    assert (await see(api, "bob", alice))["trusted_by_me"] is True
    assert (await see(api, "bob"))["trusted_by_me"] is None

    assert await see(api, "alice", bob) == before, "nobody is told who trusts him"
    assert (await list_trusted(api, bob))["items"] == []
    assert (await api.ask("DELETE", f"{PATH}/alice", token=bob)).status == 404
    for status in (204, 404):
        assert (await api.ask("DELETE", f"{PATH}/BOB", token=alice)).status == status
    assert (await list_trusted(api, alice))["items"] == []
    actions = [row.action for row in await api.read(select(AuditEntry.action))]
    assert [one for one in actions if "trusted" in one] == ["user_trusted", "user_untrusted"]
    versions = await api.read(select(Standing.version))
    assert {row.version for row in versions} == {0}, "matching asks nobody whom he trusts"


async def test_nobody_is_trusted_and_blocked_at_once(api, alice):
    await trust(api, alice, "bob")
    assert (await api.ask("POST", BLOCKS, {"username": "bob"}, token=alice)).status == 201
    assert (await list_trusted(api, alice))["items"] == []
    status, problem = await trust(api, alice, "bob")
    assert (status, problem["code"]) == (409, "trust_of_blocked")
    await api.ask("DELETE", f"{BLOCKS}/bob", token=alice)
    assert (await trust(api, alice, "bob"))[0] == 201

    await api.ask("DELETE", f"{PATH}/bob", token=alice)
    replies = await asyncio.gather(
        *(api.ask("POST", path, {"username": "bob"}, token=alice) for path in (PATH, BLOCKS) * 2)
    )
    assert {reply.status for reply in replies} <= {201, 409}
    blocked = await (await api.ask("GET", BLOCKS, token=alice)).json()
    assert len(blocked["items"]) == 1
    assert (await list_trusted(api, alice))["items"] == []


async def test_who_is_not_there_or_oneself_or_too_many_is_refused(api, alice, monkeypatch):
    for name in ("nobody", "b0b"):
        assert (await trust(api, alice, name))[0] == 404
        assert (await api.ask("DELETE", f"{PATH}/{name}", token=alice)).status == 404
    status, problem = await trust(api, alice, "alice")
    assert (status, problem["code"]) == (422, "trust_of_oneself")
    assert (await api.ask("DELETE", f"{PATH}/alice", token=alice)).status == 404
    assert (await api.ask("DELETE", f"{BLOCKS}/alice", token=alice)).status == 404
    monkeypatch.setattr(lists, "PEOPLE_MAX", 1)
    await trust(api, alice, "bob")
    await api.register("carol")
    status, problem = await trust(api, alice, "carol")
    assert (status, problem["code"]) == (409, "too_many_trusted")


async def test_list_comes_in_pages_with_the_same_statements(api, alice):
    await trust(api, alice, "bob")
    with api.count_statements() as few:
        await list_trusted(api, alice)
    for number in range(4):
        await api.register(f"user{number}")
        await trust(api, alice, f"user{number}")
    with api.count_statements() as more:
        first = await list_trusted(api, alice, "?limit=3")
    for seen in (few, more):
        assert len([one for one in seen if "trusted_people" in one]) == 1
    rest = await list_trusted(api, alice, f"?limit=3&cursor={first['next_cursor']}")
    seen = [item["username"] for item in first["items"] + rest["items"]]
    assert (sorted(seen), rest["next_cursor"]) == (["bob", *(f"user{n}" for n in range(4))], None)
    forged = await api.ask("GET", f"{PATH}?cursor=AAAA", token=alice)
    assert forged.status == 422
