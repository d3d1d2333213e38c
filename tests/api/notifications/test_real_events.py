"""What people are told of chats, cases and claims, by the events that the real calls leave."""

from uuid import UUID

import orjson
import pytest
from sqlalchemy import select, update

from models.identity import Standing
from models.notifications import Notification
from server.disputes.staff_assignment import tend_desk
from server.disputes.staff_context import CASE_DESK
from server.identity.presence import PRESENT_FOR
from server.notifications.dispatcher import tell_of_events
from server.wiring.inbox import CHANNELS
from tests.journeys.bench import Bench
from tests.market_world import start_world
from tests.sockets.test_rooms import open_trade, wait_for_relay
from tests.staff_world import ask_as_staff, join_staff

CASE_KINDS = ("dispute_updated", "offer_received", "claim_updated")
STORY = {"kind": "story", "statement": "He did not pay.", "attachment_ids": []}


@pytest.fixture
async def world(database_url):
    async with start_world(database_url) as started:
        yield started


async def tell(world):
    await wait_for_relay(world)
    await tell_of_events(world.database, CHANNELS)


async def told(world, person, *kinds):
    rows = await world.read(
        select(Notification.kind, Notification.params, Notification.happened)
        .where(Notification.user_id == UUID(person.id), Notification.kind.in_(kinds))
        .order_by(Notification.id)
    )
    return [(row.kind, orjson.loads(row.params), row.happened) for row in rows]


async def reasons_told(world, person):
    rows = await told(world, person, *CASE_KINDS)
    assert {params["counterparty"] for _, params, _ in rows} == {"seller", "buyer"} - {person.name}
    return sorted(params["reason"] for _, params, _ in rows)


async def go_away(world, *people):
    """Their last requests are long ago, and their standings say so."""
    world.clock.advance(seconds=PRESENT_FOR.total_seconds() + 1)

    async def work(unit):
        away = {"present": False, "version": Standing.version + 1}
        ids = [UUID(person.id) for person in people]
        await unit.execute(update(Standing).where(Standing.user_id.in_(ids)).values(**away))

    await world.database.transact(work, name="test")


async def test_messages_are_told_to_who_is_away_and_share_a_row_until_it_is_read(world):
    seller, buyer, trade_id = await open_trade(world)
    ruth = await join_staff(world, "ruth", "dispute_ruler")
    path = f"/trades/{trade_id}/messages"

    async def say(person, text):
        sent = {"client_id": f"{person.name}-{len(text)}", "text": text}
        await person.must("POST", path, sent)

    await go_away(world, seller, buyer)
    await say(seller, "Hello")
    await say(seller, "Where are you?")
    await tell(world)
    assert await told(world, seller, "message_received") == []
    ((_, params, happened),) = await told(world, buyer, "message_received")
    assert (params["counterparty"], happened) == ("seller", 2)

    page = await buyer.get("/notifications")
    (shown,) = [one for one in page["items"] if one["kind"] == "message_received"]
    assert (shown["title"], shown["count"]) == ("seller wrote to you", 2)
    await buyer.must("POST", f"/notifications/{shown['id']}/read")
    await buyer.must("POST", f"/trades/{trade_id}/payer", {"payer_name": "TRAN VAN B"})
    await buyer.must("POST", f"/trades/{trade_id}/paid", {})
    await say(buyer, "I paid")
    opening = {"trade_id": trade_id, "reason": "The bank called."}
    status, answer = await ask_as_staff(ruth, "POST", "/disputes", opening, proven=True)
    assert status == 201, answer
    await go_away(world, seller, buyer)
    await tend_desk(world.client.server.app[CASE_DESK])
    words = {"client_id": "staff-1", "text": "Tell us more."}
    status, answer = await ask_as_staff(ruth, "POST", path, words)
    assert status == 201, answer
    await tell(world)
    rows = [(p["counterparty"], n) for _, p, n in await told(world, buyer, "message_received")]
    assert rows == [("seller", 2), ("IQX", 1)]
    assert (await told(world, seller, "message_received"))[-1][1]["counterparty"] == "IQX"


async def test_cases_offers_and_claims_are_told_to_the_side_that_did_not_act(world):
    bench = Bench(world)
    await bench.join()
    seller, buyer, trade_id = await open_trade(world)
    await buyer.must("POST", f"/trades/{trade_id}/payer", {"payer_name": "TRAN VAN B"})
    await buyer.must("POST", f"/trades/{trade_id}/paid", {})
    world.clock.advance(minutes=10)
    opened = {"reason": "not_received", "statement": "Nothing came."}
    trade = await seller.must("POST", f"/trades/{trade_id}/dispute", opened)
    case_id = trade["dispute"]["id"]
    case = f"/disputes/{case_id}"
    await seller.must("POST", f"{case}/evidence", STORY)
    proof = await buyer.prove("concede", trade_id, trade["amount"], trade["version"])
    offered = await buyer.must("POST", f"{case}/offers", {"kind": "refund"}, **{"Step-Up": proof})
    offer = offered["offers"][0]["id"]
    await seller.must("POST", f"{case}/offers/{offer}/decline")
    await bench.rule(case_id, outcome="release")
    await seller.must("POST", f"{case}/evidence", {**STORY, "statement": "Look at my bank."})
    added = (await seller.get(case))["evidence"][-1]["id"]
    objection = {"statement": "It never came.", "evidence_ids": [added]}
    await seller.must("POST", f"{case}/objection", objection)
    (second,) = (await buyer.buy("30", "26100"))["trades"]
    await buyer.must("POST", f"/trades/{second['id']}/cancel", {"reason": "changed_mind"})
    late = {"reason": "paid_late", "statement": "I had paid."}
    claim = (await buyer.must("POST", f"/trades/{second['id']}/claim", late))["id"]
    await buyer.must("POST", f"/claims/{claim}/evidence", STORY)
    await seller.must("POST", f"/claims/{claim}/answer", STORY)
    await world.settle()
    await bench.decide(claim, "hold")
    await bench.decide(claim, "reject")
    await tell(world)
    await tell(world)

    by_staff = ["claim_funds_held", "claim_rejected", "evidence", "ruled"]
    assert await reasons_told(world, seller) == sorted([*by_staff, "offer_refund", "claim_made"])
    expected = [*by_staff, "offer_declined", "objected", "claim_answered"]
    assert await reasons_told(world, buyer) == sorted(expected)
    for person in (seller, buyer):
        items = (await person.get("/notifications?limit=100"))["items"]
        texts = [one["text"] for one in items if one["kind"] in CASE_KINDS]
        assert len(texts) == len(set(texts)) > 5
        assert not any("_" in text for text in texts)
        assert {one["subject_id"] for one in items if one["kind"] == "claim_updated"} == {
            second["id"]
        }
