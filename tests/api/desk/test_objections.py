"""A party objects: somebody else decides, and what he says counts at once."""

from uuid import UUID

import pytest

from server.disputes.staff_assignment import tend_desk
from tests.staff_world import ask_as_staff


async def objecting(court, case_id, person, *evidence):
    body = {"statement": "The bank confirms it in writing.", "evidence_ids": list(evidence)}
    return await person.ask("POST", f"/disputes/{case_id}/objection", body)


async def test_other_ruler_decides_after_an_objection_and_money_moves_at_once(court):
    case_id = await court.open_case()
    old = await court.new_evidence(court.seller, case_id)
    court.world.clock.advance(seconds=1)
    first = await court.rule(case_id, outcome="release")
    await court.pass_time(hours=23)
    for evidence in ((), (str(UUID(int=9)),), (old,)):
        status, problem = await objecting(court, case_id, court.seller, *evidence)
        assert (status, problem["code"]) in ((422, "nothing_new"), (422, "invalid"))
    fresh = await court.new_evidence(court.seller, case_id)
    others = await court.new_evidence(court.buyer, case_id)
    for evidence in ((others,), (fresh, old)):
        status, problem = await objecting(court, case_id, court.seller, *evidence)
        assert (status, problem["code"]) == (422, "nothing_new")
    status, told = await objecting(court, case_id, court.seller, fresh)
    assert status == 201, told
    assert (told["objection"]["by"], told["objection"]["evidence"]) == ("seller", [fresh])
    assert [one["status"] for one in told["rulings"]] == ["objected"]

    status, problem = await objecting(court, case_id, court.buyer, fresh)
    assert (status, problem["code"]) == (409, "wrong_case_status")
    await court.pass_time(hours=2)
    assert (await court.trade())["status"] == "disputed"

    await tend_desk(court.desk)
    second = court.rulers[str((await court.case(case_id)).assignee_id)]
    assert second is not first
    body = {"reason": "Let me.", "assignee_id": first.id}
    path = f"/disputes/{case_id}/assign"
    status, problem = await ask_as_staff(court.cora, "POST", path, body, proven=True)
    assert (status, problem["code"]) == (403, "ruled_before")
    assert (await court.read_case(first, case_id))[0] == 403

    answer = await court.new_evidence(court.buyer, case_id)
    _, whole = await court.read_case(second, case_id)
    assert [one["id"] for one in whole["evidence"]] == [old, fresh, others, answer]
    assert (whole["objection"]["by"], whole["objection"]["evidence"]) == ("seller", [fresh])

    await court.rule(case_id, second, outcome="refund")
    assert (await court.trade())["status"] == "disputed", "ruling and movement are two steps"
    await court.pass_time(seconds=1)
    assert (await court.trade())["status"] == "refunded"
    rows = await court.rulings(case_id)
    assert [(one.status, one.reversed) for one in rows] == [
        ("objected", True), ("carried_out", False),
    ]  # fmt: skip

    status, told = await ask_as_staff(court.cora, "GET", "/dispute-statistics")
    assert status == 200
    by_name = {row["username"]: row for row in told["items"]}
    assert by_name[first.name]["reversal_permille"] == 1000
    assert by_name[second.name]["reversal_permille"] is None
    assert by_name[first.name]["objected"] == 1
    assert by_name[second.name]["average_waited_s"] == 2 * 3600


async def test_confirmed_ruling_is_no_reversal_and_the_second_stands(court):
    case_id = await court.open_case()
    await court.rule(case_id, outcome="release")
    await court.pass_time(hours=1)
    fresh = await court.new_evidence(court.seller, case_id)
    assert (await objecting(court, case_id, court.seller, fresh))[0] == 201
    second = await court.give(case_id)
    await court.rule(case_id, second, outcome="release")
    status, problem = await objecting(court, case_id, court.seller, fresh)
    assert (status, problem["code"]) == (409, "wrong_case_status")
    await court.pass_time(seconds=1)
    assert [one.reversed for one in await court.rulings(case_id)] == [False, False]
    assert (await court.trade())["status"] == "completed"


@pytest.mark.parametrize("late", [True, False])
async def test_objection_after_the_window_or_of_a_stranger_is_refused(court, late):
    case_id = await court.open_case()
    await court.rule(case_id, outcome="release")
    court.world.clock.advance(seconds=1)
    fresh = await court.new_evidence(court.seller, case_id)
    if late:
        await court.pass_time(hours=24)
        body = {"kind": "statement", "statement": "Too late."}
        status, problem = await court.seller.ask("POST", f"/disputes/{case_id}/evidence", body)
        assert (status, problem["code"]) == (409, "wrong_case_status")
        status, problem = await objecting(court, case_id, court.seller, fresh)
        assert (status, problem["code"]) == (409, "wrong_case_status")
    else:
        stranger = await court.world.join("stranger")
        assert (await objecting(court, case_id, stranger, fresh))[0] == 404
        assert (await court.rulings(case_id))[0].status == "standing"
