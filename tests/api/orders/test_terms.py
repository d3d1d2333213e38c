"""What a trade takes over from the orders that made it, and keeps."""

import asyncio

import pytest
from sqlalchemy import update

from models.markets import MarketSettings

TERMS = 'Own account only; no notes. "Quick" \\ {"seller"}\nTrân trọng 🙏'
KEPT = (
    "price", "amount", "fiat", "fee", "total", "payment_method", "payment_window_s", "terms",
    "payment_details",
)  # fmt: skip


async def take(buyer, order, **more):
    body = {"amount": "20", "payment_method_id": "vn-one", "order_version": order["version"]}
    taken = await buyer.must("POST", f"/orders/{order['id']}/take", {**body, **more})
    (trade,) = taken["trades"]
    return trade["id"]


async def read(person, trade_id):
    return await person.must("GET", f"/trades/{trade_id}")


async def test_price_fees_details_and_terms_of_a_trade_never_change(world, seller, buyer):
    order = await seller.sell("100", "26000", terms=TERMS)
    trade_id = await take(buyer, order)
    await buyer.must("POST", f"/trades/{trade_id}/payer", {"payer_name": "Nguyen Van A"})
    first = [await read(person, trade_id) for person in (seller, buyer)]
    assert [body["terms"] for body in first] == [TERMS, TERMS]
    assert first[1]["payment_details"] is not None
    changes = {"terms": "Pay twice.", "payment_window_s": 7200}
    changes["pricing"] = {"type": "fixed", "price": "27000"}
    await seller.must("PATCH", f"/orders/{order['id']}", {**changes, "version": order["version"]})
    await world.database.transact(
        lambda unit: unit.execute(
            update(MarketSettings).values(maker_fee_ppm=9000, taker_fee_ppm=9000)
        ),
        name="test",
    )
    await seller.must("DELETE", f"/orders/{order['id']}")

    after = [await read(person, trade_id) for person in (seller, buyer)]
    await buyer.must("POST", f"/trades/{trade_id}/paid", {})
    await seller.release(trade_id, "Nguyen Van A")
    await seller.remove_account(seller.accounts["vn-one"])
    ended = [await read(person, trade_id) for person in (seller, buyer)]

    assert ended[0]["status"] == "completed"
    for found in (after, ended):
        for body, before in zip(found, first, strict=True):
            assert {name: body[name] for name in KEPT} == {name: before[name] for name in KEPT}


async def test_account_that_an_open_trade_is_paid_to_is_not_removed(world, seller, buyer):
    order = await seller.sell("100", "26000")
    trade_id = await take(buyer, order)
    order = await seller.must("GET", f"/orders/{order['id']}")
    await seller.must("DELETE", f"/orders/{order['id']}")
    account = seller.accounts["vn-one"]

    status, problem = await seller.ask_removal(account)
    await buyer.must("POST", f"/trades/{trade_id}/cancel", {"reason": "changed_mind"})
    ended, _ = await seller.ask_removal(account)

    assert (status, problem["code"]) == (409, "payment_account_in_use")
    assert ended == 204


async def test_terms_of_a_trade_are_the_makers(world, seller, buyer):
    await seller.sell("20", "26000", terms="Maker's words.")

    bought = await buyer.buy("20", "26000", terms="Taker's words.")

    (trade,) = bought["trades"]
    assert (await read(buyer, trade["id"]))["terms"] == "Maker's words."


async def test_trade_with_an_order_without_terms_has_none(world, seller, buyer):
    trade_id = await take(buyer, await seller.sell("20", "26000"))

    assert (await read(buyer, trade_id))["terms"] == ""


@pytest.mark.parametrize(("edit_first", "terms"), [(True, "New."), (False, "Old.")])
async def test_terms_are_those_at_the_match_within_one_batch(
    world, seller, buyer, edit_first, terms
):
    order = await seller.sell("100", "26000", terms="Old.")
    edit = seller.ask("PATCH", f"/orders/{order['id']}", {"terms": "New."})
    buy = buyer.ask("POST", f"/orders/{order['id']}/take", {
        "amount": "20", "payment_method_id": "vn-one", "worst_price": "26000",
    })  # fmt: skip
    batches = world.lane.batches
    async with world.lane.between_batches:
        waiting = []
        for call in (edit, buy) if edit_first else (buy, edit):
            waiting.append(asyncio.ensure_future(call))
            async with asyncio.timeout(30):
                while len(world.lane.queue) < len(waiting):
                    await asyncio.sleep(0.01)

    answers = await asyncio.gather(*waiting)

    assert world.lane.batches == batches + 1
    taken = next(body for status, body in answers if status == 201)
    assert (await read(buyer, taken["trades"][0]["id"]))["terms"] == terms
    assert (await seller.must("GET", f"/orders/{order['id']}"))["terms"] == "New."


async def test_terms_are_in_no_event_and_no_list(world, seller, buyer):
    trade_id = await take(buyer, await seller.sell("100", "26000", terms=TERMS))
    await buyer.must("POST", f"/trades/{trade_id}/payer", {"payer_name": "Nguyen Van A"})

    rows = await world.read("SELECT body FROM outbox WHERE name LIKE 'trade_%'")
    (listed,) = (await buyer.must("GET", "/trades"))["items"]

    assert rows
    assert not [row.body for row in rows if "Own account" in row.body]
    assert "terms" not in listed
