"""The commands that wait for a lane: bounded, and fair between users."""

import asyncio
from collections import OrderedDict, deque
from uuid import UUID

from server.core.refusals import Unavailable
from server.orders.lane.commands import Command

WAITING_MAX = 10_000


class LaneFull(Unavailable):
    """Too many commands wait for the market."""

    code = "lane_full"
    title = "The market has more to do than it can take, try again in a moment."


class CommandQueue:
    """Takes commands; gives them back one of each user in turn, system commands first."""

    def __init__(self) -> None:
        self._by_user: OrderedDict[UUID, deque[Command]] = OrderedDict()
        self._system: deque[Command] = deque()
        self._count = 0
        self._filled = asyncio.Event()

    def __len__(self) -> int:
        return self._count

    def put(self, command: Command) -> None:
        """Add a command; refuses `LaneFull` for a user's when too many wait."""
        if command.user_id is None:
            self._system.append(command)
        else:
            if self._count >= WAITING_MAX:
                raise LaneFull(retry_after_s=1)
            waiting = self._by_user.get(command.user_id)
            if waiting is None:
                waiting = self._by_user[command.user_id] = deque()
            waiting.append(command)
        self._count += 1
        self._filled.set()

    def put_back(self, commands: list[Command]) -> None:
        """Set commands back at the front, for the next batch."""
        for command in reversed(commands):
            if command.user_id is None:
                self._system.appendleft(command)
            else:
                self._by_user.setdefault(command.user_id, deque()).appendleft(command)
            self._count += 1

    def take(self, count_max: int) -> list[Command]:
        """Up to `count_max` commands: the system's, then one of each user in turn."""
        taken: list[Command] = []
        while self._system and len(taken) < count_max:
            taken.append(self._system.popleft())
        while self._by_user and len(taken) < count_max:
            user_id, waiting = self._by_user.popitem(last=False)
            taken.append(waiting.popleft())
            if waiting:
                self._by_user[user_id] = waiting
        self._count -= len(taken)
        if self._count == 0:
            self._filled.clear()
        return taken

    def nudge(self) -> None:
        """Wake the lane although nothing was put."""
        self._filled.set()

    async def wait(self, timeout_s: float) -> None:
        """Return when something waits, or after `timeout_s`."""
        if self._count:
            return
        try:
            async with asyncio.timeout(timeout_s):
                await self._filled.wait()
        except TimeoutError:
            return
        if not self._count:
            self._filled.clear()
