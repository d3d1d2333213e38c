"""The real program in a process of its own."""

import asyncio
import re
import signal
from contextlib import asynccontextmanager

from tests.programs import obtain_nursery

START_MAX_S = 60
ANSWERS = re.compile(rb"(https?)://\S+:(\d+)")


class ServerProcess:
    """A running `iqx run`."""

    def __init__(self, program, scheme, port):
        self.program = program
        self.port = port
        self.base = f"{scheme}://127.0.0.1:{port}"

    @property
    def said(self):
        """What it wrote; whole when the program has ended."""
        return self.program.log.read_bytes()

    def tell(self, number):
        self.program.tell(number)

    async def wait(self, wait_s):
        return await self.program.wait(wait_s)


@asynccontextmanager
async def run_server(database_url, **settings):
    """Start the program on a free port and a migrated database; end it at the end."""
    environment = {
        "IQX_DATABASE_URL": database_url,
        "IQX_PORT": "0",
        "IQX_PRICE_FEED_S": "0",
        "IQX_BCRYPT_ROUNDS": "4",
        "IQX_WEB_FOLDER": "",
        **{f"IQX_{name.upper()}": str(value) for name, value in settings.items()},
    }
    program = obtain_nursery().fork(environment)
    try:
        async with asyncio.timeout(START_MAX_S):
            scheme, port = await _read_place(program)
        yield ServerProcess(program, scheme, port)
    finally:
        if program.code is None:
            program.tell(signal.SIGKILL)
            await program.wait(START_MAX_S)


async def _read_place(program):
    while True:
        ended = program.code is not None
        said = program.log.read_bytes() if program.log.exists() else b""
        for line in said.splitlines():
            if b"IQX answers on" in line:
                found = ANSWERS.search(line)
                return found[1].decode(), int(found[2])
        assert not ended, said.decode()
        await asyncio.sleep(0.01)
