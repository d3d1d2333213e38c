"""Every row of the lifecycles that the desk takes part in, by everybody in every status.

One case, one claim and one freeze walk through all their statuses; in each of them everybody tries
everything, and only what the table allows is done.
"""

from itertools import product

from models.claims import ClaimStatus
from models.disputes import DisputeStatus, FreezeStatus
from server.disputes.claim_lifecycle import CLAIMS
from server.disputes.claim_lifecycle import ClaimAction as C
from server.disputes.facts import CaseAction as A
from server.disputes.freeze_lifecycle import FREEZES, FreezeAction
from server.disputes.lifecycle import CASES
from server.jobs.run_case_clocks import run_case_clocks
from server.trades.facts import Actor
from tests.api.desk.conftest import DECISION
from tests.api.desk.test_claims import STORY, WHY, open_claim
from tests.api.disputes.test_case_rows import TRIED
from tests.staff_world import ask_as_staff, join_staff

D, S, F = DisputeStatus, ClaimStatus, FreezeStatus
DESK_ACTS = (A.END_EVIDENCE, A.RULE, A.RULE_AGAIN, A.OBJECT)
DECISIONS = {C.HOLD_FUNDS: "hold", C.APPROVE: "approve", C.UPHOLD: "uphold", C.REJECT: "reject"}
BY_PARTIES = (C.GIVE_EVIDENCE, C.ANSWER, C.WITHDRAW)
"""Tried by both sides in every status in tests/api/disputes/test_claims.py."""
REFUSED = (401, 403, 404, 409, 422)


def is_legal(table, action, actor, status):
    return any(
        row.action is action and actor in row.actors and status in row.statuses
        for row in table.rows
    )


def test_every_action_is_tried_by_somebody():
    assert {*TRIED, *DESK_ACTS} == set(A)
    assert {*DECISIONS, *BY_PARTIES} == set(C)
    assert {FreezeAction.LIFT} == set(FreezeAction)


class Walk:
    """People around one trade: whose part each has."""

    def __init__(self, court, ruler, stranger, agent):
        others = [each for each in court.rulers.values() if each is not ruler]
        self.ruler, self.second = ruler, others[0]
        self.people = (
            (court.buyer, Actor.BUYER), (court.seller, Actor.SELLER), (stranger, None),
            (agent, None), (ruler, Actor.STAFF), (others[0], None),
        )  # fmt: skip


async def start_walk(court, ruler):
    stranger = await court.world.join("stranger")
    agent = await join_staff(court.world, "agent", "support_agent")
    return Walk(court, ruler, stranger, agent)


async def do(court, case_id, action, person):
    """Try an action of a case; the status of the answer."""
    path = f"/disputes/{case_id}"
    if action is A.OBJECT:
        shown = (await court.seller.must("GET", path))["evidence"]
        own = [each["id"] for each in shown if each["by"] == person.name]
        body = {"statement": "No.", "evidence_ids": own[-1:] or [case_id]}
        return (await person.ask("POST", f"{path}/objection", body))[0]
    if action is A.END_EVIDENCE:
        body = {"reason": "Both said everything."}
        return (await ask_as_staff(person, "POST", f"{path}/end-evidence", body, proven=True))[0]
    case = await court.seller.must("GET", path)
    body = {**DECISION, "version": case["version"]}
    return (await ask_as_staff(person, "POST", f"{path}/ruling", body, proven=True))[0]


