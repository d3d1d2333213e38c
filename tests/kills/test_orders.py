"""The server dies while it places and matches: nothing answered is lost, nothing is doubled."""

import random

from tests.kills.points import PLACE, START, is_late
from tests.kills.site import Crowd, purchase, sale

CROWD_KILLS = 2


async def test_order_killed_at_any_point_is_placed_and_matched_once(site, rounds):
    world = site.world
    seller = await world.join("seller", usdt="100000")
    await seller.add_account()
    buyer = await world.join("buyer")
    for number, point in enumerate(PLACE * rounds):
        resting = await seller.sell("100", "26000")
        key = f"buy-{number}"

        def buy(key=key):
            return site.call(buyer, "POST", "/orders", purchase("40"), key=key)

        body, replayed = await site.kill_at(point, buy)

        assert replayed == is_late(point), point
        (trade,) = body["trades"]
        assert (await seller.must("GET", f"/trades/{trade['id']}"))["amount"] == "40.000000"
        left = await seller.must("GET", f"/orders/{resting['id']}")
        assert left["remaining"] == "60.000000", point
        await seller.must("DELETE", f"/orders/{resting['id']}")
    trades = await world.read("SELECT COUNT(*) FROM trades")
    orders = await world.read("SELECT COUNT(*) FROM orders")
    assert (trades[0][0], orders[0][0]) == (len(PLACE) * rounds, 2 * len(PLACE) * rounds)


async def test_crowd_whose_server_dies_under_load_gets_every_answer_once(site, rounds):
    chance = random.Random(7)
    crowd = Crowd(site)
    await crowd.open()
    for number in range(CROWD_KILLS * rounds):
        kills = site.kills
        await crowd.wait_for_more(40)
        point = PLACE[(number * 3 + 2) % len(PLACE)]

        await site.server.arm(f"{point}:{chance.randint(1, 12)}")
        while site.kills == kills:
            await crowd.wait_for_more(1)
    await crowd.wait_for_more(20)

    await crowd.check()


async def test_server_killed_while_it_starts_leaves_the_next_one_ready(site, rounds):
    seller = await site.world.join("seller", usdt="100000")
    await seller.add_account()
    for number, point in enumerate(START * rounds):
        placed = await site.call(seller, "POST", "/orders", sale(seller), key=f"sell-{number}")
        await site.server.kill()

        stillborn = site.farm.spawn(fault_points=point)
        await stillborn.wait_end()
        await site.restart()

        again = await site.call(seller, "POST", "/orders", sale(seller), key=f"sell-{number}")
        assert again == (201, placed[1], True), point
    rows = await site.world.read("SELECT COUNT(*) FROM orders")
    assert rows[0][0] == len(START) * rounds
