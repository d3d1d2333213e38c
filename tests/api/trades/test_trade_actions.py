"""POST /trades/{id}/...: a deal over HTTP, its refusals and its replays."""

import uuid

import pytest

from models.trades import TradeStatus
from server.core.money import MICRO
from server.trades.routes import ROUTES
from tests.api.trades.conftest import DECLARED, SEEN

S = TradeStatus
POSTS = sorted(
    endpoint.path.removeprefix("/api/v1/trades/{id}/")
    for endpoint in ROUTES.endpoints
    if endpoint.method == "POST"
)
BODIES = {
    "payer": DECLARED,
    "paid": {"reference": "FT1"},
    "release": SEEN,
    "cancel": {"reason": "changed_mind"},
    "cancel-request": {"reason": "please"},
    "split": {"buyer_amount": "50"},
}


async def test_a_deal_from_match_to_release(api):
    trade_id = await api.world.open_trade()
    reply = await (await api.post(f"/trades/{trade_id}/payer", DECLARED)).json()
    assert (reply["status"], reply["version"]) == ("awaiting_payment", 2)
    assert "mark_paid" in reply["allowed_actions"]
    assert (await api.read(trade_id))["payment_details"]["holder"] == "TRAN THI B"
    paid = await (await api.post(f"/trades/{trade_id}/paid", {"reference": "FT1"})).json()
    assert (paid["status"], paid["deadline"]) == ("paid", "2026-01-01T00:30:00.000Z")
    proof = await api.prove(trade_id)
    released = await api.post(f"/trades/{trade_id}/release", SEEN, "seller", proof=proof)
    body = await released.json()
    assert released.status == 200
    assert (body["status"], body["deadline"], body["allowed_actions"]) == ("completed", None, [])
    assert await api.world.balances(api.world.buyer) == {"available": 99_850_000}


@pytest.mark.parametrize("path", POSTS)
async def test_every_answer_carries_status_deadline_version_and_allowed_actions(api, path):
    paid_first = {"undo-paid", "split", "split/accept", "split/decline", "dispute"}
    trade_id = await api.world.open_trade(S.PAID if path in paid_first else S.AWAITING_PAYMENT)
    name, proof = "buyer", None
    if path in ("release", "extend", "cancel-request", "cancel/contest"):
        name = "seller"
    if path in ("split/accept", "split/decline"):
        await api.world.do("propose_split", trade_id, api.world.buyer)
        name = "seller"
    if path.startswith("cancel-request/"):
        await api.world.do("request_cancel", trade_id)
    if path == "paid":
        await api.world.do("declare_payer", trade_id)
    if path == "refuse-payer":
        name = "seller"
        await api.world.let_third_party_pay()
    if path == "cancel/contest":
        await api.post(f"/trades/{trade_id}/cancel", {"reason": "details_wrong"})
    if path == "dispute":
        api.world.clock.advance(minutes=29, seconds=59)
        await api.post(f"/trades/{trade_id}/extend")
        api.world.clock.advance(seconds=1)
    if path == "release":
        proof = await api.prove(trade_id)
    if path == "split/accept":
        proof = await api.prove(trade_id, action="split", amount=50 * MICRO)
    reply = await api.post(f"/trades/{trade_id}/{path}", BODIES.get(path), name, proof=proof)
    body = await reply.json()
    assert reply.status == 200, body
    assert {"status", "deadline", "version", "allowed_actions"} <= set(body)
    fresh = await api.read(trade_id, name)
    assert {key: fresh[key] for key in body} == body


@pytest.mark.parametrize("path", POSTS)
async def test_a_foreign_trade_looks_as_if_it_did_not_exist(api, path):
    trade_id = await api.world.open_trade()
    body = BODIES.get(path)
    foreign = await api.post(f"/trades/{trade_id}/{path}", body, "stranger")
    missing = await api.post(f"/trades/{uuid.uuid4()}/{path}", body, "stranger")
    broken = await api.post(f"/trades/none/{path}", body, "stranger")
    bodies = [await reply.json() for reply in (foreign, missing, broken)]
    assert {reply.status for reply in (foreign, missing, broken)} == {404}
    for body in bodies:
        del body["request_id"]
    assert bodies[0] == bodies[1] == bodies[2]


@pytest.mark.parametrize("path", POSTS)
async def test_an_unknown_field_is_refused(api, path):
    trade_id = await api.world.open_trade()
    body = {**BODIES.get(path, {}), "status": "completed"}
    reply = await api.post(f"/trades/{trade_id}/{path}", body)
    assert reply.status == 422
    assert (await api.world.trade(trade_id)).version == 1


