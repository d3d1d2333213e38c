"""Rulings above the limit take two people, and the second approves exactly what was shown."""

from tests.api.desk.conftest import DECISION
from tests.staff_world import ask_as_staff, join_staff


async def propose(court, amount="6000", **decision):
    """A case above the limit whose ruling waits for somebody: case, ruler, proposal."""
    case_id = await court.open_case(amount)
    ruler = await court.give(case_id)
    await court.end_evidence(ruler, case_id)
    status, answer = await court.ask_ruling(ruler, case_id, **decision)
    assert (status, answer["ruling"]) == (201, None), answer
    _, whole = await court.read_case(ruler, case_id)
    (proposal,) = whole["proposals"]
    assert proposal["id"] == answer["proposal_id"]
    return case_id, ruler, proposal


async def approve(court, person, proposal, **shown):
    body = {"hash": shown.get("hash", proposal["hash"])}
    path = f"/approvals/{proposal['id']}/approve"
    return await ask_as_staff(person, "POST", path, body, proven=True)


async def test_second_person_approves_and_only_then_the_window_begins(court):
    case_id, ruler, proposal = await propose(court, outcome="split", buyer_amount="1000")
    assert proposal["ruling"]["buyer_amount"] == "1000.000000"
    assert await court.rulings(case_id) == []
    status, problem = await approve(court, ruler, proposal)
    assert (status, problem["code"]) == (403, "own_proposal")
    other = next(each for each in court.rulers.values() if each is not ruler)
    status, _ = await court.read_case(other, case_id)
    assert status == 200, "who may approve reads the case"
    status, problem = await approve(court, other, proposal, hash="0" * 64)
    assert (status, problem["code"]) == (409, "proposal_changed")
    await court.pass_time(hours=5)
    status, done = await approve(court, other, proposal)
    assert (status, done["status"]) == (200, "carried_out")

    (ruling,) = await court.rulings(case_id)
    assert (str(ruling.ruler_id), str(ruling.approver_id)) == (ruler.id, other.id)
    await court.pass_time(hours=23, minutes=59)
    assert (await court.trade())["status"] == "disputed"
    await court.pass_time(minutes=1)
    assert (await court.trade())["status"] == "completed"
    assert (await court.read_case(other, case_id))[0] == 403, "the proposal is closed"


async def test_case_that_changed_since_takes_a_new_proposal(court):
    case_id, ruler, proposal = await propose(court)
    await court.make_offer(case_id)
    status, problem = await approve(court, court.cora, proposal)
    assert (status, problem["code"]) in ((409, "object_changed"), (409, "case_changed"))
    assert await court.rulings(case_id) == []
    status, answer = await court.ask_ruling(ruler, case_id)
    assert status == 201, answer


async def test_who_lost_the_case_meanwhile_rules_nothing(court):
    case_id, ruler, proposal = await propose(court)
    other = next(each for each in court.rulers.values() if each is not ruler)
    body = {"reason": "He is ill.", "assignee_id": other.id}
    path = f"/disputes/{case_id}/assign"
    assert (await ask_as_staff(court.cora, "POST", path, body, proven=True))[0] == 200
    status, problem = await approve(court, court.cora, proposal)
    assert (status, problem["code"]) in ((403, "case_not_yours"), (409, "object_changed"))
    assert await court.rulings(case_id) == []


async def test_neither_parties_nor_people_linked_to_them_approve(court):
    eve = await join_staff(court.world, "eve", "compliance")
    await court.share_device(eve, court.buyer)
    case_id, _, proposal = await propose(court)
    status, problem = await approve(court, eve, proposal)
    assert (status, problem["code"]) == (403, "party_to_proposal")
    assert (await court.read_case(eve, case_id))[1]["code"] == "party_to_case"
    assert (await approve(court, court.cora, proposal))[0] == 200


async def test_somebody_who_was_not_given_the_case_proposes_nothing_that_counts(court):
    case_id = await court.open_case("6000")
    ruler = await court.give(case_id)
    await court.end_evidence(ruler, case_id)
    _, whole = await court.read_case(ruler, case_id)
    other = next(each for each in court.rulers.values() if each is not ruler)
    body = {**DECISION, "version": whole["dispute_version"]}
    path = f"/disputes/{case_id}/ruling"
    status, problem = await ask_as_staff(other, "POST", path, body, proven=True)
    assert (status, problem["code"]) == (403, "case_not_yours")
    asked = {"kind": "ruling", "object_id": case_id, "body": body, "reason": "I say so."}
    status, made = await ask_as_staff(other, "POST", "/approvals", asked, proven=True)
    assert status == 201
    status, problem = await approve(court, court.cora, made)
    assert (status, problem["code"]) == (403, "case_not_yours")
    assert await court.rulings(case_id) == []


async def test_up_to_the_limit_one_person_rules(court):
    case_id = await court.open_case("5000")
    await court.rule(case_id)
    assert len(await court.rulings(case_id)) == 1
