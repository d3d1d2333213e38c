"""Checks happen in the decided order: a call that violates two is refused for the earlier one."""

import asyncio

import pytest

from server.http.edge import EDGE
from server.http.rate import Rates
from tests.api.rig import serve_rig

LONG = b'{"amount":"' + b"1" * 70_000
BROKEN = b'{"amount":'
GOOD = b'{"amount":"1.000000"}'
EMPTY = b"{}"
JSON = {"Content-Type": "application/json"}


async def post(rig, path, body, **options):
    headers = {**JSON, **options.pop("headers", {})}
    return await rig.problem("POST", path, data=body, headers=headers, **options)


async def test_size_is_checked_before_parsing(rig):
    assert await post(rig, "/api/v1/sign", LONG) == (413, "too_large")


async def test_size_is_checked_before_the_content_type(rig):
    headers = {"Content-Type": "text/plain"}
    assert await post(rig, "/api/v1/sign", LONG, headers=headers) == (413, "too_large")


async def test_parsing_is_checked_before_identity(rig):
    assert await post(rig, "/api/v1/notes", BROKEN) == (400, "bad_request")


async def test_content_type_is_checked_before_identity(rig):
    headers = {"Content-Type": "text/plain"}
    got = await post(rig, "/api/v1/notes", GOOD, headers=headers)
    assert got == (415, "unsupported_media_type")


async def test_identity_is_checked_before_rate(database_url):
    async with serve_rig(database_url, rates=Rates(1, 1, 1)) as rig:
        for _ in range(2):
            await rig.call("GET", "/api/v1/open")
        assert await rig.problem("GET", "/api/v1/open") == (429, "rate_limited")
        got = await rig.problem("GET", "/api/v1/open", token="unknown")
        assert got == (401, "unauthenticated")


async def test_rate_is_checked_before_role(database_url):
    async with serve_rig(database_url, rates=Rates(1, 1, 1)) as rig:
        token = await rig.add_user()
        for _ in range(2):
            assert await rig.problem("GET", "/api/v1/staff", token=token) == (403, "forbidden")
        assert await rig.problem("GET", "/api/v1/staff", token=token) == (429, "rate_limited")


async def test_role_is_checked_before_the_key(rig):
    token = await rig.add_user()
    assert await post(rig, "/api/v1/staff", GOOD, token=token) == (403, "forbidden")


async def test_role_is_checked_before_a_replay(rig):
    token = await rig.add_user("support")
    sent = {"data": GOOD, "headers": JSON, "token": token, "key": "k"}
    status, _, _ = await rig.call("POST", "/api/v1/staff", **sent)
    assert status == 200
    rig.give_role(token, "user")
    assert await rig.problem("POST", "/api/v1/staff", **sent) == (403, "forbidden")


async def test_key_is_checked_before_shape(rig):
    token = await rig.add_user()
    got = await post(rig, "/api/v1/notes", EMPTY, token=token)
    assert got == (428, "idempotency_key_missing")


async def test_replay_is_checked_before_shape(rig):
    token = await rig.add_user()
    await rig.call("POST", "/api/v1/notes", data=GOOD, headers=JSON, token=token, key="k")
    got = await post(rig, "/api/v1/notes", EMPTY, token=token, key="k")
    assert got == (422, "idempotency_key_reused")


async def test_shape_is_checked_before_existence(rig):
    token = await rig.add_user()
    got = await rig.problem("GET", "/api/v1/notes/nothing?surprise=1", token=token)
    assert got == (422, "invalid")


async def test_shape_is_checked_before_what_the_handler_checks(rig):
    rig.state.poor = True
    token = await rig.add_user()
    assert await post(rig, "/api/v1/notes", EMPTY, token=token, key="k") == (422, "invalid")
    got = await post(rig, "/api/v1/notes", GOOD, token=token, key="k")
    assert got == (422, "insufficient_funds")


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/", "/.git/config", "/metrics", "/debug"])
async def test_unknown_path_is_missing_before_anything_is_read(rig, path):
    assert await post(rig, path, BROKEN) == (404, "not_found")


async def test_refused_calls_are_counted_by_code(rig):
    await asyncio.gather(*(rig.problem("GET", "/api/v1/notes") for _ in range(3)))
    families = {family.name: family for family in rig.app[EDGE].meter.collect()}
    counts = {
        sample.labels["code"]: sample.value
        for sample in families["iqx_refusals"].samples
        if sample.name.endswith("_total")
    }
    assert counts == {"unauthenticated": 3}
