"""A commit whose answer is lost is settled by looking at the lane's row, never by guessing."""

import asyncio

import pytest
from sqlalchemy.engine import make_url

from server.monitor.verifier import verify
from tests.cutting_proxy import Proxy
from tests.lane.lanes import pay, prove, read_lane_row, until
from tests.lane.test_fence import sale
from tests.market_world import start_world


@pytest.fixture
async def proxy(mariadb_url):
    started = await Proxy(make_url(mariadb_url).port).start()
    yield started
    await started.stop()


@pytest.fixture
async def world(mariadb_url, proxy):
    through = make_url(mariadb_url).set(host="127.0.0.1", port=proxy.port)
    async with start_world(through.render_as_string(hide_password=False)) as started:
        yield started
        proxy.trigger = None
        assert await verify(started.database, full=True) == []


async def test_batch_whose_commit_was_not_answered_is_answered_all_the_same(world, proxy):
    seller = await world.join("seller", usdt="1000")
    await seller.add_account()
    epoch = (await read_lane_row(world)).epoch

    proxy.marked_by, proxy.trigger = b"INSERT INTO orders", b"COMMIT"
    status, order = await seller.ask("POST", "/orders", sale(seller), key="lost")

    assert (status, order["status"]) == (201, "open")
    assert proxy.cuts == 1
    assert (await seller.balances())["reserved"] == "100.150000"
    assert (await read_lane_row(world)).epoch == epoch
    again = await seller.must("POST", "/orders", sale(seller), key="lost")
    assert again == order


async def test_batch_whose_commit_cannot_be_looked_up_is_answered_as_unknown(world, proxy):
    seller = await world.join("seller", usdt="1000")
    await seller.add_account()

    proxy.goes_dark = True
    proxy.marked_by, proxy.trigger = b"INSERT INTO orders", b"COMMIT"
    status, problem = await seller.ask("POST", "/orders", sale(seller), key="lost")
    proxy.goes_dark = False

    assert (status, problem["code"]) == (503, "outcome_unknown")
    assert "same Idempotency-Key" in problem["title"]
    await until(lambda: world.lane.serving, "the lane serves again", timeout_s=20)
    order = await seller.must("POST", "/orders", sale(seller), key="lost")
    assert order["status"] == "open"
    assert (await seller.balances())["reserved"] == "100.150000"


async def test_batch_of_commands_whose_commit_cannot_be_looked_up_says_so_of_each(world, proxy):
    seller = await world.join("seller", usdt="1000")
    await seller.add_account()

    proxy.goes_dark = True
    proxy.marked_by, proxy.trigger = b"INSERT INTO orders", b"COMMIT"
    commands = {"commands": [{"op": "place", **sale(seller)}]}
    reply = await seller.must("POST", "/orders/batch", commands, key="lost")
    proxy.goes_dark = False

    assert [item["body"]["code"] for item in reply["items"]] == ["outcome_unknown"]
    await until(lambda: world.lane.serving, "the lane serves again", timeout_s=20)
    again = await seller.must("POST", "/orders/batch", commands, key="lost")
    assert [item["status"] for item in again["items"]] == [201]
    assert (await seller.balances())["reserved"] == "100.150000"


async def test_batch_whose_commit_never_arrived_is_not_acknowledged(world, proxy):
    seller = await world.join("seller", usdt="1000")
    await seller.add_account()

    proxy.swallow = True
    proxy.marked_by, proxy.trigger = b"INSERT INTO orders", b"COMMIT"
    asking = asyncio.create_task(seller.ask("POST", "/orders", sale(seller), key="lost"))
    await until(lambda: proxy.cuts == 1, "the connection is cut")
    status, problem = await asking

    assert (status, problem["code"]) == (503, "lane_elsewhere")
    await until(lambda: world.lane.serving, "the lane serves again", timeout_s=20)
    order = await seller.must("POST", "/orders", sale(seller), key="lost")
    assert order["status"] == "open"
    assert (await seller.balances())["reserved"] == "100.150000"


async def test_lane_reads_its_book_again_when_the_write_was_lost(world, proxy):
    seller = await world.join("seller", usdt="1000")
    await seller.add_account()
    epoch = (await read_lane_row(world)).epoch

    proxy.trigger = b"INSERT INTO orders"
    status, problem = await seller.ask("POST", "/orders", sale(seller), key="lost")

    assert (status, problem["code"]) == (503, "lane_elsewhere")
    await until(lambda: world.lane.serving, "the lane serves again", timeout_s=20)
    assert (await read_lane_row(world)).epoch == epoch + 1
    await seller.must("POST", "/orders", sale(seller), key="lost")
    assert (await seller.balances())["reserved"] == "100.150000"


async def test_release_whose_commit_was_not_answered_posts_once(world, proxy):
    seller = await world.join("seller", usdt="1000")
    buyer = await world.join("buyer", trades=60)
    await seller.sell("100", "26000")
    bought = await buyer.buy("100", "26000")
    trade = await pay(world, buyer, bought["trades"][0]["id"])
    proof = await prove(seller, trade)

    proxy.marked_by, proxy.trigger = b"UPDATE holds", b"COMMIT"
    status, done = await seller.ask(
        "POST",
        f"/trades/{trade['id']}/release",
        {"payer_name_seen": "TRAN VAN B"},
        key="lost",
        **{"Step-Up": proof},
    )

    assert proxy.cuts == 1
    again_status, again = await seller.ask(
        "POST", f"/trades/{trade['id']}/release", {"payer_name_seen": "TRAN VAN B"}, key="lost"
    )
    assert again_status == 200, again
    assert again["status"] == "completed"
    assert status in {200, 503}, done
    rows = await world.read("SELECT count(*) FROM holds WHERE resolution = 'released'")
    assert rows[0][0] == 1
