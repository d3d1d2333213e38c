"""`book_updated`: changes by level, paced, with the numbers of the HTTP book."""

import asyncio
from itertools import pairwise

import pytest

from sockets.depth import BookFeed, PacedFeed, TickerFeed
from tests.market_world import MARKET
from tests.views import View

ROOM = f"market:{MARKET}"


def level(price, amount, orders=1, margin_bp=None):
    return {"price": price, "margin_bp": margin_bp, "amount": amount, "orders": orders}


def book(number, bids=(), asks=()):
    return {"market": "M", "number": number, "seq": 0, "bids": list(bids), "asks": list(asks)}


class Feed:
    """A feed over books that the test lays down."""

    def __init__(self):
        self.book = None
        self.sent = []
        self.feed = BookFeed(self.read, self.send)

    async def read(self, market):
        return self.book

    async def send(self, market, name, body):
        self.sent.append((name, body))

    async def look(self, laid):
        self.book = laid
        self.sent.clear()
        await self.feed.look("M")
        return [body for _, body in self.sent]


@pytest.fixture
def feed():
    return Feed()


async def test_first_look_tells_older_readers_to_fetch(feed):
    (body,) = await feed.look(book(7, bids=[level("9", "1")]))
    assert body == {"market": "M", "from": 7, "to": 7, "bids": [], "asks": []}


async def test_changed_new_and_gone_levels_are_told(feed):
    await feed.look(book(7, bids=[level("9", "1"), level("8", "2")], asks=[level("10", "5")]))

    (body,) = await feed.look(
        book(9, bids=[level("9", "3", 2)], asks=[level("10", "5"), level(None, "4", 1, 120)])
    )

    assert (body["from"], body["to"]) == (7, 9)
    assert body["bids"] == [level("8", "0.000000", 0), level("9", "3", 2)]
    assert body["asks"] == [level(None, "4", 1, 120)]


async def test_unchanged_book_is_not_told_and_leaves_no_gap(feed):
    await feed.look(book(7, bids=[level("9", "1")]))

    assert await feed.look(book(8, bids=[level("9", "1")])) == []
    (body,) = await feed.look(book(9))

    assert (body["from"], body["to"]) == (7, 9)


async def test_book_that_cannot_be_read_is_not_told(feed):
    assert await feed.look(None) == []


async def test_reader_of_any_number_ends_with_the_same_book(feed):
    books = [
        book(1), book(2, bids=[level("9", "1")]), book(4, bids=[level("9", "2"), level("8", "1")]),
        book(5, bids=[level("8", "1")], asks=[level("10", "1")]), book(6, asks=[level("10", "2")]),
    ]  # fmt: skip
    updates = [body for laid in books for body in await feed.look(laid)]
    for held in books:
        view = View()
        view.hold_book(held)
        for body in updates:
            view.take({"room": "market:M", "seq": None, "event": "book_updated", "data": body})
        assert view.stale_books == set()
        assert view.books["M"]["number"] == 6
        assert list(view.books["M"]["asks"].values()) == [level("10", "2")]
        assert view.books["M"]["bids"] == {}


async def test_ticker_is_told_when_it_is_another():
    tickers, sent = [{"last": "1"}, {"last": "1"}, None, {"last": "2"}], []

    async def read(market):
        return tickers.pop(0)

    async def send(market, name, body):
        sent.append((name, body["last"]))

    feed = TickerFeed(read, send)
    for _ in range(4):
        await feed.look("M")

    assert sent == [("ticker_updated", "1"), ("ticker_updated", "2")]


async def wait_until(holds):
    async with asyncio.timeout(60):
        while not holds():
            await asyncio.sleep(0.001)


async def test_market_is_looked_at_once_a_pace_and_once_after_the_last_note():
    looks = []
    loop = asyncio.get_running_loop()

    async def look(market):
        looks.append(loop.time())

    feed = PacedFeed(look, 0.1)
    for _ in range(50):
        feed.note("M")
        await asyncio.sleep(0.01)
    feed.note("M")
    last_note, before = loop.time(), len(looks)
    await wait_until(lambda: len(looks) > before)
    await asyncio.sleep(0.25)
    await feed.close()

    assert len(looks) >= 4
    assert looks[-1] >= last_note
    assert len(looks) == before + 1
    assert all(later - earlier >= 0.095 for earlier, later in pairwise(looks))


async def test_failed_look_does_not_end_the_feed():
    looks = []

    async def look(market):
        looks.append(market)
        if len(looks) == 1:
            raise ValueError

    feed = PacedFeed(look, 0.01)
    feed.note("M")
    await wait_until(lambda: looks)
    feed.note("M")
    await wait_until(lambda: len(looks) > 1)
    await feed.close()

    assert looks == ["M", "M"]


async def test_book_built_from_updates_equals_the_book_over_http(world, listen):
    seller = await world.join("seller", usdt="5000")
    await seller.add_account()
    listener = await listen(world)
    await listener.subscribe(ROOM)
    listener.view.hold_book(await seller.must("GET", f"/markets/{MARKET}/book"))
    begun = asyncio.get_running_loop().time()

    orders = [await seller.sell("20", str(26000 + step % 7 * 10)) for step in range(25)]
    for order in orders[::2]:
        await seller.must("DELETE", f"/orders/{order['id']}")
    fetched = await seller.must("GET", f"/markets/{MARKET}/book")
    held = listener.view.books[MARKET]
    shown = {(one["price"], one["margin_bp"]): one for one in fetched["asks"]}
    await listener.wait_until(lambda: held["asks"] == shown)

    took_s = asyncio.get_running_loop().time() - begun
    told = [event[1] for event in listener.heard if event[0] == "book_updated"]
    assert listener.view.stale_books == set()
    assert shown != {}
    assert held["number"] <= fetched["number"]
    assert {envelope["seq"] for envelope in told} == {None}
    assert len(told) <= took_s * 10 + 2
