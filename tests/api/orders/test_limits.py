"""What a user may trade: sizes, first trade, open trades, the level's day, each at its edge."""

import pytest

from server.jobs.run_clocks import run_clocks
from server.trades.desk import DESK
from tests.lane.lanes import cancel_trade, pay, release
from tests.market_world import TEST_MARKET, start_world


async def rest(world, name, amount, *, level=3, trades=100, price="26000", **more):
    """A seller with a resting order."""
    usdt = str(int(float(amount) * 1.01) + 1)  # with the fee
    seller = await world.join(name, usdt=usdt, level=level, trades=trades)
    return seller, await seller.sell(amount, price, **more)


async def take(person, order, amount):
    """A take; status and body."""
    found = await person.must("GET", f"/orders/{order['id']}")
    body = {"amount": amount, "payment_method_id": "vn-one", "order_version": found["version"]}
    return await person.ask("POST", f"/orders/{order['id']}/take", body)


async def taken(person, order, amount):
    """A take that has to succeed; its trade."""
    status, body = await take(person, order, amount)
    assert status == 201, body
    return body["trades"][0]


async def refused(person, order, amount):
    """The code of a take that has to be refused: the values are wrong, or not for this person."""
    status, problem = await take(person, order, amount)
    assert status == (422 if problem["code"] == "size" else 409), problem
    return problem["code"]


async def test_trade_is_ten_usdt_at_least_and_fifty_thousand_at_most(world):
    _, large = await rest(world, "seller", "60000")
    buyer = await world.join("buyer", level=3)

    assert await refused(buyer, large, "9.999999") == "size"
    assert await refused(buyer, large, "50000.000001") == "size"
    assert (await taken(buyer, large, "10"))["amount"] == "10.000000"
    assert (await taken(buyer, large, "50000"))["amount"] == "50000.000000"


async def test_order_is_ten_usdt_at_least_and_may_be_larger_than_a_trade(world, seller):
    _, order = await rest(world, "large", "50000.000001")
    status, problem = await seller.ask("POST", "/orders", {
        "market": "USDT-VND", "side": "sell", "pricing": {"type": "fixed", "price": "26000"},
        "amount": "9.999999", "payment_account_ids": list(seller.accounts.values()),
    })  # fmt: skip

    assert (order["status"], order["amount"]) == ("open", "50000.000001")
    assert (status, problem["code"]) == (422, "amount_too_small")
    assert (await seller.sell("10", "26000"))["status"] == "open"


async def test_remainder_above_the_minimum_stays_takeable(world):
    _, order = await rest(world, "seller", "100", min_fiat="1300000")  # 50 USDT
    buyer = await world.join("buyer")
    await taken(buyer, order, "60")

    # 40 are left: less than the order's own minimum, more than the market's.
    assert (await taken(buyer, order, "40"))["amount"] == "40.000000"


async def test_first_trade_is_200_usdt_at_most(world):
    _, order = await rest(world, "seller", "5000")
    novice = await world.join("novice", trades=0)

    assert await refused(novice, order, "200.000001") == "first_trade_cap"
    assert (await taken(novice, order, "200"))["amount"] == "200.000000"


async def test_second_trade_is_not_capped(world):
    seller, order = await rest(world, "seller", "5000")
    novice = await world.join("novice", trades=0)
    trade = await taken(novice, order, "10")
    await pay(world, novice, trade["id"])
    await seller.release(trade["id"], "TRAN VAN B")
    await world.wait_for_inbox()

    assert (await taken(novice, order, "200.000001"))["amount"] == "200.000001"


@pytest.mark.parametrize(("trades", "most"), [(4, 1), (5, 3)])
async def test_open_unpaid_trades_are_one_below_five_completed_and_three_from_then_on(
    world, trades, most
):
    _, order = await rest(world, "seller", "5000")
    buyer = await world.join("buyer", trades=trades)

    made = [await taken(buyer, order, "10") for _ in range(most)]
    assert await refused(buyer, order, "10") == "open_trades"
    await pay(world, buyer, made[0]["id"])
    await world.wait_for_inbox()

    assert (await taken(buyer, order, "10"))["status"] == "awaiting_payment"


@pytest.mark.parametrize(("level", "limit"), [(1, "200"), (2, "20000"), (3, "200000")])
async def test_limit_of_a_level_holds_at_its_edge(world, level, limit):
    _, order = await rest(world, "seller", "45000")
    buyer = await world.join("buyer", level=level)
    used = int(limit) - 20
    await world.change_standing(buyer, limit_used_micro=used * 1_000_000)

    assert await refused(buyer, order, "20.000001") == "limit_used"
    assert (await taken(buyer, order, "20"))["amount"] == "20.000000"
    assert await refused(buyer, order, "10") == "limit_used"


