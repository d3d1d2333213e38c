"""Lists, the book, quotes, skips and batches."""

import struct
from urllib.parse import quote

import pytest

from server.http.pages import write_cursor
from tests.market_world import start_world


async def test_public_book_lists_the_best_price_first_then_the_oldest(world, seller):
    for price in ("26020", "26000", "26010", "26000"):
        await seller.sell("20", price)

    page = await seller.must("GET", "/orders?market=USDT-VND&side=sell&limit=3")
    rest = await seller.must(
        "GET", f"/orders?market=USDT-VND&side=sell&limit=3&cursor={page['next_cursor']}"
    )

    prices = [item["pricing"]["price"] for item in page["items"] + rest["items"]]
    assert prices == ["26000", "26000", "26010", "26020"]
    ids = [item["id"] for item in page["items"]]
    assert ids[0] < ids[1]
    assert rest["next_cursor"] is None


async def test_public_order_shows_nothing_of_its_owners_part(world, seller, buyer):
    order = await seller.sell("20", "26000", auto_reply="Hello")

    seen = await buyer.must("GET", f"/orders/{order['id']}")

    assert "auto_reply" not in seen
    assert "payment_account_ids" not in seen
    assert seen["username"] == "seller"


async def test_unlisted_order_is_found_by_its_id_alone(world, seller, buyer):
    order = await seller.sell("20", "26000", visibility="unlisted", matching="manual")

    page = await buyer.must("GET", "/orders?market=USDT-VND&side=sell")
    seen = await buyer.must("GET", f"/orders/{order['id']}")
    book = await buyer.must("GET", "/markets/USDT-VND/book")

    assert page["items"] == []
    assert seen["id"] == order["id"]
    assert book["asks"] == []


async def test_own_orders_are_listed_newest_first_and_whole(world, seller):
    made = [(await seller.sell("20", "26000"))["id"] for _ in range(3)]
    await seller.must("DELETE", f"/orders/{made[0]}")

    page = await seller.must("GET", "/orders?mine=true&limit=2")
    rest = await seller.must("GET", f"/orders?mine=true&limit=2&cursor={page['next_cursor']}")
    ended = await seller.must("GET", "/orders?mine=true&status=cancelled")

    assert [item["id"] for item in page["items"] + rest["items"]] == made[::-1]
    assert page["items"][0]["reserved"] == "20.030000"
    assert [item["id"] for item in ended["items"]] == [made[0]]


async def test_filter_by_rail_finds_orders_on_it(world, seller):
    other = await world.join("other", usdt="500")
    await other.add_account("vn-two")
    await seller.sell("20", "26000")
    await other.sell("20", "26000")

    page = await seller.must("GET", "/orders?market=USDT-VND&side=sell&payment_method=vn-two")

    assert [item["username"] for item in page["items"]] == ["other"]


async def test_book_is_the_depth_by_level(world, seller, buyer):
    await seller.sell("20", "26000")
    await seller.sell("30", "26000")
    await seller.sell("40", "26010")
    await buyer.buy("15", "25990")

    book = await buyer.must("GET", "/markets/USDT-VND/book")

    levels = [(level["price"], level["amount"], level["orders"]) for level in book["asks"]]
    assert levels == [("26000", "50.000000", 2), ("26010", "40.000000", 1)]
    assert [level["price"] for level in book["bids"]] == ["25990"]


async def test_quote_says_what_the_order_then_does_and_changes_nothing(world, seller, buyer):
    await seller.sell("20", "26000")
    await seller.sell("30", "26010")
    asked = {
        "market": "USDT-VND", "side": "buy", "amount": "20", "payment_method_ids": ["vn-one"]
    }  # fmt: skip
    before = await buyer.must("GET", "/markets/USDT-VND/book")

    quote = await buyer.must("POST", "/quote", asked)
    after = await buyer.must("GET", "/markets/USDT-VND/book")
    order = await buyer.buy("20", "26000", time_in_force="ioc")

    assert before["asks"] == after["asks"]
    assert (quote["amount"], quote["fiat"], quote["fee"]) == ("20.000000", "520000", "0.030000")
    assert [t["amount"] for t in quote["trades"]] == [t["amount"] for t in order["trades"]]


@pytest.mark.parametrize("visibility", ["public", "unlisted"])
async def test_quote_names_listed_orders_only(world, seller, buyer, visibility):
    order = await seller.sell("20", "26000", visibility=visibility)
    asked = {
        "market": "USDT-VND", "side": "buy", "amount": "20", "payment_method_ids": ["vn-one"]
    }  # fmt: skip

    (trade,) = (await buyer.must("POST", "/quote", asked))["trades"]

    assert trade["order_id"] == (order["id"] if visibility == "public" else None)


async def test_owner_reads_why_his_order_was_skipped_and_nobody_else(world, seller, buyer):
    order = await seller.sell("50", "26000", requirements={"kyc_level": 3})
    await buyer.buy("20", "26000")

    skips = await seller.must("GET", f"/orders/{order['id']}/skips")
    status, _ = await buyer.ask("GET", f"/orders/{order['id']}/skips")

    assert skips["items"] == [{"reason": "kyc_level", "count": 1}]
    assert status == 404