async def test_a_replay_gets_the_stored_answer_without_a_second_proof(api):
    trade_id = await api.world.open_trade(S.PAID)
    proof = await api.prove(trade_id)
    first = await api.post(f"/trades/{trade_id}/release", SEEN, "seller", proof=proof, key="k")
    again = await api.post(f"/trades/{trade_id}/release", SEEN, "seller", key="k")
    assert (first.status, again.status) == (200, 200)
    assert await first.read() == await again.read()
    assert again.headers["Idempotency-Replayed"] == "true"


async def test_stored_answers_hold_no_payment_details_and_no_payers_name(api):
    trade_id = await api.world.open_trade()
    reply = await api.post(f"/trades/{trade_id}/payer", DECLARED)
    body = await reply.json()
    assert "payment_details" not in body
    assert DECLARED["payer_name"] not in (await reply.read()).decode()


async def test_a_release_without_a_proof_is_403_and_with_another_amount_too(api):
    trade_id = await api.world.open_trade(S.PAID)
    bare = await api.post(f"/trades/{trade_id}/release", SEEN, "seller")
    proof = await api.prove(trade_id, amount=1)
    wrong = await api.post(f"/trades/{trade_id}/release", SEEN, "seller", proof=proof)
    assert [(await reply.json())["code"] for reply in (bare, wrong)] == ["step_up_required"] * 2
    assert (bare.status, wrong.status) == (403, 403)


async def test_another_payers_name_is_409_and_the_seller_may_dispute_at_once(api):
    trade_id = await api.world.open_trade(S.PAID)
    proof = await api.prove(trade_id)
    seen = {"payer_name_seen": "Somebody Else"}
    reply = await api.post(f"/trades/{trade_id}/release", seen, "seller", proof=proof)
    body = await reply.json()
    assert (reply.status, body["code"]) == (409, "payer_mismatch")
    trade = await api.read(trade_id, "seller")
    assert (trade["status"], trade["version"], trade["name_mismatch"]) == ("paid", 3, True)
    assert "open_dispute" in trade["allowed_actions"]
    opened = await api.post(
        f"/trades/{trade_id}/dispute",
        {"reason": "wrong_payer", "statement": "Another name."},
        "seller",
    )
    assert (await opened.json())["status"] == "disputed"


async def test_a_refused_step_tells_the_present_status(api):
    trade_id = await api.world.open_trade(S.COMPLETED)
    reply = await api.post(f"/trades/{trade_id}/paid")
    body = await reply.json()
    assert (reply.status, body["code"]) == (409, "wrong_trade_status")
    assert body["params"]["status"] == "completed"


async def test_steps_of_the_other_side_are_409(api):
    trade_id = await api.world.open_trade(S.PAID)
    for path, name in (("release", "buyer"), ("cancel", "seller"), ("paid", "seller")):
        reply = await api.post(f"/trades/{trade_id}/{path}", BODIES[path], name)
        assert (reply.status, (await reply.json())["code"]) == (409, "other_sides_part")


async def test_a_dispute_before_its_time_says_when(api):
    trade_id = await api.world.open_trade(S.PAID)
    asked = {"reason": "not_released", "statement": "I paid."}
    reply = await api.post(f"/trades/{trade_id}/dispute", asked)
    body = await reply.json()
    assert (reply.status, body["code"]) == (409, "dispute_too_early")
    assert body["params"]["opens_at"] == "2026-01-01T00:30:00.000Z"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("payer", {}),
        ("payer", {"payer_name": "x"}),
        ("payer", {"payer_name": "y" * 121}),
        ("paid", {"reference": ""}),
        ("paid", {"reference": "r" * 101}),
        ("cancel", {"reason": "because"}),
        ("cancel-request", {"reason": "r" * 201}),
        ("split", {"buyer_amount": "0"}),
        ("split", {"buyer_amount": 5}),
        ("split", {"buyer_amount": "1e2"}),
        ("dispute", {"reason": "because"}),
        ("dispute", {"statement": "s" * 2001}),
        ("split/accept", {"offer_id": "none"}),
    ],
)
async def test_bad_values_are_422(api, path, body):
    trade_id = await api.world.open_trade()
    assert (await api.post(f"/trades/{trade_id}/{path}", body)).status == 422


async def test_a_reference_has_100_characters(api):
    trade_id = await api.world.open_trade()
    await api.post(f"/trades/{trade_id}/payer", DECLARED)
    reply = await api.post(f"/trades/{trade_id}/paid", {"reference": "r" * 100})
    assert (await reply.json())["reference"] == "r" * 100


async def test_a_late_action_finds_the_trade_as_the_clock_left_it(api):
    trade_id = await api.world.open_trade()
    api.world.clock.advance(minutes=30)
    assert (await api.read(trade_id))["status"] == "grace"
    api.world.clock.advance(minutes=15)
    reply = await api.post(f"/trades/{trade_id}/cancel", BODIES["cancel"])
    assert (await reply.json())["params"]["status"] == "expired"
