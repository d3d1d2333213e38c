"""A market with people who quarrel and a staff that decides; the books balance after each test."""

from uuid import UUID

import pytest
from sqlalchemy import event, insert, select, update

from models.audit import AuditEntry
from models.devices import Device
from models.links import AccountLink, LinkStatus
from models.rulings import DeskCase, Ruling
from server.core import fault
from server.disputes import transition
from server.disputes.lifecycle import CASES
from server.disputes.staff_assignment import tend_desk
from server.disputes.staff_cases import get_case
from server.disputes.staff_context import CASE_DESK
from server.disputes.staff_view import view_case
from server.disputes.steps import CaseStep
from server.disputes.table import find_event
from server.jobs.run_case_clocks import run_case_clocks
from server.monitor.verifier import verify
from server.staff.audit_chain import chain_waiting
from server.trades.facts import Actor
from server.trades.trade import get_trade
from tests.lane.lanes import pay
from tests.market_world import PASSWORD, start_world
from tests.staff_world import ask_as_staff, join_staff

DECISION = {
    "outcome": "release",
    "buyer_amount": None,
    "reason_code": "payment_proven",
    "text_en": "The bank statement of buyer shows the payment to 0123456789.",
    "text_vi": "Sao kê ngân hàng cho thấy khoản thanh toán của buyer.",
}


