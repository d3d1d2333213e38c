"""The server dies in a step of a trade: the step is done wholly or not at all, and once."""

import asyncio
import contextlib
from uuid import UUID

from sqlalchemy import update

from models.trades import Trade
from tests.kills.points import ACTION, LEDGER, RETURN, ends_of, is_late
from tests.kills.site import GONE, open_deal
from tests.lane.lanes import PAYER, pay
from tests.processes import READY_MAX_S, MachineClock


async def test_payment_killed_at_any_point_is_noted_once(site, rounds):
    for number, point in enumerate((*ACTION, *ends_of("mark_paid")) * rounds):
        deal = await open_deal(site, number)
        await deal.buyer.must("POST", f"/trades/{deal.id}/payer", {"payer_name": PAYER})

        body, replayed = await site.kill_at(point, deal.call_of(deal.buyer, "paid", {}))

        assert replayed == is_late(point), point
        assert body["status"] == "paid"
        assert await deal.read_history() == ["opened", "payer_declared", "marked_paid"]


async def test_release_killed_at_any_point_pays_once(site, rounds):
    points = (*ACTION, *LEDGER, *ends_of("release"))
    for number, point in enumerate(points * rounds):
        deal = await open_deal(site, number)
        await pay(site.world, deal.buyer, deal.id)

        body, replayed = await site.kill_at(point, await deal.release_call())

        assert replayed == is_late(point), point
        assert body["status"] == "completed"
        assert (await deal.read_history())[-2:] == ["marked_paid", "released"]
        rows = await site.world.read(
            "SELECT amount FROM transfers WHERE reason = 'trade_released'"
            f" AND subject_id = x'{UUID(deal.id).hex}'"
        )
        assert [row.amount for row in rows] == [39_940_000], point


async def test_cancel_killed_at_any_point_returns_the_amount_once(site, rounds):
    points = (*ACTION, *LEDGER, *ends_of("cancel"))
    for number, point in enumerate(points * rounds):
        deal = await open_deal(site, number)

        call = deal.call_of(deal.buyer, "cancel", {"reason": "other"})
        body, replayed = await site.kill_at(point, call)

        assert replayed == is_late(point), point
        assert body["status"] == "cancelled"
        assert await deal.read_history() == ["opened", "cancelled"]
        await deal.check_returned()


async def test_return_killed_at_any_point_of_its_batch_is_given_once(site, rounds):
    for number, point in enumerate(RETURN * rounds):
        deal = await open_deal(site, number)
        call = deal.call_of(deal.buyer, "cancel", {"reason": "other"})

        await site.server.arm(point)
        with contextlib.suppress(*GONE):
            status, body, _ = await call()
            assert status == 200, body
        await site.restart()

        status, body, _ = await call()
        assert (status, body["status"]) == (200, "cancelled"), point
        await deal.check_returned()


async def test_expiry_killed_at_any_point_returns_the_amount_once(site, rounds):
    ends = ends_of("apply_due_rows")[:2]
    for number, point in enumerate((*ACTION, *LEDGER, *ends) * rounds):
        deal = await open_deal(site, number)

        await make_due(site, deal.id)
        await deal.buyer.must("GET", f"/trades/{deal.id}")
        await site.server.arm(point)
        await make_due(site, deal.id)
        await site.restart()

        if number == 0:
            await wait_for(deal, "grace_over")
        await deal.buyer.must("GET", f"/trades/{deal.id}")
        assert await deal.read_history() == ["opened", "window_over", "grace_over"], point
        await deal.check_returned()


async def make_due(site, trade_id):
    """Let the clock that runs in a trade be over now."""
    now = MachineClock().now()

    async def work(unit):
        await unit.execute(
            update(Trade)
            .where(Trade.id == UUID(trade_id))
            .values(deadline_at=now, window_ends_at=now)
        )

    await site.farm.database.transact(work, name="test")


async def wait_for(deal, event):
    """Return when the job of the clocks has brought this about."""
    async with asyncio.timeout(READY_MAX_S):
        while (await deal.read_history())[-1] != event:
            await asyncio.sleep(0.05)
