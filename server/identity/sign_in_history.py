"""The history of sign-ins: each attempt, good or bad, that reached a check.

An attempt on an account that nobody has is written like any other, and shown to nobody: what an
attempt costs tells nothing. Attempts that a limit refused are in the log alone, so that nobody
fills the history of another.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from models.sign_ins import SignInKind, SignInOutcome
from server.core.ids import first_id_at
from server.db import Unit
from server.identity import sign_in_queries as queries
from server.identity.context import Identity

PURGE_CHUNK = 1000
CHUNKS_MAX = 50


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who signs in, as far as the request tells."""

    ip: str
    device: str
    """The user agent as sent, cut."""
    country: str | None = None
    """In two letters, where a trusted proxy says it."""
    device_token: str | None = None
    """What the device kept of its last sign-in."""


async def note_sign_in(
    unit: Unit, user_id: UUID | None, kind: SignInKind, outcome: SignInOutcome, visitor: Visitor
) -> None:
    """Write an attempt into the history."""
    await unit.execute(
        queries.insert_sign_in(
            {
                "id": unit.ids.new_id(),
                "user_id": user_id,
                "kind": kind.value,
                "outcome": outcome.value,
                "device": visitor.device,
                "ip": visitor.ip,
                "country": visitor.country,
                "at": unit.now,
            }
        )
    )


async def note_refused(
    identity: Identity, user_id: UUID | None, kind: SignInKind, visitor: Visitor
) -> None:
    """Write an attempt that failed, in a unit of its own."""

    async def work(unit: Unit) -> None:
        await note_sign_in(unit, user_id, kind, SignInOutcome.REFUSED, visitor)

    await identity.database.transact(work, name="note_refused")


async def purge_sign_ins(identity: Identity, kept: timedelta) -> int:
    """Forget attempts older than `kept`, chunk by chunk; how many."""

    async def work(unit: Unit) -> int:
        before = first_id_at(unit.now - kept)
        rows = (await unit.execute(queries.old_sign_ins(before, PURGE_CHUNK))).all()
        if rows:
            await unit.execute(queries.delete_sign_ins([row.id for row in rows]))
        return len(rows)

    forgotten = 0
    for _ in range(CHUNKS_MAX):
        count = await identity.database.transact(work, name="purge_sign_ins")
        forgotten += count
        if count < PURGE_CHUNK:
            break
    return forgotten
