"""Who pays: triangulation, third parties, references that come twice."""

from uuid import UUID

import pytest
from sqlalchemy import insert, select

from models.audit import AuditEntry
from models.kyc import LegalName
from server.identity.context import IDENTITY
from server.identity.names import legal_name_context
from tests.api.trust.deals import PAYER, open_deal, pay
from tests.staff_world import ask_as_staff

NOTE = {"note": "Two payments came, we saw both."}


@pytest.fixture
async def sellers(world):
    return [await world.join(name, usdt="1000") for name in ("sam", "sue")]


@pytest.fixture
async def buyer(world):
    return await world.join("buyer")


async def name_person(world, person, name):
    """What compliance has found a person's name to be."""
    identity = world.client.server.app[IDENTITY]
    user_id = UUID(person.id)

    async def work(unit):
        sealed = identity.sealer.seal(name.encode(), legal_name_context(user_id))
        await unit.execute(
            insert(LegalName).values(
                user_id=user_id, sealed=sealed, verified_at=unit.now, application_id=user_id
            )
        )

    await world.database.transact(work, name="test")


async def flags_of(person, trade_id):
    shown = (await person.must("GET", f"/trades/{trade_id}/flags"))["items"]
    return {one["kind"]: one for one in shown}


async def ask_release(seller, trade_id, name=PAYER):
    trade = await seller.must("GET", f"/trades/{trade_id}")
    proof = await seller.prove("release", trade_id, trade["amount"], trade["version"])
    path, body = f"/trades/{trade_id}/release", {"payer_name_seen": name}
    return await seller.ask("POST", path, body, **{"Step-Up": proof})


async def claim_twice(sellers, buyer):
    """One payment of a stranger for two trades with two sellers."""
    first = await open_deal(sellers[0], buyer)
    await pay(buyer, first)
    second = await open_deal(sellers[1], buyer)
    await pay(buyer, second)
    return first, second


async def test_second_trade_of_one_payment_is_held_until_both_sides_agree(world, sellers, buyer):
    first, second = await claim_twice(sellers, buyer)
    assert await flags_of(buyer, first) == {}
    held = (await flags_of(sellers[1], second))["triangulation"]
    assert (held["holds"], held["status"]) == (True, "open")
    status, problem = await ask_release(sellers[1], second)
    assert (status, problem["code"]) == (409, "trade_held")
    assert (await ask_release(sellers[0], first))[0] == 200

    body = {"kind": "triangulation"}
    path = f"/trades/{second}/flags/agree"
    shown = (await buyer.must("POST", path, body))["items"][0]
    assert (shown["buyer_agreed"], shown["status"], shown["allowed_actions"]) == (True, "open", [])
    assert (await buyer.ask("POST", path, body))[1]["code"] == "flag_over"
    assert (await ask_release(sellers[1], second))[1]["code"] == "trade_held"
    assert (await sellers[1].must("POST", path, body))["items"][0]["status"] == "resolved"
    assert (await ask_release(sellers[1], second))[0] == 200
    stranger = await world.join("stranger")
    assert (await stranger.ask("POST", path, body))[0] == 404
    assert (await stranger.ask("GET", f"/trades/{second}/flags"))[0] == 404
    other = {"kind": "reference_reused"}
    assert (await buyer.ask("POST", path, other))[0] == 404


async def test_staff_ends_the_hold_and_sees_what_agreed(world, carl, ruth, sellers, buyer):
    first, second = await claim_twice(sellers, buyer)
    status, page = await ask_as_staff(carl, "GET", "/trade-flags?status=open")
    (flag,) = page["items"]
    assert (flag["trade_id"], flag["other_trade_id"], flag["score"]) == (second, first, 90)
    assert {one["signal"] for one in flag["reasons"]} == {
        "same_time", "same_amount", "same_device",
    }  # fmt: skip
    assert (await ask_as_staff(ruth, "GET", "/trade-flags"))[0] == 403
    path = f"/trade-flags/{flag['id']}/resolve"
    status, resolved = await ask_as_staff(carl, "POST", path, NOTE, proven=True)
    assert (status, resolved["status"], resolved["resolved_by"]) == (200, "resolved", carl.id)
    status, problem = await ask_as_staff(carl, "POST", path, NOTE, proven=True)
    assert (status, problem["code"]) == (409, "flag_over")
    assert (await ask_release(sellers[1], second))[0] == 200
    audited = await world.read(
        select(AuditEntry.object_id).where(AuditEntry.action == "flag_resolved")
    )
    assert [row.object_id for row in audited] == [second]


async def test_own_payments_and_other_amounts_are_not_held(world, sellers, buyer):
    await name_person(world, buyer, PAYER)
    _, second = await claim_twice(sellers, buyer)
    assert await flags_of(buyer, second) == {}
    other = await world.join("other")
    first = await open_deal(sellers[0], other, "20")
    await pay(other, first, "LE THI C")
    second = await open_deal(sellers[1], other, "21")
    await pay(other, second, "LE THI C")
    assert await flags_of(other, second) == {}
    world.clock.advance(minutes=10)


async def test_seller_ends_or_disputes_what_a_third_party_pays_without_penalty(
    world, sellers, buyer
):
    await name_person(world, buyer, "Nguyễn Văn An")
    trade = await open_deal(sellers[0], buyer)
    path = f"/trades/{trade}"
    assert (await sellers[0].ask("POST", f"{path}/refuse-payer"))[1]["code"] == "payer_is_buyer"
    await buyer.must("POST", f"{path}/payer", {"payer_name": "TRAN THI B"})
    shown = await sellers[0].must("GET", path)
    assert (shown["third_party_payer"], shown["payer_check"]) == (True, "differs")
    assert "refuse_payer" in shown["allowed_actions"]
    assert list(await flags_of(sellers[0], trade)) == ["third_party_payer"]
    assert (await buyer.ask("POST", f"{path}/refuse-payer"))[1]["code"] == "other_sides_part"
    ended = await sellers[0].must("POST", f"{path}/refuse-payer")
    assert (ended["status"], ended["fault"]) == ("cancelled", None)
    assert (await sellers[0].balances())["escrow"] == "0.000000"

    again = await open_deal(sellers[1], buyer)
    await pay(buyer, again, "TRAN THI B")
    reason = {"reason": "not_received", "statement": "Somebody else paid."}
    opened = await sellers[1].must("POST", f"/trades/{again}/dispute", reason)
    assert opened["status"] == "disputed"


async def test_own_name_in_another_spelling_is_no_third_party(world, sellers, buyer):
    await name_person(world, buyer, "Nguyễn Văn An")
    trade = await open_deal(sellers[0], buyer)
    await pay(buyer, trade, "NGUYEN VAN AN")
    assert not (await buyer.must("GET", f"/trades/{trade}"))["third_party_payer"]
    assert await flags_of(buyer, trade) == {}


async def test_reference_that_was_given_before_is_flagged_in_any_spelling(world, sellers, buyer):
    first = await open_deal(sellers[0], buyer)
    await pay(buyer, first, "LE VAN D", "ft 2603-11")
    await buyer.must("POST", f"/trades/{first}/undo-paid")
    await buyer.must("POST", f"/trades/{first}/paid", {"reference": "ft 2603-11"})
    assert await flags_of(buyer, first) == {}
    other = await world.join("other")
    second = await open_deal(sellers[1], other)
    await pay(other, second, "PHAM VAN E", "FT260311")
    flag = (await flags_of(sellers[1], second))["reference_reused"]
    assert (flag["holds"], flag["status"]) == (False, "open")
    assert (await ask_release(sellers[1], second, "PHAM VAN E"))[0] == 200
