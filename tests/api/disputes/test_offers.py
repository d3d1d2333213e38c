"""POST /disputes/{id}/offers and its answers: who proves what, and where the escrow goes."""

from server.core.money import MICRO
from server.disputes import rules
from tests.case_world import open_case, read_case

AMOUNT, SELLER_FEE = 100 * MICRO, 50_000


async def offer(api, dispute_id, name, body, proof=None):
    return await api.post(f"/disputes/{dispute_id}/offers", body, name, proof=proof)


async def accept(api, dispute_id, offer_id, name, proof=None):
    return await api.post(f"/disputes/{dispute_id}/offers/{offer_id}/accept", None, name,
                          proof=proof)  # fmt: skip


async def id_of_offer(reply, name):
    found = (await reply.json())["offers"]
    return next(each["id"] for each in found if each["offered_by"] == name)


async def test_who_gives_something_up_proves_it_and_the_other_accepts_in_one_call(api):
    for kind, giver, taker in (("release", "seller", "buyer"), ("refund", "buyer", "seller")):
        for by, other in ((giver, taker), (taker, giver)):
            trade_id, dispute_id = await open_case(api.world)
            proof = await api.prove(trade_id, giver, "concede")
            if by == giver:
                assert (await offer(api, dispute_id, by, {"kind": kind})).status == 403
            made = await offer(api, dispute_id, by, {"kind": kind}, proof if by == giver else None)
            offer_id = await id_of_offer(made, by)
            assert (await accept(api, dispute_id, offer_id, by, proof)).status == 409
            if other == giver:
                assert (await accept(api, dispute_id, offer_id, other)).status == 403

            done = await accept(api, dispute_id, offer_id, other, proof)

            assert done.status == 200, await done.text()
            trade = await done.json()
            assert trade["status"] == ("completed" if kind == "release" else "refunded")
            closed = await read_case(api.world, dispute_id)
            assert (closed.status, closed.outcome, closed.lost) == (
                "closed", f"agreed_{kind}", False,
            )  # fmt: skip
            assert (trade["fault"], trade["dispute"]["status"]) == (None, "closed")


async def test_agreed_split_gives_each_his_part(api):
    trade_id, dispute_id = await open_case(api.world)
    body = {"kind": "split", "buyer_amount": "40.000000"}
    assert (await offer(api, dispute_id, "buyer", body)).status == 403
    proof = await api.prove(trade_id, "buyer", "split", 40 * MICRO)
    offer_id = await id_of_offer(await offer(api, dispute_id, "buyer", body, proof), "buyer")
    wrong = await api.prove(trade_id, "seller", "split", 41 * MICRO)
    assert (await accept(api, dispute_id, offer_id, "seller", wrong)).status == 403
    proof = await api.prove(trade_id, "seller", "split", 40 * MICRO)

    assert (await accept(api, dispute_id, offer_id, "seller", proof)).status == 200

    hold = await api.world.hold(trade_id)
    assert (hold.resolution, hold.paid_out) == ("split", 40 * MICRO - 60_000)
    assert hold.fees + hold.given_back == AMOUNT + SELLER_FEE - hold.paid_out
    again = await accept(api, dispute_id, offer_id, "seller", proof)
    assert again.status == 409


async def test_newer_offer_replaces_the_own_one_and_all_lapse_when_the_case_moves_on(api):
    trade_id, dispute_id = await open_case(api.world)
    first = await id_of_offer(await offer(api, dispute_id, "seller", {"kind": "refund"}), "seller")
    second = await offer(api, dispute_id, "seller", {"kind": "refund"})
    assert len((await second.json())["offers"]) == 1
    proof = await api.prove(trade_id, "buyer", "concede")
    late = await accept(api, dispute_id, first, "buyer", proof)
    assert (late.status, (await late.json())["code"]) == (409, "offer_changed")
    await offer(api, dispute_id, "buyer", {"kind": "release"})
    two = await (await api.get(f"/disputes/{dispute_id}")).json()
    assert {each["offered_by"] for each in two["offers"]} == {"buyer", "seller"}

    api.world.clock.advance(hours=24)

    moved = await (await api.get(f"/disputes/{dispute_id}")).json()
    assert (moved["status"], moved["offers"]) == ("evidence", [])


async def test_offer_is_declined_or_withdrawn(api):
    _, dispute_id = await open_case(api.world)
    for name in ("buyer", "seller"):
        made = await offer(api, dispute_id, "seller", {"kind": "refund"})
        path = f"/disputes/{dispute_id}/offers/{await id_of_offer(made, 'seller')}/decline"
        assert (await (await api.post(path, None, name)).json())["offers"] == []
        assert (await api.post(path, None, name)).status == 409


async def test_bad_offers_are_refused(api):
    _, dispute_id = await open_case(api.world)
    for body in (
        {}, {"kind": "gift"}, {"kind": "split"}, {"kind": "split", "buyer_amount": "100"},
        {"kind": "split", "buyer_amount": "0"}, {"kind": "split", "buyer_amount": 5},
        {"kind": "refund", "buyer_amount": "5"}, {"kind": "refund", "more": 1},
    ):  # fmt: skip
        reply = await offer(api, dispute_id, "seller", body)
        assert reply.status == 422, body
    for _ in range(rules.OFFERS_PER_SIDE_MAX):
        assert (await offer(api, dispute_id, "seller", {"kind": "refund"})).status == 201
    over = await offer(api, dispute_id, "seller", {"kind": "refund"})
    assert (over.status, (await over.json())["code"]) == (409, "too_many_offers")
