"""The scanner: a port, and the ClamAV daemon behind it."""

import asyncio
import struct
from collections.abc import Awaitable, Callable
from typing import Protocol

CHUNK_BYTES = 64 * 1024
REPLY_BYTES_MAX = 4096
SCAN_S = 20
"""The whole of one scan takes at most so long."""
ASK = b"zINSTREAM\x00"
OK, FOUND = "OK", " FOUND"
OPEN_LINE = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


class ScannerDown(Exception):  # noqa: N818 - says what happened, is never an answer to a user
    """The scanner did not answer, or said nothing that can be relied on."""


class Scanner(Protocol):
    """Looks into a file for what harms."""

    @property
    def name(self) -> str:
        """As rows keep it."""
        ...

    async def scan(self, content: bytes) -> str | None:
        """The name of what was found; none for a clean file. Raises `ScannerDown`."""
        ...


class ClamAv:
    """The ClamAV daemon, asked with INSTREAM; `open_line` opens a connection to it.

    Only the word that a whole file is clean is one; an error, a limit or half an answer is none.
    """

    name = "clamav"

    def __init__(self, open_line: OPEN_LINE, *, wait_s: float = SCAN_S) -> None:
        self._open_line = open_line
        self._wait_s = wait_s

    async def scan(self, content: bytes) -> str | None:
        """Send a file in pieces and read the verdict."""
        try:
            async with asyncio.timeout(self._wait_s):
                reply = await self._ask(content)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as e:
            raise ScannerDown(type(e).__name__) from e
        kind, _, verdict = reply.partition(": ")
        if kind != "stream" or not verdict.isprintable():
            raise ScannerDown("garbled")
        if verdict == OK:
            return None
        if verdict.endswith(FOUND) and len(verdict) > len(FOUND):
            return verdict.removesuffix(FOUND)
        raise ScannerDown("refused")

    async def _ask(self, content: bytes) -> str:
        reader, writer = await self._open_line()
        try:
            writer.write(ASK)
            for at in range(0, len(content), CHUNK_BYTES):
                piece = content[at : at + CHUNK_BYTES]
                writer.write(struct.pack(">I", len(piece)) + piece)
                await writer.drain()
            writer.write(struct.pack(">I", 0))
            await writer.drain()
            told = await reader.readuntil(b"\x00")
        finally:
            writer.close()
        if len(told) > REPLY_BYTES_MAX:
            raise ScannerDown("garbled")
        return told[:-1].decode(errors="replace").strip()
