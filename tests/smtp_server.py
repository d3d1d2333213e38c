"""A small SMTP server on the loopback: it keeps what it takes and refuses what it is told to."""

import asyncio
import base64
import contextlib


class SmtpFake:
    """`replies` maps a verb to the line that answers it; `mails` are sender, recipient, text."""

    def __init__(self):
        self.mails = []
        self.replies = {}
        self.logins = []
        self.port = 0

    async def serve(self, reader, writer):
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await self._talk(reader, writer)
        writer.close()

    async def _talk(self, reader, writer):
        def say(line):
            writer.write(line.encode() + b"\r\n")

        say(self.replies.get("CONNECT", "220 fake ready"))
        origin = target = ""
        while line := (await reader.readline()).decode().strip():
            verb = line.split()[0].upper()
            if verb in self.replies:
                say(self.replies[verb])
            elif verb == "EHLO":
                writer.write(b"250-fake\r\n250-AUTH PLAIN\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n")
            elif verb == "AUTH":
                self.logins.append(base64.b64decode(line.split()[2]).decode().split("\0")[1:])
                say("235 welcome")
            elif verb == "MAIL":
                origin = line
                say("250 ok")
            elif verb == "RCPT":
                target = line
                say("250 ok")
            elif verb == "DATA":
                say("354 go on")
                text = await reader.readuntil(b"\r\n.\r\n")
                self.mails.append((origin, target, text))
                say("250 taken")
            elif verb == "QUIT":
                say("221 bye")
                return
            else:
                say("250 ok")
            await writer.drain()


@contextlib.asynccontextmanager
async def run_smtp():
    fake = SmtpFake()
    server = await asyncio.start_server(fake.serve, "127.0.0.1", 0)
    fake.port = server.sockets[0].getsockname()[1]
    try:
        yield fake
    finally:
        server.close()
        await server.wait_closed()
