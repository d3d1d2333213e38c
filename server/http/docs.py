"""Serves the OpenAPI document and the page that people read it on; nothing comes from elsewhere."""

import gzip
import hashlib
from collections.abc import Awaitable, Callable, Container, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from aiohttp import web

from server.http.docs_page import render_page
from server.http.endpoint import DATABASE, Endpoint
from server.http.openapi import EventDocument, build_document, write_document
from server.http.wire import WireResponse

STATIC = Path(__file__).parent / "static"
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class File(NamedTuple):
    """Something that is served as it is, plain or packed."""

    content: bytes
    packed: bytes
    media: str
    mark: str
    """Its ETag."""


def add_documents(
    app: web.Application,
    endpoints: Iterable[Endpoint],
    *,
    events: Sequence[EventDocument] = (),
    taken: Container[str] = (),
) -> None:
    """Serve /api/openapi.json, /api/docs and what the page needs; `/` leads to the page.

    Addresses in `taken` are left out: the web app has them.
    """
    for path, file in write_files(tuple(endpoints), tuple(events)).items():
        if path not in taken:
            app.router.add_route("GET", path, _serve(file))
    if "/" not in taken:
        app.router.add_route("GET", "/", _lead_to_page)


def write_files(
    endpoints: tuple[Endpoint, ...], events: tuple[EventDocument, ...]
) -> dict[str, File]:
    """The files of the documentation by path."""
    document = build_document(endpoints, events=events)
    icon = _pack((STATIC / "favicon.svg").read_bytes(), "image/svg+xml; charset=utf-8")
    return {
        "/api/openapi.json": _pack(write_document(document).encode(), "application/json"),
        "/api/docs": _pack(render_page(document).encode(), "text/html; charset=utf-8"),
        "/api/docs/docs.css": _pack((STATIC / "docs.css").read_bytes(), "text/css; charset=utf-8"),
        "/api/docs/docs.js": _pack(
            (STATIC / "docs.js").read_bytes(), "text/javascript; charset=utf-8"
        ),
        "/favicon.svg": icon,
        "/favicon.ico": icon,
    }


def _pack(content: bytes, media: str) -> File:
    mark = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    return File(content, gzip.compress(content, mtime=0), media, mark)


async def _lead_to_page(request: web.Request) -> web.StreamResponse:
    headers = {"Location": "/api/docs", "X-Request-Id": _make_id(request)}
    return WireResponse(302, b"", content_type="text/plain", headers=headers)


def _make_id(request: web.Request) -> str:
    return request.app[DATABASE].ids.new_bytes().hex()


def _serve(file: File) -> Handler:
    kept = {
        "Cache-Control": "no-cache",
        "Content-Security-Policy": PAGE_POLICY,
        "ETag": file.mark,
        "Vary": "Accept-Encoding",
    }

    async def serve(request: web.Request) -> web.StreamResponse:
        headers = {**kept, "X-Request-Id": _make_id(request)}
        if request.headers.get("If-None-Match") == file.mark:
            return WireResponse(304, b"", headers=headers)
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return WireResponse(200, file.packed, content_type=file.media, headers=headers)
        return WireResponse(200, file.content, content_type=file.media, headers=headers)

    return serve
