"""POST /trades/{id}/claim and what follows: lots that are frozen, USDT that staff hold."""

from datetime import timedelta
from uuid import uuid4

import pytest

from models.trades import TradeStatus
from server.core.money import MICRO
from server.core.refusals import NotFound
from server.disputes import claim_rules, refusals
from server.disputes.claim_lifecycle import CLAIMS
from server.jobs.release_lots import release_lots
from server.jobs.run_case_clocks import run_case_clocks
from server.ledger.service import lock_sheet, write_sheet
from server.ledger.sheet import AccountKey
from server.trades.facts import Actor
from server.trades.outages import announce_outage, credit_outages, end_outage
from tests.case_world import count_statements, decide

S = TradeStatus
BOUGHT = 100 * MICRO - 150_000
WORDS = {"statement": "The bank took it back."}
REVERSED = WORDS | {"reason": "payment_reversed"}
LATE = WORDS | {"reason": "paid_late"}
STORY = {"kind": "story", "statement": "No, I paid."}


async def claim(api, trade_id, body, name):
    return await api.post(f"/trades/{trade_id}/claim", body, name)


async def open_hold_claim(api, amount=100 * MICRO):
    await api.world.set_standing(api.world.buyer, trades_completed=0)
    trade_id = await api.world.open_trade(S.COMPLETED, method="vn-card", amount=amount)
    made = await claim(api, trade_id, REVERSED, "seller")
    assert made.status == 201, await made.text()
    return trade_id, (await made.json())["id"]


async def open_late_claim(api, available=0):
    trade_id = await api.world.open_trade(S.EXPIRED)
    if available:
        await give(api.world, api.world.seller, available)
    made = await claim(api, trade_id, LATE, "buyer")
    assert made.status == 201, await made.text()
    return trade_id, (await made.json())["id"]


async def give(world, user_id, amount):
    key = AccountKey(user_id, "USDT", "available")

    async def work(unit):
        sheet = await lock_sheet(unit, [key])
        sheet.move(asset="USDT", amount=amount, debit="suspense", credit=key, reason="test",
                   subject_id=None)  # fmt: skip
        await write_sheet(unit, sheet)

    await world.run(work)


async def read(api, claim_id, name="buyer"):
    reply = await api.get(f"/claims/{claim_id}", name)
    assert reply.status == 200, await reply.text()
    return await reply.json()


async def pass_answer_time(api, claim_id):
    api.world.clock.advance(hours=24)
    assert (await read(api, claim_id))["status"] == "review"


async def test_sellers_claim_freezes_the_lot_until_it_is_decided(api):
    trade_id, claim_id = await open_hold_claim(api)
    again = await claim(api, trade_id, REVERSED, "seller")
    assert (again.status, (await again.json())["code"]) == (409, "claim_made")
    seen = await read(api, claim_id)
    assert (seen["kind"], seen["claimed_by"], seen["role"], seen["held"], seen["status"]) == (
        "hold", "seller", "buyer", "99.850000", "open",
    )  # fmt: skip
    answered = await api.post(f"/claims/{claim_id}/answer", STORY, "buyer")
    assert (answered.status, (await answered.json())["status"]) == (201, "review")
    api.world.clock.advance(hours=100)
    await release_lots(api.world.desk)
    assert await api.world.balances(api.world.buyer) == {"held": BOUGHT}

    await decide(api.world, claim_id, "uphold_claim")

    assert await api.world.balances(api.world.buyer) == {}
    assert await api.world.balances(api.world.seller) == {"available": BOUGHT}
    closed = await read(api, claim_id, "seller")
    assert (closed["status"], closed["outcome"], closed["deadline"]) == ("closed", "upheld", None)
    assert [one["by"] for one in closed["evidence"]] == ["buyer"]
    assert (await api.world.trade(trade_id)).status is S.COMPLETED
    with pytest.raises(refusals.WrongCaseStatus):
        await decide(api.world, claim_id, "reject_claim")


