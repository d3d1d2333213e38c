"""The server dies while it chains the audit: every entry has one place, in a whole chain."""

import asyncio

from server.staff.audit_chain import find_breaks, read_head
from tests.kills.points import CHAIN
from tests.processes import READY_MAX_S

STRANGERS = ("ann", "ben", "cat")


async def count(site, what):
    return (await site.world.read(f"SELECT COUNT(*) FROM {what}"))[0][0]


async def test_chainer_killed_at_any_point_leaves_a_whole_chain(site, rounds):
    for stranger in STRANGERS:
        await site.world.join(stranger)
    seller = await site.world.join("seller", usdt="1000")
    await seller.sell("100", "26000")
    for number, point in enumerate(CHAIN * rounds):
        person = await site.world.join(f"person{number}")
        kills = site.kills
        await site.server.arm(point)
        for blocked in STRANGERS:
            body = {"username": blocked}
            await site.persist(person, "POST", "/me/blocks", body, f"{number}-{blocked}")
        if site.kills == kills:
            await site.server.wait_end()
            await site.restart()
        async with asyncio.timeout(READY_MAX_S):
            while await count(site, "audit_pending"):
                await asyncio.sleep(0.05)
        entries = await count(site, "audit_entries")
        assert entries == await count(site, "audit_chain") >= 3 * (number + 1)
        async with site.farm.database.read() as connection:
            head = await read_head(connection)
            assert head.number == entries
            assert await find_breaks(connection, head, 1, head.number) == []
