"""Replies as bytes: a prepared head for each status and content type, one write for each reply.

The stock response of aiohttp fills a multi-dict of headers and serialises it, which costs more
than all other work of a small reply. Written against aiohttp 3.14.5, whose connection asks of a
response only `prepare`, `write_eof` and `keep_alive`.
"""

import asyncio
from collections.abc import Mapping
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.web_request import BaseRequest

SECURITY_HEADERS = {
    # Browsers heed it over TLS only, so it does no harm on a developer's machine.
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
HEADS_MAX = 256
BODYLESS = frozenset({204, 304})


@lru_cache(maxsize=HEADS_MAX)
def _head(status: int, content_type: str, replaced: tuple[str, ...]) -> bytes:
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    if status not in BODYLESS:
        lines.append(f"Content-Type: {content_type}")
    lines += [
        f"{name}: {value}" for name, value in SECURITY_HEADERS.items() if name not in replaced
    ]
    return "\r\n".join(lines).encode("ascii")


@lru_cache(maxsize=1)
def _date_line(second: int) -> bytes:
    assert second >= 0, "the loop's time is the key of the cached line"
    return f"\r\nDate: {formatdate(usegmt=True)}".encode("ascii")


class WireResponse(web.StreamResponse):
    """A finished reply, sent as one write of head and body. Names no server software.

    `headers` come on top of the security headers and replace those of the same name.
    """

    def __init__(
        self,
        status: int,
        body: bytes,
        *,
        content_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status=status)
        self._content = body
        self._media = content_type
        self._fields: dict[str, str] = {}
        if headers:
            self.add_fields(headers)

    def add_fields(self, fields: Mapping[str, str]) -> None:
        """Add or replace header fields; control characters in them are a fault of the caller."""
        for name, value in fields.items():
            assert value.isascii(), f"the header {name} has characters outside ASCII"
            assert value.isprintable(), f"the header {name} has control characters"
            self._fields[name] = value

    @property
    def fields(self) -> Mapping[str, str]:
        """The header fields besides content type, length, date and the security headers."""
        return self._fields

    @property
    def content(self) -> bytes:
        """The body."""
        return self._content

    def render(self, *, keep_alive: bool = True, with_body: bool = True) -> bytes:
        """The reply as the bytes that go over the wire."""
        fields = self._fields
        parts = [
            _head(self.status, self._media, tuple(filter(SECURITY_HEADERS.__contains__, fields))),
            _date_line(int(asyncio.get_running_loop().time())),
        ]
        parts += [f"\r\n{name}: {value}".encode("ascii") for name, value in fields.items()]
        if not keep_alive:
            parts.append(b"\r\nConnection: close")
        if self.status in BODYLESS:
            parts.append(b"\r\n\r\n")
        else:
            parts.append(b"\r\nContent-Length: %d\r\n\r\n" % len(self._content))
            if with_body:
                parts.append(self._content)
        return b"".join(parts)

    async def prepare(self, request: BaseRequest) -> AbstractStreamWriter | None:
        """Note the request and decide whether the connection stays; nothing is sent yet."""
        if self._keep_alive is None:
            self._keep_alive = request.keep_alive
        if getattr(request.protocol, "closing", False):
            self._keep_alive = False
        self._req = request
        self._payload_writer = request.writer
        return request.writer

    async def write_eof(self, rest: bytes = b"") -> None:
        """Send everything at once."""
        assert not rest, "the body is given at the start"
        if self._eof_sent:
            return
        request, writer = self._req, self._payload_writer
        assert request is not None
        assert writer is not None, "prepare comes first"
        message = self.render(keep_alive=bool(self._keep_alive), with_body=request.method != "HEAD")
        await writer.write_eof(message)
        self._eof_sent = True
        self._req = None
        self._payload_writer = None
