"""Claims on the desk: in its queue, given by lot, read whole, decided by who was given them."""

from datetime import datetime

import pytest

from models.links import LinkStatus
from server.disputes import staff_rules
from server.disputes.claim_views import view_whole_claim
from tests.staff_world import ask_as_staff, make_staff

LATE = {"reason": "paid_late", "statement": "I had paid before it ended."}
WHY = {"reason": "The bank confirms it."}
STORY = {"kind": "story", "statement": "Nothing came."}


async def open_claim(court, amount="100"):
    """A trade that its buyer cancelled although, he says, he had paid."""
    await court.seller.sell(amount, "26000")
    (trade,) = (await court.buyer.buy(amount, "26000"))["trades"]
    court.trade_id = trade["id"]
    path = f"/trades/{trade['id']}"
    await court.buyer.must("POST", f"{path}/cancel", {"reason": "changed_mind"})
    return (await court.buyer.must("POST", f"{path}/claim", LATE))["id"]


async def decide(person, claim_id, decision):
    """Status and code of a decision."""
    path = f"/claims/{claim_id}/{decision}"
    status, answer = await ask_as_staff(person, "POST", path, WHY, proven=True)
    return status, answer.get("code")


async def read(person, claim_id):
    return await ask_as_staff(person, "GET", f"/claims/{claim_id}")


async def queue(person, **asked):
    words = "&".join(f"{name}={value}" for name, value in asked.items())
    status, page = await ask_as_staff(person, "GET", f"/disputes?{words}")
    assert status == 200
    return page["items"]


async def count_reading(court, claim_id):
    """How many statements the whole claim takes."""

    async def view(connection, desk, case):
        return await view_whole_claim(connection, desk, case, court.world.clock.now())

    return await court.count_reading(claim_id, view)


async def test_claim_lies_in_the_queue_and_who_the_lot_named_reads_it_whole(court):
    claim_id = await open_claim(court)
    ruler = await court.give(claim_id)
    others = [each for each in court.rulers.values() if each is not ruler]
    (listed,) = await queue(others[0], kind="claim")
    assert (listed["id"], listed["kind"], listed["assignee"]) == (claim_id, "claim", ruler.name)
    assert listed["reason"] == "paid_late"
    assert "had paid" not in str(listed)
    waits = datetime.fromisoformat(listed["due_at"]) - datetime.fromisoformat(listed["opened_at"])
    assert waits == staff_rules.RULE_WITHIN[listed["priority"]]
    assert await queue(others[0], kind="dispute") == []
    assert [one["id"] for one in await queue(ruler, whose="mine")] == [claim_id]

    await court.seller.must("POST", f"/claims/{claim_id}/answer", STORY)
    note = {"note": "Ask the bank."}
    assert (await ask_as_staff(ruler, "POST", f"/disputes/{claim_id}/notes", note))[0] == 201
    status, whole = await read(ruler, claim_id)
    assert status == 200, whole
    assert (whole["claimed_by"], whole["statement"]) == ("buyer", LATE["statement"])
    assert (whole["claim"]["status"], whole["claim"]["kind"]) == ("review", "late")
    assert [one["event"] for one in whole["claim_timeline"]] == ["opened", "answered"]
    assert whole["timeline"][-1]["status"] == "cancelled"
    assert [one["statement"] for one in whole["evidence"]] == [STORY["statement"]]
    assert [one["note"] for one in whole["notes"]] == [note["note"]]
    assert whole["parties"]["seller"]["username"] == "seller"
    assert whole["assignments"][0]["reason"] == "Drawn by lot."
    assert await count_reading(court, claim_id) <= 22

    assert (await ask_as_staff(ruler, "GET", f"/disputes/{claim_id}"))[0] == 404
    for person in (*others, court.cora):
        status, problem = await read(person, claim_id)
        assert (status, problem["code"]) == (403, "case_not_yours")
        assert await decide(person, claim_id, "reject") in (
            (403, "case_not_yours"), (403, "forbidden"),
        )  # fmt: skip
    audited = await court.audited("claim_read")
    assert [(str(row.actor_id), row.object_id) for row in audited] == [(ruler.id, claim_id)]
    refused = await court.audited("dispute_read_refused")
    assert len(refused) == 3

    assert await decide(ruler, claim_id, "reject") == (200, None)
    case = await court.case(claim_id)
    assert (case.open, case.assignee_id, case.closed_at is None) == (False, None, False)
    assert (await read(ruler, claim_id))[0] == 403
    assert await queue(ruler, kind="claim") == []


