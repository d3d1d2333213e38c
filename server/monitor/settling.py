"""What an operator does once the cause of a breach is known and corrected."""

from server.core.refusals import Conflict
from server.db import Database, Unit
from server.db.audit import Action, record_audit
from server.monitor.queries import service
from server.monitor.verifier import STOPPED, verify


class StillBroken(Conflict):
    """An invariant does not hold, so nothing is settled."""

    code = "still_broken"
    title = "An invariant is still broken."


async def settle_breaches(database: Database, reason: str) -> int:
    """Close every breach that stands open and let releases and withdrawals go on; their count.

    What a person stopped stays stopped, that takes two. Everything is checked first. Refuses
    `StillBroken` with what was found.
    """
    began = database.clock.now()
    broken = await verify(database, full=True)
    if broken:
        first = broken[0]
        raise StillBroken(f"{first.invariant} is broken: {first.subject}: {first.detail}")

    async def work(unit: Unit) -> int:
        breaches = (await unit.execute(service.lock_open_breaches())).all()
        for breach in breaches:
            if breach.found_at >= began:
                raise StillBroken("A breach was found meanwhile.")
            await unit.execute_guarded(service.settle_breach(breach.id, unit.now))
            await record_audit(unit, Action.BREACH_SETTLED, "breach", breach.id, reason=reason)
        for name in STOPPED:
            known = (await unit.execute(service.lock_switch(name))).first()
            if known is not None and known.active and known.stopped_by is None:
                await unit.execute_guarded(service.clear_switch(name, reason, unit.now))
                await record_audit(
                    unit,
                    Action.SWITCH_SET,
                    "switch",
                    name,
                    before={"active": True},
                    after={"active": False},
                    reason=reason,
                )
        return len(breaches)

    return await database.transact(work, name="settle_breaches")