@pytest.mark.parametrize("end", ["withdraw", "reject_claim"])
async def test_claim_that_fails_lets_the_lot_run_again(api, end):
    _, claim_id = await open_hold_claim(api)
    if end == "withdraw":
        assert (await api.post(f"/claims/{claim_id}/withdraw", None, "buyer")).status == 409
        assert (await api.post(f"/claims/{claim_id}/withdraw", None, "seller")).status == 200
    else:
        await decide(api.world, claim_id, end)
    assert await api.world.balances(api.world.buyer) == {"held": BOUGHT}
    api.world.clock.advance(hours=24)
    await release_lots(api.world.desk)
    assert await api.world.balances(api.world.buyer) == {"available": BOUGHT}


async def test_claims_have_their_time_and_their_side(api):
    await api.world.set_standing(api.world.buyer, trades_completed=0)
    held = await api.world.open_trade(S.COMPLETED, method="vn-card")
    final = await api.world.open_trade(S.COMPLETED, method="vn-momo")
    ended = await api.world.open_trade(S.CANCELLED)
    running = await api.world.open_trade(S.PAID)
    for trade_id, body, name, code in (
        (held, REVERSED, "buyer", "claim_not_offered"),
        (final, REVERSED, "seller", "claim_too_late"),
        (ended, LATE, "seller", "claim_not_offered"),
        (running, REVERSED, "seller", "claim_not_offered"),
    ):
        reply = await claim(api, trade_id, body, name)
        assert (reply.status, (await reply.json())["code"]) == (409, code)
    assert (await claim(api, held, LATE, "seller")).status == 422
    assert (await claim(api, ended, REVERSED, "buyer")).status == 422
    assert (await claim(api, ended, WORDS, "buyer")).status == 422
    assert (await claim(api, held, REVERSED, "stranger")).status == 404
    preview = await (await api.get(f"/trades/{held}/dispute-preview", "seller")).json()
    assert (preview["opens"], preview["may_open_now"]) == ("claim", False)
    api.world.clock.advance(hours=24, seconds=-1)
    with_proof = LATE | {"evidence": {"kind": "receipt", "statement": "FT2603"}}
    made = await claim(api, ended, with_proof, "buyer")
    assert made.status == 201
    shown = (await read(api, (await made.json())["id"]))["evidence"]
    assert [(one["by"], one["kind"]) for one in shown] == [("buyer", "receipt")]
    api.world.clock.advance(seconds=1)
    late = await claim(api, held, REVERSED, "seller")
    assert (late.status, (await late.json())["code"]) == (409, "claim_too_late")


async def test_late_claim_takes_from_the_seller_what_staff_hold_and_no_more(api):
    trade_id, claim_id = await open_late_claim(api)
    before = await api.world.balances(api.world.seller)
    with pytest.raises(refusals.NothingToHold):
        await decide(api.world, claim_id, "hold_funds")
    await give(api.world, api.world.seller, 30 * MICRO)
    await decide(api.world, claim_id, "hold_funds")
    with pytest.raises(refusals.AlreadyHeld):
        await decide(api.world, claim_id, "hold_funds")
    assert await api.world.balances(api.world.seller) == before | {"held": 30 * MICRO}
    await release_lots(api.world.desk)
    with pytest.raises(refusals.WrongCaseStatus):
        await decide(api.world, claim_id, "uphold_claim")
    await pass_answer_time(api, claim_id)

    await decide(api.world, claim_id, "uphold_claim")

    assert await api.world.balances(api.world.seller) == before
    assert await api.world.balances(api.world.buyer) == {"available": 30 * MICRO}
    assert (await api.world.trade(trade_id)).status is S.EXPIRED


async def test_rejected_late_claim_gives_back_what_was_held(api):
    _, claim_id = await open_late_claim(api, available=250 * MICRO)
    await decide(api.world, claim_id, "hold_funds")
    assert (await api.world.balances(api.world.seller))["held"] == 100 * MICRO
    await decide(api.world, claim_id, "reject_claim")
    await release_lots(api.world.desk)
    assert (await api.world.balances(api.world.seller))["available"] == 250 * MICRO


