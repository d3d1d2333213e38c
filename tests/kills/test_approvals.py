"""The server dies around the last approval: what was approved is done wholly, once, or not yet."""

import asyncio
import contextlib
from uuid import UUID

from server.core.permissions import ADMINISTRATOR
from server.staff import queries
from server.staff.service import lock_staff
from tests.kills.points import APPROVAL, ends_of, is_late
from tests.kills.site import GONE
from tests.market_world import MARKET
from tests.processes import READY_MAX_S
from tests.staff_world import ask_as_staff, prove_as_staff

POINTS = (*APPROVAL, *ends_of("approve"))
ACTIONS = "('proposal_approved', 'proposal_carried_out', 'role_granted', 'index_overridden')"


class Desk:
    """Two administrators, and what one has proposed and the other approves."""

    def __init__(self, site):
        self.site = site

    async def open(self):
        self.requester, self.approver = [
            await self.site.world.join(name) for name in ("requester", "approver")
        ]
        people = [UUID(one.id) for one in (self.requester, self.approver)]

        async def work(unit):
            await lock_staff(unit, None)
            for user_id in people:
                given = queries.insert_assignment(user_id, ADMINISTRATOR, None, unit.now)
                await unit.execute(given)

        await self.site.farm.database.transact(work, name="test")
        async with asyncio.timeout(READY_MAX_S):
            for person in (self.requester, self.approver):
                while (await ask_as_staff(person, "GET", "/approvals"))[0] != 200:
                    await asyncio.sleep(0.02)

    async def propose(self, kind, object_id, body):
        """The proposal, and the call that approves it: one key, one proof."""
        asked = {"kind": kind, "object_id": object_id, "body": body, "reason": "As we agreed."}
        status, made = await ask_as_staff(self.requester, "POST", "/approvals", asked, proven=True)
        assert status == 201, made
        path, shown = f"/approvals/{made['id']}/approve", {"hash": made["hash"]}
        proof = await prove_as_staff(self.approver, "POST", f"/api/admin{path}", shown)

        def call():
            return self.site.call(
                self.approver, "POST", path, shown, root="/api/admin", key=made["id"],
                **{"Step-Up": proof},
            )  # fmt: skip

        return made["id"], call

    async def count(self, what):
        return (await self.site.world.read(f"SELECT COUNT(*) FROM {what}"))[0][0]

    async def kill_at(self, point, call, read):
        """Die in a call; what `read` finds before and after the retry, which is answered once."""
        await self.site.server.arm(point)
        with contextlib.suppress(*GONE):
            raise AssertionError(f"{point} was not reached: {await call()}")
        await self.site.restart()
        between = await read()
        status, body, replayed = await call()
        assert (status, body["status"]) == (200, "carried_out"), (point, body)
        assert replayed == is_late(point), point
        assert await call() == (status, body, True), point
        return between, await read()


async def test_role_is_given_wholly_and_once_wherever_the_approval_is_killed(site, rounds):
    desk = Desk(site)
    await desk.open()
    for number, point in enumerate(POINTS * rounds):
        person = await site.world.join(f"person{number}")
        proposal, call = await desk.propose("grant_role", person.id, {"role": "finance"})
        ids = [UUID(one).hex for one in (proposal, person.id)]

        async def read(ids=ids, proposal=proposal, person=person):
            proposal_hex, person_hex = ids
            objects = f"('{proposal}', '{person.id}')"
            return (
                await desk.count(f"proposal_votes WHERE proposal_id = x'{proposal_hex}'"),
                await desk.count(f"staff_assignments WHERE user_id = x'{person_hex}'"),
                await desk.count(
                    f"proposals WHERE id = x'{proposal_hex}' AND status = 'carried_out'"
                ),
                await desk.count(
                    f"audit_entries WHERE action IN {ACTIONS} AND object_id IN {objects}"
                ),
            )

        between, after = await desk.kill_at(point, call, read)

        assert between == ((1, 1, 1, 3) if is_late(point) else (0, 0, 0, 0)), point
        assert after == (1, 1, 1, 3), point


async def test_index_is_overridden_wholly_and_once_wherever_the_approval_is_killed(site, rounds):
    desk = Desk(site)
    await desk.open()
    for number, point in enumerate(POINTS[2:] * rounds):
        body = {"price": str(27_000 + number), "minutes": 60, "public_reason": "Wrong sources."}
        _, call = await desk.propose("override_index", MARKET, body)

        async def read():
            return await desk.count("index_overrides")

        between, after = await desk.kill_at(point, call, read)

        assert (between, after) == (number + is_late(point), number + 1), point
        await site.wait_for_inbox()
        index = await desk.approver.must("GET", f"/markets/{MARKET}/index")
        assert index["index"] == body["price"], point
