"""The outbox: events that wait for their number, events of a room, and the relay's progress.

Rows of market rooms come with the number that their lane gave (`relay_batch` 0). All others wait
with none until the one relay, who holds the lease on the row of `relays`, numbers them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, insert, select, text, update
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from models.operations import Outbox, Relay, RoomSeq
from models.orders import Lane
from server.db.database import Unit

RELAY = "main"
CHUNK = 500
"""Rows that the relay numbers in one transaction."""
MARKET_ROOMS = "market:"
SET_ASIDE = -1
"""`relay_batch` of a row for a market's room that no lane numbered: a fault, never sent."""


class RelayFenceLostError(Exception):
    """Another process has become the relay; what this one wanted to write was not written."""


class WaitingEvent(NamedTuple):
    """A row without a number."""

    id: UUID
    room: str
    name: str
    body: str


class RoomEvent(NamedTuple):
    """A numbered event of a room; `body` is JSON text."""

    room: str
    seq: int
    name: str
    body: str


@dataclass(frozen=True, slots=True)
class RelayLease:
    """The relay's row as this process took it, with what it wrote since."""

    owner: str
    epoch: int
    numbered_batch: int
    sent_batch: int


async def take_relay(
    unit: Unit, *, owner: str, now: datetime, lease_s: float, is_dead: Callable[[str], bool]
) -> RelayLease | None:
    """Become the relay, or None while another living owner is."""
    expires_at = now + timedelta(seconds=lease_s)
    row = (
        await unit.execute(
            select(
                Relay.owner, Relay.epoch, Relay.numbered_batch, Relay.sent_batch, Relay.expires_at
            )
            .where(Relay.name == RELAY)
            .with_for_update()
        )
    ).first()
    if row is None:
        await unit.execute(
            insert(Relay).values(
                name=RELAY, owner=owner, epoch=1, numbered_batch=0, sent_batch=0,
                expires_at=expires_at,
            )
        )  # fmt: skip
        return RelayLease(owner, 1, 0, 0)
    if row.owner not in ("", owner) and row.expires_at > now and not is_dead(row.owner):
        return None
    await unit.execute_guarded(
        update(Relay)
        .where(Relay.name == RELAY, Relay.epoch == row.epoch)
        .values(owner=owner, epoch=row.epoch + 1, expires_at=expires_at)
    )
    return RelayLease(owner, row.epoch + 1, row.numbered_batch, row.sent_batch)


async def hold_relay(
    unit: Unit, lease: RelayLease, *, numbered_batch: int, sent_batch: int, expires_at: datetime
) -> RelayLease:
    """Prove the lease, prolong it and note the progress; its row is locked to the commit.

    Raises `RelayFenceLostError` if another process has taken over.
    """
    held = await unit.execute(
        update(Relay)
        .where(
            Relay.name == RELAY,
            Relay.owner == lease.owner,
            Relay.epoch == lease.epoch,
            Relay.numbered_batch == lease.numbered_batch,
        )
        .values(numbered_batch=numbered_batch, sent_batch=sent_batch, expires_at=expires_at)
    )
    if held.rowcount != 1:
        raise RelayFenceLostError
    return replace(lease, numbered_batch=numbered_batch, sent_batch=sent_batch)


async def give_up_relay(unit: Unit, lease: RelayLease) -> None:
    """Let another process take over at once."""
    await unit.execute(
        update(Relay)
        .where(Relay.name == RELAY, Relay.owner == lease.owner, Relay.epoch == lease.epoch)
        .values(owner="", sent_batch=lease.sent_batch)
    )


async def read_waiting(connection: AsyncConnection, limit: int = CHUNK) -> list[WaitingEvent]:
    """Rows without a number, the oldest identifiers first.

    Identifiers are made before their transaction commits, so a row may appear below others that
    were numbered long ago: what waits is told by `relay_batch`, never by a last identifier.
    """
    rows = await connection.execute(
        select(Outbox.id, Outbox.room, Outbox.name, Outbox.body)
        .where(Outbox.relay_batch.is_(None))
        .order_by(Outbox.id)
        .limit(limit)
    )
    return [WaitingEvent(*row) for row in rows]


