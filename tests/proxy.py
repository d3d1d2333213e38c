"""A proxy before MariaDB that loses a COMMIT, or the answer to it, when told to.

It reads only as much of the protocol as it needs: packets have a length of three bytes, a number
and a payload, and a statement's payload is 0x03 and its text.
"""

import asyncio
import enum
from contextlib import asynccontextmanager

from sqlalchemy.engine import make_url

STATEMENT = 0x03


class Lose(enum.Enum):
    """What becomes of the next COMMIT."""

    COMMIT = "the connection breaks before the server hears it"
    ANSWER = "the server commits and the connection breaks before the client hears of it"
    COMMIT_SILENTLY = "the server never hears it and the connection stays open"
    ANSWER_SILENTLY = "the server commits, its answer is lost and the connection stays open"


class Link:
    """One connection through the proxy."""

    def __init__(self):
        self.answered = asyncio.Event()
        self.muted = False


class Proxy:
    """Forwards to `host:port`; `lose_next` says what happens to the next COMMIT, once."""

    def __init__(self, host, port):
        self.host, self.port = host, port
        self.lose_next = None
        self.refusing = False
        self.lost = 0
        self._server = None
        self._tasks = set()

    async def start(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self._server.sockets[0].getsockname()[1]

    async def stop(self):
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, client_reader, client_writer):
        self._tasks.add(asyncio.current_task())
        server_writer = None
        try:
            if self.refusing:
                return
            server_reader, server_writer = await asyncio.open_connection(self.host, self.port)
            link = Link()
            answers = asyncio.create_task(forward_answers(server_reader, client_writer, link))
            try:
                await self._forward_statements(client_reader, server_writer, answers, link)
            finally:
                answers.cancel()
                await asyncio.gather(answers, return_exceptions=True)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            for writer in (client_writer, server_writer):
                if writer is not None:
                    writer.transport.abort()
            self._tasks.discard(asyncio.current_task())

    async def _forward_statements(self, reader, writer, answers, link):
        while True:
            head = await reader.readexactly(4)
            payload = await reader.readexactly(int.from_bytes(head[:3], "little"))
            lose = None
            if payload[:1] == bytes([STATEMENT]) and payload[1:].strip().upper() == b"COMMIT":
                lose, self.lose_next = self.lose_next, None
            if lose is not None:
                self.lost += 1
                link.muted = True
            if lose in (None, Lose.ANSWER, Lose.ANSWER_SILENTLY):
                link.answered.clear()
                writer.write(head + payload)
                await writer.drain()
            if lose is Lose.COMMIT:
                return
            if lose is Lose.ANSWER:
                await link.answered.wait()
                return
            if lose in (Lose.COMMIT_SILENTLY, Lose.ANSWER_SILENTLY):
                # Whoever waits hears nothing; the server's side stays as it is until it is ended.
                await answers
                return


async def forward_answers(reader, writer, link):
    while piece := await reader.read(65536):
        if not link.muted:
            writer.write(piece)
            await writer.drain()
        link.answered.set()


@asynccontextmanager
async def open_proxy(url):
    """A proxy before the server of a database URL; yields it and the URL that leads through it."""
    parsed = make_url(url)
    proxy = Proxy(parsed.host, parsed.port)
    port = await proxy.start()
    try:
        yield proxy, parsed.set(port=port).render_as_string(hide_password=False)
    finally:
        await proxy.stop()