class Court:
    """People, their cases and the desk."""

    def __init__(self, world):
        self.world = world

    async def begin(self):
        self.seller = await self.world.join("seller", usdt="60000", trades=100, level=3)
        self.buyer = await self.world.join("buyer", trades=60, level=3)
        self.rulers = {}
        for name in ("rosa", "rene", "remy"):
            ruler = await join_staff(self.world, name, "dispute_ruler")
            self.rulers[ruler.id] = ruler
        self.cora = await join_staff(self.world, "cora", "compliance")
        return self

    @property
    def desk(self):
        return self.world.client.server.app[CASE_DESK]

    async def sign_in(self, *people):
        """Everybody's token is good again, after the clock went on."""
        for person in people or (self.seller, self.buyer, self.cora, *self.rulers.values()):
            account = {"email": f"{person.name}@example.com", "password": PASSWORD}
            async with self.world.client.post("/api/v1/auth/login", json=account) as reply:
                person.token = (await reply.json())["access_token"]

    async def pass_time(self, **span):
        """The clock goes on, and what is due is done."""
        self.world.clock.advance(**span)
        await run_case_clocks(self.desk.trades)
        await self.sign_in()

    async def open_case(self, amount="100"):
        """A disputed trade; the identifier of its case."""
        await self.seller.sell(amount, "26000")
        bought = await self.buyer.buy(amount, "26000")
        (trade,) = bought["trades"]
        await pay(self.world, self.buyer, trade["id"])
        self.world.clock.advance(minutes=11)
        await self.sign_in()
        body = {"reason": "not_released", "statement": "I paid and he is silent."}
        disputed = await self.buyer.must("POST", f"/trades/{trade['id']}/dispute", body)
        self.trade_id = trade["id"]
        return disputed["dispute"]["id"]

    async def give(self, case_id):
        """The desk gives its cases; who has this one."""
        await tend_desk(self.desk)
        case = await self.case(case_id)
        return self.rulers[str(case.assignee_id)]

    async def case(self, case_id):
        rows = await self.world.read(
            select(*DeskCase.__table__.columns).where(DeskCase.case_id == UUID(case_id))
        )
        return rows[0]

    async def rulings(self, case_id):
        return await self.world.read(
            select(*Ruling.__table__.columns)
            .where(Ruling.case_id == UUID(case_id))
            .order_by(Ruling.round)
        )

    async def audited(self, action):
        return await self.world.read(
            select(AuditEntry.actor_id, AuditEntry.object_id, AuditEntry.reason)
            .where(AuditEntry.action == action)
            .order_by(AuditEntry.id)
        )

    async def read_case(self, person, case_id):
        return await ask_as_staff(person, "GET", f"/disputes/{case_id}")

    async def count_reading(self, case_id, view=view_case):
        """How many statements the whole case takes."""
        seen = []
        async with self.world.database.read() as connection:
            ours = connection.sync_connection

            def note(asked, _cursor, statement, *_):
                if asked is ours:
                    seen.append(statement)

            case = await get_case(connection, UUID(case_id))
            event.listen(ours.engine, "before_cursor_execute", note)
            try:
                await view(connection, self.desk, case)
            finally:
                event.remove(ours.engine, "before_cursor_execute", note)
        return len(seen)

    async def share_device(self, *people):
        """These people signed in on one device."""

        async def work(unit):
            for person in people:
                await unit.execute(
                    insert(Device).values(
                        id=unit.ids.new_id(), user_id=UUID(person.id), digest=b"d" * 32,
                        known_at=unit.now, seen_at=unit.now,
                    )
                )  # fmt: skip

        await self.world.database.transact(work, name="test")

    async def link(self, one, other, status=LinkStatus.LINKED):
        """These two are thought to be one person, or not so sure."""
        low, high = sorted((UUID(one.id), UUID(other.id)), key=lambda each: each.bytes)

        async def work(unit):
            await unit.execute(
                insert(AccountLink).values(
                    id=unit.ids.new_id(), low_id=low, high_id=high, score=100, reasons="[]",
                    status=status.value, created_at=unit.now, updated_at=unit.now,
                )
            )  # fmt: skip

        await self.world.database.transact(work, name="test")

    async def relink(self, one, other):
        """The staff confirm the link of these two."""
        low, high = sorted((UUID(one.id), UUID(other.id)), key=lambda each: each.bytes)

        async def work(unit):
            known = (AccountLink.low_id == low, AccountLink.high_id == high)
            await unit.execute(update(AccountLink).where(*known).values(status="confirmed"))

        await self.world.database.transact(work, name="test")

    async def new_evidence(self, person, case_id):
        """Something that a party shows now."""
        path = f"/disputes/{case_id}"
        await person.must(
            "POST", f"{path}/evidence", {"kind": "statement", "statement": "See line 7."}
        )
        return (await person.must("GET", path))["evidence"][-1]["id"]

    async def read_trade(self, unit):
        """The trade of the last case."""
        return await get_trade(unit, UUID(self.trade_id))

    async def make_offer(self, case_id):
        """The buyer offers something: the case has a new version."""

        async def work(unit):
            desk = self.desk.trades
            trade, case = await transition.lock_case(unit, desk, UUID(case_id))
            step = CaseStep(actor=Actor.BUYER, actor_id=case.buyer_id)
            row = find_event(CASES, "offer_made")
            await transition.apply_row(unit, desk, trade, case, row, step)

        await self.world.database.transact(work, name="test")

    async def end_evidence(self, ruler, case_id):
        path = f"/disputes/{case_id}/end-evidence"
        body = {"reason": "Both said everything."}
        status, answer = await ask_as_staff(ruler, "POST", path, body, proven=True)
        assert status == 200, answer

    async def ask_ruling(self, ruler, case_id, **decision):
        """A ruling of the case as it stands now."""
        status, shown = await self.read_case(ruler, case_id)
        version = shown["dispute_version"] if status == 200 else 1
        body = {**DECISION, "version": version, **decision}
        path = f"/disputes/{case_id}/ruling"
        return await ask_as_staff(ruler, "POST", path, body, proven=True)

    async def rule(self, case_id, ruler=None, **decision):
        """Somebody who has the case rules it; who."""
        if ruler is None:
            ruler = await self.give(case_id)
        if (await self.read_case(ruler, case_id))[1]["status"] == "open":
            await self.end_evidence(ruler, case_id)
        status, answer = await self.ask_ruling(ruler, case_id, **decision)
        assert status == 201, answer
        return ruler

    async def trade(self, person=None):
        return await (person or self.buyer).must("GET", f"/trades/{self.trade_id}")


@pytest.fixture
async def court(database_url):
    async with start_world(database_url) as world:
        yield await Court(world).begin()
        fault.disarm()
        # A clock that was moved makes entries of the audit seem to wait for long.
        await chain_waiting(world.database)
        assert await verify(world.database, full=True) == []