async def test_limit_counts_for_the_seller_too(world):
    _, order = await rest(world, "seller", "300", level=1)
    buyer = await world.join("buyer")

    await taken(buyer, order, "200")

    assert await refused(buyer, order, "10") == "not_eligible"


async def test_trade_that_ended_unpaid_counts_no_more(world):
    _, order = await rest(world, "seller", "5000")
    buyer = await world.join("buyer", level=1)
    trade = await taken(buyer, order, "200")
    assert await refused(buyer, order, "10") == "limit_used"

    await cancel_trade(buyer, trade["id"])
    await world.wait_for_inbox()

    assert (await taken(buyer, order, "200"))["amount"] == "200.000000"


async def test_level_zero_reads_and_does_not_trade(world, seller):
    order = await seller.sell("100", "26000")
    reader = await world.join("reader", level=0)
    body = {
        "market": "USDT-VND", "side": "buy", "pricing": {"type": "fixed", "price": "25000"},
        "amount": "20", "payment_method_ids": ["vn-one"],
    }  # fmt: skip

    placed = await reader.ask("POST", "/orders", body)

    assert (placed[0], placed[1]["code"]) == (409, "level_reads_only")
    assert await refused(reader, order, "20") == "level_reads_only"
    assert (await reader.must("GET", f"/orders/{order['id']}"))["status"] == "open"
    assert (await reader.must("GET", "/wallet"))["items"]


async def test_take_below_the_asked_level_is_refused(world):
    _, order = await rest(world, "seller", "100", requirements={"kyc_level": 3})
    buyer = await world.join("buyer", level=2)

    assert await refused(buyer, order, "20") == "kyc_level"


@pytest.mark.parametrize("price", ["0", "1000000000000", "1000000000001", "20799", "31201"])
async def test_price_that_cannot_be_is_422(world, seller, price):
    status, problem = await seller.ask("POST", "/orders", {
        "market": "USDT-VND", "side": "sell", "pricing": {"type": "fixed", "price": price},
        "amount": "20", "payment_account_ids": list(seller.accounts.values()),
    })  # fmt: skip

    assert status == 422
    assert problem["code"] in ("invalid", "price_out_of_band")
    assert (await seller.must("GET", "/orders?mine=true"))["items"] == []


@pytest.mark.parametrize("price", ["20800", "31200"])
async def test_price_at_the_edge_of_the_band_is_taken(world, seller, price):
    assert (await seller.sell("20", price))["status"] == "open"


@pytest.mark.parametrize(("margin", "status"), [(-2000, 201), (2000, 201), (-2001, 422)])
async def test_margin_holds_at_its_edge(world, seller, margin, status):
    answer, _ = await seller.ask("POST", "/orders", {
        "market": "USDT-VND", "side": "sell", "amount": "20",
        "pricing": {"type": "floating", "margin_bp": margin},
        "payment_account_ids": list(seller.accounts.values()),
    })  # fmt: skip

    assert answer == status


@pytest.mark.parametrize(
    ("window_s", "status"), [(899, 422), (900, 201), (10_800, 201), (10_801, 422)]
)
async def test_makers_window_holds_at_its_edges(world, seller, window_s, status):
    answer, _ = await seller.ask("POST", "/orders", {
        "market": "USDT-VND", "side": "sell", "pricing": {"type": "fixed", "price": "26000"},
        "amount": "20", "payment_account_ids": list(seller.accounts.values()),
        "payment_window_s": window_s,
    })  # fmt: skip

    assert answer == status


async def test_limits_of_the_settings_replace_the_defaults(database_url):
    settings = {
        "first_trade_cap_usdt": 50,
        "open_unpaid_max_new": 2,
        "open_unpaid_max": 4,
        "level_limits_usdt": "0,100,300,4000",
    }
    async with start_world(database_url, **settings) as world:
        _, order = await rest(world, "seller", "1000")
        novice = await world.join("novice", trades=0, level=1)

        assert await refused(novice, order, "50.000001") == "first_trade_cap"
        for amount in ("10", "10"):
            await taken(novice, order, amount)
        assert await refused(novice, order, "10") == "open_trades"

        shown = await novice.must("GET", "/me/limits")
        assert (shown["day_limit"], shown["day_used"]) == ("100.000000", "20.000000")
        assert (shown["open_unpaid_max"], shown["trade_cap"]) == (2, "50.000000")


