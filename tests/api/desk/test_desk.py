"""The desk over HTTP: who gets a case, who reads it, what the queue shows."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import insert, update

from models.links import LinkStatus
from models.rulings import DeskCase
from models.staff import StaffAssignment
from server.core.ids import SeededRandom
from server.disputes import staff_rules
from server.disputes.staff_assignment import tend_desk
from tests.staff_world import ask_as_staff, join_staff, make_staff

REASON = {"reason": "It belongs there."}


async def test_case_is_given_by_lot_and_read_whole_by_nobody_else(court):
    first = await court.open_case()
    await court.rule(first, outcome="refund")
    await court.pass_time(hours=25)
    case_id = await court.open_case()
    ruler = await court.give(case_id)
    others = [each for each in court.rulers.values() if each is not ruler]

    status, queue = await ask_as_staff(others[0], "GET", "/disputes")
    assert status == 200
    (listed,) = queue["items"]
    assert (listed["id"], listed["assignee"], listed["priority"]) == (case_id, ruler.name, 3)
    assert "statement" not in listed
    assert "I paid" not in str(listed)

    shown = {"kind": "statement", "statement": "Line 7.", "attachment_ids": []}
    await court.buyer.must("POST", f"/disputes/{case_id}/evidence", shown)
    body = {"note": "The receipt looks edited."}
    assert (await ask_as_staff(ruler, "POST", f"/disputes/{case_id}/notes", body))[0] == 201
    status, whole = await court.read_case(ruler, case_id)
    assert status == 200
    assert whole["timeline"][-1]["event"] == "disputed"
    assert whole["payment"]["payer_name"]
    assert whole["parties"]["buyer"]["username"] == "buyer"
    assert [one["status"] for one in whole["earlier_trades"]] == ["refunded"]
    assert [one["note"] for one in whole["notes"]] == ["The receipt looks edited."]
    assert [one["statement"] for one in whole["evidence"]] == ["Line 7."]
    assert whole["assignments"][0]["reason"] == "Drawn by lot."
    assert "receipt looks edited" not in str(await court.buyer.must("GET", f"/disputes/{case_id}"))

    statements = await court.count_reading(case_id)
    assert statements <= 24
    for _ in range(5):
        await ask_as_staff(ruler, "POST", f"/disputes/{case_id}/notes", body)
    assert await court.count_reading(case_id) == statements, "a longer case takes no more"

    for person in (*others, court.cora):
        status, problem = await court.read_case(person, case_id)
        assert (status, problem["code"]) == (403, "case_not_yours")
        path = f"/disputes/{case_id}/notes"
        assert (await ask_as_staff(person, "POST", path, body))[0] == 403
    reads = await court.audited("dispute_read")
    readers = {str(row.actor_id) for row in reads if row.object_id == case_id}
    refused = [str(row.actor_id) for row in await court.audited("dispute_read_refused")]
    assert readers == {ruler.id}
    assert sorted(refused) == sorted(each.id for each in (*others, court.cora))


async def test_who_reads_too_many_cases_in_a_day_reads_no_more(court, monkeypatch):
    case_id = await court.open_case()
    ruler = await court.give(case_id)
    monkeypatch.setattr(staff_rules, "CASES_READ_PER_DAY_MAX", 2)
    assert [(await court.read_case(ruler, case_id))[0] for _ in range(3)] == [200, 200, 429]
    await court.pass_time(hours=24, minutes=1)
    assert (await court.read_case(ruler, case_id))[0] == 200


async def test_broken_glass_reads_any_case_and_rules_none(court):
    case_id = await court.open_case()
    await court.give(case_id)
    max_ = await join_staff(court.world, "max", "market_manager")
    body = {"role": "dispute_ruler", "reason": "Nobody else is awake.", "minutes": 30}
    status, answer = await ask_as_staff(max_, "POST", "/elevations", body, proven=True)
    assert status == 201, answer
    await court.desk.rights.read(court.world.database)
    assert (await court.read_case(max_, case_id))[0] == 200
    status, problem = await court.ask_ruling(max_, case_id)
    assert (status, problem["code"]) == (403, "case_not_yours")
    assert str((await court.audited("dispute_read"))[-1].actor_id) == max_.id


async def test_party_and_people_linked_to_one_never_get_the_case(court):
    """The buyer is on the staff, and rosa signed in on his device."""
    await make_staff(court.world.client.server.app, court.buyer.id, "dispute_ruler")
    await court.sign_in()
    rosa = next(each for each in court.rulers.values() if each.name == "rosa")
    await court.share_device(rosa, court.buyer)
    drawn = set()
    for _ in range(4):
        case_id = await court.open_case("20")
        drawn.add((await court.give(case_id)).name)
        path = f"/disputes/{case_id}/assign"
        for barred in (court.buyer, rosa):
            body = {**REASON, "assignee_id": barred.id}
            status, problem = await ask_as_staff(court.cora, "POST", path, body, proven=True)
            assert (status, problem["code"]) == (403, "party_to_case")
        assert (await court.read_case(court.buyer, case_id))[0] == 403
    assert drawn <= {"rene", "remy"}


async def test_who_is_linked_to_a_party_never_gets_the_case_and_links_are_shown(court):
    """One of the staff is linked by the rules, one by a colleague; a suspicion bars nobody."""
    linked, confirmed, suspected = court.rulers.values()
    await court.link(linked, court.seller)
    await court.link(confirmed, court.buyer, LinkStatus.CONFIRMED)
    await court.link(suspected, court.buyer, LinkStatus.SUSPECTED)
    await court.link(suspected, court.seller, LinkStatus.DISMISSED)
    case_id = await court.open_case()
    await court.link(court.buyer, court.seller)
    assert await court.give(case_id) is suspected
    for barred in (linked, confirmed):
        body = {**REASON, "assignee_id": barred.id}
        path = f"/disputes/{case_id}/assign"
        status, problem = await ask_as_staff(court.cora, "POST", path, body, proven=True)
        assert (status, problem["code"]) == (403, "party_to_case")
    status, whole = await court.read_case(suspected, case_id)
    assert (status, whole["links"]) == (200, ["linked_account"])
    # Found out later: who has the case loses it.
    await court.relink(suspected, court.buyer)
    assert (await court.read_case(suspected, case_id))[1]["code"] == "party_to_case"
    assert (await court.ask_ruling(suspected, case_id))[1]["code"] == "party_to_case"


async def test_cases_change_hands_with_a_reason_that_is_kept(court):
    case_id = await court.open_case()
    ruler = await court.give(case_id)
    path = f"/disputes/{case_id}"
    other = next(each for each in court.rulers.values() if each is not ruler)

    status, problem = await ask_as_staff(other, "POST", f"{path}/claim", REASON)
    assert (status, problem["code"]) == (409, "case_taken")
    status, problem = await ask_as_staff(other, "POST", f"{path}/hand-on", REASON)
    assert (status, problem["code"]) == (403, "case_not_yours")
    assert (await ask_as_staff(ruler, "POST", f"{path}/hand-on", {"reason": " "}))[0] == 422
    status, handed = await ask_as_staff(ruler, "POST", f"{path}/hand-on", REASON)
    assert status == 200
    assert handed["assignee"] not in (None, ruler.name)

    body = {**REASON, "assignee_id": ruler.id}
    assert (await ask_as_staff(ruler, "POST", f"{path}/assign", body, proven=True))[0] == 403
    status, given = await ask_as_staff(court.cora, "POST", f"{path}/assign", body, proven=True)
    assert (status, given["assignee"]) == (200, ruler.name)
    body["assignee_id"] = court.seller.id
    status, problem = await ask_as_staff(court.cora, "POST", f"{path}/assign", body, proven=True)
    assert (status, problem["code"]) == (403, "party_to_case")
    body["assignee_id"] = court.cora.id
    status, problem = await ask_as_staff(court.cora, "POST", f"{path}/assign", body, proven=True)
    assert (status, problem["code"]) == (422, "may_not_work")

    _, whole = await court.read_case(ruler, case_id)
    reasons = [one["reason"] for one in whole["assignments"]]
    assert reasons == [REASON["reason"], REASON["reason"], "Drawn by lot."]
    assert [one["ended_at"] is None for one in whole["assignments"]] == [True, False, False]
    assert len(await court.audited("dispute_assigned")) == 3


async def test_overdue_cases_and_those_of_people_who_left_go_to_others(court):
    case_id = await court.open_case()
    late = await court.give(case_id)
    assert await tend_desk(court.desk) == 0
    await court.pass_time(hours=49)
    await tend_desk(court.desk)
    second = court.rulers[str((await court.case(case_id)).assignee_id)]
    assert second is not late

    async def leave(unit):
        await unit.execute(
            StaffAssignment.__table__.delete().where(StaffAssignment.user_id == UUID(second.id))
        )

    await court.world.database.transact(leave, name="test")
    await tend_desk(court.desk)
    third = court.rulers[str((await court.case(case_id)).assignee_id)]
    assert third is not second
    reasons = [row.reason for row in await court.audited("dispute_assigned")]
    assert reasons == ["Drawn by lot.", "The time to rule was over.",
                       "The person no longer works on disputes."]  # fmt: skip


async def test_nobody_gets_more_cases_than_he_may_have(court, monkeypatch):
    monkeypatch.setattr(staff_rules, "LOAD_MAX", 1)
    cases = [await court.open_case("20") for _ in range(4)]
    await tend_desk(court.desk)
    people = [(await court.case(case_id)).assignee_id for case_id in cases]
    assert len({each for each in people if each}) == 3
    left = next(one for one, person in zip(cases, people, strict=True) if person is None)
    rosa = next(iter(court.rulers.values()))
    status, problem = await ask_as_staff(rosa, "POST", f"/disputes/{left}/claim", REASON)
    assert (status, problem["code"]) == (422, "may_not_work")


async def test_staff_open_a_case_about_an_open_trade(court):
    await court.seller.sell("100", "26000")
    (trade,) = (await court.buyer.buy("100", "26000"))["trades"]
    ruler = next(iter(court.rulers.values()))
    body = {"trade_id": trade["id"], "reason": "Both accounts were reported."}
    status, case = await ask_as_staff(ruler, "POST", "/disputes", body, proven=True)
    assert (status, case["reason"]) == (201, "opened_by_staff")
    assert (await court.buyer.must("GET", f"/trades/{trade['id']}"))["status"] == "disputed"
    status, problem = await ask_as_staff(ruler, "POST", "/disputes", body, proven=True)
    assert (status, problem["code"]) == (409, "wrong_trade_status")
    body["trade_id"] = str(UUID(int=7))
    assert (await ask_as_staff(ruler, "POST", "/disputes", body, proven=True))[0] == 404


async def test_queue_is_paged_by_urgency_without_gap_or_double(court):
    now = court.world.clock.now()
    random = SeededRandom("queue")

    async def fill(unit):
        for number in range(25):
            await unit.execute(
                insert(DeskCase).values(
                    case_id=unit.ids.new_id(), kind="dispute", trade_id=UUID(int=number),
                    open=True, round=1, priority=3, signals="[]", amount=1, reason="other",
                    method_id="vn-one", opened_at=now, version=1,
                    due_at=now + timedelta(hours=random.token(1)[0] % 5),
                )
            )  # fmt: skip

    await court.world.database.transact(fill, name="test")
    rosa = next(iter(court.rulers.values()))
    for whose in ("all", "nobody"):
        found, cursor = [], ""
        while cursor is not None:
            path = f"/disputes?limit=7&whose={whose}{cursor}"
            _, page = await ask_as_staff(rosa, "GET", path)
            found += page["items"]
            cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
        places = [(one["due_at"], one["id"]) for one in found]
        assert places == sorted(set(places))
        assert len(places) == 25
    _, mine = await ask_as_staff(rosa, "GET", "/disputes?whose=mine")
    assert mine["items"] == []
    assert (await ask_as_staff(rosa, "GET", "/disputes?cursor=AAAA"))[0] == 422

    async def close(unit):
        await unit.execute(update(DeskCase).values(open=False))

    await court.world.database.transact(close, name="test")
    assert (await ask_as_staff(rosa, "GET", "/disputes"))[1]["items"] == []
