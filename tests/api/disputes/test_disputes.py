"""GET /disputes, GET /disputes/{id}, POST /disputes/{id}/concede."""

import uuid

from models.trades import TradeStatus

S = TradeStatus


async def open_case(api):
    trade_id = await api.world.open_trade(S.DISPUTED)
    return trade_id, (await api.world.trade(trade_id)).dispute_id


async def test_both_parties_read_their_case_and_strangers_do_not(api):
    trade_id, dispute_id = await open_case(api)
    bodies = [
        await (await api.get(f"/disputes/{dispute_id}", name)).json()
        for name in ("buyer", "seller")
    ]
    assert [body["allowed_actions"] for body in bodies] == [
        ["give_evidence", "say_done", "make_offer", "concede"],
        ["give_evidence", "say_done", "make_offer", "release", "concede"],
    ]
    assert {body["trade_id"] for body in bodies} == {str(trade_id)}
    assert {(body["opened_by"], body["reason"]) for body in bodies} == {
        ("clock", "release_time_over")
    }
    assert (await api.get(f"/disputes/{dispute_id}", "stranger")).status == 404
    assert (await api.get(f"/disputes/{uuid.uuid4()}")).status == 404


async def test_cases_are_listed_by_page(api):
    cases = [str((await open_case(api))[1]) for _ in range(3)]
    first = await (await api.get("/disputes", limit=2)).json()
    rest = await (await api.get("/disputes", limit=2, cursor=first["next_cursor"])).json()
    assert [item["id"] for item in first["items"] + rest["items"]] == cases[::-1]
    assert rest["next_cursor"] is None
    assert (await (await api.get("/disputes", "stranger")).json())["items"] == []


async def test_the_buyer_concedes_with_a_proof(api):
    trade_id, dispute_id = await open_case(api)
    path = f"/disputes/{dispute_id}/concede"
    assert (await api.post(path)).status == 403
    proof = await api.prove(trade_id, "buyer", "concede")
    reply = await api.post(path, proof=proof)
    body = await reply.json()
    assert (reply.status, body["status"], body["dispute"]["status"]) == (200, "refunded", "closed")
    closed = await (await api.get(f"/disputes/{dispute_id}")).json()
    assert (closed["status"], closed["outcome"], closed["allowed_actions"]) == (
        "closed",
        "conceded",
        [],
    )


async def test_the_seller_concedes_by_releasing_and_a_stranger_cannot(api):
    trade_id, dispute_id = await open_case(api)
    path = f"/disputes/{dispute_id}/concede"
    proof = await api.prove(trade_id, "seller", "concede")
    assert (await api.post(path, name="stranger", proof=proof)).status == 404
    assert (await api.post(f"/disputes/{uuid.uuid4()}/concede")).status == 404
    assert (await api.post(path, name="seller")).status == 403
    body = await (await api.post(path, name="seller", proof=proof)).json()
    assert (body["status"], body["dispute"]["status"]) == ("completed", "closed")
    closed = await (await api.get(f"/disputes/{dispute_id}")).json()
    assert (closed["outcome"], closed["deadline"]) == ("conceded_by_seller", None)
