"""People on the staff, for tests that need one."""

from uuid import UUID

from server.admin.context import OFFICE
from server.admin.service import assign_role
from server.staff.service import lock_staff
from tests.market_world import PASSWORD


async def make_staff(app, user_id, *role_ids):
    """Give a user roles, as an operator would, and return when this process knows it.

    He must sign in anew: his sessions end.
    """
    office = app[OFFICE]
    user_id = UUID(user_id) if isinstance(user_id, str) else user_id

    async def work(unit):
        await lock_staff(unit, office.rights)
        for role_id in role_ids:
            await assign_role(office.identity, unit, user_id, role_id, granted_by=None)

    await office.database.transact(work, name="test")
    await office.rights.read(office.database)


async def join_staff(world, name, *role_ids):
    """A person of a `tests.market_world` who is on the staff, signed in."""
    person = await world.join(name)
    await make_staff(world.client.server.app, person.id, *role_ids)
    account = {"email": f"{name}@example.com", "password": PASSWORD}
    async with world.client.post("/api/v1/auth/login", json=account) as reply:
        person.token = (await reply.json())["access_token"]
    return person