async def test_every_act_of_the_desk_and_every_objection_is_done_or_refused_as_the_table_says(
    court,
):
    case_id = await court.open_case()
    ruler = await court.give(case_id)
    walk = await start_walk(court, ruler)
    moves = {
        D.OPEN: A.END_EVIDENCE,
        D.EVIDENCE: A.RULE,
        D.RULED: A.OBJECT,
        D.OBJECTED: A.RULE_AGAIN,
    }
    for status in (D.OPEN, D.EVIDENCE, D.RULED, D.OBJECTED, D.CLOSED):
        if status is D.CLOSED:
            await court.pass_time(seconds=1)
        if status is D.OBJECTED:
            # Somebody else decides now.
            ruler = await court.give(case_id)
            assert ruler is not walk.ruler
            walk.people = (*walk.people[:4], (ruler, Actor.STAFF), (walk.ruler, None))
        before = await court.seller.must("GET", f"/disputes/{case_id}")
        assert before["status"] == status
        legal = []
        for action, (person, actor) in product(DESK_ACTS, walk.people):
            # A ruling and the one after an objection are one call; the status tells which it is.
            twin = {A.RULE: A.RULE_AGAIN, A.RULE_AGAIN: A.RULE}.get(action)
            if any(is_legal(CASES, each, actor, status) for each in (action, twin) if each):
                legal.append((action, actor))
                continue
            answer = await do(court, case_id, action, person)
            assert answer in REFUSED, (status, action, person.name, answer)
        after = await court.seller.must("GET", f"/disputes/{case_id}")
        assert (after["status"], after["version"]) == (before["status"], before["version"])
        if status is D.CLOSED:
            assert legal == []
            break
        assert moves[status] in [action for action, _ in legal]
        if status is D.RULED:
            await court.pass_time(seconds=1)
            await court.new_evidence(court.seller, case_id)
        mover = court.seller if moves[status] is A.OBJECT else ruler
        assert await do(court, case_id, moves[status], mover) in (200, 201), status
    assert (await court.trade())["status"] == "completed"


async def test_every_decision_about_a_claim_is_done_or_refused_as_the_table_says(court):
    claim_id = await open_claim(court, "6000")
    walk = await start_walk(court, await court.give(claim_id))

    async def attempt(decision, person):
        path = f"/claims/{claim_id}/{decision}"
        return (await ask_as_staff(person, "POST", path, WHY, proven=True))[0]

    async def stays(*legal):
        """Nobody does anything but what is legal for who has it."""
        before = await court.buyer.must("GET", f"/claims/{claim_id}")
        for action, (person, actor) in product(DECISIONS, walk.people):
            if actor is Actor.STAFF and action in legal:
                assert is_legal(CLAIMS, action, actor, S(before["status"])), action
                continue
            answer = await attempt(DECISIONS[action], person)
            assert answer in REFUSED, (before["status"], action, person.name, answer)
        after = await court.buyer.must("GET", f"/claims/{claim_id}")
        assert after["version"] == before["version"]
        return after["status"]

    assert await stays(C.HOLD_FUNDS, C.REJECT) == S.OPEN
    assert await attempt("hold", walk.ruler) == 200
    assert await stays(C.REJECT) == S.OPEN
    await court.seller.must("POST", f"/claims/{claim_id}/answer", STORY)
    assert await stays(C.APPROVE, C.REJECT) == S.REVIEW
    assert await attempt("approve", walk.ruler) == 200
    walk.people = walk.people[:-1]
    assert await stays(C.REJECT) == S.REVIEW, "the first of two upholds nothing"
    assert await attempt("uphold", walk.second) == 200
    walk.people = (*walk.people, (walk.second, None))
    assert await stays() == S.CLOSED


async def test_every_act_about_a_freeze_is_done_or_refused_as_the_table_says(court):
    await court.seller.sell("100", "26000")
    (trade,) = (await court.buyer.buy("100", "26000"))["trades"]
    walk = await start_walk(court, next(iter(court.rulers.values())))
    base = f"/trades/{trade['id']}/freeze"
    place, lift = (base, {**WHY, "hours": 1}), (f"{base}/lift", WHY)

    async def attempt(call, person):
        return (await ask_as_staff(person, "POST", *call, proven=True))[0]

    async def read_status():
        rows = await court.world.read("SELECT status FROM trade_freezes ORDER BY id DESC")
        return F(rows[0].status) if rows else None

    async def stays(*legal):
        before = await read_status()
        for call, (person, actor) in product((place, lift), walk.people[:5]):
            if actor is Actor.STAFF and call in legal:
                continue
            assert await attempt(call, person) in REFUSED, (before, call[0], person.name)
        assert await read_status() is before
        return before

    assert await stays(place) is None
    assert await attempt(place, walk.ruler) == 200
    assert is_legal(FREEZES, FreezeAction.LIFT, Actor.STAFF, F.ACTIVE)
    assert await stays(lift) is F.ACTIVE
    assert await attempt(lift, walk.ruler) == 200
    assert not is_legal(FREEZES, FreezeAction.LIFT, Actor.STAFF, F.LIFTED)
    assert await stays(place) is F.LIFTED
    assert await attempt(place, walk.ruler) == 200
    court.world.clock.advance(hours=1)
    await run_case_clocks(court.desk.trades)
    await court.sign_in(*(person for person, _ in walk.people))
    assert await stays(place) is F.OVER
