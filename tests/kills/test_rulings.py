"""The server dies while a case is ruled, objected to or carried out: wholly or not at all, once."""

import asyncio
import contextlib
from datetime import timedelta
from uuid import UUID

from sqlalchemy import update

from models.disputes import Dispute
from server.staff import queries
from server.staff.service import lock_staff
from tests.kills.points import CARRYING_OUT, OBJECTION, RULING, ends_of, is_late
from tests.kills.site import GONE
from tests.kills.test_disputes import call_of, open_dispute
from tests.processes import READY_MAX_S, MachineClock
from tests.staff_world import ask_as_staff, prove_as_staff

DECISION = {
    "outcome": "release", "reason_code": "payment_proven", "text_en": "The bank shows it.",
    "text_vi": "Ng\u00e2n h\u00e0ng cho th\u1ea5y.",
}  # fmt: skip
ENDED = {"reason": "Both said everything."}
STATEMENT = {"kind": "statement", "statement": "Line 7 of my statement."}


async def join_ruler(site, name="rosa"):
    """Somebody who rules, known to the server."""
    ruler = await site.world.join(name)

    async def work(unit):
        await lock_staff(unit, None)
        given = queries.insert_assignment(UUID(ruler.id), "dispute_ruler", None, unit.now)
        await unit.execute(given)

    await site.farm.database.transact(work, name="test")
    return ruler


async def wait_given(ruler, dispute_id):
    """The case as the ruler reads it, once the lot has named him."""
    async with asyncio.timeout(READY_MAX_S):
        while True:
            status, whole = await ask_as_staff(ruler, "GET", f"/disputes/{dispute_id}")
            if status == 200:
                return whole
            await asyncio.sleep(0.05)


async def end_evidence(ruler, dispute_id):
    """The case waits for a ruling, of this body."""
    path = f"/disputes/{dispute_id}"
    await wait_given(ruler, dispute_id)
    status, _ = await ask_as_staff(ruler, "POST", f"{path}/end-evidence", ENDED, proven=True)
    assert status == 200
    _, whole = await ask_as_staff(ruler, "GET", path)
    return {**DECISION, "version": whole["dispute_version"]}


async def rule(ruler, dispute_id):
    body = await end_evidence(ruler, dispute_id)
    path = f"/disputes/{dispute_id}/ruling"
    status, answer = await ask_as_staff(ruler, "POST", path, body, proven=True)
    assert status == 201, answer


async def list_rulings(site, dispute_id):
    rows = await site.world.read(
        f"SELECT outcome, status FROM rulings WHERE case_id = x'{UUID(dispute_id).hex}'"
        " ORDER BY round"
    )
    return [(row.outcome, row.status) for row in rows]


async def test_ruling_killed_at_any_point_is_made_once(site, rounds):
    ruler = await join_ruler(site)
    for number, point in enumerate((*RULING, *ends_of("rule_dispute")) * rounds):
        deal, dispute_id = await open_dispute(site, number)
        body, path = await end_evidence(ruler, dispute_id), f"/disputes/{dispute_id}/ruling"
        proof = await prove_as_staff(ruler, "POST", f"/api/admin{path}", body)
        call = call_of(site, ruler, path, body, root="/api/admin", **{"Step-Up": proof})

        answer, replayed = await site.kill_at(point, call)

        assert replayed == is_late(point), point
        assert answer["ruling"]["status"] == "standing", point
        assert await list_rulings(site, dispute_id) == [("release", "standing")], point
        case = await deal.buyer.must("GET", f"/disputes/{dispute_id}")
        assert (case["status"], case["version"]) == ("ruled", body["version"] + 1), point
        assert (await deal.read_history())[-1] == "disputed", "nothing has moved"


async def test_objection_killed_at_any_point_is_made_once_and_keeps_its_evidence(site, rounds):
    ruler = await join_ruler(site)
    for number, point in enumerate((*OBJECTION, *ends_of("object_to_ruling")) * rounds):
        deal, dispute_id = await open_dispute(site, number)
        await rule(ruler, dispute_id)
        path = f"/disputes/{dispute_id}"
        await deal.seller.must("POST", f"{path}/evidence", STATEMENT)
        (shown,) = (await deal.seller.must("GET", path))["evidence"]
        body = {"statement": "The bank says no.", "evidence_ids": [shown["id"]]}

        told, replayed = await site.kill_at(
            point, call_of(site, deal.seller, f"{path}/objection", body)
        )

        assert replayed == is_late(point), point
        assert told["objection"]["evidence"] == [shown["id"]], point
        assert await list_rulings(site, dispute_id) == [("release", "objected")], point
        case = await deal.buyer.must("GET", path)
        assert (case["status"], case["objected_by"]) == ("objected", "seller"), point
        assert [one["id"] for one in case["evidence"]] == [shown["id"]], point


async def test_ruling_killed_while_it_is_carried_out_moves_the_escrow_once(site, rounds):
    ruler = await join_ruler(site)
    for number, point in enumerate(CARRYING_OUT * rounds):
        deal, dispute_id = await open_dispute(site, number)
        await rule(ruler, dispute_id)
        await site.server.arm(point)
        await end_window(site, dispute_id)
        with contextlib.suppress(*GONE):
            # The call carries it out, unless the clock comes first.
            await deal.buyer.must("GET", f"/disputes/{dispute_id}")
        await site.restart()

        async with asyncio.timeout(READY_MAX_S):
            while (await deal.buyer.must("GET", f"/disputes/{dispute_id}"))["status"] != "closed":
                await asyncio.sleep(0.02)
        assert await list_rulings(site, dispute_id) == [("release", "carried_out")], point
        assert (await deal.read_history())[-2:] == ["disputed", "ruled_release"], point
        rows = await site.world.read(
            "SELECT amount FROM transfers WHERE reason = 'trade_released'"
            f" AND subject_id = x'{UUID(deal.id).hex}'"
        )
        assert [row.amount for row in rows] == [39_940_000], point


async def end_window(site, dispute_id):
    """The time to object is over."""

    async def work(unit):
        case = update(Dispute).where(Dispute.id == UUID(dispute_id))
        over = MachineClock().now() - timedelta(seconds=1)
        await unit.execute(case.values(deadline_at=over))

    await site.farm.database.transact(work, name="test")
