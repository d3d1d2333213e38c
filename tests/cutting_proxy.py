"""A TCP proxy that loses the answer to one chosen packet, or the packet itself."""

import asyncio
import contextlib


class Proxy:
    """Forwards connections to `port`; `trigger` decides when an answer is lost.

    When a packet from the client contains `trigger`, it is forwarded, the server's answer is
    awaited and thrown away, and the client's connection is cut. `swallow` instead drops the packet
    itself and keeps the server's side open, as a silent network would. Only a connection that has
    sent `marked_by` before counts, when that is given. With `goes_dark` the cut takes every
    connection with it, and new ones are refused until `goes_dark` is taken back.
    """

    def __init__(self, port):
        self.upstream_port = port
        self.trigger = None
        self.marked_by = b""
        self.swallow = False
        self.goes_dark = False
        self.cuts = 0
        self._server = None
        self._tasks = set()
        self._held = []

    async def start(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self):
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for writer in self._held:
            writer.close()

    async def _serve(self, reader, writer):
        task = asyncio.current_task()
        self._tasks.add(task)
        try:
            if not (self.goes_dark and self.cuts):
                await self._forward(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _forward(self, reader, writer):
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self.upstream_port)
        back = asyncio.create_task(_pump(up_reader, writer))
        marked = False
        try:
            while packet := await reader.read(1 << 20):
                marked = marked or (self.trigger is not None and self.marked_by in packet)
                if self.trigger is None or not marked or self.trigger not in packet:
                    up_writer.write(packet)
                    await up_writer.drain()
                    continue
                self.trigger = None
                self.cuts += 1
                back.cancel()
                if self.swallow:
                    self._held.append(up_writer)
                else:
                    up_writer.write(packet)
                    with contextlib.suppress(asyncio.CancelledError):
                        await back
                    await up_reader.read(1 << 16)
                writer.transport.abort()
                if self.goes_dark:
                    for task in self._tasks - {asyncio.current_task()}:
                        task.cancel()
                return
        finally:
            back.cancel()
            if up_writer not in self._held:
                up_writer.close()


async def _pump(reader, writer):
    while packet := await reader.read(1 << 20):
        writer.write(packet)
        await writer.drain()
    writer.close()
