"""The demo from its first person to its verdict."""

import asyncio
import signal
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from rich.console import Console

from seeds.demo.cast import Part, cast_person, load_markets
from seeds.demo.checks import check_all
from seeds.demo.client import open_session
from seeds.demo.deals import play_trade
from seeds.demo.orders import leave_market, live
from seeds.demo.own_server import OwnServer, ServerFailedError, Workshop, run_own_server
from seeds.demo.person import Person
from seeds.demo.tally import Tally
from seeds.demo.view import show, write_line, write_picture
from seeds.demo.watcher import Watcher
from seeds.demo.world import Chance, World, make_pace

JOIN_AT_ONCE = 8
REST_MINUTES = (1.0, 3.0)
"""Between two things that somebody does on the market."""
SETTLE_S = 90.0
"""How long the trades that are open at the end may take to end."""
HEALTH_STEP_S = 2.0
HEALTH_TRIES_MAX = 5
"""A busy server may be late for a moment."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says."""

    users: int
    minutes: float
    """Of real time, from when everybody has arrived until everything is brought to its end."""
    speed: int
    url: str
    """A running development server; empty starts one of the demo's own."""
    picture: Path | None
    tag: str
    """Tells this run's names from those of others on the same server."""


class Demo:
    """One run."""

    def __init__(self, options: Options, chance: Chance, console: Console) -> None:
        self.options = options
        self.chance = chance
        self.console = console
        self.tally = Tally()
        self.people: list[Person] = []
        self._parts: dict[str, Part] = {}
        """What each does on the market, by name."""
        self._began_s: float | None = None
        self._closing_now = asyncio.Event()

    async def run(self, workshop: Workshop) -> int:
        """Run it; 0 when everything was as promised, 1 when not, with a summary either way."""
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self._closing_now.set)
        try:
            if self.options.url:
                await self._play(self.options.url.rstrip("/"), speed=1)
            else:
                await self._play_on_own_server(workshop)
        except ServerFailedError as error:
            self.tally.faults.add(str(error))
        return self.sum_up()

    async def _play_on_own_server(self, workshop: Workshop) -> None:
        self.console.print("Starting a server of the demo's own ...")
        speed = self.options.speed
        async with run_own_server(speed, workshop, self.chance.randrange) as server:
            await self._play(server.url, speed=speed)
            await self._verify(server)

    async def _verify(self, server: OwnServer) -> None:
        await server.stop()
        breaches = await server.verify()
        self.tally.invariants = f"{len(breaches)} BROKEN" if breaches else "all hold"
        for breach in breaches:
            self.tally.faults.add(breach)
        for line in server.list_errors():
            self.tally.faults.add(f"the server wrote: {line}")

    async def _play(self, url: str, *, speed: int) -> None:
        async with open_session() as session, self._show():
            world = World(
                url, session, self.tally, self.chance, make_pace(speed), speed, self.options.tag
            )
            world.markets = await load_markets(world)
            if not world.markets:
                raise ServerFailedError("The server has no open market with an index and rails.")
            watcher = Watcher(world)
            self.tally.note = f"{url}, people arrive"
            await watcher.join()
            background = [watcher.follow_books(), self._follow_health(world)]
            async with keep_running(background):
                await self._gather_people(world)
                async with keep_running([one.follow_token() for one in self.people]):
                    await self._live(world)
                    self.tally.note = "every view is compared with a fresh fetch"
                    await check_all(world, self.people, watcher)
                    if self.options.url:
                        await self._judge_health(world)
                    for listener in (*(one.listener for one in self.people), watcher.listener):
                        await listener.close()

    async def _gather_people(self, world: World) -> None:
        gate = asyncio.Semaphore(JOIN_AT_ONCE)

        async def join(number: int) -> None:
            person, part = cast_person(world, number)
            person.play = play_trade
            async with gate:
                if await person.join(usdt=part.usdt):
                    self.people.append(person)
                    self._parts[person.name] = part

        await asyncio.gather(*(join(number) for number in range(self.options.users)))
        self.people.sort(key=lambda one: one.name)

    async def _live(self, world: World) -> None:
        self.tally.note = f"clock at {world.speed} times its speed, {world.url}"
        self._began_s = asyncio.get_running_loop().time()
        lives = [
            asyncio.create_task(live(one, self._parts[one.name].round_of, *REST_MINUTES))
            for one in self.people
        ]
        try:
            async with asyncio.timeout(self.options.minutes * 60):
                await self._closing_now.wait()
        except TimeoutError:
            self._closing_now.set()
        if self.options.picture is not None:
            write_picture(self.tally, self._read_part(), self.options.picture)
        self.tally.note = "the demo ends: people leave the market and end their trades"
        world.closing.set()
        await asyncio.gather(*lives)
        await asyncio.gather(*map(leave_market, self.people))
        try:
            async with asyncio.timeout(SETTLE_S):
                await asyncio.gather(*(one.settle() for one in self.people))
        except TimeoutError:
            self.tally.faults.add(f"trades were still being ended after {SETTLE_S:.0f} s")
        # A match may have been made while orders were leaving.
        await asyncio.gather(*map(leave_market, self.people))

    async def _follow_health(self, world: World) -> None:
        while True:
            parts = await read_health(world)
            self.tally.invariants = write_invariants(parts)
            bad = [f"{name} {state}" for name, state in parts.items() if state != "ok"]
            self.tally.health = ", ".join(bad) or f"all {len(parts)} parts are well"
            await asyncio.sleep(HEALTH_STEP_S)

    async def _judge_health(self, world: World) -> None:
        """What the server says of itself, for a demo that cannot look into the database."""
        for _ in range(HEALTH_TRIES_MAX):
            parts = await read_health(world)
            if parts and set(parts.values()) == {"ok"}:
                break
            await asyncio.sleep(HEALTH_STEP_S)
        self.tally.invariants = write_invariants(parts)
        for name, state in parts.items():
            if state != "ok":
                self.tally.faults.add(f"the server says that {name} is {state}")
        if "invariants" not in parts:
            self.tally.faults.add("the server says nothing about its invariants")

    def _read_part(self) -> float:
        if self._began_s is None:
            return 0.0
        gone_s = asyncio.get_running_loop().time() - self._began_s
        return min(1.0, gone_s / (self.options.minutes * 60))

    @asynccontextmanager
    async def _show(self) -> AsyncIterator[None]:
        shown = asyncio.create_task(show(self.tally, self.console, self._read_part))
        try:
            yield
        finally:
            shown.cancel()
            await asyncio.gather(shown, return_exceptions=True)

    def sum_up(self) -> int:
        """Print the figures and what was wrong; the exit code."""
        tally = self.tally
        self.console.print(write_line(tally, 1.0), soft_wrap=True, highlight=False)
        refused = ", ".join(f"{code} {count}" for code, count in tally.refused.most_common())
        self.console.print(f"Refused: {refused or 'nothing'}", soft_wrap=True, highlight=False)
        self.console.print(f"Invariants: {tally.invariants}", highlight=False)
        if not tally.faults.count:
            self.console.print("Green: every event came once and in order, every view is right.")
            return 0
        for sentence in tally.faults.sentences:
            self.console.print(f"- {sentence}", soft_wrap=True, highlight=False, markup=False)
        self.console.print(f"Red: {tally.faults.count} faults.")
        return 1


@asynccontextmanager
async def keep_running(works: Sequence[Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """Run endless works beside the block; one that fails ends the demo with its error."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
        for task in tasks:
            if task.done():
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def read_health(world: World) -> dict[str, str]:
    """The state of each part of the server by its name; nothing when it does not answer."""
    try:
        async with world.session.get(f"{world.url}/api/health") as reply:
            body = await reply.json()
    except (aiohttp.ClientError, TimeoutError):
        return {}
    return {part["name"]: part["state"] for part in body.get("parts", [])}


def write_invariants(parts: Mapping[str, str]) -> str:
    """What the server's own verifier found so far."""
    return "no breach so far" if parts.get("invariants") == "ok" else "BROKEN or not known"
