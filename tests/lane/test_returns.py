"""What comes back to orders from trades that ended unpaid, through the inbox."""

from uuid import UUID

import pytest
from sqlalchemy import insert, select

from models.orders import LaneInbox
from server.orders.lane.loop import rebuild, start_lane, stop_lane
from tests.lane.lanes import cancel_trade, make_lane, pay, picture, release, until


async def open_trade(world, *, amount="40", resting="100", **more):
    seller = await world.join("seller", usdt="1000")
    buyer = await world.join("buyer")
    order = await seller.sell(resting, "26000", **more)
    bought = await buyer.buy(amount, "26000")
    (trade,) = bought["trades"]
    return seller, buyer, order, bought, trade


async def test_cancelled_trade_returns_to_its_living_order(world):
    seller, buyer, order, bought, trade = await open_trade(world)

    await cancel_trade(buyer, trade["id"])
    await world.wait_for_inbox()

    found = await seller.must("GET", f"/orders/{order['id']}")
    assert (found["status"], found["remaining"], found["returned"]) == (
        "open",
        "100.000000",
        "40.000000",
    )
    balances = await seller.balances()
    assert (balances["available"], balances["reserved"]) == ("899.850000", "100.150000")
    assert (await buyer.must("GET", f"/orders/{bought['id']}"))["returned"] == "0.000000"


async def test_cancelled_trade_reopens_a_filled_order(world):
    seller, buyer, order, _, trade = await open_trade(world, amount="100")
    assert (await seller.must("GET", f"/orders/{order['id']}"))["status"] == "filled"

    await cancel_trade(buyer, trade["id"])
    await world.wait_for_inbox()

    found = await seller.must("GET", f"/orders/{order['id']}")
    assert (found["status"], found["remaining"]) == ("open", "100.000000")


async def test_return_to_an_ended_order_goes_to_available(world):
    seller, buyer, order, _, trade = await open_trade(world)
    await seller.must("DELETE", f"/orders/{order['id']}")

    await cancel_trade(buyer, trade["id"])
    await world.wait_for_inbox()

    found = await seller.must("GET", f"/orders/{order['id']}")
    assert (found["status"], found["returned"], found["closed"]) == (
        "cancelled",
        "40.000000",
        "100.000000",
    )
    assert (await seller.balances())["available"] == "1000.000000"


@pytest.mark.parametrize("pricing", ["fixed", "market"])
async def test_return_to_an_immediate_order_goes_to_available(world, pricing):
    seller = await world.join("seller", usdt="1000")
    buyer = await world.join("buyer")
    await buyer.buy("40", "26000")
    immediate = (
        {"time_in_force": "ioc"}
        if pricing == "fixed"
        else {"pricing": {"type": "market", "worst_price": "26000"}}
    )
    sold = await seller.sell("40", "26000", always_on=False, **immediate)
    (trade,) = sold["trades"]

    await cancel_trade(buyer, trade["id"])
    await world.wait_for_inbox()

    found = await seller.must("GET", f"/orders/{sold['id']}")
    assert (found["status"], found["returned"], found["closed"]) == (
        "cancelled",
        "40.000000",
        "40.000000",
    )
    assert (await seller.balances())["available"] == "1000.000000"


async def test_two_returns_to_one_ended_order_in_one_batch(world):
    seller = await world.join("seller", usdt="1000")
    buyers = [await world.join(f"buyer{n}") for n in range(3)]
    order = await seller.sell("100", "26000")
    trades = [(await buyer.buy("30", "26000"))["trades"][0] for buyer in buyers]
    await seller.must("DELETE", f"/orders/{order['id']}")

    async with world.lane.between_batches:
        for buyer, trade in zip(buyers, trades, strict=True):
            await cancel_trade(buyer, trade["id"])
        world.lane.nudge()
    await world.wait_for_inbox()

    found = await seller.must("GET", f"/orders/{order['id']}")
    assert (found["returned"], found["closed"]) == ("90.000000", "100.000000")
    assert (await seller.balances())["available"] == "1000.000000"


async def test_return_and_the_expiry_of_its_order_in_one_batch(world):
    ends = world.clock.now().replace(minute=10)
    seller, buyer, order, _, trade = await open_trade(
        world, time_in_force="gtd", expires_at=ends.strftime("%Y-%m-%dT%H:%M:%SZ")
    )

    async with world.lane.between_batches:
        await cancel_trade(buyer, trade["id"])
        world.clock.advance(minutes=11)
        world.lane.nudge()
    await world.wait_for_inbox()

    found = await seller.must("GET", f"/orders/{order['id']}")
    assert (found["status"], found["closed"]) == ("expired", "100.000000")
    assert (await seller.balances())["available"] == "1000.000000"