async def test_block_reads_as_not_eligible_in_the_skips(world, seller, buyer):
    order = await seller.sell("50", "26000")
    await seller.must("POST", "/me/blocks", {"username": "buyer"})
    await world.wait_for_inbox()

    await buyer.buy("20", "26000")

    skips = await seller.must("GET", f"/orders/{order['id']}/skips")
    assert skips["items"] == [{"reason": "not_eligible", "count": 1}]


async def test_batch_answers_each_command_by_itself(world, seller):
    order = await seller.sell("20", "26000")
    place = {
        "op": "place", "market": "USDT-VND", "side": "sell", "amount": "20",
        "pricing": {"type": "fixed", "price": "26050"},
        "payment_account_ids": list(seller.accounts.values()),
    }  # fmt: skip

    reply = await seller.must("POST", "/orders/batch", {
        "commands": [
            place, {**place, "amount": "5000"}, {"op": "cancel", "order_id": order["id"]},
            {"op": "dance"},
        ],
    })  # fmt: skip

    assert [item["status"] for item in reply["items"]] == [201, 422, 200, 422]
    assert reply["items"][1]["body"]["code"] == "insufficient_funds"


async def test_batch_counts_as_many_changes_as_it_has_commands(database_url):
    async with start_world(database_url, writes_per_s=5) as world:
        user = await world.join("user")
        world.clock.advance(seconds=30)
        commands = [{"op": "dance"}] * 60
        await user.must("POST", "/orders/batch", {"commands": commands})
        again, _ = await user.ask("POST", "/orders/batch", {"commands": commands})
        world.clock.advance(seconds=9)
        early, problem = await user.ask("POST", "/orders/batch", {"commands": commands})
        world.clock.advance(seconds=2)
        late, _ = await user.ask("POST", "/orders/batch", {"commands": commands})

        assert (again, early, late) == (429, 429, 200)
        assert problem["code"] == "rate_limited"


async def test_repeated_batch_does_nothing_twice(world, seller):
    body = {
        "commands": [
            {
                "op": "place", "market": "USDT-VND", "side": "sell", "amount": "20",
                "pricing": {"type": "fixed", "price": "26050"},
                "payment_account_ids": list(seller.accounts.values()),
            }
        ]
    }  # fmt: skip

    first = await seller.must("POST", "/orders/batch", body, key="one-batch")
    second = await seller.must("POST", "/orders/batch", body, key="one-batch")

    assert first == second
    assert (await seller.balances())["reserved"] == "20.030000"


@pytest.mark.parametrize("first_call", ["batch", "order"])
async def test_key_of_another_call_does_nothing_of_a_batch(world, seller, first_call):
    place = {
        "market": "USDT-VND", "side": "sell", "amount": "20",
        "pricing": {"type": "fixed", "price": "26050"},
        "payment_account_ids": list(seller.accounts.values()),
    }  # fmt: skip
    good, bad = {"op": "place", **place}, {"op": "place", **place, "amount": "5000"}
    if first_call == "batch":
        first = await seller.must("POST", "/orders/batch", {"commands": [good, bad]}, key="one")
        assert [item["status"] for item in first["items"]] == [201, 422]
    else:
        await seller.must("POST", "/orders", place, key="one")

    status, problem = await seller.ask(
        "POST", "/orders/batch", {"commands": [good, {**good, "amount": "30"}]}, key="one"
    )

    assert (status, problem["code"]) == (422, "idempotency_key_reused")
    await world.settle()
    assert (await seller.balances())["reserved"] == "20.030000"


@pytest.mark.parametrize(
    ("index_ticks", "sort_key", "priority"),
    [
        (2**64 - 1, 0, 0),
        (10**15, 0, 0),
        (26_000, -(2**63), 0),
        (26_000, 2**63 - 1, 0),
        (26_000, 0, 2**63),
    ],
)
async def test_cursor_with_numbers_of_no_page_is_refused(
    world, seller, index_ticks, sort_key, priority
):
    await seller.sell("20", "26000", pricing={"type": "floating", "margin_bp": 100})
    cursor = write_cursor(struct.pack(">QqQ", index_ticks, sort_key, priority))

    status, problem = await seller.ask("GET", f"/orders?market=USDT-VND&side=sell&cursor={cursor}")

    assert (status, list(problem["errors"])) == (422, ["cursor"])


async def test_bound_of_an_immediate_order_is_its_owners_alone(world, seller, buyer):
    await seller.sell("20", "26000")
    placed = await buyer.buy("20", "0", pricing={"type": "market", "worst_price": "27777"})
    path = f"/orders/{placed['id']}"

    own = await buyer.must("GET", path)
    status, _ = await seller.ask("GET", path)

    assert own["pricing"]["worst_price"] == "27777"
    assert status == 404


@pytest.mark.parametrize("field", ["market", "payment_method"])
@pytest.mark.parametrize("word", ["ñ", "😀", "\u0661", "USDT VND"])
@pytest.mark.parametrize("whose", ["mine=true", "side=sell"])
async def test_filter_that_is_no_identifier_is_refused(world, seller, field, word, whose):
    asked = {"market": "USDT-VND", field: word}
    query = "&".join([whose, *(f"{name}={quote(value)}" for name, value in asked.items())])

    status, problem = await seller.ask("GET", f"/orders?{query}")

    assert (status, list(problem["errors"])) == (422, [field])
