"""What time does: owners hear of open recoveries again and again, and what is over is closed."""

from datetime import datetime
from uuid import UUID

from server.core.clock import format_instant
from server.db import Unit
from server.db.audit import Action, record_audit
from server.db.legal_hold import find_hold
from server.identity.notices import tell_owner
from server.kyc import queries as kyc_queries
from server.kyc.context import Kyc
from server.kyc.documents import delete_bytes, forget_keys
from server.recovery import queries
from server.recovery.asking import TOLD_EVERY
from server.recovery.cases import change, expire, lock_case

CHUNK = 100


async def tend_recoveries(kyc: Kyc) -> int:
    """Tell owners again, and close what is over; how many recoveries."""
    async with kyc.database.read() as connection:
        due = queries.due(kyc.database.clock.now(), CHUNK)
        found = [row.id for row in await connection.execute(due)]

    async def tend(unit: Unit, recovery_id: UUID) -> int:
        case = await lock_case(unit, recovery_id)
        if case.status != queries.OPEN:
            return 0
        if not case.is_open_at(unit.now):
            await expire(kyc.identity, unit, case)
            return 1
        if not case.tell_at <= unit.now < case.ready_at:
            return 0
        ready = format_instant(case.ready_at)
        await change(unit, case, tell_at=_next(case.tell_at, unit.now))
        await tell_owner(unit, kyc.identity.hooks, case.user_id, "recovery_waits", ready_at=ready)
        return 1

    tended = 0
    for recovery_id in found:

        async def work(unit: Unit, recovery_id: UUID = recovery_id) -> int:
            return await tend(unit, recovery_id)

        tended += await kyc.database.transact(work, name="tend_recovery")
    return tended


def _next(told: datetime, now: datetime) -> datetime:
    """The next time to tell; what was missed is told once."""
    return told + TOLD_EVERY * ((now - told) // TOLD_EVERY + 1)


async def purge_recoveries(kyc: Kyc) -> int:
    """Forget pictures of recoveries that ended long ago; how many. Legal holds keep them."""
    before = kyc.database.clock.now() - kyc.rules.refused_kept
    async with kyc.database.read() as connection:
        found = [row.id for row in await connection.execute(queries.purgeable(before, CHUNK))]
    count = 0
    for recovery_id in found:

        async def work(unit: Unit, recovery_id: UUID = recovery_id) -> list[UUID]:
            case = await lock_case(unit, recovery_id)
            held = (await unit.execute(find_hold(case.user_id))).first() is not None
            if held or case.purged_at is not None:
                return []
            pictures = [row.id for row in await unit.execute(kyc_queries.stored_of(case.id))]
            await forget_keys(unit, pictures)
            await change(unit, case, purged_at=unit.now)
            await record_audit(unit, Action.RECOVERY_PURGED, "recovery", case.id)
            return pictures

        pictures = await kyc.database.transact(work, name="purge_recovery")
        count += await delete_bytes(kyc, pictures)
    return count
