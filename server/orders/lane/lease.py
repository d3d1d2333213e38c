"""Who writes a market: a lease on the lane's row, fenced by its epoch."""

import os
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import insert, select, update

from models.orders import Lane
from server.db import Unit


@dataclass(frozen=True, slots=True)
class Lease:
    """The lane's row as this process took it."""

    market: str
    owner: str
    epoch: int
    batch: int
    priority: int
    seq: int


def name_owner() -> str:
    """A name of this process that no other one has: host, process id and its start."""
    pid = os.getpid()
    return f"{socket.gethostname()[:30]}/{pid}/{_start_of(pid) or 0}"


def is_known_dead(owner: str) -> bool:
    """Whether the owner ran on this host and is gone, so that nobody needs to wait for him."""
    host, _, rest = owner.partition("/")
    pid_text, _, start = rest.partition("/")
    if host != socket.gethostname()[:30] or not pid_text.isdecimal():
        return False
    return _start_of(int(pid_text)) != start


def _start_of(pid: int) -> str | None:
    """When a process of this host started, in clock ticks since boot; None when it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    # A zombie has ended and only waits to be collected.
    return None if fields[0] in "ZX" else fields[19]


async def take_lease(
    unit: Unit, *, market: str, owner: str, address: str, now: datetime, lease_s: int
) -> Lease | None:
    """Become the market's writer, or None while another living owner is."""
    expires_at = now + timedelta(seconds=lease_s)
    row = (
        await unit.execute(
            select(
                Lane.owner, Lane.epoch, Lane.batch, Lane.priority, Lane.seq, Lane.expires_at
            )
            .where(Lane.market == market)
            .with_for_update()
        )
    ).first()  # fmt: skip
    if row is None:
        await unit.execute(
            insert(Lane).values(
                market=market, owner=owner, address=address, epoch=1, batch=0, priority=1, seq=0,
                expires_at=expires_at,
            )
        )  # fmt: skip
        return Lease(market, owner, 1, 0, 1, 0)
    if row.owner not in ("", owner) and row.expires_at > now and not is_known_dead(row.owner):
        return None
    await unit.execute_guarded(
        update(Lane)
        .where(Lane.market == market, Lane.epoch == row.epoch)
        .values(owner=owner, address=address, epoch=row.epoch + 1, expires_at=expires_at)
    )
    return Lease(market, owner, row.epoch + 1, row.batch, row.priority, row.seq)


async def give_up_lease(unit: Unit, lease: Lease) -> None:
    """Let another process take over at once."""
    await unit.execute(
        update(Lane)
        .where(Lane.market == lease.market, Lane.owner == lease.owner, Lane.epoch == lease.epoch)
        .values(owner="")
    )


async def read_batch(unit: Unit, market: str) -> tuple[int, int]:
    """Epoch and batch of the lane's row, once no transaction works on it any more."""
    row = (
        await unit.execute(
            select(Lane.epoch, Lane.batch).where(Lane.market == market).with_for_update()
        )
    ).one()
    return row.epoch, row.batch
