"""The web app's files over HTTP: kept, packed, typed, guarded; and nothing else of the disk."""

import asyncio

import pytest

from server.web.answers import APP_POLICY, read_codings
from server.web.build import BuildError, read_build
from tests.api.web.conftest import BROTLI, FILES, SCRIPT, STYLE, inflate
from tests.market_world import start_world
from tests.unit.http.test_security_headers import read_policy

PAGE = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-cache",
    "Content-Security-Policy": APP_POLICY,
}
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
ASKED_AGAIN = {"Cache-Control": "no-cache"}
TOLD = {
    "/": PAGE,
    "/markets": PAGE,
    "/markets/USDT-VND": PAGE,
    "/fees": PAGE,
    "/help": PAGE,
    "/status": PAGE,
    "/index.html": PAGE,
    "/trades/0189-anything": PAGE,
    "/account/security": PAGE,
    "/assets/index-4f2a9c.js": {**FOR_EVER, "Content-Type": "text/javascript; charset=utf-8"},
    "/assets/index-77aa01.css": {**FOR_EVER, "Content-Type": "text/css; charset=utf-8"},
    "/assets/inter-1b2c3d.woff2": {**FOR_EVER, "Content-Type": "font/woff2"},
    "/sw.js": {
        **ASKED_AGAIN,
        "Content-Type": "text/javascript; charset=utf-8",
        "Service-Worker-Allowed": "/",
        "Content-Security-Policy": APP_POLICY,
    },
    "/manifest.webmanifest": {**ASKED_AGAIN, "Content-Type": "application/manifest+json"},
    "/icon.svg": {**ASKED_AGAIN, "Content-Type": "image/svg+xml; charset=utf-8"},
    "/icon-512.png": {**ASKED_AGAIN, "Content-Type": "image/png"},
    "/robots.txt": {**ASKED_AGAIN, "Content-Type": "text/plain; charset=utf-8"},
    "/sitemap.xml": {**ASKED_AGAIN, "Content-Type": "application/xml; charset=utf-8"},
}
EVERYWHERE = {
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Vary": "Accept-Encoding",
}
NOT_SERVED = [
    "/assets/",
    "/assets",
    "/assets/none-000000.js",
    "/assets/index-4f2a9c.js.map",
    "/assets/index-4f2a9c.js.br",
    "/.sources",
    "/.env",
    "/.git/config",
    "/none.php",
    "/favicon.bmp",
]
WANDERING = [
    "/../secret.txt",
    "/assets/../../secret.txt",
    "/%2e%2e/secret.txt",
    "/..%2fsecret.txt",
    "/assets/%2e%2e%2f%2e%2e%2fsecret.txt",
    "/..%5csecret.txt",
    "//etc/passwd",
    "/%00/etc/passwd",
    "/file:///etc/passwd",
]


