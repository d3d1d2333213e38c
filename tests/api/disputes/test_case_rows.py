"""Every call of a case by every side in every status, as its table says; all in one world."""

from itertools import product

import pytest

from models.disputes import Award, DisputeStatus
from server.core.money import MICRO
from server.disputes.facts import CaseAction as A
from server.disputes.lifecycle import CASES
from tests.case_world import open_case, read_case

D = DisputeStatus
SIDES = ("buyer", "seller")
TRIED = (
    A.GIVE_EVIDENCE, A.SAY_DONE, A.MAKE_OFFER, A.ACCEPT_OFFER, A.DECLINE_OFFER, A.RELEASE,
    A.CONCEDE,
)  # fmt: skip
"""What the parties do; the desk's own acts and the objection are tried with the desk."""
STORY = {"kind": "story", "statement": "I paid."}
SPLIT = {"kind": "split", "buyer_amount": "40.000000"}
GONE = "01890000-0000-7000-8000-000000000000"


async def offer_split(api, trade_id, dispute_id, name):
    proof = await api.prove(trade_id, name, "split", 40 * MICRO)
    reply = await api.post(f"/disputes/{dispute_id}/offers", SPLIT, name, proof=proof)
    assert reply.status == 201, await reply.text()
    return next(
        offer["id"] for offer in (await reply.json())["offers"] if offer["offered_by"] == name
    )


async def call(api, action, name, trade_id, dispute_id, offer_id=GONE):
    """Do an action with every proof that it may need."""
    path = f"/disputes/{dispute_id}"
    if action is A.GIVE_EVIDENCE:
        return await api.post(f"{path}/evidence", STORY, name)
    if action is A.SAY_DONE:
        return await api.post(f"{path}/done", None, name)
    if action is A.MAKE_OFFER:
        proof = await api.prove(trade_id, name, "split", 40 * MICRO)
        return await api.post(f"{path}/offers", SPLIT, name, proof=proof)
    if action is A.ACCEPT_OFFER:
        proof = await api.prove(trade_id, name, "split", 40 * MICRO)
        return await api.post(f"{path}/offers/{offer_id}/accept", None, name, proof=proof)
    if action is A.DECLINE_OFFER:
        return await api.post(f"{path}/offers/{offer_id}/decline", None, name)
    if action is A.RELEASE:
        proof = await api.prove(trade_id, name)
        return await api.post(f"/trades/{trade_id}/release", None, name, proof=proof)
    proof = await api.prove(trade_id, name, "concede")
    return await api.post(f"{path}/concede", None, name, proof=proof)


def is_legal(action, name, status):
    return any(
        row.action is action and name in row.actors and status in row.statuses for row in CASES.rows
    )


@pytest.mark.parametrize("status", D)
async def test_every_action_of_every_side_is_done_or_refused_as_the_table_says(api, status):
    shared = await open_case(api.world, status)
    for action, name in product(TRIED, (*SIDES, "stranger")):
        if name in SIDES and is_legal(action, name, status):
            await check_legal(api, action, name, status)
            continue
        reply = await call(api, action, name, *shared)
        assert reply.status == (404 if name == "stranger" else 409), (action, name)
        assert (await read_case(api.world, shared[1])).status is status


async def check_legal(api, action, name, status):
    trade_id, dispute_id = await open_case(api.world, status)
    offer_id = GONE
    if action in (A.ACCEPT_OFFER, A.DECLINE_OFFER):
        other = SIDES[name == "buyer"]
        offer_id = await offer_split(api, trade_id, dispute_id, other)
    before = await read_case(api.world, dispute_id)
    seen = await (await api.get(f"/disputes/{dispute_id}", name)).json()
    assert action.value in seen["allowed_actions"], (action, name, status)

    reply = await call(api, action, name, trade_id, dispute_id, offer_id)

    assert reply.status in (200, 201), (action, name, status, await reply.text())
    row = next(row for row in CASES.rows if row.action is action)
    after = await read_case(api.world, dispute_id)
    assert (after.status, after.version) == (row.leads_to(status), before.version + 1)
    if after.status is D.CLOSED:
        assert (await api.world.trade(trade_id)).status in ("completed", "refunded")
        listed = await (await api.get("/disputes", name, open="true")).json()
        assert str(dispute_id) not in [item["id"] for item in listed["items"]]


@pytest.mark.parametrize("award", Award)
async def test_ruling_is_carried_out_by_the_clock_when_the_time_to_object_is_over(api, award):
    part = 40 * MICRO if award is Award.SPLIT else None
    trade_id, dispute_id = await open_case(api.world, D.RULED, award=award, part=part)
    api.world.clock.advance(hours=24, seconds=-1)
    assert (await (await api.get(f"/disputes/{dispute_id}")).json())["status"] == "ruled"
    api.world.clock.advance(seconds=1)

    closed = await (await api.get(f"/disputes/{dispute_id}")).json()

    assert (closed["status"], closed["outcome"]) == ("closed", f"ruled_{award}")
    hold = await api.world.hold(trade_id)
    assert hold.resolution == {"release": "released", "refund": "refunded", "split": "split"}[award]
    assert (await api.world.history(trade_id))[-1][4] == "clock"
