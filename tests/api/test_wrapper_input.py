"""Bad bodies, types, methods and fields over real HTTP: refused, and nothing written."""

import gzip
import json

import orjson
import pytest

JSON = {"Content-Type": "application/json"}


async def post_note(rig, token, body, **options):
    return await rig.problem(
        "POST", "/api/v1/notes", token=token, key="k", data=body, headers=JSON, **options
    )


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity", "1e400", "1,5", "0x10", "+1"])
async def test_amount_that_is_no_json_is_400(rig, amount):
    token = await rig.add_user()
    body = b'{"amount":' + amount.encode() + b"}"
    assert (await post_note(rig, token, body))[0] == 400
    assert await rig.count_events() == 0


@pytest.mark.parametrize(
    "amount",
    [
        *(0, -1, -0.0, 1e-7, 1.5, 9223372036854775808, 10**39, True, False, None, [], {}),
        *("0", "-1", "-0", "1e-7", "1e400", "NaN", "Infinity", "1,5", " 1", "1 ", "", "+1", "."),
        *("\u0663", "0x10", "9223372036854775808", "9" * 40, "0.0000001", "1.0000000", "1_000"),
    ],
)
async def test_amount_of_the_table_is_422(rig, amount):
    token = await rig.add_user()
    body = json.dumps({"amount": amount}).encode()
    assert await post_note(rig, token, body) == (422, "invalid")
    assert await rig.count_events() == 0


@pytest.mark.parametrize(
    "field", ["role", "balance", "user_id", "state", "status", "fee", "is_admin", "__proto__"]
)
async def test_field_that_the_schema_does_not_know_is_named(rig, field):
    token = await rig.add_user()
    status, _, body = await rig.call(
        "POST", "/api/v1/notes", token=token, key="k", json={"amount": "1", field: "admin"}
    )
    assert status == 422
    assert list(orjson.loads(body)["errors"]) == [field]
    assert await rig.count_events() == 0


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"1", b"null", b"true"])
async def test_body_that_is_no_object_is_422(rig, body):
    token = await rig.add_user()
    assert await post_note(rig, token, body) == (422, "invalid")


async def test_missing_body_is_422(rig):
    token = await rig.add_user()
    got = await rig.problem("POST", "/api/v1/notes", token=token, key="k")
    assert got == (422, "invalid")


async def test_body_where_none_is_taken_is_422(rig):
    token = await rig.add_user()
    path = "/api/v1/notes/01890000-0000-7000-8000-000000000000"
    got = await rig.problem("DELETE", path, token=token, key="k", json={"force": True})
    assert got == (422, "invalid")
    assert await rig.count_events() == 0


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
        "application/json; charset=latin-1",
        "application/jsonp",
        "text/json",
        "application/octet-stream",
    ],
)
async def test_body_of_another_type_is_415(rig, content_type):
    token = await rig.add_user()
    got = await rig.problem(
        "POST",
        "/api/v1/notes",
        token=token,
        key="k",
        data=b'{"amount":"1"}',
        headers={"Content-Type": content_type},
    )
    assert got == (415, "unsupported_media_type")
    assert await rig.count_events() == 0


@pytest.mark.parametrize("content_type", ["application/json; charset=UTF-8", "Application/JSON"])
async def test_other_spellings_of_json_are_taken(rig, content_type):
    headers = {"Content-Type": content_type}
    status, _, _ = await rig.call("POST", "/api/v1/sign", data=b'{"amount":"1"}', headers=headers)
    assert status == 200


async def test_compressed_body_is_415_and_not_unpacked(rig):
    headers = {**JSON, "Content-Encoding": "gzip"}
    got = await rig.problem(
        "POST", "/api/v1/sign", data=gzip.compress(b'{"amount":"1"}'), headers=headers
    )
    assert got == (415, "unsupported_media_type")


async def test_body_above_the_endpoint_s_size_is_413(rig):
    got = await rig.problem("POST", "/api/v1/sign", data=b" " * 1001, headers=JSON)
    assert got == (413, "too_large")
    body = b'{"amount":"1"}'.ljust(1000)
    status, _, _ = await rig.call("POST", "/api/v1/sign", data=body, headers=JSON)
    assert status == 200


async def test_body_without_a_length_is_bounded_too(rig):
    async def chunks():
        for _ in range(50):
            yield b" " * 1000

    got = await rig.problem("POST", "/api/v1/sign", data=chunks(), headers=JSON)
    assert got == (413, "too_large")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "TRACE", "HEAD", "OPTIONS"])
async def test_method_that_is_not_offered_is_405_and_names_those_that_are(rig, method):
    status, headers, body = await rig.call(method, "/api/v1/notes")
    assert (status, headers["Allow"]) == (405, "GET, POST")
    if method != "HEAD":
        assert orjson.loads(body)["code"] == "method_not_allowed"


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
async def test_method_override_is_ignored(rig, header):
    token = await rig.add_user()
    path = "/api/v1/notes/01890000-0000-7000-8000-000000000000"
    got = await rig.problem("GET", path, token=token, key="k", headers={header: "DELETE"})
    assert got == (404, "not_found")
    assert await rig.count_events() == 0


@pytest.mark.parametrize(
    "query",
    [
        "limit=1000000000",
        "limit=101",
        "limit=0",
        "limit=-1",
        "limit=1.5",
        "limit=x",
        "limit=1&limit=2",
        "offset=-1",
        "cursor=forged",
        "cursor=!!",
        "cursor=",
        "limit=%00",
        "%00=1",
        "cursor=%ff",
        "sort=id;DROP%20TABLE%20users",
    ],
)
async def test_bad_query_is_422(rig, query):
    token = await rig.add_user()
    assert await rig.problem("GET", f"/api/v1/notes?{query}", token=token) == (422, "invalid")


async def test_largest_page_is_a_hundred(rig):
    token = await rig.add_user()
    status, _, body = await rig.call("GET", "/api/v1/notes?limit=100", token=token)
    assert (status, orjson.loads(body)["limit"]) == (200, 100)


TEXTS = [
    "' OR 1=1 --",
    '"; DROP TABLE users; --',
    "{{7*7}}",
    "${jndi:ldap://x}",
    "<script>alert(1)</script>",
    "a\r\nSet-Cookie: x=1",
    "\u202etxt",
    "=cmd()",
]


@pytest.mark.parametrize("text", TEXTS)
async def test_text_of_any_kind_is_stored_as_text(rig, text):
    token = await rig.add_user()
    status, headers, body = await rig.call(
        "POST", "/api/v1/notes", token=token, key="k", json={"amount": "1", "note": text}
    )
    assert status == 201
    assert orjson.loads(body)["note"] == text
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize(
    "text", ["..%2f..%2fetc%2fpasswd", "%27%20OR%201=1", "%00", "%ff", "%0d%0aSet-Cookie:x", "."]
)
async def test_identifier_of_any_kind_is_missing(rig, text):
    token = await rig.add_user()
    status, code = await rig.problem("GET", f"/api/v1/notes/{text}", token=token)
    assert (status, code) in ((404, "not_found"), (400, "bad_request"))


async def test_unknown_identifier_and_no_identifier_look_the_same(rig):
    token = await rig.add_user()
    bodies = []
    for name in ("01890000-0000-7000-8000-000000000000", "nothing"):
        _, _, body = await rig.call("GET", f"/api/v1/notes/{name}", token=token)
        problem = orjson.loads(body)
        problem.pop("request_id")
        bodies.append(problem)
    assert bodies[0] == bodies[1]
