"""Two servers on one database: rulings, objections, declarations and ratings at one instant."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from models.disputes import Dispute
from server.staff import queries as staff_queries
from server.staff.service import lock_staff
from tests.lane.lanes import prove
from tests.processes import READY_MAX_S, MachineClock, call_of, call_together
from tests.races.test_disputes import open_case, prove_as
from tests.races.test_trades import history_of, open_trades
from tests.staff_world import ask_as_staff, prove_as_staff

WORDS = {"reason_code": "payment_proven", "text_en": "The bank shows it.", "text_vi": "Có tiền."}
ENDED = {"reason": "Both said everything."}
OVER = timedelta(milliseconds=300)


class Bench:
    """Two who rule and one who assigns, known to both servers."""

    def __init__(self, farm, servers, world):
        self.farm = farm
        self.servers = servers
        self.world = world

    async def open(self):
        self.rulers = [await self.world.join(name) for name in ("rosa", "rene")]
        self.chief = await self.world.join("chief")
        roles = ((self.rulers[0], "dispute_ruler"), (self.rulers[1], "dispute_ruler"),
                 (self.chief, "compliance"))  # fmt: skip

        async def work(unit):
            await lock_staff(unit, None)
            for person, role in roles:
                given = staff_queries.insert_assignment(UUID(person.id), role, None, unit.now)
                await unit.execute(given)

        await self.farm.database.transact(work, name="test")
        for person in (*self.rulers, self.chief):
            for server in self.servers:
                await self._wait_known(server, person)
        return self

    async def _wait_known(self, server, person):
        async with asyncio.timeout(READY_MAX_S):
            while True:
                ask = self._call(server, person, "GET", "/disputes", None, "known")
                if (await call_together([ask], processes=1))[0][0] == 200:
                    return
                await asyncio.sleep(0.05)

    def _call(self, server, person, method, path, body, key, **headers):
        asked = call_of(server, person, method, "", body, key=key, **headers)
        return {**asked, "path": f"/api/admin{path}"}

    async def call(self, turn, person, path, body):
        """A proven call of the staff, for one of the servers."""
        proof = await prove_as_staff(person, "POST", f"/api/admin{path}", body)
        return self._call(
            self.servers[turn % 2], person, "POST", path, body, f"{path}-{turn}-{person.name}",
            **{"Step-Up": proof},
        )  # fmt: skip

    async def take(self, case_id):
        """Who has a case, and who has not."""
        async with asyncio.timeout(READY_MAX_S):
            while True:
                for person, other in (self.rulers, self.rulers[::-1]):
                    if (await ask_as_staff(person, "GET", f"/disputes/{case_id}"))[0] == 200:
                        return person, other
                await asyncio.sleep(0.1)

    async def end_evidence(self, case_id):
        """The case waits for a ruling; who has it, who has not, and its version."""
        ruler, other = await self.take(case_id)
        path = f"/disputes/{case_id}"
        status, _ = await ask_as_staff(ruler, "POST", f"{path}/end-evidence", ENDED, proven=True)
        assert status == 200
        version = (await ask_as_staff(ruler, "GET", path))[1]["dispute_version"]
        return ruler, other, version

    async def rulings(self, case_id):
        rows = await self.world.read(
            f"SELECT outcome, status FROM rulings WHERE case_id = x'{UUID(case_id).hex}'"
        )
        return [(row.outcome, row.status) for row in rows]


@pytest.fixture
async def bench(farm):
    servers = [(await farm.start_ready())[0], await farm.start()]
    return await Bench(farm, servers, farm.world(servers[0])).open()


async def open_cases(bench, count):
    """The parties and their disputed trades, each with its case."""
    seller, buyer, trades = await open_trades(bench.world, count)
    found = [await open_case(bench.farm, bench.world, buyer, trade) for trade in trades]
    return seller, buyer, [(trade, trade["dispute"]["id"]) for trade in found]


async def test_rulings_concession_and_reassignment_at_one_instant_leave_one_ruling_or_none(
    bench, rounds
):
    _, buyer, cases = await open_cases(bench, 2 * rounds)
    for number, (trade, case_id) in enumerate(cases):
        ruler, other, version = await bench.end_evidence(case_id)
        ruling, given = f"/disputes/{case_id}/ruling", f"/disputes/{case_id}/assign"
        calls = []
        for turn, outcome in enumerate(("release", "refund", "release", "refund")):
            body = {**WORDS, "version": version, "outcome": outcome}
            calls.append(await bench.call(turn, ruler, ruling, body))
            calls.append(await bench.call(turn, other, ruling, body))
        body = {"reason": "He is ill.", "assignee_id": other.id}
        calls.append(await bench.call(0, bench.chief, given, body))
        concedes = number % 2 == 1
        if concedes:
            proof = await prove_as(buyer, trade, "concede", trade["amount"])
            calls.append(
                call_of(bench.servers[1], buyer, "POST", f"/disputes/{case_id}/concede", {},
                        key=f"concede-{case_id}", **proof)
            )  # fmt: skip

        answers = await call_together(calls)

        assert {status for status, _ in answers} <= {200, 201, 403, 409, 503}, answers
        ruled = [body["ruling"]["outcome"] for status, body in answers[:8] if status == 201]
        kept = await bench.rulings(case_id)
        assert [outcome for outcome, _ in kept] == ruled
        assert len(kept) <= 1
        found = await buyer.must("GET", f"/trades/{trade['id']}")
        if concedes and answers[-1][0] == 200:
            assert found["status"] == "refunded"
            assert kept in ([], [(ruled[0], "void")] if ruled else [])
        else:
            assert found["status"] == "disputed"
            assert [status for _, status in kept] == ["standing"]


async def test_objections_and_the_clock_that_carries_out_have_one_winner(bench, rounds):
    seller, buyer, cases = await open_cases(bench, 2 * rounds)
    for trade, case_id in cases:
        ruler, _, version = await bench.end_evidence(case_id)
        path = f"/disputes/{case_id}"
        body = {**WORDS, "version": version, "outcome": "release"}
        status, _ = await ask_as_staff(ruler, "POST", f"{path}/ruling", body, proven=True)
        assert status == 201
        shown = {"kind": "statement", "statement": "Line 7."}
        for person in (seller, buyer):
            await person.must("POST", f"{path}/evidence", shown)
        evidence = (await seller.must("GET", path))["evidence"]
        await end_window(bench.farm, case_id, MachineClock().now() + OVER)
        calls = [
            call_of(
                bench.servers[turn % 2], person, "POST", f"{path}/objection",
                {"statement": "No.", "evidence_ids": [one["id"]]},
                key=f"object-{turn}-{case_id}",
            )
            for turn in range(2)
            for person, one in zip((seller, buyer), evidence, strict=True)
        ]  # fmt: skip
        calls += [
            call_of(bench.servers[turn % 2], buyer, "GET", path, key=f"look-{turn}-{case_id}")
            for turn in range(4)
        ]

        answers = await call_together(calls)

        assert {status for status, _ in answers} <= {200, 201, 409, 503}, answers
        won = [status for status, _ in answers].count(201)
        async with asyncio.timeout(READY_MAX_S):
            while (found := await buyer.must("GET", path))["status"] == "ruled":
                await asyncio.sleep(0.05)
        events = [row.event for row in await history_of(bench.world, trade["id"])]
        ((_, ruling),) = await bench.rulings(case_id)
        expected = ("objected", "objected", 0) if won else ("closed", "carried_out", 1)
        assert won <= 1
        assert (found["status"], ruling, events.count("ruled_release")) == expected


async def end_window(farm, case_id, due):
    """The time to object is over in a moment."""

    async def work(unit):
        case = update(Dispute).where(Dispute.id == UUID(case_id))
        await unit.execute(case.values(deadline_at=due))

    await farm.database.transact(work, name="test")


async def test_declarations_and_ratings_at_one_instant_are_kept_once(farm, rounds):
    servers = [(await farm.start_ready())[0], await farm.start()]
    world = farm.world(servers[0])
    seller, buyer, trades = await open_trades(world, rounds)
    for trade in trades:
        path = f"/trades/{trade['id']}"
        names = [f"TRAN VAN {letter}" for letter in "BCDEFGHI"]
        answers = await call_together(
            [
                call_of(servers[turn % 2], buyer, "POST", f"{path}/payer", {"payer_name": name},
                        key=f"declare-{turn}-{trade['id']}")
                for turn, name in enumerate(names)
            ]
        )  # fmt: skip
        assert sorted(status for status, _ in answers) == [200] + [409] * 7, answers
        declared = names[[status for status, _ in answers].index(200)]
        paid = await buyer.must("POST", f"{path}/paid", {})
        assert (await buyer.must("GET", path))["payer_name"] == declared

        seen = {"payer_name_seen": declared}
        await seller.must("POST", f"{path}/release", seen, **{"Step-Up": await prove(seller, paid)})
        answers = await call_together(
            [
                call_of(servers[turn % 2], person, "POST", f"{path}/rating",
                        {"stars": 1 + turn, "tags": []}, key=f"rate-{turn}-{trade['id']}")
                for turn in range(4)
                for person in (seller, buyer)
            ]
        )  # fmt: skip
        assert {status for status, _ in answers} <= {201, 409}, answers
        for side in (answers[::2], answers[1::2]):
            assert [status for status, _ in side].count(201) == 1
        rows = await world.read(
            f"SELECT rater_id, revealed_at FROM ratings WHERE trade_id = x'{UUID(trade['id']).hex}'"
        )
        assert len(rows) == 2
        assert all(row.revealed_at for row in rows), "both have rated"
