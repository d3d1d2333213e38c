"""The official JavaScript client, driven from a test."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
WAIT_MAX_S = 60.0

TRANSPORTS: dict[str, dict[str, Any]] = {
    "polling": {"transports": ["polling"], "upgrade": False},
    "upgrade": {"transports": ["polling", "websocket"], "upgrade": True},
    "websocket": {"transports": ["websocket"], "upgrade": False},
}


class JsClients:
    """A node process with several clients, and what each of them has seen so far."""

    def __init__(self, process: asyncio.subprocess.Process, count: int) -> None:
        self.process = process
        self.sids: list[str] = [""] * count
        self.seen: list[list[dict[str, Any]]] = [[] for _ in range(count)]
        self._changed = asyncio.Condition()
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, url: str, clients: list[dict[str, Any]]) -> "JsClients":
        process = await asyncio.create_subprocess_exec(
            "node",
            str(HERE / "client.mjs"),
            json.dumps({"url": url, "clients": clients}),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=16 * 1024 * 1024,
        )
        return cls(process, len(clients))

    async def _read(self) -> None:
        assert self.process.stdout is not None
        async for raw in self.process.stdout:
            line = json.loads(raw)
            client = line.pop("client")
            if "connected" in line:
                self.sids[client] = line["connected"]
            async with self._changed:
                self.seen[client].append(line)
                self._changed.notify_all()

    async def wait_until(self, holds: Callable[[], bool]) -> None:
        async with self._changed, asyncio.timeout(WAIT_MAX_S):
            await self._changed.wait_for(holds)

    async def wait_for_each(self, key: str, value: Any = None) -> None:
        """Wait until every client has a line with this key (and value, if given)."""
        await self.wait_until(
            lambda: all(
                any(key in line and value in (None, line[key]) for line in seen)
                for seen in self.seen
            )
        )

    def events(self, client: int) -> list[Any]:
        """Return [name, *arguments] of each event in the order of arrival."""
        return [line["event"] for line in self.seen[client] if "event" in line]

    async def command(self, client: int, **command: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"client": client, **command}).encode() + b"\n")
        await self.process.stdin.drain()

    async def ask(self, client: int, *message: Any) -> Any:
        """Emit with an acknowledgement and return what was answered."""
        before = len(self.answers(client))
        await self.command(client, ask=message)
        await self.wait_until(lambda: len(self.answers(client)) > before)
        return self.answers(client)[before]

    def answers(self, client: int) -> list[Any]:
        """Return the answers to what was asked, in the order of arrival."""
        return [line["answer"] for line in self.seen[client] if "answer" in line]

    async def stop(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        async with asyncio.timeout(WAIT_MAX_S):
            await self.process.wait()
            await self._reader
