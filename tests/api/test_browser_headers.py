"""What browsers are told with every answer: no frames, no scripts of others, no guessing."""

import re

from tests.api.identity.conftest import api, clock
from tests.api.rig import serve_rig

__all__ = ["api", "clock"]
PATHS = ["/", "/api/docs", "/api/openapi.json", "/api/health", "/api/v1/markets", "/api/v1/me",
         "/api/none", "/favicon.svg", "/api/docs/docs.js"]  # fmt: skip


async def test_no_answer_may_be_framed_guessed_at_or_read_over_plain_http(api):
    for path in PATHS:
        reply = await api.client.get(path, allow_redirects=False)
        policy = reply.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, path
        assert "frame-ancestors 'none'" in policy, path
        assert "unsafe" not in policy, path
        assert reply.headers["X-Content-Type-Options"] == "nosniff", path
        assert reply.headers["Referrer-Policy"] == "no-referrer", path
        assert reply.headers["Strict-Transport-Security"].startswith("max-age=63072000"), path


async def test_pages_have_neither_scripts_nor_styles_nor_handlers_in_them(api):
    text = await (await api.client.get("/api/docs")).text()
    tags = re.findall(r"<[a-z][^>]*>", text)
    assert len(tags) > 1000
    assert [tag for tag in tags if re.search(r"\s(style|on[a-z]+)=", tag)] == []
    assert [tag for tag in tags if tag.startswith("<script") and " src=" not in tag] == []
    assert "<style" not in text
    assert "javascript:" not in text


async def test_file_to_keep_is_an_attachment_that_no_browser_opens_as_a_page(api):
    token = (await api.register("alice"))["access_token"]
    reply = await api.ask("GET", "/api/v1/transactions?format=csv", token=token)
    assert reply.status == 200
    assert reply.headers["Content-Type"].startswith("text/csv")
    assert reply.headers["Content-Disposition"] == 'attachment; filename="transactions.csv"'
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    policy = reply.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert policy.endswith("; frame-ancestors 'none'")
    assert reply.headers["Cache-Control"] == "no-store"


async def test_refusal_and_fault_tell_browsers_the_same(database_url):
    async with serve_rig(database_url) as rig:
        for path in ("/api/v1/broken", "/api/v1/notes", "/nothing"):
            _, headers, _ = await rig.call("GET", path)
            assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
            assert headers["X-Content-Type-Options"] == "nosniff"
