"""GET, POST /me/blocks and DELETE /me/blocks/{username}."""

import pytest
from sqlalchemy import select

from models.identity import Standing

PATH = "/api/v1/me/blocks"


@pytest.fixture
async def alice(api):
    await api.register("bob")
    return (await api.register("alice"))["access_token"]


async def block(api, token, name):
    return await api.ask("POST", PATH, {"username": name}, token=token)


async def list_blocks(api, token, query=""):
    return await (await api.ask("GET", PATH + query, token=token)).json()


async def read_version(api, name):
    user_id = await api.id_of(name)
    (row,) = await api.read(select(Standing.version).where(Standing.user_id == user_id))
    return row.version


async def test_blocked_user_is_listed(api, alice):
    reply = await block(api, alice, "Bob")
    assert reply.status == 201
    body = await reply.json()
    assert body["username"] == "bob"
    assert (await list_blocks(api, alice))["items"] == [body]


async def test_block_changes_the_standings_of_both_and_calls_the_lanes(api, alice):
    changed = []

    async def note(unit, user_id):
        changed.append(user_id)

    api.identity.hooks.on_standing_changed.append(note)
    await block(api, alice, "bob")
    both = {await api.id_of("alice"), await api.id_of("bob")}
    assert (len(changed), set(changed)) == (2, both)
    for name in ("alice", "bob"):
        assert await read_version(api, name) == 1
    await api.ask("DELETE", f"{PATH}/bob", token=alice)
    for name in ("alice", "bob"):
        assert await read_version(api, name) == 2
    assert (len(changed), set(changed)) == (4, both)


async def test_blocking_twice_changes_nothing(api, alice):
    first = await (await block(api, alice, "bob")).json()
    api.clock.advance(minutes=1)
    reply = await block(api, alice, "bob")
    assert reply.status == 201
    assert await reply.json() == first
    assert await read_version(api, "alice") == 1


async def test_blocked_user_is_not_told(api, alice):
    bob = (await (await api.login("bob")).json())["access_token"]
    before = await (await api.ask("GET", "/api/v1/users/alice", token=bob)).json()
    await block(api, alice, "bob")
    assert (await list_blocks(api, bob))["items"] == []
    assert await (await api.ask("GET", "/api/v1/users/alice", token=bob)).json() == before


async def test_block_is_taken_back(api, alice):
    await block(api, alice, "bob")
    assert (await api.ask("DELETE", f"{PATH}/BOB", token=alice)).status == 204
    assert (await list_blocks(api, alice))["items"] == []
    assert (await api.ask("DELETE", f"{PATH}/bob", token=alice)).status == 404


@pytest.mark.parametrize("name", ["nobody", "b0b"])
async def test_unknown_user_cannot_be_blocked(api, alice, name):
    assert (await block(api, alice, name)).status == 404
    assert (await api.ask("DELETE", f"{PATH}/{name}", token=alice)).status == 404


async def test_nobody_blocks_himself(api, alice):
    reply = await block(api, alice, "alice")
    assert reply.status == 422
    assert (await reply.json())["code"] == "block_of_oneself"


async def test_blocks_come_in_pages(api, alice):
    for number in range(5):
        await api.register(f"user{number}")
        await block(api, alice, f"user{number}")
    seen, query = [], "?limit=2"
    while query:
        page = await list_blocks(api, alice, query)
        seen += [item["username"] for item in page["items"]]
        query = page["next_cursor"] and f"?limit=2&cursor={page['next_cursor']}"
    assert sorted(seen) == [f"user{number}" for number in range(5)]