async def test_ended_order_stays_ended_after_its_return(world):
    seller, buyer, order, _, trade = await open_trade(world)
    await seller.must("DELETE", f"/orders/{order['id']}")
    await cancel_trade(buyer, trade["id"])
    await world.wait_for_inbox()
    assert picture(world.lane)["orders"].keys() == set()

    status, problem = await seller.ask("DELETE", f"/orders/{order['id']}")

    assert (status, problem["code"]) == (409, "order_not_open")


async def test_row_of_the_inbox_is_consumed_once(world):
    seller, buyer, _, _, trade = await open_trade(world)

    await cancel_trade(buyer, trade["id"])
    await world.wait_for_inbox()
    for _ in range(3):
        world.lane.nudge()
        await world.settle()

    rows = await world.read("SELECT consumed_batch FROM lane_inbox WHERE kind = 'return'")
    assert len(rows) == 1
    moves = await world.read("SELECT id FROM transfers WHERE reason = 'order_reserved'")
    assert len(moves) == 1
    assert (await seller.balances())["reserved"] == "100.150000"


async def test_one_cause_leaves_one_row_in_the_inbox(world):
    from sqlalchemy.exc import IntegrityError

    _, buyer, _, _, trade = await open_trade(world)
    await cancel_trade(buyer, trade["id"])

    async def work(unit):
        row = (await unit.execute(select(LaneInbox.__table__))).first()
        again = {**row._mapping, "id": unit.ids.new_id(), "consumed_batch": None}
        await unit.execute(insert(LaneInbox).values(again))

    try:
        await world.database.transact(work, name="test")
    except IntegrityError:
        refused = True
    else:
        refused = False
    assert refused


async def test_trade_is_cancelled_while_the_lane_is_down(world):
    seller, buyer, order, _, trade = await open_trade(world)
    await stop_lane(world.lane)

    cancelled = await cancel_trade(buyer, trade["id"])

    assert cancelled["status"] == "cancelled"
    assert (await seller.balances())["reserved"] == "100.150000"
    start_lane(world.lane)
    await until(lambda: world.lane.serving, "the lane serves again")
    await world.wait_for_inbox()
    found = await seller.must("GET", f"/orders/{order['id']}")
    assert found["remaining"] == "100.000000"


async def test_released_trade_returns_nothing(world):
    seller, buyer, order, _, trade = await open_trade(world)

    paid = await pay(world, buyer, trade["id"])
    done = await release(seller, paid)
    await world.wait_for_inbox()

    assert done["status"] == "completed"
    found = await seller.must("GET", f"/orders/{order['id']}")
    assert (found["remaining"], found["returned"]) == ("60.000000", "0.000000")
    assert (await seller.balances())["reserved"] == "60.130000"


async def test_failed_pair_does_not_match_again_by_itself(world):
    _, buyer, order, bought, trade = await open_trade(world, amount="40")
    await cancel_trade(buyer, trade["id"])
    await world.wait_for_inbox()

    found = await buyer.must("GET", f"/orders/{bought['id']}")
    assert found["status"] in {"filled", "paused"}
    rows = await world.read("SELECT count(*) FROM trades")
    assert rows[0][0] == 1
    pairs = await world.read("SELECT order_id, other_order_id FROM failed_pairs")
    assert {str(value) for value in _as_ids(pairs[0])} == {order["id"], bought["id"]}


def _as_ids(row):
    return [UUID(bytes=bytes(value)) for value in row]


async def take(buyer, order, amount="20"):
    """Take by hand; status and body of the answer."""
    return await buyer.ask("POST", f"/orders/{order['id']}/take", {
        "amount": amount, "payment_method_id": "vn-one", "worst_price": "26000",
    })  # fmt: skip


async def test_share_of_new_buyers_is_free_again_once_paid(world):
    seller = await world.join("seller", usdt="1000")
    first = await world.join("first", trades=0)
    second = await world.join("second", trades=0)
    order = await seller.sell("200", "26000")
    _, bought = await take(first, order)
    status, problem = await take(second, order)
    assert (status, problem["code"]) == (409, "new_buyer_share")

    await pay(world, first, bought["trades"][0]["id"])
    await world.wait_for_inbox()

    status, taken = await take(second, order)
    assert (status, len(taken["trades"])) == (201, 1)


