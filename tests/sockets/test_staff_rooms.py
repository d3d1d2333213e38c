"""The rooms of the staff open by permission, and close when it is lost."""

import asyncio
from uuid import UUID

from server.admin.context import OFFICE
from server.admin.service import take_role
from sockets.app import SOCKETS
from tests.sockets.test_rooms import open_trade
from tests.staff_world import give_case, join_staff


async def test_staff_who_lose_a_permission_leave_its_rooms(world, listen):
    _, _, trade_id = await open_trade(world)
    clerk = await join_staff(world, "clerk", "dispute_ruler", "support_agent")
    await give_case(world, clerk, trade_id)
    listener = await listen(world, clerk)
    assert (await listener.subscribe("staff:disputes"))["status"] == "ok"
    assert (await listener.subscribe(f"trade:{trade_id}"))["status"] == "ok"
    office = world.client.server.app[OFFICE]

    async def take(unit):
        await take_role(
            office.identity, unit, office.rights, UUID(clerk.id), UUID(clerk.id), "dispute_ruler"
        )

    await world.database.transact(take, name="test")
    sockets = world.client.server.app[SOCKETS]
    (member,) = sockets.registry.list_by_right()
    for _ in range(300):
        if "staff:disputes" not in member.rooms:
            break
        await asyncio.sleep(0.01)
    assert f"trade:{trade_id}" in member.rooms
    assert "staff:disputes" not in member.rooms
    assert "staff:disputes" not in sockets.server.rooms(member.sid)
    assert (await listener.subscribe("staff:disputes"))["code"] == "not_found"

    other = await join_staff(world, "other", "dispute_ruler")
    await give_case(world, other, trade_id)
    for _ in range(300):
        if f"trade:{trade_id}" not in member.rooms:
            break
        await asyncio.sleep(0.01)
    assert f"trade:{trade_id}" not in sockets.server.rooms(member.sid)


async def test_queue_of_the_staff_opens_by_its_permission_only(world, listen):
    clerk = await join_staff(world, "clerk", "finance")
    listener = await listen(world, clerk)
    assert (await listener.subscribe("staff:withdrawals"))["status"] == "ok"
    assert (await listener.subscribe("staff:disputes"))["code"] == "not_found"
