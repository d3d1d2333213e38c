"""The server dies while it tells of events: everything is told, and nothing twice."""

import asyncio
from uuid import UUID

from tests.kills.points import NOTIFYING
from tests.kills.site import open_deal
from tests.lane.lanes import PAYER
from tests.processes import READY_MAX_S


async def list_told(site, deal):
    return sorted(
        (row.kind, row.told)
        for row in await site.world.read(
            "SELECT kind, COUNT(*) AS told FROM notifications"
            f" WHERE subject_id = x'{UUID(deal.id).hex}' GROUP BY user_id, kind"
        )
    )


async def test_dispatcher_killed_at_any_point_tells_everything_once(site, rounds):
    for number, point in enumerate(NOTIFYING * rounds):
        deal = await open_deal(site, number)
        kills = site.kills
        await site.server.arm(point)
        path = f"/trades/{deal.id}"
        payer = {"payer_name": PAYER}
        await site.persist(deal.buyer, "POST", f"{path}/payer", payer, f"payer-{number}")
        await site.persist(deal.buyer, "POST", f"{path}/paid", {}, f"paid-{number}")
        if site.kills == kills:
            await site.server.wait_end()
            await site.restart()

        expected = [("trade_opened", 1), ("trade_paid", 1), ("trade_to_pay", 1)]
        async with asyncio.timeout(READY_MAX_S):
            while await list_told(site, deal) != expected:
                await asyncio.sleep(0.05)
        events = await site.world.read(
            "SELECT COUNT(*) FROM outbox WHERE name = 'notification_created'"
        )
        rows = await site.world.read("SELECT COUNT(*) FROM notifications")
        assert events == rows, point
