"""The thin path: strangers meet on the book and trade."""

from server.monitor.verifier import verify


async def test_two_resting_strangers_are_matched(world):
    seller = await world.join("seller", usdt="1000")
    buyer = await world.join("buyer")

    resting = await seller.sell("100", "26000")
    assert resting["status"] == "open"
    assert resting["reserved"] == "100.150000"

    order = await buyer.buy("40", "26100")

    assert order["status"] == "filled"
    (trade,) = order["trades"]
    assert trade["price"] == "26000"
    assert trade["fiat"] == "1040000"
    balances = await seller.balances()
    assert balances["available"] == "899.850000"
    assert balances["escrow"] == "40.020000"
    assert balances["reserved"] == "60.130000"


async def test_buyer_receives_what_the_seller_releases(world):
    seller = await world.join("seller", usdt="1000")
    buyer = await world.join("buyer")
    await seller.sell("100", "26000")
    (trade,) = (await buyer.buy("40", "26100"))["trades"]
    path = f"/trades/{trade['id']}"

    details = await buyer.must("POST", f"{path}/payer", {"payer_name": "Nguyễn Văn A"})
    assert details["allowed_actions"]
    paid = await buyer.must("POST", f"{path}/paid", {})
    assert paid["status"] == "paid"
    released = await seller.release(trade["id"], "nguyễn văn a")

    assert released["status"] == "completed"
    assert (await buyer.balances())["available"] == "39.940000"
    balances = await seller.balances()
    assert (balances["escrow"], balances["reserved"]) == ("0.000000", "60.130000")
    assert await verify(world.database, full=True) == []


async def test_cancelled_trade_goes_back_to_its_order(world):
    seller = await world.join("seller", usdt="1000")
    buyer = await world.join("buyer")
    order = await seller.sell("100", "26000")
    (trade,) = (await buyer.buy("40", "26100"))["trades"]

    ended = await buyer.must("POST", f"/trades/{trade['id']}/cancel", {"reason": "changed_mind"})
    await world.wait_for_inbox()

    assert ended["status"] == "cancelled"
    returned = await seller.must("GET", f"/orders/{order['id']}")
    assert (returned["status"], returned["remaining"]) == ("open", "100.000000")
    assert returned["reserved"] == "100.150000"
    assert await verify(world.database, full=True) == []


async def test_order_is_refused_without_funds(world):
    seller = await world.join("seller", usdt="100")
    await seller.add_account()

    status, problem = await seller.ask(
        "POST",
        "/orders",
        {
            "market": "USDT-VND",
            "side": "sell",
            "pricing": {"type": "fixed", "price": "26000"},
            "amount": "100",
            "payment_account_ids": list(seller.accounts.values()),
        },
    )

    assert (status, problem["code"]) == (422, "insufficient_funds")
    assert (await seller.balances())["available"] == "100.000000"


async def test_repeated_order_is_placed_once(world):
    seller = await world.join("seller", usdt="1000")
    await seller.add_account()
    body = {
        "market": "USDT-VND",
        "side": "sell",
        "pricing": {"type": "fixed", "price": "26000"},
        "amount": "100",
        "payment_account_ids": list(seller.accounts.values()),
    }

    first = await seller.must("POST", "/orders", body, key="same")
    second = await seller.must("POST", "/orders", body, key="same")

    assert first == second
    assert (await seller.balances())["reserved"] == "100.150000"


async def test_cancelled_order_returns_its_reservation(world):
    seller = await world.join("seller", usdt="1000")
    order = await seller.sell("100", "26000")

    ended = await seller.must("DELETE", f"/orders/{order['id']}")

    assert ended["status"] == "cancelled"
    assert (await seller.balances())["available"] == "1000.000000"


async def test_schedule_pauses_an_order_outside_its_hours(world):
    seller = await world.join("seller", usdt="1000")
    start = world.clock.now()
    minute = start.weekday() * 1440 + start.hour * 60 + start.minute
    order = await seller.sell(
        "100", "26000", schedule=[{"from_minute": minute + 10, "to_minute": minute + 120}]
    )

    await world.settle()
    paused = await seller.must("GET", f"/orders/{order['id']}")
    world.clock.advance(minutes=11)
    await world.settle()
    resumed = await seller.must("GET", f"/orders/{order['id']}")

    assert (paused["status"], paused["status_reason"]) == ("paused", "schedule")
    assert resumed["status"] == "open"


async def test_newcomer_rests_a_buy_order_on_a_bond_that_returns(world):
    buyer = await world.join("buyer", usdt="100", trades=0)
    body = {
        "market": "USDT-VND",
        "side": "buy",
        "pricing": {"type": "fixed", "price": "26000"},
        "amount": "150",
        "payment_method_ids": ["vn-one"],
    }

    status, problem = await buyer.ask("POST", "/orders", body)
    order = await buyer.must("POST", "/orders", {**body, "bond": True})
    locked = await buyer.balances()
    await buyer.must("DELETE", f"/orders/{order['id']}")

    assert (status, problem["code"]) == (409, "resting_not_earned")
    assert (locked["available"], locked["bond"]) == ("80.000000", "20.000000")
    assert (await buyer.balances())["available"] == "100.000000"
    assert await verify(world.database, full=True) == []