async def test_two_people_uphold_a_claim_about_much_and_no_party_decides(api):
    world = api.world
    _, claim_id = await open_hold_claim(api, amount=6_000 * MICRO)
    await pass_answer_time(api, claim_id)
    with pytest.raises(refusals.SecondPersonNeeded):
        await decide(world, claim_id, "uphold_claim")
    await decide(world, claim_id, "approve_claim")
    with pytest.raises(refusals.SecondPersonNeeded):
        await decide(world, claim_id, "uphold_claim")
    for party in (world.buyer, world.seller):
        with pytest.raises(NotFound):
            await decide(world, claim_id, "uphold_claim", party)
    second = await world.add_user("second", role="support")
    await decide(world, claim_id, "uphold_claim", second)
    assert (await read(api, claim_id))["outcome"] == "upheld"


async def test_every_row_of_a_claim_is_done_by_its_side_alone(api):
    calls = {"give_evidence": ("evidence", STORY), "answer": ("answer", STORY),
             "withdraw": ("withdraw", None)}  # fmt: skip
    for make in (open_hold_claim, open_late_claim):
        for status in ("open", "review", "closed"):
            for action, (path, body) in calls.items():
                _, claim_id = await make(api)
                if status != "open":
                    await pass_answer_time(api, claim_id)
                if status == "closed":
                    await decide(api.world, claim_id, "reject_claim")
                for name in ("stranger", "buyer", "seller"):
                    if name == "stranger":
                        assert (await api.get(f"/claims/{claim_id}", name)).status == 404
                        allowed, refused = False, 404
                    else:
                        seen = await read(api, claim_id, name)
                        allowed, refused = action in seen["allowed_actions"], 409
                    version = seen["version"] if name != "stranger" else None
                    reply = await api.post(f"/claims/{claim_id}/{path}", body, name)
                    expected = (200, 201) if allowed else (refused,)
                    assert reply.status in expected, (action, name, status)
                    if allowed:
                        assert (await reply.json())["version"] == version + 1


async def test_clocks_move_claims_and_outages_are_given_back(api):
    world = api.world
    _, claim_id = await open_hold_claim(api)

    async def announce(unit):
        return await announce_outage(unit, "maintenance")

    outage_id = await world.run(announce)
    world.clock.advance(hours=2)

    async def end(unit):
        await end_outage(unit, outage_id)

    await world.run(end)
    assert (await credit_outages(world.desk), await credit_outages(world.desk)) == (1, 0)
    world.clock.advance(hours=24, seconds=-1)
    assert await run_case_clocks(world.desk) == 0
    world.clock.advance(seconds=1)
    assert await run_case_clocks(world.desk) == 1
    assert (await read(api, claim_id))["status"] == "review"
    world.clock.advance(hours=24)
    assert await run_case_clocks(world.desk) == 1
    assert (await read(api, claim_id))["status"] == "review"


async def test_claims_are_listed_by_page_for_both_sides_with_few_statements(api):
    found = [(await open_hold_claim(api))[1], (await open_late_claim(api))[1]]
    found.append((await open_hold_claim(api))[1])
    for name in ("buyer", "seller"):
        with count_statements(api.world.database.engine) as sent:
            first = await (await api.get("/claims", name, limit=2)).json()
        assert len(sent) <= 4
        rest = await (await api.get("/claims", name, cursor=first["next_cursor"])).json()
        assert [one["id"] for one in first["items"] + rest["items"]] == found[::-1]
        assert rest["next_cursor"] is None
    assert (await (await api.get("/claims", "stranger")).json())["items"] == []
    assert (await api.get(f"/claims/{uuid4()}")).status == 404
    for path, body in (("evidence", STORY), ("answer", STORY), ("withdraw", None)):
        assert (await api.post(f"/claims/{uuid4()}/{path}", body)).status == 404
    assert timedelta(hours=24) == claim_rules.LATE_TIME
    assert {row.event for row in CLAIMS.rows if Actor.STAFF in row.actors} == {
        "funds_held", "uphold_approved", "upheld", "rejected",
    }  # fmt: skip
