"""Several events of a busy room in one write."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

TICK_S = 0.02
"""Default time for which the events after the first one are gathered."""

ROOM_EVENTS_MAX = 1000
"""Events of one room that may wait; whoever adds more waits for the room to be sent."""

SendBatch = Callable[[str, list[tuple[str, Any]]], Awaitable[None]]

logger = logging.getLogger(__name__)


class Coalescer:
    """Sends the first event of a quiet room at once and those that follow once a tick.

    A room has a task only while events keep coming. That task alone sends for the room, one
    batch after the other, so that the order of `add` is the order of sending even where sending
    waits for Redis.
    """

    def __init__(
        self,
        send_batch: SendBatch,
        *,
        tick_s: float = TICK_S,
        room_events_max: int = ROOM_EVENTS_MAX,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Take `emit_many` of a manager (or the like), and the sleep that measures the tick."""
        self._send_batch = send_batch
        self._tick_s = tick_s
        self._room_events_max = room_events_max
        self._sleep = sleep
        self._waiting: dict[str, asyncio.Queue[tuple[str, Any]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_closed = False

    async def add(self, room: str, event: str, payload: Any) -> None:
        """Send or gather one event; waits only while the room's bound is reached.

        Raises RuntimeError after `close`.
        """
        await self._queue_of(room).put((event, payload))

    def offer(self, room: str, event: str, payload: Any) -> bool:
        """Send or gather one event, or return False where `add` would wait.

        Raises RuntimeError after `close`.
        """
        queue = self._queue_of(room)
        if queue.full():
            return False
        queue.put_nowait((event, payload))
        return True

    def _queue_of(self, room: str) -> asyncio.Queue[tuple[str, Any]]:
        if self._is_closed:
            raise RuntimeError("the coalescer is closed")

        queue = self._waiting.get(room)
        if queue is None:
            queue = self._waiting[room] = asyncio.Queue(self._room_events_max)
            task = asyncio.create_task(self._send_room(room, queue))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return queue

    async def close(self) -> None:
        """Refuse further events and return when those taken have been sent."""
        self._is_closed = True
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def _send_room(self, room: str, queue: asyncio.Queue[tuple[str, Any]]) -> None:
        while batch := [queue.get_nowait() for _ in range(queue.qsize())]:
            try:
                await self._send_batch(room, batch)
            except Exception:  # a room must outlive one failed send
                # The events stay in the outbox; clients notice the gap in seq and ask for them.
                logger.exception("sending %d events to a room failed", len(batch))
            await self._sleep(self._tick_s)
        del self._waiting[room]
