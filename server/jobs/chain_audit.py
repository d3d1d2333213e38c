"""The audit as duties: entries get their places in the chain, and its head is copied out."""

import os
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import orjson
import structlog

from server.core.clock import format_instant
from server.db import Unit
from server.staff import audit_queries as queries
from server.staff.audit_chain import Head, chain_waiting, read_head
from server.trades.desk import Desk

EXPORT_EVERY = timedelta(hours=1)
FILE = "audit-heads.jsonl"
"""One line for each export."""
CopyOut = Callable[[bytes], Awaitable[None]]
"""Puts a line where it stays, on the disk when it returns."""
log = structlog.get_logger()


async def chain_audit(desk: Desk) -> int:
    """Give every entry that waits its place; how many."""
    return await chain_waiting(desk.database)


def export_heads_to(copy_out: CopyOut | None) -> Callable[[Desk], Awaitable[int]]:
    """The duty that copies the head out once an hour: into the log, and as a line to `copy_out`."""

    async def export_head(desk: Desk) -> int:
        now = desk.real_clock.now()
        async with desk.database.read() as connection:
            last = (await connection.execute(queries.export_mark())).scalar()
            head = await read_head(connection)
        if last is not None and now - last < EXPORT_EVERY:
            return 0

        line = {"at": format_instant(now), "number": head.number, "hash": head.hash.hex()}
        if copy_out is not None:
            await copy_out(orjson.dumps(line))
        log.info("audit_head", **line)

        async def mark(unit: Unit) -> None:
            await _mark_export(unit, head, desk)

        await desk.database.transact(mark, name="mark_export")
        return 1

    return export_head


async def _mark_export(unit: Unit, head: Head, desk: Desk) -> None:
    now = desk.real_clock.now()
    if (await unit.execute(queries.export_mark())).first() is None:
        await unit.execute(queries.insert_export_mark(head.hash, now))
    else:
        await unit.execute_guarded(queries.move_export_mark(head.hash, now))


def append_line(path: Path, line: bytes) -> None:
    """Write a line at the end of a file, on the disk when this returns.

    A line that a power cut left torn is ended first, so that it spoils no other.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o640)
    try:
        size = os.fstat(descriptor).st_size
        torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        os.write(descriptor, (b"\n" if torn else b"") + line + b"\n")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
