"""Edit, cancel, pause, resume, take: allowed exactly when listed."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from server.core.clock import format_instant
from server.orders.inbox import leave_removed_account

ACTIONS = {
    "edit": ("PATCH", "", {"terms": "Transfer only from your own account."}),
    "cancel": ("DELETE", "", None),
    "pause": ("POST", "/pause", None),
    "resume": ("POST", "/resume", None),
}


async def bring_to(seller, buyer, status):
    order = await seller.sell("50", "26000")
    path = f"/orders/{order['id']}"
    if status == "paused":
        await seller.must("POST", f"{path}/pause")
    elif status == "partially_filled":
        await buyer.buy("20", "26000")
    elif status == "filled":
        await buyer.buy("50", "26000")
    elif status == "cancelled":
        await seller.must("DELETE", path)
    order = await seller.must("GET", path)
    assert order["status"] == status
    return order


@pytest.mark.parametrize("action", sorted(ACTIONS))
@pytest.mark.parametrize("status", ["open", "partially_filled", "paused", "filled", "cancelled"])
async def test_action_is_allowed_if_and_only_if_it_is_listed(world, seller, buyer, status, action):
    order = await bring_to(seller, buyer, status)
    method, suffix, body = ACTIONS[action]

    code, reply = await seller.ask(method, f"/orders/{order['id']}{suffix}", body)

    assert code == (200 if action in order["allowed_actions"] else 409), reply


async def edit_at_once(world, seller, order, *bodies):
    """Edits of one order that are all decided on before the first of them is done."""
    async with world.lane.quiet():
        edits = [
            asyncio.create_task(seller.ask("PATCH", f"/orders/{order['id']}", body))
            for body in bodies
        ]
        while len(world.lane.queue) < len(bodies):
            await asyncio.sleep(0.005)
    return [await edit for edit in edits]


async def test_edits_at_once_each_keep_what_the_other_changed(world, seller):
    order = await seller.sell("50", "26000", max_fiat="1000000")

    answers = await edit_at_once(
        world, seller, order,
        {"requirements": {"completed_trades": 3}, "min_fiat": "400000"},
        {"price_guard": {"low": "25000"}, "max_fiat": "900000"},
        {"schedule": [{"from_minute": 0, "to_minute": 10_080}], "terms": "Be quick."},
    )  # fmt: skip
    found = await seller.must("GET", f"/orders/{order['id']}")

    assert [status for status, _ in answers] == [200, 200, 200]
    assert (found["min_fiat"], found["max_fiat"]) == ("400000", "900000")
    assert found["requirements"]["completed_trades"] == 3
    assert found["price_guard"] == {"low": "25000", "high": None}
    assert found["schedule"] == [{"from_minute": 0, "to_minute": 10_080}]
    assert found["terms"] == "Be quick."
    gone = await seller.must("PATCH", f"/orders/{order['id']}", {"price_guard": None})
    assert (gone["price_guard"], gone["requirements"]["completed_trades"]) == (None, 3)


async def test_edits_at_once_that_leave_no_size_are_not_both_done(world, seller):
    order = await seller.sell("50", "26000")

    answers = await edit_at_once(
        world, seller, order, {"min_fiat": "800000"}, {"max_fiat": "700000"}
    )

    assert sorted(status for status, _ in answers) == [200, 422]
    (problem,) = [problem for status, problem in answers if status == 422]
    assert problem["code"] == "limits_crossed"


async def test_edits_at_once_of_one_version_are_not_both_done(world, seller):
    order = await seller.sell("50", "26000")

    answers = await edit_at_once(
        world, seller, order, {"terms": "One.", "version": 1}, {"terms": "Two.", "version": 1}
    )

    assert sorted(status for status, _ in answers) == [200, 409]


async def test_edits_do_not_prolong_an_order_beyond_thirty_days(world, seller):
    order = await seller.sell("50", "26000")
    placed_at = world.clock.now()
    world.clock.advance(minutes=10)
    path = f"/orders/{order['id']}"

    late, problem = await seller.ask(
        "PATCH", path, {"expires_at": format_instant(placed_at + timedelta(days=30, seconds=1))}
    )
    renewed = await seller.must("PATCH", path, {"expires_at": None})

    assert (late, list(problem["errors"])) == (422, ["expires_at"])
    assert renewed["expires_at"] == order["expires_at"]


async def test_foreign_order_looks_like_none(world, seller, buyer):
    order = await seller.sell("50", "26000")

    foreign = await buyer.ask("DELETE", f"/orders/{order['id']}")
    missing = await buyer.ask("DELETE", "/orders/01890000-0000-7000-8000-000000000000")

    assert foreign[0] == missing[0] == 404
    assert {**foreign[1], "request_id": ""} == {**missing[1], "request_id": ""}


async def test_other_price_loses_the_place_in_time_and_terms_do_not(world, seller, buyer):
    other = await world.join("other", usdt="500")
    first = await seller.sell("50", "26000")
    await other.sell("50", "26000")

    await seller.must("PATCH", f"/orders/{first['id']}", {"terms": "Be quick."})
    kept = await buyer.buy("20", "26000")
    path = f"/orders/{first['id']}"
    await seller.must("PATCH", path, {"pricing": {"type": "fixed", "price": "26001"}})
    await seller.must("PATCH", path, {"pricing": {"type": "fixed", "price": "26000"}})
    lost = await buyer.buy("20", "26000", time_in_force="ioc")

    assert kept["trades"][0]["seller"] == "seller"
    assert [trade["seller"] for trade in lost["trades"]] in (["other"], [])


async def test_edit_of_another_version_is_refused(world, seller):
    order = await seller.sell("50", "26000")
    path = f"/orders/{order['id']}"
    await seller.must("PATCH", path, {"amount": "60"})

    status, problem = await seller.ask("PATCH", path, {"version": 1, "amount": "70"})

    assert (status, problem["code"]) == (409, "order_changed")


async def test_larger_amount_reserves_more_and_a_smaller_one_less(world, seller):
    order = await seller.sell("50", "26000")

    larger = await seller.must("PATCH", f"/orders/{order['id']}", {"amount": "100"})
    smaller = await seller.must("PATCH", f"/orders/{order['id']}", {"amount": "20"})

    assert (larger["reserved"], smaller["reserved"]) == ("100.150000", "20.030000")
    assert (await seller.balances())["reserved"] == "20.030000"


async def test_take_is_an_order_of_the_taker_bound_to_its_target(world, seller, buyer):
    order = await seller.sell("50", "26000")

    status, taken = await buyer.ask("POST", f"/orders/{order['id']}/take", {
        "fiat": "520000", "payment_method_id": "vn-one", "order_version": 1,
    })  # fmt: skip

    assert status == 201
    assert (taken["side"], taken["time_in_force"], taken["status"]) == ("buy", "ioc", "filled")
    (trade,) = taken["trades"]
    assert (trade["amount"], trade["fiat"]) == ("20.000000", "520000")
    assert trade["maker_order_id"] == order["id"]
    assert trade["taker_order_id"] == taken["id"]


@pytest.mark.parametrize(
    "check", [{"order_version": 1}, {"worst_price": "26000"}], ids=["version", "worst_price"]
)
async def test_take_of_a_changed_order_is_refused(world, seller, buyer, check):
    order = await seller.sell("50", "26000")
    await seller.must(
        "PATCH", f"/orders/{order['id']}", {"pricing": {"type": "fixed", "price": "26100"}}
    )

    status, problem = await buyer.ask(
        "POST", f"/orders/{order['id']}/take",
        {"amount": "20", "payment_method_id": "vn-one", **check},
    )  # fmt: skip

    assert (status, problem["code"]) == (409, "order_changed")


async def test_own_order_cannot_be_taken(world, seller):
    order = await seller.sell("50", "26000")

    status, problem = await seller.ask("POST", f"/orders/{order['id']}/take", {
        "amount": "20", "payment_method_id": "vn-one", "order_version": 1,
    })  # fmt: skip

    assert (status, problem["code"]) == (409, "self")


async def test_blocked_taker_is_not_told_why(world, seller, buyer):
    order = await seller.sell("50", "26000")
    await seller.must("POST", "/me/blocks", {"username": "buyer"})
    await world.wait_for_inbox()

    status, problem = await buyer.ask("POST", f"/orders/{order['id']}/take", {
        "amount": "20", "payment_method_id": "vn-one", "order_version": 1,
    })  # fmt: skip

    assert (status, problem["code"]) == (409, "not_eligible")


async def test_account_that_a_living_order_names_is_not_removed(world, seller):
    order = await seller.sell("50", "26000")
    account = seller.accounts["vn-one"]

    refused = await seller.ask_removal(account)
    await seller.must("POST", f"/orders/{order['id']}/pause")
    still_refused = await seller.ask_removal(account)
    await seller.must("DELETE", f"/orders/{order['id']}")
    status, _ = await seller.ask_removal(account)

    for answer, problem in (refused, still_refused):
        assert (answer, problem["code"]) == (409, "payment_account_in_use")
    assert status == 204


async def test_order_with_a_removed_account_is_suspended(world, seller):
    """What happens when an order comes at the instant of the removal."""
    order = await seller.sell("50", "26000")
    (account,) = seller.accounts.values()

    await world.database.transact(
        lambda unit: leave_removed_account(unit, UUID(seller.id), UUID(account), "VND"),
        name="test",
    )
    await world.wait_for_inbox()
    found = await seller.must("GET", f"/orders/{order['id']}")

    assert (found["status"], found["status_reason"]) == ("suspended", "payment_account_removed")
    assert found["allowed_actions"] == ["cancel"]
