"""The relay: gives the events of the outbox their numbers, and sends them.

One process at a time is the relay, by the lease on its row. It numbers what waits in one
transaction, then sends it, then notes that it was sent with the next transaction. A batch that
was numbered and perhaps not sent is sent again by whoever comes next: at least once, with the
same numbers.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from server.core import fault
from server.core.clock import Clock
from server.core.refusals import Unavailable
from server.db import Database, Unit, outbox
from server.db.outbox import RelayFenceLostError, RelayLease, RoomEvent, WaitingEvent

POLL_S = 0.1
"""How often the outbox is looked at when nobody says that there is something."""
GATHER_S = 0.005
"""Events that come this close together share a transaction."""
ROUND_S_MIN = 0.04
"""Under load a transaction begins this long after the last one began, and numbers more."""
RETRY_PAUSE_S = 0.2
TAKE_PAUSE_S = 0.5
"""How often a process that is not the relay asks whether it may become it."""
log = structlog.get_logger()


class RelayPublisher(Protocol):
    """Where the relay sends."""

    async def send_events(self, events: Sequence[RoomEvent]) -> None:
        """Send each event to its room; the order within a room is kept."""
        ...


AddWords = Callable[[Sequence[RoomEvent]], Awaitable[Sequence[RoomEvent]]]
"""Puts what people wrote, which is not in the outbox, into events that are told."""


class OutboxRelay:
    """Numbers and sends while it holds the lease; otherwise waits for it."""

    def __init__(
        self,
        database: Database,
        publisher: RelayPublisher,
        *,
        add_words: AddWords,
        lease_clock: Clock,
        owner: str,
        is_dead: Callable[[str], bool],
        lease_s: float = 10,
        poll_s: float = POLL_S,
    ) -> None:
        """`lease_clock` is real time; `is_dead` knows owners that ended without a word."""
        self.database = database
        self.publisher = publisher
        self.add_words = add_words
        self.lease_clock = lease_clock
        self.owner = owner
        self.is_dead = is_dead
        self.lease_s = lease_s
        self.poll_s = poll_s
        self.lease: RelayLease | None = None
        self._sent_batch = 0
        """The last batch that was sent; the row may say less."""
        self._held_at = 0.0
        self._work = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to relay in the background."""
        self._task = asyncio.create_task(self._run(), name="relay")

    async def stop(self) -> None:
        """Stop and let another process take over at once."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        lease = self.lease
        if lease is None:
            return
        self.lease = None
        lease = replace(lease, sent_batch=self._sent_batch)
        with suppress(Unavailable):
            await self.database.transact(
                lambda unit: outbox.give_up_relay(unit, lease), name="give_up_relay"
            )

    def wake(self) -> None:
        """Rows were committed."""
        self._work.set()

    async def acquire(self) -> bool:
        """Become the relay and send again what its last owner may not have sent."""
        now = self.lease_clock.now()
        self.lease = await self.database.transact(
            lambda unit: outbox.take_relay(
                unit, owner=self.owner, now=now, lease_s=self.lease_s, is_dead=self.is_dead
            ),
            name="take_relay",
        )
        if self.lease is None:
            return False
        self._note_held()
        self._sent_batch = self.lease.sent_batch
        for batch in range(self.lease.sent_batch + 1, self.lease.numbered_batch + 1):
            async with self.database.read() as connection:
                events = await outbox.read_batch_events(connection, batch)
            await self.publisher.send_events(await self.add_words(events))
            self._sent_batch = batch
        log.info("relay_serving", resent_batches=self._sent_batch - self.lease.sent_batch)
        return True

    async def pass_on(self) -> int:
        """Number and send one chunk; how many rows it had."""
        async with self.database.read() as connection:
            waiting = await outbox.read_waiting(connection)
        lost = [row for row in waiting if row.room.startswith(outbox.MARKET_ROOMS)]
        if lost:
            await self._set_aside(lost)
            waiting = [row for row in waiting if row not in lost]
        if not waiting:
            return len(lost)
        batch, events = await self._number(waiting)
        fault.point("relay.after_commit")
        await self.publisher.send_events(await self.add_words(events))
        fault.point("relay.after_emit")
        self._sent_batch = batch
        return len(waiting) + len(lost)

    async def note_progress(self) -> None:
        """Write down what was sent, and prolong the lease."""
        lease = self._lease_now()

        async def hold(unit: Unit) -> RelayLease:
            return await outbox.hold_relay(
                unit,
                lease,
                numbered_batch=lease.numbered_batch,
                sent_batch=self._sent_batch,
                expires_at=self._expiry(),
            )

        self.lease = await self.database.transact(hold, name="hold_relay")
        self._note_held()

    async def _number(self, waiting: list[WaitingEvent]) -> tuple[int, list[RoomEvent]]:
        lease = self._lease_now()
        batch = lease.numbered_batch + 1

        async def number(unit: Unit) -> tuple[RelayLease, list[RoomEvent]]:
            held = await outbox.hold_relay(
                unit,
                lease,
                numbered_batch=batch,
                sent_batch=self._sent_batch,
                expires_at=self._expiry(),
            )
            events = await outbox.number_events(unit, waiting, batch)
            fault.point("relay.before_commit")
            return held, events

        self.lease, events = await self.database.transact(number, name="relay")
        self._note_held()
        return batch, events

    async def _set_aside(self, lost: list[WaitingEvent]) -> None:
        log.error("market_event_without_number", names=sorted({row.name for row in lost}))
        await self.database.transact(
            lambda unit: outbox.set_aside(unit, [row.id for row in lost]), name="set_aside"
        )

    def _lease_now(self) -> RelayLease:
        assert self.lease is not None, "only the relay numbers"
        return self.lease

    def _expiry(self) -> datetime:
        return self.lease_clock.now() + timedelta(seconds=self.lease_s)

    def _note_held(self) -> None:
        self._held_at = asyncio.get_running_loop().time()

    async def _run(self) -> None:
        while True:
            pause_s = TAKE_PAUSE_S
            try:
                if await self.acquire():
                    await self._serve()
            except (Unavailable, RelayFenceLostError) as error:
                log.warning("relay_stopped", error=error)
                pause_s = RETRY_PAUSE_S
            except Exception:
                # In any doubt the relay reads its row again; what it may have sent is sent again.
                log.exception("relay_fault")
                pause_s = RETRY_PAUSE_S
            self.lease = None
            await asyncio.sleep(pause_s)

    async def _serve(self) -> None:
        time = asyncio.get_running_loop().time
        while True:
            began = time()
            self._work.clear()
            count = await self.pass_on()
            if count < outbox.CHUNK:
                await self._rest()
                with suppress(TimeoutError):
                    async with asyncio.timeout(self.poll_s):
                        await self._work.wait()
                await asyncio.sleep(max(GATHER_S, began + ROUND_S_MIN - time()))

    async def _rest(self) -> None:
        """What is done while little waits."""
        time = asyncio.get_running_loop().time()
        lease = self._lease_now()
        idle_s = time - self._held_at
        if idle_s > self.lease_s / 3 or (lease.sent_batch < self._sent_batch and idle_s > 1):
            await self.note_progress()
