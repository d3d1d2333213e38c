"""GET, POST /me/terms: nothing is ordered before the terms that count now are accepted."""

from sqlalchemy import text

from tests.market_world import MARKET, start_world

ORDER = {
    "market": MARKET, "side": "buy", "pricing": {"type": "fixed", "price": "25000"},
    "amount": "40", "payment_method_ids": ["vn-one"], "always_on": True,
}  # fmt: skip


async def forget_terms(world, accepted, *people):
    """As if these people had been here before newer terms came."""
    for person in people:
        await world.change_standing(person, terms_version=accepted)
    await world.database.transact(
        lambda unit: unit.execute(text("DELETE FROM terms_acceptances")), name="test"
    )


async def test_who_opens_an_account_accepts_the_terms_of_that_day(database_url):
    async with start_world(database_url, terms_version=3) as world:
        person = await world.join("person")
        assert await person.must("GET", "/me/terms") == {"accepted": 3, "current": 3}
        assert await world.read("SELECT version FROM terms_acceptances") == [(3,)]
        assert (await person.must("POST", "/orders", ORDER))["status"] == "open"


async def test_nothing_is_placed_or_taken_before_newer_terms_are_accepted(database_url):
    async with start_world(database_url, terms_version=2) as world:
        seller, buyer = await world.join("seller", usdt="1000"), await world.join("buyer")
        order = await seller.sell("100", "26000")
        await forget_terms(world, 1, seller, buyer)
        take = {"amount": "20", "payment_method_id": "vn-one", "order_version": 1}

        placed = await buyer.ask("POST", "/orders", ORDER)
        taken = await buyer.ask("POST", f"/orders/{order['id']}/take", take)
        limits = await buyer.must("GET", "/me/limits")
        wrong = await buyer.ask("POST", "/me/terms", {"version": 1})
        done = await buyer.must("POST", "/me/terms", {"version": 2})
        await world.wait_for_inbox()

        for status, problem in (placed, taken):
            assert (status, problem["code"]) == (403, "terms_outdated")
        assert (limits["terms_outdated"], limits["may_take"]) == (True, False)
        assert (wrong[0], wrong[1]["code"]) == (409, "terms_changed")
        assert done == {"accepted": 2, "current": 2}
        # What rested before newer terms came goes on: the seller has not accepted them yet.
        later = await buyer.must("POST", f"/orders/{order['id']}/take", take)
        assert len(later["trades"]) == 1


async def test_terms_are_accepted_once_whatever_is_repeated(database_url):
    async with start_world(database_url) as world:
        person = await world.join("person")
        await forget_terms(world, 0, person)
        for _ in range(3):
            await person.must("POST", "/me/terms", {"version": 1})
        assert await world.read("SELECT version FROM terms_acceptances") == [(1,)]
        rows = await world.read("SELECT action FROM audit_entries WHERE action='terms_accepted'")
        assert len(rows) == 1
