"""One key, one effect: what a repeated, parallel or foreign key gets."""

import asyncio

import orjson
import pytest

from tests.api.rig import serve_rig

NOTE = {"amount": "1.5", "note": "rent"}


async def add_note(rig, token, key="k", note=NOTE, path="/api/v1/notes", **options):
    return await rig.call("POST", path, token=token, key=key, json=note, **options)


async def test_same_key_gets_the_same_bytes_and_one_effect(rig):
    token = await rig.add_user()
    first_status, first_headers, first = await add_note(rig, token)
    status, headers, body = await add_note(rig, token)
    assert (status, body) == (first_status, first) == (201, body)
    assert "Idempotency-Replayed" not in first_headers
    assert headers["Idempotency-Replayed"] == "true"
    assert headers["Content-Type"] == first_headers["Content-Type"]
    assert await rig.count_events() == 1


async def test_key_order_and_spaces_of_the_body_do_not_matter(rig):
    token = await rig.add_user()
    _, _, first = await add_note(rig, token)
    status, _, body = await rig.call(
        "POST",
        "/api/v1/notes",
        token=token,
        key="k",
        data=b'{ "note": "rent",\n "amount": "1.5" }',
        headers={"Content-Type": "application/json"},
    )
    assert (status, body) == (201, first)
    assert await rig.count_events() == 1


async def test_other_body_under_the_same_key_is_refused(rig):
    token = await rig.add_user()
    await add_note(rig, token)
    got = await rig.problem(
        "POST", "/api/v1/notes", token=token, key="k", json={**NOTE, "amount": "2"}
    )
    assert got == (422, "idempotency_key_reused")
    assert await rig.count_events() == 1


async def test_other_path_under_the_same_key_is_refused(rig):
    token = await rig.add_user()
    await add_note(rig, token)
    got = await rig.problem("POST", "/api/v1/lane", token=token, key="k", json=NOTE)
    assert got == (422, "idempotency_key_reused")


async def test_change_without_a_key_is_refused(rig):
    token = await rig.add_user()
    got = await rig.problem("POST", "/api/v1/notes", token=token, json=NOTE)
    assert got == (428, "idempotency_key_missing")
    assert await rig.count_events() == 0


@pytest.mark.parametrize("key", ["x" * 300, "x" * 256, "\u00e9", " "])
async def test_key_outside_its_bounds_is_refused(rig, key):
    token = await rig.add_user()
    got = await rig.problem(
        "POST", "/api/v1/notes", token=token, headers={"Idempotency-Key": key}, json=NOTE
    )
    assert got[0] in (400, 422)
    assert await rig.count_events() == 0


async def test_longest_key_is_taken(rig):
    token = await rig.add_user()
    _, _, first = await add_note(rig, token, key="k" * 255)
    _, _, second = await add_note(rig, token, key="k" * 255)
    assert first == second


async def test_keys_differ_by_case(rig):
    token = await rig.add_user()
    _, _, first = await add_note(rig, token, key="abc")
    _, _, second = await add_note(rig, token, key="ABC")
    assert first != second


async def test_same_key_of_another_user_is_another_key(rig):
    one, other = await rig.add_user(), await rig.add_user()
    _, _, first = await add_note(rig, one)
    status, headers, second = await add_note(rig, other, note={"amount": "9"})
    assert status == 201
    assert first != second
    assert "Idempotency-Replayed" not in headers
    assert await rig.count_events() == 2


async def test_refused_call_may_be_repeated_with_its_key(rig):
    token = await rig.add_user()
    rig.state.poor = True
    assert (await add_note(rig, token))[0] == 422
    assert await rig.count_keys() == 0
    rig.state.poor = False
    assert (await add_note(rig, token))[0] == 201
    assert await rig.count_events() == 1


async def test_refused_call_may_be_repeated_with_its_key_and_another_body(rig):
    token = await rig.add_user()
    rig.state.poor = True
    await add_note(rig, token)
    rig.state.poor = False
    assert (await add_note(rig, token, note={"amount": "3"}))[0] == 201


