"""The staff who decide cases and claims in journeys."""

from uuid import UUID

from sqlalchemy import select

from models.rulings import DeskCase
from server.disputes.staff_assignment import tend_desk
from server.disputes.staff_context import CASE_DESK
from tests.staff_world import ask_as_staff, join_staff

DECISION = {
    "buyer_amount": None,
    "reason_code": "payment_proven",
    "text_en": "The bank statements decide this case.",
    "text_vi": "Sao kê ngân hàng quyết định tranh chấp này.",
}


class Bench:
    """The staff who rule the cases of the sandbox."""

    def __init__(self, world):
        self.world = world
        self.rulers = {}

    async def join(self):
        for name in ("rosa", "rene", "remy"):
            ruler = await join_staff(self.world, name, "dispute_ruler")
            self.rulers[ruler.id] = ruler

    async def find_ruler(self, case_id):
        """Whom the lot named for a case or a claim."""
        await tend_desk(self.world.client.server.app[CASE_DESK])
        assigned = select(DeskCase.assignee_id).where(DeskCase.case_id == UUID(case_id))
        ((assignee_id,),) = await self.world.read(assigned)
        return self.rulers[str(assignee_id)]

    async def rule(self, case_id, **decision):
        """Whoever the lot names rules."""
        ruler = await self.find_ruler(case_id)
        path = f"/disputes/{case_id}"
        _, shown = await ask_as_staff(ruler, "GET", path)
        if shown["status"] == "open":
            said = {"reason": "Both said everything."}
            await ask_as_staff(ruler, "POST", f"{path}/end-evidence", said, proven=True)
            _, shown = await ask_as_staff(ruler, "GET", path)
        body = {**DECISION, "version": shown["dispute_version"], **decision}
        status, answer = await ask_as_staff(ruler, "POST", f"{path}/ruling", body, proven=True)
        assert status == 201, answer
        # What is shown after a ruling is newer than the ruling.
        self.world.clock.advance(seconds=1)

    async def decide(self, claim_id, decision):
        """Somebody of the desk decides a claim, or holds money for it."""
        ruler = await self.find_ruler(claim_id)
        path, said = f"/claims/{claim_id}/{decision}", {"reason": "The statements say so."}
        status, answer = await ask_as_staff(ruler, "POST", path, said, proven=True)
        assert status == 200, answer
