"""The group writer: while one transaction of messages commits, the next batch gathers.

Each message has an answer of its own. One that is refused does not hold up its neighbours, and
one that breaks a batch is found by writing every message of that batch alone.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Generic, TypeVar

import structlog

from server.core.refusals import Refusal, Unavailable

BATCH_MAX = 64
"""Messages of one transaction."""
WAITING_MAX = 2_000
ROUND_S_MIN = 0.04
"""Under load a batch begins this long after the one before it began, and has more messages."""

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
log = structlog.get_logger()


class TooManyMessages(Unavailable):
    """More messages wait than can be written soon."""

    code = "too_many_waiting_messages"
    title = "The chats have more to do than they can take, try again in a moment."


class GroupWriter(Generic[Asked, Answer]):
    """Hands what many ask for to `write`, several at a time and one batch after the other."""

    def __init__(
        self,
        write: Callable[[Sequence[Asked]], Awaitable[list[Answer | Exception]]],
        *,
        batch_max: int = BATCH_MAX,
        round_s: float = ROUND_S_MIN,
    ) -> None:
        """`write` answers each with a result or with the error that its caller gets."""
        self._write = write
        self._batch_max = batch_max
        self._round_s = round_s
        self._waiting: deque[tuple[Asked, asyncio.Future[Answer]]] = deque()
        self._task: asyncio.Task[None] | None = None

    async def submit(self, asked: Asked) -> Answer:
        """Have it written; its answer, once it is committed. Refuses `TooManyMessages`."""
        if len(self._waiting) >= WAITING_MAX:
            raise TooManyMessages(retry_after_s=1)
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, answer))
        if self._task is None or self._task.done():
            # A context of its own: a batch is of many callers, and of none of them.
            self._task = asyncio.create_task(self._drain(), name="chat_writer", context=Context())
        return await answer

    async def close(self) -> None:
        """Return when nothing waits any more."""
        if self._task is not None:
            await self._task

    async def _drain(self) -> None:
        time = asyncio.get_running_loop().time
        while self._waiting:
            began = time()
            batch = self._take()
            await self._write_group(batch)
            if len(batch) > 1:
                await asyncio.sleep(max(0, began + self._round_s - time()))

    def _take(self) -> list[tuple[Asked, asyncio.Future[Answer]]]:
        batch: list[tuple[Asked, asyncio.Future[Answer]]] = []
        while self._waiting and len(batch) < self._batch_max:
            asked, answer = self._waiting.popleft()
            if not answer.done():  # its caller may have gone
                batch.append((asked, answer))
        return batch

    async def _write_group(self, batch: list[tuple[Asked, asyncio.Future[Answer]]]) -> None:
        if not batch:
            return
        outcomes: Sequence[Answer | Exception]
        try:
            outcomes = await self._write([asked for asked, _ in batch])
        except Refusal as refusal:
            outcomes = [refusal] * len(batch)
        except Exception as error:  # allowed: broad-except, it reaches who asked for it
            log.exception("chat_batch_failed", messages=len(batch))
            if len(batch) > 1:
                for one in batch:
                    await self._write_group([one])
                return
            outcomes = [error]
        for (_, answer), outcome in zip(batch, outcomes, strict=True):
            if answer.done():
                continue
            if isinstance(outcome, Exception):
                answer.set_exception(outcome)
            else:
                answer.set_result(outcome)
