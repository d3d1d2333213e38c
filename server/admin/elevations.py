"""Roles that are taken for a short time in an emergency, with everybody told."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from server.admin.refusals import NothingToTake
from server.admin.service import get_role
from server.core.permissions import NEVER_BY_ELEVATION, Permission
from server.core.refusals import Forbidden, NotFound
from server.db import Unit
from server.db.audit import Action, record_audit
from server.identity.context import Identity
from server.identity.notices import tell_owner
from server.staff import queries
from server.staff.rights import Rights
from server.staff.service import lock_staff, read_lasting_permissions_of, read_permissions_of


async def begin_elevation(
    identity: Identity,
    unit: Unit,
    rights: Rights | None,
    actor: UUID,
    role_id: str,
    reason: str,
    life: timedelta,
) -> Any:
    """Take a role until `life` has passed; every administrator is told at once.

    Refuses `NotFound` for an unknown role, `NothingToTake` if it gives nothing more, and
    `Forbidden` if the right to do this was taken away since the call was let in.
    """
    await lock_staff(unit, rights)
    if Permission.BREAK_GLASS not in await read_lasting_permissions_of(unit, actor):
        raise Forbidden
    role = await get_role(unit, role_id)
    if not role.permissions - NEVER_BY_ELEVATION - await read_permissions_of(unit, actor):
        raise NothingToTake
    elevation_id, ends_at = unit.ids.new_id(), unit.now + life
    await unit.execute(
        queries.insert_elevation(
            {
                "id": elevation_id,
                "user_id": actor,
                "role_id": role_id,
                "reason": reason,
                "began_at": unit.now,
                "ends_at": ends_at,
            }
        )
    )
    await record_audit(
        unit,
        Action.ELEVATION_BEGAN,
        "elevation",
        elevation_id,
        after={"role": role_id, "minutes": int(life.total_seconds()) // 60},
        reason=reason,
    )
    for row in (await unit.execute(queries.administrators())).all():
        if row.user_id != actor:
            await tell_owner(
                unit, identity.hooks, row.user_id, "role_taken_in_emergency", role=role_id
            )
    return (await unit.execute(queries.elevation(elevation_id))).one()


async def end_own(unit: Unit, rights: Rights | None, actor: UUID) -> None:
    """Give back everything that one took and still holds."""
    await lock_staff(unit, rights)
    for row in (await unit.execute(queries.running_elevations(unit.now, actor))).all():
        await _end(unit, actor, row.id, row.role_id)


async def end_elevation(unit: Unit, rights: Rights | None, actor: UUID, elevation_id: UUID) -> None:
    """End what somebody took before its time. Refuses `NotFound` when none such runs."""
    await lock_staff(unit, rights)
    row = (await unit.execute(queries.elevation(elevation_id))).first()
    if row is None or row.ends_at <= unit.now:
        raise NotFound
    await _end(unit, actor, elevation_id, row.role_id)


async def _end(unit: Unit, actor: UUID, elevation_id: UUID, role_id: str) -> None:
    await unit.execute_guarded(queries.end_elevation(elevation_id, actor, unit.now))
    await record_audit(
        unit, Action.ELEVATION_ENDED, "elevation", elevation_id, before={"role": role_id}
    )