async def number_events(unit: Unit, waiting: Sequence[WaitingEvent], batch: int) -> list[RoomEvent]:
    """Give each row the next number of its room; the unit holds the relay's row locked."""
    rooms = sorted({row.room for row in waiting})
    found = await unit.execute(select(RoomSeq.room, RoomSeq.seq).where(RoomSeq.room.in_(rooms)))
    last = dict.fromkeys(rooms, 0) | {row.room: row.seq for row in found}
    events: list[RoomEvent] = []
    for row in waiting:
        last[row.room] += 1
        events.append(RoomEvent(row.room, last[row.room], row.name, row.body))
    numbers = [(row.id, event.seq) for row, event in zip(waiting, events, strict=True)]
    if unit.dialect == "sqlite":
        await _number_on_sqlite(unit, numbers, batch)
        upsert = sqlite.insert(RoomSeq)
        await unit.execute(
            upsert.on_conflict_do_update(set_={"seq": upsert.excluded.seq}),
            [{"room": room, "seq": seq} for room, seq in last.items()],
        )
        return events
    await _number_on_mariadb(unit, numbers, batch)
    upsert_here = mysql.insert(RoomSeq)
    await unit.execute(
        upsert_here.on_duplicate_key_update(seq=upsert_here.inserted.seq),
        [{"room": room, "seq": seq} for room, seq in last.items()],
    )
    return events


async def _number_on_sqlite(unit: Unit, numbers: list[tuple[UUID, int]], batch: int) -> None:
    await unit.execute(
        update(Outbox)
        .where(Outbox.id == bindparam("row_id"), Outbox.relay_batch.is_(None))
        .values(seq=bindparam("number"), relay_batch=batch),
        [{"row_id": row_id, "number": seq} for row_id, seq in numbers],
    )


async def _number_on_mariadb(unit: Unit, numbers: list[tuple[UUID, int]], batch: int) -> None:
    """One statement for all rows; it consists of integers and of the digits of identifiers."""
    (first_id, first_seq), *others = numbers
    listed = "".join(f" UNION ALL SELECT X'{row_id.hex}',{seq}" for row_id, seq in others)
    result = await unit.execute(
        text(
            f"UPDATE outbox JOIN (SELECT X'{first_id.hex}' AS id,{first_seq} AS seq{listed})"  # noqa: S608 - see above
            f" AS given ON outbox.id = given.id SET outbox.seq = given.seq,"
            f" outbox.relay_batch = {int(batch)} WHERE outbox.relay_batch IS NULL"
        )
    )
    assert result.rowcount == len(numbers), "a waiting row has gone"


async def set_aside(unit: Unit, row_ids: Sequence[UUID]) -> None:
    """Take rows out of the queue for good; operators find them by their batch."""
    await unit.execute(
        update(Outbox).where(Outbox.id.in_(list(row_ids))).values(relay_batch=SET_ASIDE)
    )


async def read_batch_events(connection: AsyncConnection, batch: int) -> list[RoomEvent]:
    """The events of one batch of the relay, in the order of their numbering."""
    rows = await connection.execute(
        select(Outbox.room, Outbox.seq, Outbox.name, Outbox.body)
        .where(Outbox.relay_batch == batch)
        .order_by(Outbox.id)
    )
    return [_read_event(row) for row in rows]


def _read_event(row: Any) -> RoomEvent:
    return RoomEvent(row.room, row.seq, row.name, row.body)


async def read_room_seq(connection: AsyncConnection, room: str) -> int:
    """The last number given in a room; zero for a room in which nothing ever happened."""
    if room.startswith(MARKET_ROOMS):
        found = select(Lane.seq).where(Lane.market == room.removeprefix(MARKET_ROOMS))
    else:
        found = select(RoomSeq.seq).where(RoomSeq.room == room)
    return (await connection.execute(found)).scalar() or 0


async def read_market_seqs(connection: AsyncConnection) -> dict[str, int]:
    """The last number of every market's room, by market."""
    rows = await connection.execute(select(Lane.market, Lane.seq))
    return {row.market: row.seq for row in rows}


async def read_room_events(
    connection: AsyncConnection, room: str, *, after: int, limit: int
) -> list[RoomEvent]:
    """The kept events of a room with numbers above `after`, in order."""
    rows = await connection.execute(
        select(Outbox.room, Outbox.seq, Outbox.name, Outbox.body)
        .where(Outbox.room == room, Outbox.seq > after)
        .order_by(Outbox.seq)
        .limit(limit)
    )
    return [_read_event(row) for row in rows]


async def measure_waiting(connection: AsyncConnection) -> tuple[int, datetime | None]:
    """How many rows wait for a number, at most `CHUNK`, and when the oldest was written."""
    waiting = select(Outbox.created_at).where(Outbox.relay_batch.is_(None)).limit(CHUNK)
    instants = [row.created_at for row in await connection.execute(waiting)]
    return len(instants), min(instants, default=None)
