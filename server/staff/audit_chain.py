"""The chain of the audit: each entry's hash is over the hash before it, so none can be changed.

Entries are committed with what they tell of. One chainer then gives them their places, in the order
in which it sees them committed, while it holds the lock of the chain's end. A chain is checked by
walking it; that its end was not cut off is seen by comparing it with heads that were copied out.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from server.core import fault
from server.core.clock import to_micros
from server.db import Database, Unit, is_unique_violation
from server.staff import audit_queries as queries

GENESIS = bytes(32)
"""The hash before the first entry."""
CHUNK = 200
"""Entries chained in one unit of work, and links read at once."""
BREAKS_MAX = 100
"""A broken chain is not listed to the end."""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain."""

    number: int
    hash: bytes
    chained_at: datetime | None
    """None while nothing was ever chained."""


@dataclass(frozen=True, slots=True, order=True)
class Break:
    """A place at which the chain is broken."""

    number: int
    sentence: str


def hash_entry(before: bytes, number: int, entry: Any) -> bytes:
    """The hash of an entry at its place, after the hash `before`."""
    content = [
        number,
        entry.id.hex,
        to_micros(entry.created_at),
        entry.actor_kind,
        None if entry.actor_id is None else entry.actor_id.hex,
        entry.action,
        entry.object_kind,
        entry.object_id,
        entry.before,
        entry.after,
        entry.reason,
        entry.request_id,
        entry.ip,
        None if entry.elevation_id is None else entry.elevation_id.hex,
    ]
    return hashlib.sha256(before + orjson.dumps(content)).digest()


async def chain_waiting(database: Database) -> int:
    """Give every entry that waits its place; how many."""
    chained = 0
    while True:
        async with database.read() as connection:
            if (await connection.execute(queries.any_waiting())).first() is None:
                return chained
        try:
            count = await database.transact(_chain_some, name="chain_audit")
        except IntegrityError as error:
            if not is_unique_violation(error):
                raise
            # Another chainer began the empty chain at the same instant.
            continue
        chained += count
        if count < CHUNK:
            return chained


async def _chain_some(unit: Unit) -> int:
    row = (await unit.execute(queries.head(lock=True))).first()
    if row is None:
        await unit.execute(queries.insert_head(0, GENESIS, unit.now))
    first, digest = (0, GENESIS) if row is None else (row.number, row.hash)
    entries = (await unit.execute(queries.waiting(CHUNK))).all()
    if not entries:
        return 0
    links = []
    for number, entry in enumerate(entries, first + 1):
        digest = hash_entry(digest, number, entry)
        links.append({"number": number, "entry_id": entry.id, "hash": digest})
    await unit.execute(*queries.insert_links(links))
    fault.point("audit.after_links")
    await unit.execute_guarded(
        queries.move_head(first + len(links), digest, unit.now, before=first)
    )
    deleted = await unit.execute(queries.delete_waiting(entry.id for entry in entries))
    assert deleted.rowcount == len(links), "an entry was chained twice"
    return len(links)


async def read_head(connection: AsyncConnection | Unit) -> Head:
    """The end of the chain as it stands."""
    row = (await connection.execute(queries.head())).first()
    return Head(0, GENESIS, None) if row is None else Head(row.number, row.hash, row.chained_at)


async def find_breaks(
    connection: AsyncConnection, head: Head, first: int, last: int
) -> list[Break]:
    """Walk the places `first` to `last` of a chain that ends with `head`; none is good.

    Finds entries that were edited, deleted or moved, missing places, and a head that is not the
    end of the chain.
    """
    breaks: list[Break] = []
    before: bytes | None = GENESIS
    if first > 1:
        before = (await connection.execute(queries.link_hash(first - 1))).scalar()
    expected = first
    while expected <= last and len(breaks) < BREAKS_MAX:
        rows = (await connection.execute(queries.links(expected, last, CHUNK))).all()
        for row in rows:
            if row.number != expected:
                breaks.append(Break(expected, "There is no entry at this place."))
                before = None
            if row.id is None:
                breaks.append(Break(row.number, "The entry of this place is gone."))
            elif before is not None and hash_entry(before, row.number, row) != row.hash:
                breaks.append(Break(row.number, "The entry is not the one that was chained."))
            before, expected = row.hash, row.number + 1
        if len(rows) < CHUNK:
            break
    if last == head.number:
        highest = (await connection.execute(queries.last_number())).scalar() or 0
        if highest != head.number or (before is not None and before != head.hash):
            breaks.append(Break(head.number, "The head is not the end of the chain."))
    return breaks[:BREAKS_MAX]
