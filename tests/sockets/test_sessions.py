"""Who may connect, and when a socket is cut."""

import asyncio
from types import SimpleNamespace
from uuid import UUID

import aiohttp
import pytest

from server.admin.context import OFFICE
from server.identity.context import IDENTITY
from server.identity.sessions import end_sessions
from sockets.app import SOCKETS
from tests.market_world import start_world
from tests.sockets.live import WAIT_MAX_S, Listener
from tests.staff_world import ask_as_staff, join_staff


def make_listener(world):
    return Listener(str(world.client.make_url("")))


async def refuse(world, **options):
    """The reason for which a connection was refused."""
    listener = make_listener(world)
    try:
        assert not await listener.connect(**options)
    finally:
        await listener.close()
    return listener.refused


async def test_token_in_the_query_is_refused(world):
    alice = await world.join("alice")
    for query in (f"?token={alice.token}", "?auth=x", "?access_token=", "?Token=x"):
        reason = await refuse(world, query=query, token=alice.token)
        assert reason["data"]["code"] == "query_refused", query


async def test_bad_token_is_refused_and_not_taken_for_nobody(world):
    for token in ("", "nonsense", "a.b.c", 5, None, ["x"], {"a": 1}, "x" * 9000):
        reason = await refuse(world, auth={"token": token})
        assert reason["data"]["code"] == "unauthenticated", token


async def test_auth_of_another_shape_is_refused(world):
    alice = await world.join("alice")
    for auth in ({"token": alice.token, "room": "x"}, {"bearer": alice.token}, [alice.token]):
        reason = await refuse(world, auth=auth)
        assert reason["data"]["code"] == "unauthenticated", auth


async def test_foreign_origin_is_refused_and_our_own_is_not(world):
    alice = await world.join("alice")
    own = str(world.client.make_url("")).rstrip("/")
    for origin in ("https://evil.example", "null", "", f"{own}.evil.example", "http://127.0.0.1:1"):
        url = f"{own}/socket.io/?EIO=4&transport=websocket"
        async with aiohttp.ClientSession() as session:
            reply = await session.get(
                url, headers={"Origin": origin, "Connection": "Upgrade", "Upgrade": "websocket"}
            )
            if origin:
                assert reply.status == 400, origin
    listener = make_listener(world)
    assert await listener.connect(token=alice.token, headers={"Origin": own})
    await listener.close()


async def test_listed_origin_is_welcome(database_url):
    async with start_world(database_url, allowed_origins="https://app.example") as world:
        listener = make_listener(world)
        assert await listener.connect(headers={"Origin": "https://app.example"})
        await listener.close()


async def test_socket_is_cut_when_its_token_expires(world, listen):
    alice = await world.join("alice")
    listener = await listen(world, alice)
    world.clock.advance(minutes=14, seconds=59)
    await asyncio.sleep(1.1)
    assert not listener.disconnected.is_set()

    world.clock.advance(seconds=1)

    async with asyncio.timeout(WAIT_MAX_S):
        await listener.disconnected.wait()
    assert [error["code"] for error in listener.errors] == ["token_expired"]
    assert len(world.client.server.app[SOCKETS].registry) == 0


async def test_renewed_token_keeps_the_socket(world, listen):
    alice = await world.join("alice")
    listener = await listen(world, alice)
    tokens = world.client.server.app[IDENTITY].tokens
    actor = tokens.authenticate(alice.token)
    world.clock.advance(minutes=10)

    reply = await listener.client.call("renew", {"token": tokens.issue(actor)})
    world.clock.advance(minutes=6)
    await asyncio.sleep(1.1)

    assert reply == {"status": "ok"}
    assert not listener.disconnected.is_set()


async def test_token_of_somebody_else_renews_nothing(world, listen):
    alice, bob = await world.join("alice"), await world.join("bob")
    listener, nobody = await listen(world, alice), await listen(world)

    for one in (listener, nobody):
        reply = await one.client.call("renew", {"token": bob.token})
        assert (reply["status"], reply["code"]) == ("refused", "unauthenticated")


async def test_socket_is_cut_within_five_seconds_of_a_logout(world, listen):
    alice = await world.join("alice")
    listener, other = await listen(world, alice), await listen(world, await world.join("bob"))

    await alice.must("POST", "/auth/logout", {})

    async with asyncio.timeout(5):
        await listener.disconnected.wait()
    assert [error["code"] for error in listener.errors] == ["session_ended"]
    assert not other.disconnected.is_set()
    reason = await refuse(world, token=alice.token)
    assert reason["data"]["code"] == "unauthenticated"