async def ask_raw(world, target):
    """The reply to a target that no client library makes proper first."""
    reader, writer = await asyncio.open_connection("127.0.0.1", world.client.port)
    host = f"127.0.0.1:{world.client.port}"
    writer.write(f"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    try:
        return await asyncio.wait_for(reader.read(), 10)
    finally:
        writer.close()


async def test_every_address_tells_browsers_what_they_may_do_and_keep(fetch):
    for path, told in TOLD.items():
        status, headers, body = await fetch(path)
        assert status == 200, path
        for name, value in {**EVERYWHERE, **told}.items():
            assert headers.getall(name) == [value], (path, name)
        assert headers["ETag"].startswith('W/"'), path
        assert headers["X-Request-Id"], path
        assert "Server" not in headers, path
        status, again, nothing = await fetch(path, method="HEAD")
        assert (status, nothing) == (200, b""), path
        assert again["Content-Length"] == str(len(body)), path
        assert again["ETag"] == headers["ETag"], path


def test_policy_of_the_app_lets_only_its_own_host_in():
    policy = read_policy(APP_POLICY)
    assert policy["default-src"] == ["'none'"]
    for name in ("script-src", "style-src", "connect-src", "worker-src", "manifest-src"):
        assert policy[name] == ["'self'"], name
    assert policy["img-src"] == ["'self'", "data:", "blob:"]
    assert policy["frame-ancestors"] == policy["base-uri"] == ["'none'"]
    assert "unsafe" not in APP_POLICY
    assert "http" not in APP_POLICY


async def test_file_that_the_browser_has_is_not_sent_again(fetch):
    for path in ("/", "/markets", "/assets/index-4f2a9c.js", "/sw.js", "/trades/x"):
        _, headers, body = await fetch(path)
        assert body
        for mark in (headers["ETag"], f'"other", {headers["ETag"].removeprefix("W/")}'):
            status, again, nothing = await fetch(path, **{"If-None-Match": mark})
            assert (status, nothing) == (304, b""), path
            assert again["ETag"] == headers["ETag"]
            assert again["Cache-Control"] == headers["Cache-Control"]
        assert (await fetch(path, **{"If-None-Match": '"other"'}))[0] == 200


async def test_best_packing_that_the_browser_takes_is_sent(world):
    async def ask(path, codings):
        async with world.client.session.get(
            world.client.make_url(path), headers={"Accept-Encoding": codings}, auto_decompress=False
        ) as reply:
            return reply.headers.get("Content-Encoding"), await reply.read()

    script = "/assets/index-4f2a9c.js"
    assert await ask(script, "gzip, deflate, br, zstd") == ("br", BROTLI)
    coding, packed = await ask(script, "gzip, br;q=0")
    assert (coding, inflate(packed)) == ("gzip", SCRIPT)
    assert await ask(script, "identity") == (None, SCRIPT)
    # The build packed none of this one: the service does it at its start.
    coding, packed = await ask("/assets/index-77aa01.css", "gzip, br")
    assert (coding, inflate(packed)) == ("gzip", STYLE)
    coding, packed = await ask("/", "gzip, br")
    assert coding == "gzip"
    assert b"</html>" in inflate(packed)
    assert await ask("/icon-512.png", "gzip, br") == (None, FILES["icon-512.png"])


@pytest.mark.parametrize(
    ("header", "taken"),
    [
        ("gzip, deflate, br", {"gzip", "deflate", "br"}),
        ("GZIP;q=1.0, br;q=0.000", {"gzip"}),
        ("br;q=0.5", {"br"}),
        ("", set()),
        (",;q=0,", set()),
    ],
)
def test_codings_are_read_with_their_quality(header, taken):
    assert read_codings(header) == taken


async def test_unknown_file_is_not_found_and_no_folder_is_listed(fetch):
    for path in NOT_SERVED:
        status, headers, _ = await fetch(path)
        assert status == 404, path
        assert headers["Content-Type"] == "application/problem+json", path


async def test_nothing_outside_the_folder_is_served(world):
    for target in WANDERING:
        answer = await ask_raw(world, target)
        assert b"nobody may read this" not in answer, target
        assert b"root:" not in answer, target
        assert answer.startswith((b"HTTP/1.1 404", b"HTTP/1.1 400")), (target, answer[:200])


async def test_call_of_the_api_never_ends_in_a_page(fetch, world):
    for path in ("/api", "/api/", "/api/none", "/api/v1/none", "/api/v1/markets/none/none",
                 "/socket.io/none", "/%61pi/v1/none"):  # fmt: skip
        status, headers, body = await fetch(path)
        assert status in (400, 404), path
        assert b"<html" not in body, path
    for target in ("//api/v1/none", "/./api/v1/none", "/x/../api/v1/none"):
        assert b"<html" not in await ask_raw(world, target), target
    status, headers, _ = await fetch("/api/v1/auth/login")
    assert (status, headers["Allow"]) == (405, "POST")
    status, headers, _ = await fetch("/markets", method="POST")
    assert (status, headers["Allow"]) == (405, "GET, HEAD")
    assert (await fetch("/api/docs"))[0] == 200


async def test_other_pages_of_the_app_start_with_the_shell_and_are_not_listed(fetch):
    for path in ("/trades/0189", "/wallet", "/orders/new?side=sell", "/index.html"):
        status, _, body = await fetch(path)
        assert status == 200
        assert b'<script type="module" crossorigin src="/assets/index-4f2a9c.js">' in body
        assert b'<meta name="robots" content="noindex">' in body
        assert b"<!--meta-->" not in body


def test_folder_that_was_not_built_serves_no_app_and_a_broken_one_stops_the_start(tmp_path):
    assert read_build(tmp_path) is None
    (tmp_path / "index.html").write_text("<html></html>")
    with pytest.raises(BuildError, match="build the web app again"):
        read_build(tmp_path)


async def test_service_without_the_app_leads_to_the_page_of_the_api(sqlite_url, tmp_path):
    async with (
        start_world(sqlite_url, web_folder=tmp_path) as world,
        world.client.get("/", allow_redirects=False) as reply,
    ):
        assert (reply.status, reply.headers["Location"]) == (302, "/api/docs")
