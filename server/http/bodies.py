"""Bodies of requests: JSON, or the bytes of a file, bounded in size and in time."""

import asyncio
from typing import Any

from aiohttp import StreamReader, web
from aiohttp.http import HttpProcessingError

from server.core import refusals
from server.http.endpoint import Endpoint
from server.http.parsing import parse_json

BODY_BYTES_PER_WAIT = 2 * 1024 * 1024
"""A larger body may take as many times longer to arrive."""


async def read_body(request: web.Request, endpoint: Endpoint, wait_s: float) -> Any:
    """The JSON of a body, or None for none."""
    length = request.content_length
    if length is not None and length > endpoint.body_bytes_max:
        raise refusals.TooLarge
    raw = await _receive(request, endpoint.body_bytes_max, wait_s)
    if not raw:
        return None
    headers = request.headers
    if headers.get("Content-Type") != "application/json" and not _is_json(request):
        raise refusals.UnsupportedMedia
    # Bodies are never unpacked: a few kilobytes can become gigabytes.
    if "Content-Encoding" in headers:
        raise refusals.UnsupportedMedia("Send the body without compression.")
    return parse_json(raw)


async def read_bytes(request: web.Request, endpoint: Endpoint, wait_s: float) -> bytes:
    """A body of one of the content types that the endpoint takes, as it came."""
    if not request.body_exists:
        return b""
    headers, length = request.headers, request.content_length
    if length is not None and length > endpoint.body_bytes_max:
        raise refusals.TooLarge
    if request.content_type not in endpoint.takes or "Content-Encoding" in headers:
        raise refusals.UnsupportedMedia(f"Send one of {', '.join(endpoint.takes)}, unpacked.")
    longer = max(1, endpoint.body_bytes_max // BODY_BYTES_PER_WAIT)
    return await _receive(request, endpoint.body_bytes_max, wait_s * longer)


async def _receive(request: web.Request, bytes_max: int, wait_s: float) -> bytes:
    content = request.content
    try:
        if content.is_eof() and content.total_bytes <= bytes_max:
            # The usual case: the body came with the head, there is nothing to wait for.
            return content.read_nowait()
        return await _wait_for_body(content, bytes_max, wait_s)
    except TimeoutError:
        raise refusals.BadRequest("The body did not arrive in time.") from None
    except (web.RequestPayloadError, HttpProcessingError, OSError):
        raise refusals.BadRequest("The body broke off.") from None


async def _wait_for_body(content: StreamReader, bytes_max: int, wait_s: float) -> bytes:
    raw = bytearray()
    async with asyncio.timeout(wait_s):
        while chunk := await content.readany():
            raw += chunk
            if len(raw) > bytes_max:
                raise refusals.TooLarge
    return bytes(raw)


def _is_json(request: web.Request) -> bool:
    if request.content_type != "application/json":
        return False
    return (request.charset or "utf-8").lower() in ("utf-8", "utf8")