async def test_withdrawn_claim_leaves_the_desk_and_an_overdue_one_goes_to_somebody_else(court):
    withdrawn = await open_claim(court)
    await court.give(withdrawn)
    await court.buyer.must("POST", f"/claims/{withdrawn}/withdraw")
    assert (await court.case(withdrawn)).open is False
    claim_id = await open_claim(court)
    late = await court.give(claim_id)
    await court.pass_time(hours=49)
    assert await court.give(claim_id) is not late
    reasons = [row.reason for row in await court.audited("dispute_assigned")]
    assert reasons[-1] == "The time to rule was over."


async def test_neither_parties_nor_who_is_linked_to_one_get_a_claim(court):
    linked, confirmed, free = court.rulers.values()
    await make_staff(court.world.client.server.app, court.buyer.id, "dispute_ruler")
    await court.sign_in()
    await court.link(linked, court.seller)
    await court.link(confirmed, court.buyer, LinkStatus.CONFIRMED)
    claim_id = await open_claim(court)
    assert await court.give(claim_id) is free
    for barred in (court.buyer, linked, confirmed):
        body = {**WHY, "assignee_id": barred.id}
        path = f"/disputes/{claim_id}/assign"
        status, problem = await ask_as_staff(court.cora, "POST", path, body, proven=True)
        assert (status, problem["code"]) == (403, "party_to_case")
    assert (await decide(court.buyer, claim_id, "hold"))[0] == 404
    assert await decide(linked, claim_id, "hold") == (403, "case_not_yours")
    await court.link(free, court.seller)
    assert await decide(free, claim_id, "hold") == (403, "party_to_case")


@pytest.mark.parametrize("amount", ["5000", "6000"])
async def test_second_person_upholds_a_claim_above_the_limit_of_rulings(court, amount):
    claim_id = await open_claim(court, amount)
    ruler = await court.give(claim_id)
    second, third = (each for each in court.rulers.values() if each is not ruler)
    assert await decide(ruler, claim_id, "hold") == (200, None)
    await court.seller.must("POST", f"/claims/{claim_id}/answer", STORY)
    if not staff_rules.takes_two(int(amount) * 1_000_000):
        assert await decide(ruler, claim_id, "approve") == (409, "wrong_case_status")
        assert await decide(ruler, claim_id, "uphold") == (200, None)
    else:
        assert await decide(ruler, claim_id, "uphold") == (409, "second_ruler_needed")
        assert await decide(second, claim_id, "uphold") == (403, "case_not_yours")
        assert (await read(second, claim_id))[0] == 403
        assert await decide(ruler, claim_id, "approve") == (200, None)
        assert await decide(ruler, claim_id, "uphold") == (409, "second_ruler_needed")
        assert (await read(second, claim_id))[0] == 200
        assert await decide(second, claim_id, "reject") == (403, "case_not_yours")
        await court.link(third, court.seller)
        assert await decide(third, claim_id, "uphold") == (403, "party_to_case")
        assert await decide(second, claim_id, "uphold") == (200, None)
        assert (await read(second, claim_id))[0] == 403
    assert (await court.buyer.must("GET", f"/claims/{claim_id}"))["outcome"] == "upheld"
    assert (await court.buyer.balances())["available"] == f"{amount}.000000"


async def test_who_reads_too_many_claims_and_cases_in_a_day_reads_no_more(court, monkeypatch):
    claim_id = await open_claim(court)
    ruler = await court.give(claim_id)
    monkeypatch.setattr(staff_rules, "CASES_READ_PER_DAY_MAX", 2)
    assert [(await read(ruler, claim_id))[0] for _ in range(3)] == [200, 200, 429]
    await court.pass_time(hours=24, minutes=1)
    assert (await read(ruler, claim_id))[0] == 200
