"""The real program in a process of its own."""

import asyncio
import os
import re
import sys
from contextlib import asynccontextmanager

from tests.services import ROOT

START_MAX_S = 60
ANSWERS = re.compile(rb"(https?)://\S+:(\d+)")


class ServerProcess:
    """A running `iqx run`."""

    def __init__(self, process, scheme, port):
        self.process = process
        self.port = port
        self.base = f"{scheme}://127.0.0.1:{port}"
        self.said = b""
        """What it wrote; whole when the program has ended."""

    def tell(self, number):
        self.process.send_signal(number)

    async def wait(self, wait_s):
        return await asyncio.wait_for(self.process.wait(), wait_s)


@asynccontextmanager
async def run_server(database_url, **settings):
    """Start the program on a free port and a migrated database; end it at the end."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("IQX_")},
        "IQX_DATABASE_URL": database_url,
        "IQX_PORT": "0",
        "IQX_PRICE_FEED_S": "0",
        "IQX_BCRYPT_ROUNDS": "4",
        "IQX_WEB_FOLDER": "",
        **{f"IQX_{name.upper()}": str(value) for name, value in settings.items()},
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server", "run"),
        cwd=ROOT,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    reading = None
    try:
        scheme, port, said = await asyncio.wait_for(_read_place(process), START_MAX_S)
        # The pipe is read on, or the program would stop when it is full.
        reading = asyncio.create_task(process.stdout.read())
        server = ServerProcess(process, scheme, port)
        yield server
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        if reading is not None:
            server.said = said + await reading


async def _read_place(process):
    said = b""
    while line := await process.stdout.readline():
        said += line
        if b"IQX answers on" in line:
            found = ANSWERS.search(line)
            return found[1].decode(), int(found[2]), said
    raise AssertionError(said.decode())
