"""Roles and who has them. Nobody gives what he does not have; somebody stays administrator.

Each change locks the version of the staff first (`lock_staff`), so what is checked stays true until
it is committed: two administrators who demote each other at one instant do not both succeed.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from models.identity import Role
from server.admin.refusals import (
    LastAdministrator,
    NeedsApproval,
    NotOneself,
    NotYoursToGive,
    RoleChanged,
    RoleExists,
    RoleFixed,
    RoleGiven,
    RoleInUse,
    TooManyRoles,
)
from server.core.permissions import (
    ADMINISTRATOR,
    BUILT_IN_ROLES,
    GIVEN_BY_TWO,
    RESERVED,
    Permission,
    coarse_role_of,
)
from server.core.refusals import NotFound
from server.db import Unit
from server.db.audit import Action, record_audit
from server.identity.context import Identity
from server.identity.queries import role_of
from server.identity.service import set_role
from server.staff import queries
from server.staff.rights import Rights, read_roles
from server.staff.service import lock_staff, read_lasting_permissions_of


@dataclass(frozen=True, slots=True)
class StaffRoleRow:
    """A role as it stands."""

    id: str
    name: str
    version: int
    permissions: frozenset[Permission]


async def get_role(unit: Unit, role_id: str) -> StaffRoleRow:
    """One role. Refuses `NotFound`."""
    row = (await unit.execute(queries.roles(role_id))).first()
    if row is None or row.id != role_id:
        raise NotFound
    held = (await read_roles(unit)).get(role_id, frozenset())
    return StaffRoleRow(row.id, row.name, row.version, held)


async def require_held(unit: Unit, giver: UUID, permissions: Collection[Permission]) -> None:
    """Refuse `NotYoursToGive` unless the giver holds all of them by his roles, now."""
    missing = set(permissions) - await read_lasting_permissions_of(unit, giver)
    if missing:
        raise NotYoursToGive(permissions=sorted(missing))


def _show(role: StaffRoleRow) -> dict[str, Any]:
    return {"name": role.name, "permissions": sorted(role.permissions)}


async def create_role(
    unit: Unit,
    rights: Rights | None,
    actor: UUID,
    role_id: str,
    name: str,
    held: frozenset[Permission],
) -> StaffRoleRow:
    """A new role. Refuses `RoleExists`, `TooManyRoles`, `NotYoursToGive`, `RoleFixed`."""
    await lock_staff(unit, rights)
    await require_held(unit, actor, held)
    known = (await unit.execute(queries.roles())).all()
    if any(row.id == role_id for row in known):
        raise RoleExists
    if len(known) >= queries.ROLES_MAX:
        raise TooManyRoles
    if held & RESERVED:
        raise RoleFixed

    await unit.execute(queries.insert_role(role_id, name, unit.now))
    if held:
        await unit.execute(*queries.insert_role_permissions(role_id, held))
    role = StaffRoleRow(role_id, name, 1, held)
    await record_audit(unit, Action.ROLE_CREATED, "role", role_id, after=_show(role))
    return role


async def change_role(
    unit: Unit,
    rights: Rights | None,
    actor: UUID,
    role_id: str,
    *,
    version: int,
    name: str | None,
    held: frozenset[Permission] | None,
) -> StaffRoleRow:
    """Another name or other permissions of a role at `version`.

    What is added and what is taken away must be held by who does it; a permission over money is
    added only while nobody has the role. Refuses `NotFound`, `RoleFixed`, `RoleChanged`,
    `RoleInUse`, `NotYoursToGive`.
    """
    await lock_staff(unit, rights)
    before = await get_role(unit, role_id)
    if role_id == ADMINISTRATOR:
        raise RoleFixed
    if before.version != version:
        raise RoleChanged(version=before.version)
    wanted = before.permissions if held is None else held
    await require_held(unit, actor, wanted ^ before.permissions)
    if wanted & RESERVED:
        raise RoleFixed
    if (wanted - before.permissions) & GIVEN_BY_TWO and await _is_held(unit, role_id):
        # Who has the role would get it on one person's word.
        raise RoleInUse

    named = before.name if name is None else name
    await unit.execute_guarded(queries.change_role(role_id, version, named, unit.now))
    await unit.execute(queries.delete_role_permissions(role_id))
    if wanted:
        await unit.execute(*queries.insert_role_permissions(role_id, wanted))
    after = StaffRoleRow(role_id, named, version + 1, wanted)
    await record_audit(
        unit, Action.ROLE_CHANGED, "role", role_id, before=_show(before), after=_show(after)
    )
    return after


async def delete_role(unit: Unit, rights: Rights | None, actor: UUID, role_id: str) -> None:
    """Forget a role that nobody has. Refuses `NotFound`, `RoleFixed`, `RoleInUse`."""
    await lock_staff(unit, rights)
    role = await get_role(unit, role_id)
    if role_id in BUILT_IN_ROLES:
        raise RoleFixed
    await require_held(unit, actor, role.permissions)
    if await _is_held(unit, role_id):
        raise RoleInUse

    for statement in queries.delete_role(role_id):
        await unit.execute(statement)
    await record_audit(unit, Action.ROLE_DELETED, "role", role_id, before=_show(role))


async def _is_held(unit: Unit, role_id: str) -> bool:
    return (await unit.execute(queries.holders_of(role_id))).first() is not None


async def grant_role(
    identity: Identity, unit: Unit, rights: Rights | None, actor: UUID, user_id: UUID, role_id: str
) -> None:
    """Give a person a role.

    Refuses `NotOneself`, `NotFound`, `NeedsApproval` (the administrator role, and what holds a
    permission over money), `NotYoursToGive`, `RoleGiven`. His sessions end when he becomes staff.
    """
    await lock_staff(unit, rights)
    role = await get_role(unit, role_id)
    await require_person(unit, user_id)
    if user_id == actor:
        raise NotOneself
    if role_id == ADMINISTRATOR:
        raise NeedsApproval
    await require_held(unit, actor, role.permissions)
    if role.permissions & GIVEN_BY_TWO:
        raise NeedsApproval
    await assign_role(identity, unit, user_id, role_id, granted_by=actor)


async def require_person(unit: Unit, user_id: UUID) -> str:
    """The coarse role of a user. Refuses `NotFound`."""
    known = (await unit.execute(role_of(user_id))).scalar()
    if known is None:
        raise NotFound
    return str(known)


async def assign_role(
    identity: Identity, unit: Unit, user_id: UUID, role_id: str, *, granted_by: UUID | None
) -> None:
    """Give a role without asking whether one may. The caller holds the lock of the staff."""
    before = [row.role_id for row in await unit.execute(queries.assignments(user_id))]
    if role_id in before:
        raise RoleGiven
    await unit.execute(queries.insert_assignment(user_id, role_id, granted_by, unit.now))
    await _follow_roles(identity, unit, user_id, before, [*before, role_id])
    await record_audit(
        unit,
        Action.ROLE_GRANTED,
        "user",
        user_id,
        before={"roles": before},
        after={"roles": sorted([*before, role_id])},
    )


async def take_role(
    identity: Identity, unit: Unit, rights: Rights | None, actor: UUID, user_id: UUID, role_id: str
) -> None:
    """Take a role from a person; one may give up one's own.

    Refuses `NotFound`, `NotYoursToGive`, `LastAdministrator`. His sessions end when he becomes
    something else: staff no more, or no administrator.
    """
    await lock_staff(unit, rights)
    before = [row.role_id for row in await unit.execute(queries.assignments(user_id))]
    if role_id not in before:
        raise NotFound
    if user_id != actor:
        await require_held(unit, actor, (await get_role(unit, role_id)).permissions)
    if role_id == ADMINISTRATOR:
        holders = (await unit.execute(queries.administrators())).all()
        if len(holders) < 2:
            raise LastAdministrator

    await unit.execute_guarded(queries.delete_assignment(user_id, role_id))
    after = [each for each in before if each != role_id]
    await _follow_roles(identity, unit, user_id, before, after)
    await record_audit(
        unit,
        Action.ROLE_TAKEN,
        "user",
        user_id,
        before={"roles": before},
        after={"roles": after},
    )


async def _follow_roles(
    identity: Identity, unit: Unit, user_id: UUID, before: list[str], after: list[str]
) -> None:
    """Keep the word in tokens and profiles in step with the roles."""
    if coarse_role_of(before) != coarse_role_of(after):
        await set_role(identity, unit, user_id, Role(coarse_role_of(after)))
