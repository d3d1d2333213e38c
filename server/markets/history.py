"""The history of the index grows thinner with age, and ends."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from server.core.clock import to_micros
from server.core.ids import first_id_at
from server.db import Unit
from server.db.idempotency import PURGE_CHUNK
from server.markets import queries

READINGS_KEPT = timedelta(days=30)


class Step(NamedTuple):
    """A resolution of the history, in seconds: zero is every reading."""

    from_s: int
    to_s: int
    after: timedelta
    """The age at which the coarser resolution begins."""


STEPS = (Step(0, 60, timedelta(days=1)), Step(60, 3600, timedelta(days=7)))
THIN_MAX = 5_000
"""Readings that one unit looks at; more than all markets have in the longest bucket."""


async def thin_readings(unit: Unit) -> int:
    """Keep one reading a minute of those older than a day, and one an hour after a week.

    Of each bucket the first accepted reading stays, or the first one where none was accepted. One
    chunk; how many readings were forgotten.
    """
    forgotten = 0
    for step in STEPS:
        before = _floor(unit.now - step.after, step.to_s)
        rows = (await unit.execute(queries.list_thinnable(step.from_s, before, THIN_MAX))).all()
        if len(rows) == THIN_MAX:
            # The last bucket may go on beyond the chunk: it is left for the next one.
            last = _floor(rows[-1].read_at, step.to_s)
            rows = [row for row in rows if row.read_at < last]
        kept: dict[tuple[str, datetime], UUID] = {}
        for row in sorted(rows, key=lambda row: not row.accepted):
            kept.setdefault((row.market, _floor(row.read_at, step.to_s)), row.id)
        kept_ids = set(kept.values())
        dropped = [row.id for row in rows if row.id not in kept_ids]
        if kept_ids:
            await unit.execute(queries.keep_readings(sorted(kept_ids), step.to_s))
        if dropped:
            await unit.execute(queries.delete_readings(dropped))
        forgotten += len(dropped)
    return forgotten


async def purge_readings(unit: Unit) -> int:
    """Forget one chunk of readings older than 30 days; how many."""
    before = first_id_at(unit.now - READINGS_KEPT)
    rows = await unit.execute(queries.list_readings_before(before, PURGE_CHUNK))
    reading_ids = [row.id for row in rows]
    if reading_ids:
        await unit.execute(queries.delete_readings(reading_ids))
    return len(reading_ids)


def _floor(instant: datetime, step_s: int) -> datetime:
    return instant - timedelta(microseconds=to_micros(instant) % (step_s * 1_000_000))
