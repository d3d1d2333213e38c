"""Ratings: once a side, hidden until both or the time, and what they are worth."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.reputation import Rating, Reputation, ReputationPair
from models.trades import Trade
from server.trades.desk import DESK
from server.trust.ratings import reveal_due
from server.trust.reputation_rules import Pair, add_rating, add_trade, sum_up
from tests.api.trust.deals import complete, open_deal, rate


@pytest.fixture
async def seller(world):
    return await world.join("seller", usdt="5000")


@pytest.fixture
async def buyer(world):
    return await world.join("buyer")


async def profile(world, name):
    async with world.client.get(f"/api/v1/users/{name}") as reply:
        assert reply.status == 200
        return await reply.json()


async def said_of(world, name, query=""):
    async with world.client.get(f"/api/v1/users/{name}/ratings{query}") as reply:
        assert reply.status == 200, await reply.text()
        return await reply.json()


async def test_ratings_are_shown_when_both_have_rated(world, seller, buyer):
    trade = await complete(seller, buyer)
    words = {"tags": ["polite", "fast_release"], "comment": " Very\nfast. "}
    status, mine = await rate(buyer, trade, 5, **words)
    assert status == 201
    assert (mine["given"]["comment"], mine["received"]) == ("Very fast.", None)
    assert mine["given"]["tags"] == ["fast_release", "polite"]
    assert mine["allowed_actions"] == []
    assert (await said_of(world, "seller"))["items"] == []
    hidden = await seller.must("GET", f"/trades/{trade}/rating")
    assert (hidden["received"], hidden["allowed_actions"]) == (None, ["rate"])
    assert (await profile(world, "seller"))["rating"]["ratings"] == 0

    status, theirs = await rate(seller, trade, 4)
    assert (status, theirs["received"]["stars"]) == (201, 5)
    (shown,) = (await said_of(world, "seller"))["items"]
    assert (shown["stars"], shown["rated_role"]) == (5, "seller")
    assert "buyer" not in str(shown).replace("'buyer'", "")
    assert (await said_of(world, "buyer"))["items"][0]["stars"] == 4
    assert (await profile(world, "seller"))["rating"] == {"score": None, "raters": 1, "ratings": 1}


async def test_rating_alone_is_shown_when_the_time_is_over(world, seller, buyer):
    trade = await complete(seller, buyer)
    assert (await rate(buyer, trade, 2))[0] == 201
    desk = world.client.server.app[DESK]
    world.clock.advance(hours=29 * 24 + 23)
    assert await reveal_due(desk.database) == 0
    world.clock.advance(hours=1)
    await reveal_due(desk.database)
    assert [one["stars"] for one in (await said_of(world, "seller"))["items"]] == [2]
    assert await reveal_due(desk.database) == 0


async def test_each_side_rates_a_completed_trade_once_in_thirty_days(world, seller, buyer):
    trade = await open_deal(seller, buyer)
    assert (await rate(buyer, trade))[1]["code"] == "not_rateable"
    await buyer.must("POST", f"/trades/{trade}/cancel", {"reason": "changed_mind"})
    assert (await rate(buyer, trade))[1]["code"] == "not_rateable"
    other = await world.join("other")
    done = await complete(seller, other)
    assert (await rate(other, done))[0] == 201
    assert (await rate(other, done, 1))[1]["code"] == "already_rated"
    assert (await rate(buyer, done))[0] == 404
    for body in (
        {"stars": 0}, {"stars": 6}, {"stars": "5"}, {"stars": 4.5}, {"stars": True}, {},
        {"stars": 5, "tags": ["best"]}, {"stars": 5, "tags": ["fast_release"]},
        {"stars": 5, "comment": "x" * 301}, {"stars": 5, "comment": "find me at evil.com"},
        {"stars": 5, "tags": ["polite"] * 5}, {"stars": 5, "weight": 9},
    ):  # fmt: skip
        status, problem = await seller.ask("POST", f"/trades/{done}/rating", body)
        assert status == 422, (body, problem)


async def test_sums_kept_trade_by_trade_equal_a_recomputation(world, seller, buyer):
    other = await world.join("other", usdt="5000")
    for one, two, amount in (
        (seller, buyer, "20"), (seller, other, "35"), (other, seller, "11"), (seller, buyer, "50"),
    ):  # fmt: skip
        trade = await complete(one, two, amount)
        await rate(one, trade, 3)
        await rate(two, trade, 5)
        world.clock.advance(minutes=3)
    trades = await world.read(select(Trade.__table__).where(Trade.status == "completed"))
    ratings = await world.read(select(Rating.__table__))
    assert len(ratings) == 8
    pairs = {}
    for trade in trades:
        for side in ((trade.buyer_id, trade.seller_id), (trade.seller_id, trade.buyer_id)):
            pairs[side] = add_trade(pairs.get(side, Pair()), trade.amount)
    for row in ratings:
        side = (row.rated_id, row.rater_id)
        pairs[side] = add_rating(pairs[side], row.stars, row.weight)
    kept = await world.read(select(ReputationPair.__table__))
    assert {(row.user_id, row.other_id): Pair(*row[2:]) for row in kept} == pairs
    for row in await world.read(select(Reputation.__table__)):
        mine = [pair for (user_id, _), pair in pairs.items() if user_id == row.user_id]
        total = sum_up(mine)
        assert all(getattr(row, name) == getattr(total, name) for name in total.__slots__)


async def test_ratings_of_a_user_come_in_pages(world, seller):
    for number in range(5):
        person = await world.join(f"buyer{number}")
        trade = await complete(seller, person, "11")
        await rate(person, trade, number % 5 + 1)
        await rate(seller, trade)
    seen, query = [], "?limit=2"
    while query:
        page = await said_of(world, "seller", query)
        seen += [one["stars"] for one in page["items"]]
        query = page["next_cursor"] and f"?limit=2&cursor={page['next_cursor']}"
    assert seen == [5, 4, 3, 2, 1]
    for forged in ("abc", "AAAA", "____________________________________"):
        async with world.client.get(f"/api/v1/users/seller/ratings?cursor={forged}") as reply:
            assert reply.status == 422
    async with world.client.get("/api/v1/users/nobody/ratings") as reply:
        assert reply.status == 404


async def test_profile_is_made_of_what_people_did(world, seller, buyer):
    with world.count_statements("reputation") as few:
        assert (await profile(world, "buyer"))["counterparties"] == 0
    for minutes in (2, 2, 4, 9, 20):
        trade = await open_deal(seller, buyer)
        await buyer.must("POST", f"/trades/{trade}/payer", {"payer_name": "NGUYEN VAN A"})
        world.clock.advance(minutes=minutes // 2)
        await buyer.must("POST", f"/trades/{trade}/paid", {})
        world.clock.advance(minutes=minutes)
        for person in (seller, buyer):
            await sign_in(world, person)
        await seller.release(trade, "NGUYEN VAN A")
    trade = await open_deal(seller, buyer)
    await buyer.must("POST", f"/trades/{trade}/cancel", {"reason": "changed_mind"})
    with world.count_statements("reputation") as more:
        shown = await profile(world, "buyer")
    assert len(few) == len(more) == 3, "a profile costs the same however much somebody traded"
    assert (shown["completion_rate_30d"], shown["median_pay_s"]) == ("83.33", 120)
    assert (shown["median_release_s"], shown["volume_band"]) == (None, "under_1k")
    assert shown["counterparties"] == 1
    shown = await profile(world, "seller")
    assert (shown["median_release_s"], shown["completion_rate_30d"]) == (240, "100.00")
    assert shown["badges"] == ["identity_checked", "releases_fast"]
    world.clock.advance(hours=30 * 24)
    assert (await profile(world, "buyer"))["completion_rate_30d"] is None
    assert (await profile(world, "buyer"))["account_age_days"] == timedelta(days=30).days


async def sign_in(world, person):
    account = {"email": f"{person.name}@example.com", "password": "correct horse battery"}
    async with world.client.post("/api/v1/auth/login", json=account) as reply:
        person.token = (await reply.json())["access_token"]
