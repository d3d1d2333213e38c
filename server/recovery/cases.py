"""A recovery as it stands: read, changed under its lock, stopped by its owner, shown.

Locks are taken in one order: the account (standing, security), then the recovery. Who comes second
finds it closed.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from models.kyc import DocumentKind
from models.recovery import RecoveryProof, RecoveryStatus
from server.core.clock import format_instant
from server.core.events import Event, room_of_staff
from server.core.refusals import NotFound
from server.db import Unit
from server.db.audit import Action, record_audit
from server.identity import factor_queries
from server.identity.context import Identity
from server.identity.notices import tell_owner
from server.identity.views import show_instant
from server.kyc import queries as kyc_queries
from server.recovery import queries
from server.recovery.refusals import RecoveryChanged

NEEDED = (DocumentKind.FRONT, DocumentKind.SELFIE)
"""Pictures of who was verified: they are compared with those of his verification."""


@dataclass(frozen=True, slots=True)
class Case:
    """A row of `recoveries`; see the table for the meaning of each column."""

    id: UUID
    user_id: UUID
    open_user_id: UUID | None
    status: str
    version: int
    proof: str
    pictures: int
    token_digest: bytes
    asked_at: datetime
    ready_at: datetime
    expires_at: datetime
    tell_at: datetime
    claimed_by: UUID | None
    claimed_until: datetime | None
    closed_at: datetime | None
    closed_by: UUID | None
    reason: str | None
    purged_at: datetime | None

    def is_open_at(self, now: datetime) -> bool:
        """By the time itself: the duty that closes what is over may be late."""
        return self.status == RecoveryStatus.OPEN and now < self.expires_at


def read_row(row: Any) -> Case:
    """The recovery of a row."""
    return Case(**{column.key: getattr(row, column.key) for column in queries.COLUMNS})


async def lock_case(unit: Unit, recovery_id: UUID) -> Case:
    """Lock one recovery. Refuses `NotFound`."""
    row = (await unit.execute(queries.recovery(recovery_id, lock=True))).first()
    if row is None:
        raise NotFound
    return read_row(row)


async def find_open(reader: AsyncConnection | Unit, user_id: UUID) -> Case | None:
    """The user's open recovery; one whose time is over may still be among them."""
    row = (await reader.execute(queries.open_of(user_id))).first()
    return None if row is None else read_row(row)


async def change(unit: Unit, case: Case, **values: Any) -> Case:
    """Write changes of a locked recovery."""
    done = await unit.execute(queries.update_recovery(case.id, case.version, values))
    if done.rowcount != 1:
        raise RecoveryChanged
    return replace(case, version=case.version + 1, **values)


async def close(
    unit: Unit, case: Case, status: RecoveryStatus, action: Action, *, by: UUID | None = None,
    reason: str | None = None,
) -> Case:  # fmt: skip
    """End an open recovery; the queue of the staff hears of it."""
    assert case.status == RecoveryStatus.OPEN, "a recovery ends once"
    closed = await change(
        unit, case, status=status.value, open_user_id=None, closed_at=unit.now, closed_by=by,
        reason=reason, claimed_by=None, claimed_until=None,
    )  # fmt: skip
    tell_queue(unit, closed)
    await record_audit(unit, action, "recovery", case.id, reason=reason)
    return closed


def tell_queue(unit: Unit, case: Case) -> None:
    """Tell compliance how a recovery stands."""
    body = {"kind": "recovery", "id": str(case.id), "status": case.status}
    unit.emit(Event(room_of_staff("kyc"), "kyc_queue_changed", body, case.id))


async def stop(identity: Identity, unit: Unit, user_id: UUID) -> bool:
    """The owner is there and lost nothing; whether there was anything to stop.

    Sign-ins that wait for a second factor end, too: who asked knew the password.
    """
    found = await find_open(unit, user_id)
    if found is None:
        return False
    case = await lock_case(unit, found.id)
    if not case.is_open_at(unit.now):
        return False
    await close(unit, case, RecoveryStatus.STOPPED, Action.RECOVERY_STOPPED)
    await unit.execute(factor_queries.delete_pending_of(user_id))
    await tell_owner(unit, identity.hooks, user_id, "recovery_stopped")
    return True


async def expire(identity: Identity, unit: Unit, case: Case) -> None:
    """End an open recovery whose time is over."""
    await close(unit, case, RecoveryStatus.EXPIRED, Action.RECOVERY_EXPIRED)
    await tell_owner(unit, identity.hooks, case.user_id, "recovery_expired")


async def list_missing(reader: AsyncConnection | Unit, case: Case) -> list[str]:
    """The pictures that an open recovery still needs."""
    if case.proof != RecoveryProof.IDENTITY:
        return []
    sent = {row.kind for row in await reader.execute(kyc_queries.documents_of(case.id))}
    return [kind.value for kind in NEEDED if kind.value not in sent]


async def show(reader: AsyncConnection | Unit, case: Case) -> dict[str, Any]:
    """A recovery as the person who asked and the owner see it."""
    return {
        "id": str(case.id),
        "status": case.status,
        "proven_by": case.proof,
        "missing": await list_missing(reader, case) if case.status == RecoveryStatus.OPEN else [],
        "asked_at": format_instant(case.asked_at),
        "ready_at": format_instant(case.ready_at),
        "expires_at": format_instant(case.expires_at),
        "closed_at": show_instant(case.closed_at),
        "reason": case.reason,
    }
