"""Holding accounts: freezes, sleep and legal holds, and what each stops."""

from datetime import timedelta
from uuid import UUID

from models.compliance import HoldKind
from server.compliance import queries
from server.compliance.refusals import HoldExists, OwnHold
from server.core.refusals import NotFound
from server.db import Unit
from server.db.audit import Action, record_audit
from server.identity import queries as identity_queries
from server.identity.context import Identity
from server.identity.notices import tell_owner
from server.identity.sessions import end_sessions
from server.identity.standing import StandingRow, change_standing, lock_standing

STOPPING = frozenset({HoldKind.FREEZE, HoldKind.DORMANT, HoldKind.SANCTION})
"""Holds under which nothing is ordered and nothing released."""
MONTH = timedelta(days=30)
ASLEEP_CHUNK = 200


async def _active(unit: Unit, user_id: UUID) -> dict[HoldKind, UUID]:
    rows = await unit.execute(queries.active_holds(user_id))
    return {HoldKind(row.kind): row.id for row in rows}


async def place_hold(
    identity: Identity, unit: Unit, user_id: UUID, kind: HoldKind, reason: str, by: UUID | None
) -> None:
    """Hold an account. Refuses `NotFound`, `OwnHold`, `HoldExists`.

    A freeze and sleep stop orders at the lane's next look. A freeze also ends every session of the
    owner, who hears of it without its reason; he may sign in again and read.
    """
    if by == user_id:
        raise OwnHold
    standing = await lock_standing(unit, user_id)
    if kind in await _active(unit, user_id):
        raise HoldExists

    await _place(identity, unit, standing, kind, reason, by)
    if kind is HoldKind.FREEZE:
        await end_sessions(identity, unit, user_id, "account_frozen")
        await tell_owner(unit, identity.hooks, user_id, "account_frozen")


async def end_sessions_of(identity: Identity, unit: Unit, user_id: UUID, reason: str) -> int:
    """Sign somebody out everywhere, who is told so; how many sessions ended. Refuses `NotFound`."""
    if (await unit.execute(identity_queries.role_of(user_id))).first() is None:
        raise NotFound
    ended = await end_sessions(identity, unit, user_id, "ended_by_staff")
    await record_audit(
        unit, Action.SESSION_ENDED, "user", user_id, after={"ended": ended}, reason=reason
    )
    await tell_owner(unit, identity.hooks, user_id, "sessions_ended_by_staff")
    return ended


async def _place(
    identity: Identity, unit: Unit, standing: StandingRow, kind: HoldKind, reason: str,
    by: UUID | None,
) -> None:  # fmt: skip
    user_id = standing.user_id
    await unit.execute(
        queries.insert_hold(
            {
                "id": unit.ids.new_id(),
                "user_id": user_id,
                "kind": kind.value,
                "reason": reason,
                "placed_by": by,
                "placed_at": unit.now,
            }
        )
    )
    if kind in STOPPING and standing.frozen_at is None:
        await change_standing(unit, identity.hooks, standing, frozen_at=unit.now)
    await record_audit(
        unit, Action.ACCOUNT_HELD, "user", user_id, after={"kind": kind.value}, reason=reason
    )


async def lift_hold(
    identity: Identity, unit: Unit, user_id: UUID, kind: HoldKind, reason: str, by: UUID
) -> None:
    """End a hold. Refuses `NotFound` where there is none, `OwnHold` unless the owner wakes it."""
    if by == user_id and kind is not HoldKind.DORMANT:
        raise OwnHold
    standing = await lock_standing(unit, user_id)
    active = await _active(unit, user_id)
    if kind not in active:
        raise NotFound

    await unit.execute_guarded(queries.lift_hold(active.pop(kind), by, unit.now))
    closed = (await unit.execute(identity_queries.closure_of(user_id))).first() is not None
    if kind in STOPPING and not closed and STOPPING.isdisjoint(active):
        await change_standing(unit, identity.hooks, standing, frozen_at=None)
    await record_audit(
        unit, Action.ACCOUNT_RELEASED, "user", user_id, before={"kind": kind.value}, reason=reason
    )
    if kind is HoldKind.FREEZE:
        await tell_owner(unit, identity.hooks, user_id, "account_unfrozen")


async def put_to_sleep(identity: Identity, months: int) -> int:
    """Mark accounts that nobody has used for so many months of 30 days; how many.

    Their owners wake them. Months of 0 mark none.
    """
    if not months:
        return 0
    database = identity.database
    before = database.clock.now() - months * MONTH
    async with database.read() as connection:
        rows = (await connection.execute(queries.unused_since(before, ASLEEP_CHUNK))).all()

    async def work(unit: Unit, user_id: UUID) -> int:
        standing = await lock_standing(unit, user_id)
        seen = standing.seen_at is not None and standing.seen_at >= before
        if seen or standing.frozen_at is not None:
            return 0
        await _place(identity, unit, standing, HoldKind.DORMANT, "not used for long", None)
        return 1

    asleep = 0
    for row in rows:

        async def put(unit: Unit, user_id: UUID = row.user_id) -> int:
            return await work(unit, user_id)

        asleep += await database.transact(put, name="put_to_sleep")
    return asleep
