"""What every answer carries, whatever happened."""

import uuid

import orjson
import pytest
from multidict import CIMultiDict

from server.http.endpoint import REQUEST_LISTENER
from server.http.rate import Rates
from server.http.wire import SECURITY_HEADERS
from tests.api.rig import serve_rig

EVIL = [
    "https://evil.example",
    "null",
    "https://app.example.evil.example",
    "https://evil-app.example",
    "http://app.example",
    "https://app.example:8443",
    "https://app.example/",
    "HTTPS://APP.EXAMPLE",
    "https://app.example, https://evil.example",
]
GOOD = "https://app.example"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/open", 200),
        ("GET", "/api/v1/notes", 401),
        ("GET", "/api/v1/nothing", 404),
        ("PUT", "/api/v1/open", 405),
        ("GET", "/api/v1/broken", 500),
        ("GET", "/api/v1/down", 503),
    ],
)
async def test_every_answer_has_its_id_and_the_security_headers(rig, method, path, status):
    got, headers, _ = await rig.call(method, path)
    assert got == status
    assert uuid.UUID(hex=headers["X-Request-Id"]).version == 7
    for name, value in SECURITY_HEADERS.items():
        assert headers.getall(name) == [value]
    assert "Server" not in headers
    assert "Date" in headers


async def test_request_ids_differ_and_are_ours(rig):
    seen = set()
    for _ in range(5):
        _, headers, _ = await rig.call("GET", "/api/v1/open", headers={"X-Request-Id": "mine"})
        seen.add(headers["X-Request-Id"])
    assert len(seen) == 5
    assert "mine" not in seen


async def test_problem_names_code_title_and_request(rig):
    _, headers, body = await rig.call("GET", "/api/v1/notes")
    assert orjson.loads(body) == {
        "type": "about:blank",
        "status": 401,
        "code": "unauthenticated",
        "title": "Sign in to do this.",
        "request_id": headers["X-Request-Id"],
    }
    assert headers["WWW-Authenticate"] == "Bearer"


async def test_problem_names_each_field(rig):
    token = await rig.add_user()
    _, _, body = await rig.call(
        "POST", "/api/v1/notes", token=token, key="k", json={"note": "x" * 51, "more": 1}
    )
    problem = orjson.loads(body)
    assert sorted(problem["errors"]) == ["amount", "more", "note"]
    assert all(isinstance(one, str) for told in problem["errors"].values() for one in told)


async def test_fault_tells_nothing_of_the_inside(rig):
    status, headers, body = await rig.call("GET", "/api/v1/broken")
    assert status == 500
    assert orjson.loads(body) == {
        "type": "about:blank",
        "status": 500,
        "code": "internal",
        "title": "Something went wrong on our side. It was noted.",
        "request_id": headers["X-Request-Id"],
    }


async def test_reply_outside_its_schema_is_a_fault_outside_production(rig):
    assert await rig.problem("GET", "/api/v1/lies") == (500, "internal")


async def test_unavailable_says_when_to_come_back(rig):
    _, headers, _ = await rig.call("GET", "/api/v1/down")
    assert headers["Retry-After"] == "2"


async def test_user_gets_his_calls_a_second_and_then_429(database_url):
    async with serve_rig(database_url, rates=Rates(10, 5, 20)) as rig:
        one, other = await rig.add_user(), await rig.add_user()
        for _ in range(20):
            assert (await rig.call("GET", "/api/v1/notes", token=one))[0] == 200
        status, headers, _ = await rig.call("GET", "/api/v1/notes", token=one)
        assert (status, headers["Retry-After"]) == (429, "1")
        assert (await rig.call("GET", "/api/v1/notes", token=other))[0] == 200
        rig.clock.advance(seconds=1)
        statuses = [(await rig.call("GET", "/api/v1/notes", token=one))[0] for _ in range(11)]
        assert statuses == [200] * 10 + [429]


async def test_changes_are_counted_apart_from_reads(database_url):
    async with serve_rig(database_url, rates=Rates(10, 5, 20)) as rig:
        token = await rig.add_user()
        statuses = [
            (
                await rig.call(
                    "POST", "/api/v1/notes", token=token, key=f"k{n}", json={"amount": "1"}
                )
            )[0]
            for n in range(11)
        ]
        assert statuses == [201] * 10 + [429]
        assert (await rig.call("GET", "/api/v1/notes", token=token))[0] == 200
        assert await rig.count_events() == 10


async def test_forwarded_address_of_a_stranger_does_not_count(database_url):
    async with serve_rig(database_url, rates=Rates(0, 0, 1)) as rig:
        statuses = [
            (await rig.call("GET", "/api/v1/open", headers={"X-Forwarded-For": f"10.0.0.{n}"}))[0]
            for n in range(3)
        ]
        assert statuses == [200, 200, 429]