async def test_limits_are_shown_with_what_would_raise_them(world):
    seller, order = await rest(world, "seller", "5000")
    novice = await world.join("novice", trades=0, level=1)
    trade = await taken(novice, order, "150")

    before = await novice.must("GET", "/me/limits")
    await pay(world, novice, trade["id"])
    await release(seller, await seller.must("GET", f"/trades/{trade['id']}"))
    after = await novice.must("GET", "/me/limits")
    assert before.pop("steps") != after.pop("steps")

    assert before == {
        "kyc_level": 1, "day_limit": "200.000000", "day_used": "150.000000",
        "day_left": "50.000000", "next_day_limit": "20000.000000", "trade_cap": "200.000000",
        "trades_completed": 0, "open_unpaid": 1, "open_unpaid_max": 1, "trades_until_more": 5,
        "second_factor_missing": False, "terms_outdated": False,
        "may_take": True, "taking_blocked_until": None,
        "may_sell": True, "selling_blocked_until": None,
    }  # fmt: skip
    assert (after["trade_cap"], after["trades_completed"], after["open_unpaid"]) == (None, 1, 0)
    assert (after["trades_until_more"], after["day_used"]) == (4, "150.000000")


async def test_day_of_the_limits_rolls(world):
    _, order = await rest(world, "seller", "5000")
    buyer = await world.join("buyer")
    await taken(buyer, order, "150")
    world.clock.advance(hours=23, minutes=59)
    await sign_in_again(buyer)
    almost = await buyer.must("GET", "/me/limits")
    world.clock.advance(minutes=1)
    over = await buyer.must("GET", "/me/limits")
    await run_clocks(world.client.server.app[DESK])

    assert (almost["day_used"], over["day_used"]) == ("150.000000", "0.000000")


async def sign_in_again(person):
    """A new session, after the old token's fifteen minutes."""
    async with person.world.client.post(
        "/api/v1/auth/login",
        json={"email": f"{person.name}@example.com", "password": "correct horse battery"},
    ) as reply:
        person.token = (await reply.json())["access_token"]


async def test_test_usdt_counts_to_nothing(database_url):
    async with start_world(database_url, test_market=True) as world:
        seller = await world.join("seller", trades=0, level=0)
        buyer = await world.join("buyer", trades=0, level=0)
        await seller.must("POST", "/dev/faucet", {"amount": "1000"})
        order = await seller.sell("900", "26000", market=TEST_MARKET)
        before = await read_public(world, seller, buyer)

        # Above the first trade's cap, above any level's day, more than one unpaid at a time.
        trades = [await taken(buyer, order, amount) for amount in ("300", "250", "100", "100")]
        await cancel_trade(buyer, trades[3]["id"])
        for trade in trades[:3]:
            await pay(world, buyer, trade["id"])
            await seller.release(trade["id"], "TRAN VAN B")
        await world.wait_for_inbox()

        assert (await buyer.balances("USDT_TEST"))["available"] == "649.025000"
        assert (await buyer.balances("USDT_TEST"))["held"] == "0.000000"
        assert (await buyer.balances())["available"] == "0.000000"
        assert await read_public(world, seller, buyer) == before


async def read_public(world, *people):
    """What others see of these people and of the real market, and what limits know of them."""
    standings = await world.read(
        "SELECT trades_completed, trades_ended, open_unpaid_as_buyer, limit_used_micro,"
        " ladder_step FROM standings"
    )
    limits = [await person.must("GET", "/me/limits") for person in people]
    ticker = await people[0].must("GET", "/markets/USDT-VND/ticker")
    tape = await people[0].must("GET", "/markets/USDT-VND/trades")
    figures = {name: value for name, value in ticker.items() if name != "updated_at"}
    return sorted(map(tuple, standings)), limits, figures, tape


async def test_user_has_a_thousand_living_orders_in_a_market_at_most(world, buyer):
    place = {
        "op": "place", "market": "USDT-VND", "side": "buy", "amount": "10",
        "pricing": {"type": "fixed", "price": "26000"}, "payment_method_ids": ["vn-one"],
    }  # fmt: skip
    placed = []
    for _ in range(10):
        reply = await buyer.must("POST", "/orders/batch", {"commands": [place] * 100})
        placed += [item["body"] for item in reply["items"] if item["status"] == 201]
    assert len(placed) == 1_000
    command = {name: value for name, value in place.items() if name != "op"}

    status, problem = await buyer.ask("POST", "/orders", command)
    await buyer.must("DELETE", f"/orders/{placed[0]['id']}")
    after, _ = await buyer.ask("POST", "/orders", command)

    assert (status, problem["code"], after) == (409, "too_many_orders", 201)
