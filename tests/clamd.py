"""A daemon that speaks as ClamAV's does, well or badly."""

import asyncio
import contextlib
import struct

MARK = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"
NAME = "Win.Test.EICAR_HDB-1"
LIMIT = 25 * 1024 * 1024


class Clamd:
    """Answers INSTREAM; `mood` says how."""

    def __init__(self):
        self.mood = "well"
        self.harmful = b"HARMFUL"
        self.scanned = 0
        self.commands = []
        self.over = asyncio.Event()
        self.serving = set()

    async def serve(self, reader, writer):
        self.serving.add(asyncio.current_task())
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await self._answer(reader, writer)
        with contextlib.suppress(ConnectionError):
            writer.close()
            await writer.wait_closed()

    async def _answer(self, reader, writer):
        command = await reader.readuntil(b"\x00")
        self.commands.append(command)
        if command != b"zINSTREAM\x00":
            writer.write(b"UNKNOWN COMMAND\x00")
            return
        content = bytearray()
        if self.mood == "hangs up":
            return
        while length := struct.unpack(">I", await reader.readexactly(4))[0]:
            content += await reader.readexactly(length)
            if len(content) > LIMIT:
                writer.write(b"INSTREAM size limit exceeded. ERROR\x00")
                return
        self.scanned += 1
        if self.mood == "slow":
            await self.over.wait()
        said = {
            "garbage": b"\xff\xfe\x01 what\x00",
            "error": b"INSTREAM size limit exceeded. ERROR\x00",
            "half": b"stream: O",
            "nothing found by nobody": b"stream:  FOUND\x00",
            "ok of another": b"file.txt: OK\x00",
            "long": b"stream: " + b"O" * 100_000 + b"K\x00",
        }.get(self.mood)
        if said is None:
            harmful = MARK in content or self.harmful in content
            said = f"stream: {NAME} FOUND\0".encode() if harmful else b"stream: OK\x00"
        writer.write(said)
        await writer.drain()


BAD_MOODS = ("hangs up", "slow", "garbage", "error", "half", "nothing found by nobody",
             "ok of another", "long")  # fmt: skip


@contextlib.asynccontextmanager
async def serve_clamd(path=None):
    """A running daemon and the address that it has: a port, or a socket at `path`."""
    daemon = Clamd()
    if path is None:
        server = await asyncio.start_server(daemon.serve, "127.0.0.1", 0)
        url = f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    else:
        server = await asyncio.start_unix_server(daemon.serve, path)
        url = f"unix:{path}"
    try:
        yield daemon, url
    finally:
        server.close()
        daemon.over.set()
        await asyncio.gather(*daemon.serving)
