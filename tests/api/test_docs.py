"""The documentation over HTTP."""

import gzip

import orjson
import pytest

from server.http.docs import PAGE_POLICY, add_documents
from server.http.openapi import build_document
from tests.api.rig import routes, serve_rig


@pytest.fixture
async def rig(sqlite_url):
    async with serve_rig(
        sqlite_url, extend=lambda app: add_documents(app, routes.endpoints)
    ) as rig:
        yield rig


async def test_root_leads_to_the_page(rig):
    status, headers, _ = await rig.call("GET", "/")
    assert (status, headers["Location"]) == (302, "/api/docs")


@pytest.mark.parametrize(
    ("path", "media"),
    [
        ("/api/docs", "text/html; charset=utf-8"),
        ("/api/docs/docs.css", "text/css; charset=utf-8"),
        ("/api/docs/docs.js", "text/javascript; charset=utf-8"),
        ("/favicon.svg", "image/svg+xml; charset=utf-8"),
        ("/favicon.ico", "image/svg+xml; charset=utf-8"),
        ("/api/openapi.json", "application/json"),
    ],
)
async def test_page_and_its_files_are_served_with_a_strict_policy(rig, path, media):
    status, headers, body = await rig.call("GET", path)
    assert (status, headers["Content-Type"]) == (200, media)
    assert headers.getall("Content-Security-Policy") == [PAGE_POLICY]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert body


def test_policy_lets_no_inline_script_run():
    assert "unsafe" not in PAGE_POLICY
    assert "default-src 'none'" in PAGE_POLICY


async def test_document_is_that_of_the_endpoints_served(rig):
    _, _, body = await rig.call("GET", "/api/openapi.json")
    assert orjson.loads(body) == build_document(routes.endpoints)


async def test_browser_that_has_the_page_is_not_sent_it_again(rig):
    _, headers, _ = await rig.call("GET", "/api/docs")
    status, again, body = await rig.call(
        "GET", "/api/docs", headers={"If-None-Match": headers["ETag"]}
    )
    assert (status, body, again["ETag"]) == (304, b"", headers["ETag"])


async def test_page_is_packed_for_those_who_can_unpack(rig):
    _, headers, plain = await rig.call("GET", "/api/docs", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in headers
    async with rig.session.get(
        rig.base + "/api/docs", headers={"Accept-Encoding": "gzip"}, auto_decompress=False
    ) as answer:
        packed = await answer.read()
        assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed) == plain
    assert len(packed) < len(plain) / 3


@pytest.mark.parametrize("path", ["/api/docs/", "/api/docs/../docs.css", "/api/docs/.env"])
async def test_nothing_else_of_the_folder_is_served(rig, path):
    assert await rig.problem("GET", path) == (404, "not_found")
