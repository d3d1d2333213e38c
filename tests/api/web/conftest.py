"""A built web app in a folder, and the application that serves it."""

import gzip
import zlib

import pytest

from tests.market_world import start_world

SHELL = """<!doctype html>
<html lang="en" dir="ltr">
  <head>
    <meta charset="utf-8" />
    <title>Nothing yet</title>
    <!--meta-->
    <script type="module" crossorigin src="/assets/index-4f2a9c.js"></script>
  </head>
  <body><div id="root"></div></body>
</html>
"""
SCRIPT = b"export const rate = 26000;\n" * 200
WORKER = b"self.addEventListener('fetch', () => undefined);\n"
STYLE = b"body { margin: 0 }\n" * 100
BROTLI = b"what brotli made of it"
FILES = {
    "index.html": SHELL.encode(),
    "assets/index-4f2a9c.js": SCRIPT,
    "assets/index-4f2a9c.js.br": BROTLI,
    "assets/index-4f2a9c.js.gz": gzip.compress(SCRIPT, 9),
    "assets/index-4f2a9c.js.map": b"{}",
    "assets/index-77aa01.css": STYLE,
    "assets/inter-1b2c3d.woff2": b"wOF2",
    "sw.js": WORKER,
    "manifest.webmanifest": b'{"name": "IQX"}',
    "icon.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "icon-512.png": b"\x89PNG",
    "og.png": b"\x89PNG card",
    ".sources": b"what the build was made of",
}


def inflate(packed):
    """gzip as a browser reads it."""
    return zlib.decompress(packed, wbits=31)


@pytest.fixture(scope="session")
def web_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("web") / "dist"
    for name, content in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (folder.parent / "secret.txt").write_text("nobody may read this")
    return folder


@pytest.fixture
async def world(sqlite_url, web_folder):
    async with start_world(sqlite_url, web_folder=web_folder, test_market=True) as started:
        yield started


@pytest.fixture
def fetch(world):
    """GET an address as it is written: status, header fields and body."""

    async def fetch(path, method="GET", **headers):
        sent = {"Accept-Encoding": "identity", **headers}
        async with world.client.request(method, path, headers=sent, allow_redirects=False) as reply:
            return reply.status, reply.headers, await reply.read()

    return fetch
