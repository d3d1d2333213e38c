"""Reading what services outside answer."""

import aiohttp

PIECE = 64 * 1024


async def read_bounded(reply: aiohttp.ClientResponse, bytes_max: int) -> bytes:
    """The whole body; raises `aiohttp.ClientPayloadError` for one that is longer than it may be."""
    body = bytearray()
    async for piece in reply.content.iter_chunked(PIECE):
        body += piece
        if len(body) > bytes_max:
            raise aiohttp.ClientPayloadError("the answer is too long")
    return bytes(body)
