"""Changes of who may do what: each locks the one version row first, so they never cross."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from server.core.permissions import ADMINISTRATOR, BUILT_IN_ROLES, Permission
from server.db import Database, Unit, is_unique_violation
from server.staff import queries
from server.staff.rights import Rights, read_holdings


async def lock_staff(unit: Unit, rights: Rights | None) -> None:
    """Begin a change of what staff may do; no other one runs until this unit ends.

    Every process reads the change within a second, that of `rights` at once.
    """
    if (await unit.execute(queries.staff_version(lock=True))).first() is None:
        await unit.execute(queries.insert_version())
    else:
        await unit.execute_guarded(queries.grow_version())
    if rights is not None:
        unit.after_commit(rights.wake)


async def read_permissions_of(unit: Unit, user_id: UUID) -> frozenset[Permission]:
    """What a person may do as the database has it, for decisions within a change."""
    holdings = await read_holdings(unit, unit.now, user_id)
    holding = holdings.get(user_id)
    return frozenset() if holding is None else holding.at(unit.now)


async def read_lasting_permissions_of(unit: Unit, user_id: UUID) -> frozenset[Permission]:
    """What a person holds by his roles; what he took in an emergency he cannot pass on."""
    holding = (await read_holdings(unit, unit.now, user_id)).get(user_id)
    return frozenset() if holding is None else holding.lasting


async def make_first_administrator(unit: Unit, user_id: UUID, rights: Rights | None) -> None:
    """Make somebody administrator on an operator's word, which needs no second person."""
    await lock_staff(unit, rights)
    await unit.execute(queries.insert_assignment(user_id, ADMINISTRATOR, None, unit.now))


async def seed_roles(database: Database) -> int:
    """Add the built-in roles that are missing; what was edited stays. How many were added."""
    async with database.read() as connection:
        known = {row.id for row in await connection.execute(queries.roles())}
    if BUILT_IN_ROLES.keys() <= known:
        return 0

    async def work(unit: Unit) -> int:
        await lock_staff(unit, None)
        known = {row.id for row in await unit.execute(queries.roles())}
        missing = sorted(BUILT_IN_ROLES.keys() - known)
        for role_id in missing:
            await _insert_built_in(unit, role_id, unit.now)
        return len(missing)

    try:
        return await database.transact(work, name="seed_roles")
    except IntegrityError as error:
        if not is_unique_violation(error):
            raise
        # Two processes began with an empty table; the other one has added them.
        return 0


async def _insert_built_in(unit: Unit, role_id: str, now: datetime) -> None:
    role = BUILT_IN_ROLES[role_id]
    await unit.execute(queries.insert_role(role_id, role.name, now))
    if role_id != ADMINISTRATOR:
        await unit.execute(*queries.insert_role_permissions(role_id, role.permissions))
