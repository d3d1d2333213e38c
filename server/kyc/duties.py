"""What time does: identities run out and are made anew; what was kept long enough is purged."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from models.kyc import KycStatus
from server.core.clock import format_instant
from server.db import Unit
from server.db.audit import Action, record_audit
from server.db.legal_hold import find_hold
from server.identity.notices import tell_owner
from server.identity.service import change_level
from server.identity.standing import lock_standing
from server.kyc import queries
from server.kyc.applications import change, lock_application
from server.kyc.context import Kyc
from server.kyc.documents import delete_bytes, forget_keys
from server.kyc.screening import forget_screening

WARNED_BEFORE = timedelta(days=30)
UNPROVED_LEVEL = 1
"""What is left of a level whose identity has run out: phone and e-mail."""
CHUNK = 100
APPROVED = KycStatus.APPROVED.value
REPLACED_KEPT = timedelta(hours=24)
"""Replaced pictures are kept so long, for who is looking at them."""


async def recheck_identities(kyc: Kyc) -> int:
    """Tell users whose identity runs out soon, and lower those whose has; how many."""
    now = kyc.database.clock.now()
    async with kyc.database.read() as connection:
        over = [row.id for row in await connection.execute(queries.run_out(now, CHUNK))]
        soon = queries.running_out(now + WARNED_BEFORE, CHUNK)
        ending = [row.id for row in await connection.execute(soon)]
    for application_id in over:

        async def end(unit: Unit, application_id: UUID = application_id) -> None:
            await _end(kyc, unit, application_id)

        await kyc.database.transact(end, name="end_identity")
    for application_id in ending:

        async def warn(unit: Unit, application_id: UUID = application_id) -> None:
            await _warn(kyc, unit, application_id)

        await kyc.database.transact(warn, name="warn_of_end")
    return len(over) + len(ending)


async def _end(kyc: Kyc, unit: Unit, application_id: UUID) -> None:
    row = await lock_application(unit, application_id)
    if row.status != APPROVED or row.expires_at is None or row.expires_at > unit.now:
        return

    await change(unit, row, status=KycStatus.EXPIRED.value)
    await record_audit(unit, Action.KYC_EXPIRED, "kyc_application", row.id)
    standing = await lock_standing(unit, row.user_id)
    # Level 3 stands on level 2: without an identity the address proves nothing.
    left = UNPROVED_LEVEL if row.level == 2 else 2
    if standing.kyc_level > left:
        await change_level(unit, kyc.identity.hooks, row.user_id, standing.kyc_level, left)
    await tell_owner(unit, kyc.identity.hooks, row.user_id, "kyc_expired", level=str(row.level))


async def _warn(kyc: Kyc, unit: Unit, application_id: UUID) -> None:
    row = await lock_application(unit, application_id)
    if row.status != APPROVED or row.warned_at is not None or row.expires_at is None:
        return
    await change(unit, row, warned_at=unit.now)
    await tell_owner(
        unit, kyc.identity.hooks, row.user_id, "kyc_expires_soon",
        level=str(row.level), expires_at=format_instant(row.expires_at),
    )  # fmt: skip


async def purge_identities(kyc: Kyc) -> int:
    """Purge what was kept long enough: pictures and what was said; how many pictures.

    Nothing of a user under legal hold is touched, and nothing that counts. Keys are forgotten with
    the row; a crash after that leaves bytes that nobody can read.
    """

    async def purge_replaced(unit: Unit) -> list[UUID]:
        rows = await unit.execute(queries.replaced(unit.now - REPLACED_KEPT, CHUNK))
        pictures = [row.id for row in rows]
        await forget_keys(unit, pictures)
        return pictures

    pictures = await kyc.database.transact(purge_replaced, name="purge_replaced_pictures")
    count = await delete_bytes(kyc, pictures)
    now, rules = kyc.database.clock.now(), kyc.rules
    async with kyc.database.read() as connection:
        due = queries.purgeable(now - rules.refused_kept, now - rules.approved_kept, CHUNK)
        over = [row.id for row in await connection.execute(due)]
    for application_id in over:
        count += await _purge_application(kyc, application_id)
    return count


async def _purge_application(kyc: Kyc, application_id: UUID) -> int:
    async def work(unit: Unit) -> list[UUID]:
        row = await lock_application(unit, application_id)
        is_held = (await unit.execute(find_hold(row.user_id))).first() is not None
        if is_held or row.purged_at is not None:
            return []
        pictures = [each.id for each in await unit.execute(queries.stored_of(application_id))]
        await forget_keys(unit, pictures)
        await unit.execute(queries.delete_legal_name(row.user_id, application_id))
        gone: dict[str, Any] = {"sealed": None, "fingerprint": None, "purged_at": unit.now}
        if row.status in queries.OPEN:
            # Its account is closed: nobody may go on deciding about what is gone.
            gone |= {"status": KycStatus.WITHDRAWN.value, "open_user_id": None,
                     "decided_at": unit.now, "claimed_by": None, "claimed_until": None}  # fmt: skip
        elif row.status not in queries.REFUSED:
            await unit.execute(queries.closed_identity(row.user_id))
        await forget_screening(unit, row.id)
        await change(unit, row, **gone)
        await record_audit(unit, Action.KYC_PURGED, "kyc_application", row.id)
        return pictures

    return await delete_bytes(kyc, await kyc.database.transact(work, name="purge_application"))
