"""How each part of the service is: parts register a check, which is asked when somebody asks."""

import asyncio
import enum
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from aiohttp import web

from server.core.refusals import Unavailable

KEPT_S = 1.0
"""Answers are kept this long, so that many questions are not many checks."""
CHECK_WAIT_S = 2.0


class State(enum.StrEnum):
    """How a part is."""

    OK = "ok"
    DEGRADED = "degraded"
    """It works, but late or not wholly."""
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class PartState:
    """The state of a part, and facts for those who look after it."""

    state: State
    facts: Mapping[str, str | int | bool] = field(default_factory=dict)


Check = Callable[[], Awaitable[PartState]]


class PartDown(Unavailable):
    """A part that everything needs is down."""

    code = "part_down"
    title = "A part that everything needs is down."


class Health:
    """The parts of the service and their checks."""

    def __init__(self) -> None:
        self._checks: dict[str, Check] = {}
        self._essential: set[str] = set()
        self._kept: tuple[float, dict[str, PartState]] | None = None
        self._asking = asyncio.Lock()

    def register(self, name: str, check: Check, *, essential: bool = False) -> None:
        """Ask `check` for the state of part `name`; without an essential part nothing works."""
        assert name not in self._checks, f"two parts are called {name}"
        self._checks[name] = check
        if essential:
            self._essential.add(name)

    async def read(self) -> dict[str, PartState]:
        """The state of every part, at most a second old."""
        async with self._asking:
            now = asyncio.get_running_loop().time()
            if self._kept is None or now - self._kept[0] >= KEPT_S:
                states = await asyncio.gather(*map(self._ask, self._checks.values()))
                self._kept = (now, dict(zip(self._checks, states, strict=True)))
            return self._kept[1]

    async def _ask(self, check: Check) -> PartState:
        try:
            async with asyncio.timeout(CHECK_WAIT_S):
                return await check()
        except TimeoutError:
            return PartState(State.DOWN, {"error": "no answer in time"})
        except (Unavailable, OSError) as error:
            return PartState(State.DOWN, {"error": type(error).__name__})

    def require_essential(self, states: Mapping[str, PartState]) -> None:
        """Refuse `PartDown` when a part is down without which nothing works."""
        down = sorted(name for name in self._essential if states[name].state is State.DOWN)
        if down:
            raise PartDown(retry_after_s=2, parts=down)


HEALTH = web.AppKey("health", Health)
