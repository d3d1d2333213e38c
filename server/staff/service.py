"""Changes of who may do what: each locks the one version row first, so they never cross."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from server.core.permissions import ADMINISTRATOR, BUILT_IN_ROLES, Permission
from server.db import Database, Unit, is_unique_violation
from server.db.audit import Action, record_audit
from server.staff import queries
from server.staff.rights import NOTHING, Rights, read_holdings, read_roles

BY_RELEASE = "brought by a release"


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
    """Add the built-in roles that are missing, and give each what a release brings it.

    A permission is given once: what was taken away afterwards stays away. Roles that people made
    get nothing. How many roles were added or changed.
    """
    async with database.read() as connection:
        known = {row.id for row in await connection.execute(queries.roles())}
        fresh = _list_fresh(await connection.execute(queries.seeded_permissions()))
    if BUILT_IN_ROLES.keys() <= known and not fresh:
        return 0

    async def work(unit: Unit) -> int:
        await lock_staff(unit, None)
        rows = {row.id: row for row in await unit.execute(queries.roles())}
        fresh = _list_fresh(await unit.execute(queries.seeded_permissions()))
        changed = 0
        for role_id in sorted(BUILT_IN_ROLES):
            if role_id not in rows:
                await _insert_built_in(unit, role_id, is_news=bool(rows))
            elif not await _give_fresh(unit, rows[role_id], fresh.get(role_id, NOTHING)):
                continue
            changed += 1
        await _note_seeded(unit, fresh)
        return changed

    try:
        return await database.transact(work, name="seed_roles")
    except IntegrityError as error:
        if not is_unique_violation(error):
            raise
        # Two processes began with an empty table; the other one has added them.
        return 0


def _list_fresh(rows: Iterable[Any]) -> dict[str, frozenset[Permission]]:
    """What the built-in roles start with and no release has given them yet, by role."""
    seeded = {(row.role_id, row.permission) for row in rows}
    found = {}
    for role in BUILT_IN_ROLES.values():
        fresh = frozenset(each for each in role.permissions if (role.id, each.value) not in seeded)
        # The administrator's role holds everything without rows.
        if fresh and role.id != ADMINISTRATOR:
            found[role.id] = fresh
    return found


async def _insert_built_in(unit: Unit, role_id: str, *, is_news: bool) -> None:
    role = BUILT_IN_ROLES[role_id]
    await unit.execute(queries.insert_role(role_id, role.name, unit.now))
    if role_id != ADMINISTRATOR:
        await unit.execute(*queries.insert_role_permissions(role_id, role.permissions))
    if is_news:
        shown = {"name": role.name, "permissions": sorted(role.permissions)}
        await record_audit(
            unit, Action.ROLE_CREATED, "role", role_id, after=shown, reason=BY_RELEASE
        )


async def _give_fresh(unit: Unit, row: Any, fresh: frozenset[Permission]) -> bool:
    """Give a built-in role what is new to it; whether anything was."""
    held = (await read_roles(unit)).get(row.id, NOTHING)
    given = fresh - held
    if row.id == ADMINISTRATOR or not given:
        return False
    await unit.execute_guarded(queries.change_role(row.id, row.version, row.name, unit.now))
    await unit.execute(*queries.insert_role_permissions(row.id, given))
    await record_audit(
        unit,
        Action.ROLE_CHANGED,
        "role",
        row.id,
        before={"name": row.name, "permissions": sorted(held)},
        after={"name": row.name, "permissions": sorted(held | given)},
        reason=BY_RELEASE,
    )
    return True


async def _note_seeded(unit: Unit, fresh: Mapping[str, frozenset[Permission]]) -> None:
    rows = [
        {"role_id": role_id, "permission": each.value}
        for role_id in sorted(fresh)
        for each in sorted(fresh[role_id])
    ]
    if rows:
        await unit.execute(*queries.insert_seeded_permissions(rows))