async def test_eight_callers_with_one_key_have_one_effect(rig):
    token = await rig.add_user()
    replies = await asyncio.gather(*(add_note(rig, token) for _ in range(8)))
    bodies = {body for status, _, body in replies if status == 201}
    assert len(bodies) == 1
    assert {status for status, _, _ in replies} <= {201, 409}
    assert await rig.count_events() == 1
    assert rig.state.calls == 1


async def test_call_under_way_is_named_when_it_does_not_end_soon(database_url):
    async with serve_rig(database_url, key_wait_s=0.05) as rig:
        token = await rig.add_user()
        rig.state.hold = asyncio.Event()
        first = asyncio.create_task(add_note(rig, token))
        await rig.state.entered.wait()
        got = await rig.problem("POST", "/api/v1/notes", token=token, key="k", json=NOTE)
        assert got == (409, "idempotency_key_in_flight")
        rig.state.hold.set()
        assert (await first)[0] == 201
        assert await rig.count_events() == 1


async def test_call_under_way_that_ends_soon_gives_its_reply(rig):
    token = await rig.add_user()
    rig.state.hold = asyncio.Event()
    first = asyncio.create_task(add_note(rig, token))
    await rig.state.entered.wait()
    second = asyncio.create_task(add_note(rig, token))
    await asyncio.sleep(0.05)
    rig.state.hold.set()
    one, two = await asyncio.gather(first, second)
    assert (one[0], one[2]) == (two[0], two[2])
    assert await rig.count_events() == 1


async def test_key_is_free_again_after_a_fault(rig):
    token = await rig.add_user()
    await rig.call("POST", "/api/v1/lane", token=token, key="k", json={"amount": "0"})
    status, _, body = await rig.call("POST", "/api/v1/lane", token=token, key="k", json=NOTE)
    assert (status, body) == (200, b'{"by":"the lane"}')


async def test_own_means_keep_replies_too(rig):
    token = await rig.add_user()
    await add_note(rig, token, path="/api/v1/lane")
    status, headers, body = await add_note(rig, token, path="/api/v1/lane")
    assert (status, body) == (200, b'{"by":"the lane"}')
    assert headers["Idempotency-Replayed"] == "true"
    assert await rig.count_events() == 1


async def test_reply_is_kept_over_a_restart(database_url):
    async with serve_rig(database_url) as rig:
        token = await rig.add_user()
        actors = dict(rig.app_actors)
        _, _, first = await add_note(rig, token)
    async with serve_rig(database_url) as rig:
        rig.app_actors.update(actors)
        status, headers, body = await add_note(rig, token)
        assert (status, body) == (201, first)
        assert headers["Idempotency-Replayed"] == "true"
        assert await rig.count_events() == 1


async def test_two_servers_on_one_database_have_one_effect(database_url):
    async with serve_rig(database_url) as one, serve_rig(database_url) as two:
        token = await one.add_user()
        two.app_actors.update(one.app_actors)
        replies = await asyncio.gather(*(add_note(rig, token) for rig in (one, two) * 4))
        assert {body for status, _, body in replies if status == 201} == {
            next(body for status, _, body in replies if status == 201)
        }
        assert await one.count_events() == 1


async def test_reply_without_content_is_replayed_without_content(rig):
    token = await rig.add_user()
    path = "/api/v1/notes/01890000-0000-7000-8000-000000000000"
    first = await rig.call("DELETE", path, token=token, key="k")
    second = await rig.call("DELETE", path, token=token, key="k")
    assert (first[0], first[2]) == (second[0], second[2]) == (204, b"")
    assert "Content-Length" not in first[1]
    assert await rig.count_events() == 1


async def test_step_up_proof_is_outside_the_hash(rig):
    token = await rig.add_user()
    _, _, first = await add_note(rig, token, headers={"Step-Up": "one"})
    status, _, body = await add_note(rig, token, headers={"Step-Up": "two"})
    assert (status, body) == (201, first)


async def test_public_calls_keep_no_reply(rig):
    status, _, body = await rig.call("POST", "/api/v1/sign", key="k", json=NOTE)
    assert (status, orjson.loads(body)) == (200, {"note": "rent"})
    assert await rig.count_keys() == 0