@pytest.mark.parametrize("path", ["freeze", "sessions/end"])
async def test_socket_of_somebody_frozen_or_signed_out_by_staff_is_cut_within_five_seconds(
    world, listen, path
):
    officer = await join_staff(world, "officer", "compliance")
    alice = await world.join("alice")
    listener, other = await listen(world, alice), await listen(world, officer)

    reason = {"reason": "Her telephone was stolen."}
    status, _ = await ask_as_staff(officer, "POST", f"/users/{alice.id}/{path}", reason)

    assert status < 300
    async with asyncio.timeout(5):
        await listener.disconnected.wait()
    assert [error["code"] for error in listener.errors] == ["session_ended"]
    assert not other.disconnected.is_set()


async def test_session_that_ended_in_another_process_cuts_its_socket(world, listen):
    from server.identity import queries

    alice = await world.join("alice")
    listener = await listen(world, alice)
    session_id = world.client.server.app[IDENTITY].tokens.authenticate(alice.token).session_id

    async def revoke(unit):
        await unit.execute(queries.insert_revocation(unit.ids.new_id(), session_id, unit.now))

    await world.database.transact(revoke, name="test")

    async with asyncio.timeout(WAIT_MAX_S):
        await listener.disconnected.wait()


async def test_staff_whose_sessions_end_leave_their_rooms_at_once(world, listen):
    identity = world.client.server.app[IDENTITY]
    clerk = await join_staff(world, "clerk", "dispute_ruler")
    listener = await listen(world, clerk)
    assert (await listener.subscribe("staff:disputes"))["status"] == "ok"

    async def end(unit):
        await end_sessions(identity, unit, UUID(clerk.id), "role_changed")

    await world.database.transact(end, name="test")

    async with asyncio.timeout(WAIT_MAX_S):
        await listener.disconnected.wait()
    fanout = world.client.server.app[SOCKETS].manager
    assert not fanout.is_heard("/", "staff:disputes")


async def test_connected_socket_is_presence(world, listen):
    alice = await world.join("alice")
    presence = world.client.server.app[IDENTITY].presence
    from uuid import UUID

    first, second = await listen(world, alice), await listen(world, alice)
    assert presence._sockets[UUID(alice.id)] == 2
    await first.close()
    await second.close()
    async with asyncio.timeout(WAIT_MAX_S):
        while presence._sockets[UUID(alice.id)]:
            await asyncio.sleep(0.01)


async def test_stopping_service_says_goodbye_to_its_sockets(database_url):
    async with start_world(database_url) as world:
        listener = make_listener(world)
        assert await listener.connect(token=(await world.join("alice")).token)
    async with asyncio.timeout(WAIT_MAX_S):
        await listener.disconnected.wait()
    await listener.close()


async def test_key_that_reads_hears_its_owners_room_and_is_cut_when_it_ends(world, listen):
    clerk = await join_staff(world, "clerk", "administrator")
    made = {}
    for scope in ("read", "trade"):
        body = {"name": "Bot", "scopes": [scope]}
        made[scope] = await clerk.must_proven("api_key", "POST", "/me/api-keys", body)
    reason = await refuse(world, auth={"token": made["trade"]["key"]})
    assert reason["data"]["code"] == "api_key_not_enough"

    bot = SimpleNamespace(token=made["read"]["key"])
    listener = await listen(world, bot)
    for room, code in ((f"user:{clerk.id}", None), ("staff:alarms", "not_found")):
        reply = await listener.client.call("subscribe", {"room": room})
        assert reply.get("code") == code, room
    reply = await listener.client.call("renew", {"token": clerk.token})
    assert reply["code"] == "unauthenticated"

    await clerk.must("DELETE", f"/me/api-keys/{made['read']['id']}")
    async with asyncio.timeout(5):
        await listener.disconnected.wait()
    assert [error["code"] for error in listener.errors] == ["session_ended"]


async def test_old_app_opens_no_socket(world):
    clerk = await join_staff(world, "clerk", "administrator")
    body = {"least": "2.0.0", "message": "Install the new one.", "reason": "A fault in 1."}
    status, _ = await ask_as_staff(clerk, "POST", "/app-versions/ios", body, proven=True)
    assert status == 200
    await world.client.server.app[OFFICE].versions.read(world.database)

    reason = await refuse(world, headers={"App-Version": "ios/1.9.9"}, token=clerk.token)
    assert reason["data"]["code"] == "app_outdated"
    listener = make_listener(world)
    assert await listener.connect(headers={"App-Version": "ios/2.0.0"}, token=clerk.token)
    await listener.close()
