"""Nobody talks to the network, or waits for slow work, while rows are locked for him."""

import socket
import sys

import pytest
from sqlalchemy import text

from server.db import assert_outside_transaction
from tests.market_world import PASSWORD


class NetworkWatch:
    """Notes every connection, name look-up and datagram that is begun inside a transaction."""

    EVENTS = frozenset({"socket.connect", "socket.getaddrinfo", "socket.sendto"})

    def __init__(self):
        self.on = False
        self.seen = 0
        self.guilty = []

    def __call__(self, event, arguments):
        if self.on and event in self.EVENTS:
            self.seen += 1
            try:
                assert_outside_transaction()
            except AssertionError:
                self.guilty.append((event, str(arguments[-1])))


WATCH = NetworkWatch()
sys.addaudithook(WATCH)


@pytest.fixture
def watch():
    """The one watch of this process: the interpreter keeps its hooks for ever."""
    WATCH.seen, WATCH.guilty, WATCH.on = 0, [], True
    yield WATCH
    WATCH.on = False


async def test_whole_deal_makes_no_network_call_in_a_transaction(watch, world):
    seller = await world.join("seller", usdt="1000")
    buyer = await world.join("buyer")
    await seller.sell("100", "26000")
    (trade,) = (await buyer.buy("40", "26100"))["trades"]
    path = f"/trades/{trade['id']}"
    await buyer.must("POST", f"{path}/payer", {"payer_name": "Nguyễn Văn A"})
    await buyer.must("POST", f"{path}/paid", {})
    await seller.release(trade["id"], "nguyễn văn a")
    async with world.client.post(
        "/api/v1/auth/login", json={"email": "buyer@example.com", "password": PASSWORD}
    ) as reply:
        assert reply.status == 200

    assert watch.seen > 0
    assert watch.guilty == []


async def test_network_call_in_a_transaction_is_noticed(watch, world):
    async def work(unit):
        await unit.execute(text("SELECT 1"))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("127.0.0.1", 9))

    await world.database.transact(work, name="test")

    assert [event for event, _ in watch.guilty] == ["socket.connect"]
