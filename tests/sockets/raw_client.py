"""A client that can do what a library would not: read nothing, or one frame at a time."""

import asyncio
import os
import socket
import struct
from urllib.parse import urlsplit

HANDSHAKE = (
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {host}\r\n"
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Extensions: permessage-deflate\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)


class RawClient:
    """One websocket to the root namespace, read only when asked."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.response = b""

    @classmethod
    async def connect(cls, url: str) -> "RawClient":
        parts = urlsplit(url)
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        connection.setblocking(False)
        await asyncio.get_running_loop().sock_connect(connection, (parts.hostname, parts.port))
        client = cls(*await asyncio.open_connection(sock=connection, limit=4096))
        client.writer.write(HANDSHAKE.format(host=parts.netloc).encode())
        client.response = await client.reader.readuntil(b"\r\n\r\n")
        assert (await client.read())[1].startswith(b"0{")
        client.send("40")
        assert (await client.read())[1].startswith(b"40{")
        return client

    def send(self, text: str) -> None:
        mask = os.urandom(4)
        payload = text.encode()
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
        assert len(payload) < 126
        self.writer.write(struct.pack("!BB", 0x81, 0x80 | len(payload)) + mask + masked)

    async def read(self) -> tuple[int, bytes]:
        """Return first byte and payload of the next frame."""
        first, length = await self.reader.readexactly(2)
        if length == 126:
            (length,) = struct.unpack("!H", await self.reader.readexactly(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", await self.reader.readexactly(8))
        return first, await self.reader.readexactly(length)

    async def close(self) -> None:
        self.writer.transport.abort()
        await asyncio.sleep(0)
