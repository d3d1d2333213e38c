"""What a new release does to the roles of a database that is there already."""

import asyncio

import orjson
from sqlalchemy import delete, select

from models.staff import SeededPermission, StaffRole, StaffRolePermission
from server.core.permissions import BUILT_IN_ROLES, Permission
from server.staff import queries
from tests.programs import run_iqx

ROLES = "/api/admin/roles"
NEW = Permission.FREEZE_ACCOUNTS.value


async def forget(bureau, permission):
    """Make the database one of a release that did not know a permission."""

    async def work(unit):
        for table in (SeededPermission, StaffRolePermission):
            await unit.execute(delete(table).where(table.permission == permission))

    await bureau.database.transact(work, name="test")


async def held_by(bureau, role_id):
    statement = select(StaffRolePermission.permission).where(StaffRolePermission.role_id == role_id)
    return {row.permission for row in await bureau.read(statement)}


async def test_release_gives_new_permissions_to_built_in_roles_and_to_no_others(bureau):
    _, ada = await bureau.join("ada", "administrator")
    own = {"id": "bank_desk", "name": "Bank desk", "permissions": ["hold_legally"]}
    assert (await bureau.act(ada, "POST", ROLES, own))[0] == 201
    before = {row.id: row.version for row in await bureau.read(queries.roles())}
    await forget(bureau, NEW)

    assert await bureau.seed_roles() == 1
    assert await bureau.seed_roles() == 0

    assert await held_by(bureau, "compliance") == set(BUILT_IN_ROLES["compliance"].permissions)
    assert await held_by(bureau, "bank_desk") == {"hold_legally"}
    after = {row.id: row.version for row in await bureau.read(queries.roles())}
    assert after == {**before, "compliance": before["compliance"] + 1}
    (entry,) = await bureau.audited("role_changed")
    assert (entry.actor_kind, entry.object_id) == ("system", "compliance")
    assert entry.reason == "brought by a release"
    gained = {*orjson.loads(entry.after)["permissions"]} - {
        *orjson.loads(entry.before)["permissions"]
    }
    assert gained == {NEW}


async def test_what_an_administrator_took_away_is_not_brought_back(bureau):
    _, ada = await bureau.join("ada", "administrator")
    kept = sorted(BUILT_IN_ROLES["compliance"].permissions - {Permission.HOLD_LEGALLY})
    change = {"version": 1, "permissions": kept}
    assert (await bureau.act(ada, "PATCH", f"{ROLES}/compliance", change))[0] == 200
    await forget(bureau, NEW)

    assert await bureau.seed_roles() == 1

    assert await held_by(bureau, "compliance") == set(kept)


async def test_role_that_a_release_brings_is_added_and_audited(bureau):
    async def work(unit):
        for table in (SeededPermission, StaffRolePermission):
            await unit.execute(delete(table).where(table.role_id == "auditor"))
        await unit.execute(delete(StaffRole).where(StaffRole.id == "auditor"))

    await bureau.database.transact(work, name="test")
    assert await bureau.seed_roles() == 1
    assert await held_by(bureau, "auditor") == set(BUILT_IN_ROLES["auditor"].permissions)
    (entry,) = await bureau.audited("role_created")
    assert (entry.actor_kind, entry.object_id) == ("system", "auditor")


async def test_running_process_knows_what_the_command_brought_within_a_second(bureau, database_url):
    carl, _ = await bureau.join("carl", "compliance")
    await forget(bureau, NEW)

    done = await asyncio.to_thread(run_iqx, database_url, "migrate")

    assert done.returncode == 0, done.stderr
    assert await held_by(bureau, "compliance") == set(BUILT_IN_ROLES["compliance"].permissions)
    assert await bureau.wait_for_rights(carl, Permission.FREEZE_ACCOUNTS, held=True) < 1
