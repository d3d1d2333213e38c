"""A server of the demo's own: a child process with a temporary database, gone at the end."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp

READY_S = 60
STOP_S = 20
PORT_MIN, PORT_MAX = 12_000, 32_000
"""Below the ports that the system gives to outgoing connections."""
PORT_TRIES_MAX = 50
POLL_S = 0.1
ERROR = '"level": "error"'

Written = Mapping[str, str]
"""Settings as an environment has them."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """What the demo does with a database of its own; the command line puts it together."""

    write_environment: Callable[[Written], dict[str, str]]
    """The environment of a child process whose settings are these alone."""
    prepare: Callable[[Written], Awaitable[None]]
    """Migrate the database, and add markets, rails and prices."""
    verify: Callable[[Written], Awaitable[list[str]]]
    """Check every invariant of the database: a sentence for each breach."""


class ServerFailedError(Exception):
    """The demo's own server did not do what it was started for."""


class OwnServer:
    """One server and its database in a temporary folder."""

    def __init__(self, folder: Path, port: int, speed: int, workshop: Workshop) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.log_path = folder / "server.log"
        self._workshop = workshop
        self._written = {
            "IQX_ENV": "development",
            "IQX_HOST": "127.0.0.1",
            "IQX_REDIS_URL": "",
            "IQX_DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'iqx.db'}",
            "IQX_PORT": str(port),
            "IQX_CLOCK_SPEED": str(speed),
            "IQX_BCRYPT_ROUNDS": "4",
            "IQX_READS_PER_S": "0",
            "IQX_WRITES_PER_S": "0",
            "IQX_PUBLIC_PER_S": "0",
            "IQX_PRICE_FEED_S": "60",
            "IQX_LOG_LEVEL": "warning",
        }
        self._process: asyncio.subprocess.Process | None = None

    async def prepare(self) -> None:
        """A migrated database with markets and rails, and nobody yet."""
        await self._workshop.prepare(self._written)

    async def start(self) -> None:
        """Start the server; returns when it answers."""
        with self.log_path.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "server", "run",
                env=self._workshop.write_environment(self._written), stdout=log, stderr=log,
                start_new_session=True,  # an interrupt at the terminal is ours to pass on
            )  # fmt: skip
        loop = asyncio.get_running_loop()
        until_s = loop.time() + READY_S
        async with aiohttp.ClientSession() as session:
            while loop.time() < until_s and self._process.returncode is None:
                if await _is_ready(session, self.url):
                    return
                await asyncio.sleep(POLL_S)
        raise ServerFailedError(f"The server did not start:\n{self.read_log()}")

    async def stop(self) -> None:
        """Let requests under way finish, then end."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
            raise ServerFailedError("The server did not stop when it was told to.") from None

    async def verify(self) -> list[str]:
        """Check every invariant of the database; a sentence for each breach."""
        return await self._workshop.verify(self._written)

    def read_log(self, lines_max: int = 20) -> str:
        """The end of what the server wrote."""
        return "\n".join(self._read_lines()[-lines_max:])

    def list_errors(self) -> list[str]:
        """What the server wrote as errors."""
        return [line for line in self._read_lines() if ERROR in line]

    def _read_lines(self) -> list[str]:
        if not self.log_path.exists():
            return []
        return self.log_path.read_text(errors="replace").splitlines()


@asynccontextmanager
async def run_own_server(
    speed: int, workshop: Workshop, draw_number: Callable[[int, int], int]
) -> AsyncIterator[OwnServer]:
    """A prepared and running server; it and its folder are gone afterwards."""
    with TemporaryDirectory(prefix="iqx-demo-") as folder:
        port = await find_free_port(draw_number)
        server = OwnServer(Path(folder), port, speed, workshop)
        await server.prepare()
        try:
            await server.start()
            yield server
        finally:
            await server.stop()


async def find_free_port(draw_number: Callable[[int, int], int]) -> int:
    """A port on which nothing listens. Raises `ServerFailedError` when none was found."""
    for _ in range(PORT_TRIES_MAX):
        port = draw_number(PORT_MIN, PORT_MAX)
        try:
            probe = await asyncio.start_server(lambda *_: None, "127.0.0.1", port)
        except OSError:
            continue
        probe.close()
        await probe.wait_closed()
        return port
    raise ServerFailedError(f"No free port between {PORT_MIN} and {PORT_MAX}.")


async def _is_ready(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(f"{url}/api/health") as reply:
            return reply.status == 200 and bool((await reply.json())["ok"])
    except (aiohttp.ClientError, TimeoutError):
        return False