async def test_share_of_new_buyers_counts_again_once_paid_is_undone(world):
    seller = await world.join("seller", usdt="1000")
    first = await world.join("first", trades=0)
    second = await world.join("second", trades=0)
    order = await seller.sell("200", "26000")
    _, bought = await take(first, order)
    trade_id = bought["trades"][0]["id"]
    await pay(world, first, trade_id)
    await world.wait_for_inbox()

    await first.must("POST", f"/trades/{trade_id}/undo-paid", {})
    await world.wait_for_inbox()

    status, problem = await take(second, order)
    assert (status, problem["code"]) == (409, "new_buyer_share")
    live, rebuilt = picture(world.lane), await read_anew(world)
    assert live["shares"] == rebuilt["shares"] == {UUID(trade_id): (UUID(order["id"]), 20_000_000)}
    assert live["orders"] == rebuilt["orders"]
    await first.must("POST", f"/trades/{trade_id}/paid", {})
    await world.wait_for_inbox()
    status, _ = await take(second, order)
    assert status == 201


async def read_anew(world):
    """The book as a new owner reads it."""
    lane = make_lane(world)
    lane.lease = world.lane.lease
    await rebuild(lane)
    return picture(lane)


async def test_share_of_an_order_that_has_ended_is_consumed(world):
    seller = await world.join("seller", usdt="1000")
    first = await world.join("first", trades=0)
    order = await seller.sell("200", "26000")
    _, bought = await take(first, order)
    await seller.must("DELETE", f"/orders/{order['id']}")
    batches = world.lane.batches

    await pay(world, first, bought["trades"][0]["id"])
    await world.wait_for_inbox()

    assert world.lane.desk.open_shares == {}
    assert world.lane.batches == batches + 1


async def test_share_and_return_of_a_filled_order_in_one_batch(world):
    seller = await world.join("seller", usdt="1000")
    buyers = [await world.join(f"new{n}", trades=0) for n in range(2)]
    order = await seller.sell("200", "26000")
    (_, paid), (_, ended) = [await take(buyer, order, "10") for buyer in buyers]
    status, _ = await take(await world.join("regular"), order, "180")
    assert status == 201

    async with world.lane.between_batches:
        await pay(world, buyers[0], paid["trades"][0]["id"])
        await cancel_trade(buyers[1], ended["trades"][0]["id"])
        world.lane.nudge()
    await world.wait_for_inbox()

    held = world.lane.desk.book.find_order(UUID(order["id"]))
    assert (held.remaining_micro, held.new_unpaid_micro) == (10_000_000, 0)


async def test_pair_that_failed_stays_apart_after_the_order_reopens(world):
    _, buyer, _, bought, trade = await open_trade(world, amount="100")
    await cancel_trade(buyer, trade["id"])
    await world.wait_for_inbox()
    other = await world.join("other")
    second = await other.buy("100", "26000")

    await cancel_trade(other, second["trades"][0]["id"])
    await world.wait_for_inbox()

    pairs = [order.failed for order in world.lane.desk.book.state.orders.values()]
    assert {UUID(bought["id"]), UUID(second["id"])} in pairs


async def test_order_that_was_enlarged_can_pay_the_fee_of_what_came_back(world):
    seller, buyer, order, _, trade = await open_trade(world)
    await seller.must("PATCH", f"/orders/{order['id']}", {"amount": "120"})
    await cancel_trade(buyer, trade["id"])
    await world.wait_for_inbox()
    found = await seller.must("GET", f"/orders/{order['id']}")
    assert (found["remaining"], found["reserved"]) == ("120.000000", "120.180000")
    other = await world.join("other")
    await other.buy("120", "25900")

    sold = await seller.must(
        "PATCH", f"/orders/{order['id']}", {"pricing": {"type": "fixed", "price": "25900"}}
    )

    assert sold["status"] == "filled"
    assert (await seller.balances())["escrow"] == "120.180000"


async def test_order_that_was_made_smaller_gives_its_reservation_back(world):
    seller, _, order, _, _ = await open_trade(world)

    await seller.must("PATCH", f"/orders/{order['id']}", {"amount": "60"})

    balances = await seller.balances()
    assert (balances["reserved"], balances["escrow"]) == ("20.070000", "40.020000")


async def test_return_is_matched_again_at_once(world):
    _, buyer, _, _, trade = await open_trade(world, amount="100")
    waiting = await world.join("waiting")
    resting = await waiting.buy("100", "26000")
    assert resting["status"] == "open"

    await cancel_trade(buyer, trade["id"])
    await world.wait_for_inbox()

    found = await waiting.must("GET", f"/orders/{resting['id']}")
    assert found["status"] == "filled"
    rows = await world.read("SELECT status FROM orders WHERE side = 'sell'")
    assert [row.status for row in rows] == ["filled"]
