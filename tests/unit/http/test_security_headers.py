"""What every answer tells browsers and caches, and what no call does or takes."""

import inspect
import re

import pytest

from server.core.permissions import Permission
from server.http.docs import PAGE_POLICY
from server.http.openapi import build_document
from server.http.wire import SECURITY_HEADERS
from server.settings import load_settings
from server.wiring import list_endpoints
from tests.api.rig import serve_rig

YEAR_S = 31_536_000
POLICIES = [SECURITY_HEADERS["Content-Security-Policy"], PAGE_POLICY]
SECRET_WORDS = re.compile(
    r"password|secret|token|code|proof|cookie|session_key|api_?key|email|phone|holder",
    re.IGNORECASE,
)
QUESTION_WORDS = re.compile(r"hint|question|maiden|birthplace|pet_name", re.IGNORECASE)


def read_policy(text: str) -> dict[str, list[str]]:
    directives = (directive.split() for directive in text.split(";") if directive.strip())
    return {name: values for name, *values in directives}


@pytest.fixture(scope="module")
def endpoints():
    return list_endpoints(load_settings({}))


def test_browsers_come_by_tls_only_for_a_year_and_on_all_hosts():
    policy = [part.strip() for part in SECURITY_HEADERS["Strict-Transport-Security"].split(";")]
    assert int(policy[0].removeprefix("max-age=")) >= YEAR_S
    assert "includeSubDomains" in policy


@pytest.mark.parametrize("policy", POLICIES)
def test_policies_allow_no_object_no_base_and_no_inline_script(policy):
    directives = read_policy(policy)
    assert directives["default-src"] == ["'none'"]
    assert directives.get("object-src", ["'none'"]) == ["'none'"]
    assert directives["base-uri"] == ["'none'"]
    for values in directives.values():
        assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "data:", "http:", "https:"} & {*values}


@pytest.mark.parametrize("policy", POLICIES)
def test_policies_let_nobody_frame_us(policy):
    assert read_policy(policy)["frame-ancestors"] == ["'none'"]


def test_browsers_do_not_guess_types_and_tell_no_referrer():
    assert SECURITY_HEADERS["X-Content-Type-Options"] == "nosniff"
    assert SECURITY_HEADERS["Referrer-Policy"] == "no-referrer"


def test_pages_are_kept_apart_from_the_windows_of_others():
    assert SECURITY_HEADERS["Cross-Origin-Opener-Policy"] == "same-origin"
    assert SECURITY_HEADERS["Cross-Origin-Resource-Policy"] == "same-origin"


def test_answers_are_not_kept_by_caches():
    assert SECURITY_HEADERS["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "media"),
    [
        ("/api/v1/open", "application/json"),
        ("/api/v1/missing", "application/problem+json"),
        ("/missing", "application/problem+json"),
    ],
)
async def test_answer_says_its_type_and_charset(database_url, path, media):
    async with serve_rig(database_url) as rig:
        _, headers, _ = await rig.call("GET", path)
        assert headers.getall("Content-Type") == [media]


def test_call_that_reads_writes_nothing(endpoints):
    reads = [endpoint for endpoint in endpoints if endpoint.method == "GET"]
    assert len(reads) > 20
    for endpoint in reads:
        assert not endpoint.transactional, endpoint.path
        assert not endpoint.keyed, endpoint.path
        assert not endpoint.step_up, endpoint.path
        if not isinstance(endpoint.access, Permission):
            # What staff read of others may be written down, in the audit.
            assert ".transact(" not in inspect.getsource(endpoint.handler), endpoint.path


def test_no_address_carries_a_secret(endpoints):
    parameters = [
        (parameter["name"], path)
        for path, calls in build_document(endpoints)["paths"].items()
        for call in calls.values()
        for parameter in call.get("parameters", [])
        if parameter["in"] in {"query", "path"}
    ]
    assert len(parameters) > 50
    assert [each for each in parameters if SECRET_WORDS.search(each[0])] == []


def test_no_call_takes_a_hint_or_an_answer_to_a_question(endpoints):
    fields = [
        name
        for schema in build_document(endpoints)["components"]["schemas"].values()
        for name in schema.get("properties", {})
    ]
    assert len(fields) > 200
    assert [name for name in fields if QUESTION_WORDS.search(name)] == []


def test_download_names_its_own_file():
    """The one name of a file in an answer is a literal: no caller can change the header."""
    from server.wallets import routes

    names = re.findall(r'"Content-Disposition": (.+?)\}', inspect.getsource(routes))
    assert names == ["'attachment; filename=\"transactions.csv\"'"]