async def test_forwarded_address_of_a_trusted_proxy_counts(database_url):
    trusted = frozenset({"127.0.0.1"})
    async with serve_rig(database_url, rates=Rates(0, 0, 1), trusted_proxies=trusted) as rig:
        for n in range(3):
            headers = {"X-Forwarded-For": f"6.6.6.6, 10.0.0.{n}"}
            status, _, body = await rig.call("GET", "/api/v1/open", headers=headers)
            assert (status, orjson.loads(body)["ip"]) == (200, f"10.0.0.{n}")
        _, _, body = await rig.call("GET", "/api/v1/open", headers={"X-Forwarded-For": "nonsense"})
        assert orjson.loads(body)["ip"] == "127.0.0.1"


async def test_line_that_a_proxy_adds_below_the_caller_s_own_counts(database_url):
    async with serve_rig(database_url, trusted_proxies=frozenset({"127.0.0.1"})) as rig:
        lines = CIMultiDict([("X-Forwarded-For", "6.6.6.6"), ("X-Forwarded-For", "10.0.0.1")])
        async with rig.session.get(rig.base + "/api/v1/open", headers=lines) as reply:
            assert (await reply.json())["ip"] == "10.0.0.1"


@pytest.mark.parametrize("origin", EVIL)
async def test_origin_that_is_not_listed_gets_no_access(database_url, origin):
    async with serve_rig(database_url, allowed_origins=frozenset({GOOD})) as rig:
        for method, extra in (("GET", {}), ("OPTIONS", {"Access-Control-Request-Method": "GET"})):
            _, headers, _ = await rig.call(
                method, "/api/v1/open", headers={"Origin": origin, **extra}
            )
            assert not [name for name in headers if name.lower().startswith("access-control-")]


async def test_listed_origin_may_read_answers_and_refusals(database_url):
    async with serve_rig(database_url, allowed_origins=frozenset({GOOD})) as rig:
        for path in ("/api/v1/open", "/api/v1/notes", "/api/v1/broken"):
            _, headers, _ = await rig.call("GET", path, headers={"Origin": GOOD})
            assert headers["Access-Control-Allow-Origin"] == GOOD
            assert headers["Vary"] == "Origin"
            assert "Access-Control-Allow-Credentials" not in headers


async def test_listed_origin_is_told_before_what_it_may_send(database_url):
    async with serve_rig(database_url, allowed_origins=frozenset({GOOD})) as rig:
        asked = {"Origin": GOOD, "Access-Control-Request-Method": "POST"}
        status, headers, body = await rig.call("OPTIONS", "/api/v1/notes", headers=asked)
        assert (status, body) == (204, b"")
        assert headers["Access-Control-Allow-Origin"] == GOOD
        assert "POST" in headers["Access-Control-Allow-Methods"]
        for name in ("Authorization", "Content-Type", "Idempotency-Key", "Step-Up"):
            assert name in headers["Access-Control-Allow-Headers"]


async def test_no_origin_is_allowed_unless_listed(rig):
    _, headers, _ = await rig.call("GET", "/api/v1/open", headers={"Origin": GOOD})
    assert not [name for name in headers if name.lower().startswith("access-control-")]


async def test_user_is_seen_by_his_requests(rig):
    token = await rig.add_user()
    await rig.call("GET", "/api/v1/notes", token=token)
    await rig.call("GET", "/api/v1/open")
    assert [str(user) for user in rig.app[REQUEST_LISTENER].users] == [token]


@pytest.mark.parametrize(
    ("role", "staff", "admin"), [("user", 403, 403), ("support", 200, 403), ("admin", 200, 200)]
)
async def test_routes_are_open_to_their_roles_only(rig, role, staff, admin):
    token = await rig.add_user(role)
    assert (await rig.call("GET", "/api/v1/staff", token=token))[0] == staff
    assert (await rig.call("GET", "/api/v1/admin", token=token))[0] == admin


@pytest.mark.parametrize(
    "header", ["Basic dXNlcjpwYXNz", "Bearer", "Bearer ", "bearer unknown", "Token x", ""]
)
async def test_no_session_in_any_spelling_is_401(rig, header):
    for path in ("/api/v1/notes", "/api/v1/open"):
        got = await rig.problem("GET", path, headers={"Authorization": header})
        assert got == (401, "unauthenticated")


@pytest.mark.parametrize(
    "path",
    ["/.git/config", "/.env", "/metrics", "/debug", "/server/settings.py", "/api/", "/api/v1/"],
)
async def test_nothing_else_is_served(rig, path):
    assert await rig.problem("GET", path) == (404, "not_found")
