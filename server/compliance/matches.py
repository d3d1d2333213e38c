"""Hits of names in lists: compliance takes one, looks, and says whether it is the person.

A true match freezes the account, in the same transaction; the user hears of a freeze and never of
the list.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from models.compliance import HoldKind
from models.screening import HitStatus
from server.compliance.holds import place_hold
from server.compliance.refusals import (
    HitChanged,
    HitClaimed,
    HitDecided,
    HitNotClaimed,
    HoldExists,
    OwnHold,
)
from server.core.refusals import NotFound
from server.db import Unit
from server.db.audit import Action, record_audit
from server.identity.context import Identity
from server.kyc import screening_queries as queries
from server.kyc.screening import context_of, tell_queue

CLAIM = timedelta(minutes=30)
FREEZE_REASON = "A name on a list was found to be this person's."


@dataclass(frozen=True, slots=True)
class Claim:
    """Who works on a hit."""

    by: UUID | None
    until: datetime | None

    def is_of(self, staff_id: UUID, now: datetime) -> bool:
        """Whether somebody works on it now."""
        return self.by == staff_id and self.until is not None and now < self.until


async def _lock(unit: Unit, staff_id: UUID, hit_id: UUID) -> Any:
    row = (await unit.execute(queries.lock_hit(hit_id))).first()
    if row is None:
        raise NotFound
    if row.user_id == staff_id:
        raise OwnHold
    return row


async def claim_hit(unit: Unit, staff_id: UUID, hit_id: UUID) -> Any:
    """Take a hit for half an hour. Refuses `NotFound`, `OwnHold`, `HitDecided`, `HitClaimed`."""
    row = await _lock(unit, staff_id, hit_id)
    if row.status != HitStatus.OPEN:
        raise HitDecided
    is_free = row.claimed_until is None or row.claimed_until <= unit.now
    if row.claimed_by not in (None, staff_id) and not is_free:
        raise HitClaimed

    claimed = {"claimed_by": staff_id, "claimed_until": unit.now + CLAIM}
    await unit.execute_guarded(queries.update_hit(row.id, row.version, claimed))
    await record_audit(unit, Action.SCREENING_CLAIMED, "screening_hit", row.id)
    return (await unit.execute(queries.hit(row.id))).one()


async def read_hit(
    identity: Identity, unit: Unit, staff_id: UUID, hit_id: UUID
) -> tuple[Any, dict[str, Any] | None]:
    """A claimed hit with person and entry, nothing of them once purged; the look is audited.

    Refuses `NotFound`, `OwnHold`, `HitNotClaimed`.
    """
    row = await _lock(unit, staff_id, hit_id)
    if not Claim(row.claimed_by, row.claimed_until).is_of(staff_id, unit.now):
        raise HitNotClaimed
    await record_audit(unit, Action.SCREENING_READ, "screening_hit", row.id)
    said = None
    if row.sealed is not None:
        said = orjson.loads(identity.sealer.open_sealed(bytes(row.sealed), context_of(row.id)))
    return (await unit.execute(queries.hit(row.id))).one(), said


async def decide_hit(
    identity: Identity, unit: Unit, staff_id: UUID, hit_id: UUID, *, version: int,
    status: HitStatus, reason: str,
) -> Any:  # fmt: skip
    """Say whether the listed person is the user; if he is, his account is frozen.

    Refuses `NotFound`, `OwnHold`, `HitDecided`, `HitNotClaimed`, `HitChanged`.
    """
    row = await _lock(unit, staff_id, hit_id)
    if row.status != HitStatus.OPEN:
        raise HitDecided
    if not Claim(row.claimed_by, row.claimed_until).is_of(staff_id, unit.now):
        raise HitNotClaimed
    if row.version != version:
        raise HitChanged

    decided = {
        "status": status.value,
        "decided_by": staff_id,
        "decided_at": unit.now,
        "reason": reason,
        "claimed_by": None,
        "claimed_until": None,
    }
    await unit.execute_guarded(queries.update_hit(row.id, row.version, decided))
    tell_queue(unit, row.id, status.value)
    await record_audit(
        unit, Action.SCREENING_DECIDED, "screening_hit", row.id,
        after={"status": status.value}, reason=reason,
    )  # fmt: skip
    if status is HitStatus.TRUE_MATCH:
        with suppress(HoldExists):
            await place_hold(
                identity, unit, row.user_id, HoldKind.FREEZE, FREEZE_REASON, staff_id
            )  # fmt: skip
    return (await unit.execute(queries.hit(row.id))).one()
