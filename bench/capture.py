"""The rows that the lane writes, kept batch by batch to be written again by the baselines."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bench.market import draw_commands, open_bench_kernel
from bench.stage import Stage, make_store, open_lane, wait_for_first_batch
from server.orders.lane.loop import stop_lane
from server.orders.lane.records import Rows
from server.orders.lane.store import Fence, LaneStore, Locked


@dataclass(frozen=True, slots=True)
class Written:
    """One batch: its rows by statement, and what it set on the lane's own row."""

    rows: dict[str, list[tuple[object, ...]]]
    priority: int
    seq: int
    expires_at: datetime
    replies: list[bytes]


class RecordingStore:
    """A lane's store that remembers what went through it."""

    def __init__(self, store: LaneStore) -> None:
        self._store = store
        self._expires_at: datetime | None = None
        self._open: Written | None = None
        self.written: list[Written] = []

    async def begin(self, fence: Fence) -> None:
        """Open the transaction and pass the fence."""
        self._expires_at = fence.expires_at
        await self._store.begin(fence)

    async def lock(self, users: Sequence[UUID], sellers: Sequence[UUID], asset: str) -> Locked:
        """Lock standings and accounts."""
        return await self._store.lock(users, sellers, asset)

    async def write(self, rows: Rows, *, market: str, priority: int, seq: int) -> None:
        """Write the end state of the batch and remember it."""
        assert self._expires_at is not None
        replies = [row[4] for row in rows.by_statement.get("idempotency_keys", ())]
        assert all(isinstance(reply, bytes) for reply in replies)
        self._open = Written(rows.by_statement, priority, seq, self._expires_at, replies)  # type: ignore[arg-type]  # checked in the line above
        await self._store.write(rows, market=market, priority=priority, seq=seq)

    async def commit(self) -> None:
        """Commit; what was written counts now."""
        await self._store.commit()
        if self._open is not None:
            self.written.append(self._open)
            self._open = None

    async def rollback(self) -> None:
        """Take back all that the transaction did."""
        self._open = None
        await self._store.rollback()

    async def close(self) -> None:
        """Give the connection back."""
        await self._store.close()


async def capture(stage: Stage, url: str, orders: int, batch_max: int) -> list[Written]:
    """What the lane writes for the first `orders` orders in batches of `batch_max`."""
    kernel = open_bench_kernel(url)
    store = RecordingStore(make_store(kernel))
    lane = await open_lane(kernel, store, batch_max=batch_max)
    await wait_for_first_batch(lane)
    store.written.clear()
    commands = draw_commands(stage.members, lane, orders)
    await asyncio.gather(*(lane.submit(command) for command in commands))
    await stop_lane(lane)
    await kernel.close()
    assert sum(len(batch.replies) for batch in store.written) == orders, "a batch was not recorded"
    return [batch for batch in store.written if batch.rows]
