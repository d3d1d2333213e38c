"""Times on the wire: RFC 3339, always in UTC."""

import re
from datetime import timedelta

import pytest

from server.core.clock import format_instant
from tests.market_world import start_world

UTC_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
LOOKS_LIKE_TIME = re.compile(r"\d{4}-\d\d-\d\d|\d\d:\d\d:\d\d|^\d{9,}$")
NAMED_LIKE_TIME = re.compile(r"(_at|^deadline|^time)$")


@pytest.fixture
async def world(database_url):
    async with start_world(database_url) as started:
        yield started


def list_times(node, name=""):
    """Every value that is a time by its name or its look."""
    if isinstance(node, dict):
        for key, inner in node.items():
            yield from list_times(inner, key)
    elif isinstance(node, list):
        for inner in node:
            yield from list_times(inner, name)
    elif node is not None and (NAMED_LIKE_TIME.search(name) or looks_like_time(name, node)):
        yield name, node


def looks_like_time(name, value):
    return isinstance(value, str) and bool(LOOKS_LIKE_TIME.search(value)) and name != "reference"


async def test_every_time_of_an_answer_is_utc(world):
    seller = await world.join("seller", usdt="1000")
    buyer = await world.join("buyer")
    end = format_instant(world.clock.now() + timedelta(days=1))
    await seller.sell("100", "26000", time_in_force="gtd", expires_at=end)
    (trade,) = (await buyer.buy("40", "26100"))["trades"]
    path = f"/trades/{trade['id']}"
    await buyer.must("POST", f"{path}/payer", {"payer_name": "Nguyễn Văn A"})
    await buyer.must("POST", f"{path}/paid", {})
    await seller.release(trade["id"], "nguyễn văn a")

    found = set()
    for asked in (
        *("/me", "/me/sessions", "/me/payment-accounts", "/wallet", "/transactions", "/trades"),
        *(path, "/orders?mine=true", "/orders?market=USDT-VND&side=sell", "/markets"),
        "/markets/USDT-VND",
        *("/markets/USDT-VND/index", "/markets/USDT-VND/trades", "/markets/USDT-VND/ticker"),
        *("/outages", f"/events?room=user:{seller.id}&after=0"),
    ):
        for name, value in list_times(await seller.must("GET", asked)):
            assert UTC_TIME.fullmatch(value), f"{asked}: {name} is {value}"
            found.add(name)

    assert {"created_at", "expires_at", "deadline", "paid_at", "completed_at", "read_at"} <= found


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("2026-01-02T07:00:00+07:00", "2026-01-02T00:00:00.000Z"),
        ("2026-01-01T19:30:00-05:30", "2026-01-02T01:00:00.000Z"),
        ("2026-01-02T00:00:00Z", "2026-01-02T00:00:00.000Z"),
    ],
)
async def test_time_of_a_request_may_name_its_zone_and_is_kept_in_utc(world, written, means):
    seller = await world.join("seller", usdt="1000")

    order = await seller.sell("20", "26000", time_in_force="gtd", expires_at=written)

    assert order["expires_at"] == means


@pytest.mark.parametrize(
    "written", ["2026-01-02T00:00:00", "2026-01-02", "1767312000", 1767312000, "02.01.2026 00:00"]
)
async def test_time_without_a_zone_is_refused(world, written):
    seller = await world.join("seller", usdt="1000")
    await seller.add_account()

    status, problem = await seller.ask("POST", "/orders", {
        "market": "USDT-VND", "side": "sell", "amount": "20", "time_in_force": "gtd",
        "pricing": {"type": "fixed", "price": "26000"}, "expires_at": written,
        "payment_account_ids": list(seller.accounts.values()),
    })  # fmt: skip

    assert (status, list(problem["errors"])) == (422, ["expires_at"])
