"""What happens in a case at one instant has one winner, and the books balance."""

import asyncio
from uuid import UUID

from server.core.refusals import Refusal
from server.disputes.clocks import apply_due_rows
from server.disputes.rulings import rule
from server.disputes.rulings_kinds import read_decision
from server.disputes.staff_assignment import give_by_lot, tend_desk
from tests.api.desk.conftest import DECISION
from tests.staff_world import ask_as_staff


async def call(person, path, body, proof=None):
    headers = {} if proof is None else {"Step-Up": proof}
    return await person.ask("POST", path, body, **headers)


async def test_two_rulings_at_once_make_one(court):
    case_id = await court.open_case()
    ruler = await court.give(case_id)
    await court.end_evidence(ruler, case_id)
    _, whole = await court.read_case(ruler, case_id)

    async def attempt(outcome):
        body = {**DECISION, "version": whole["dispute_version"], "outcome": outcome}

        async def work(unit):
            person, case = UUID(ruler.id), UUID(case_id)
            return await rule(unit, court.desk, person, case, read_decision(body))

        try:
            return await court.world.database.transact(work, name="test")
        except Refusal as refusal:
            return refusal.code

    answers = await asyncio.gather(*map(attempt, ("release", "refund", "release")))
    assert sorted(map(str, answers))[1:] == ["ruled_before"] * 2
    assert len(await court.rulings(case_id)) == 1


async def test_clock_release_and_objection_at_one_instant_have_one_winner(court):
    for turn in range(4):
        case_id = await court.open_case("20")
        await court.rule(case_id, outcome="refund")
        await court.pass_time(hours=23)
        shown = await court.new_evidence(court.buyer, case_id)
        await court.pass_time(minutes=59, seconds=59)
        trade = await court.trade(court.seller)
        proof = await court.seller.prove("release", trade["id"], trade["amount"], trade["version"])
        # The window ends between the calls: at this instant, or just before.
        court.world.clock.advance(seconds=turn % 2)
        await asyncio.gather(
            apply_due_rows(court.desk.trades, UUID(case_id)),
            call(court.seller, f"/trades/{trade['id']}/release", {}, proof),
            call(
                court.buyer,
                f"/disputes/{case_id}/objection",
                {"statement": "The bank says so.", "evidence_ids": [shown]},
            ),
        )
        (ruling,) = await court.rulings(case_id)
        ended = (await court.trade())["status"]
        assert (ruling.status, ended) in {
            ("carried_out", "refunded"),
            ("void", "completed"),
            ("objected", "completed"),
            ("objected", "disputed"),
        }
        if ended == "disputed":
            second = await court.give(case_id)
            await court.rule(case_id, second, outcome="refund")
            await court.pass_time(seconds=1)


async def test_approval_and_withdrawal_at_once_make_one_or_no_ruling(court):
    case_id = await court.open_case("6000")
    ruler = await court.give(case_id)
    await court.end_evidence(ruler, case_id)
    assert (await court.ask_ruling(ruler, case_id))[0] == 201
    _, whole = await court.read_case(ruler, case_id)
    (proposal,) = whole["proposals"]
    path, body = f"/approvals/{proposal['id']}", {"hash": proposal["hash"]}
    approved, withdrawn = await asyncio.gather(
        ask_as_staff(court.cora, "POST", f"{path}/approve", body, proven=True),
        ask_as_staff(ruler, "POST", f"{path}/withdraw"),
    )
    assert sorted((approved[0], withdrawn[0])) == [200, 409]
    assert len(await court.rulings(case_id)) == (approved[0] == 200)


async def test_lots_at_once_give_a_case_to_one(court):
    case_id = UUID(await court.open_case())

    async def draw(unit):
        return await give_by_lot(unit, court.desk, case_id)

    async def attempt():
        try:
            await court.world.database.transact(draw, name="test")
        except Refusal:
            return 0
        return 1

    await asyncio.gather(tend_desk(court.desk), *(attempt() for _ in range(3)))
    rows = await court.world.read(
        f"SELECT count(*) FROM case_assignments WHERE case_id = x'{case_id.hex}'"
        " AND ended_at IS NULL"
    )
    assert rows[0][0] == 1


async def test_desks_that_tend_at_once_give_a_case_once(court):
    case_id = UUID(await court.open_case())
    await asyncio.gather(*(tend_desk(court.desk) for _ in range(4)))
    rows = await court.world.read(
        f"SELECT count(*) FROM case_assignments WHERE case_id = x'{case_id.hex}'"
    )
    assert rows[0][0] == 1
