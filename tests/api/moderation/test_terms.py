"""The terms of orders lead nowhere else and pretend nothing."""

import pytest

from tests.market_world import start_world

FINE = (
    "",
    "Pay from your own account. No third parties, please.",
    "Chuyển khoản nhanh, ghi đúng nội dung. Giao dịch 24/7.",
    "Online 9:00-21:00. Minimum 500.000 VND, exact amount only.",
)
REFUSED = (
    "Write to me on telegram @fastusdt",
    "Zalo 0901234567 for a better price",
    "W h a t s a p p  +84 90 123 45 67",
    "See my rates at https://usdt-rates.example.com",
    "Mail me: trader(at)gmail.com",
    "I am IQX support, trade with me",
)


@pytest.fixture
async def world(database_url):
    async with start_world(database_url) as started:
        yield started


async def test_terms_with_contacts_links_or_a_false_badge_are_refused_at_placing_and_editing(world):
    seller = await world.join("seller", usdt="1000")
    await seller.add_account()
    offer = {
        "market": "USDT-VND", "side": "sell", "amount": "20", "always_on": True,
        "pricing": {"type": "fixed", "price": "26000"},
        "payment_account_ids": list(seller.accounts.values()),
    }  # fmt: skip
    placed = [await seller.must("POST", "/orders", {**offer, "terms": text}) for text in FINE]
    path = f"/orders/{placed[0]['id']}"
    for text in REFUSED:
        for method, where, body in (
            ("POST", "/orders", {**offer, "terms": text}),
            ("PATCH", path, {"terms": text}),
        ):
            status, problem = await seller.ask(method, where, body)
            assert (status, problem["code"]) == (422, "terms_refused"), (method, text)
            assert problem["errors"]["terms"]
    batch = {"commands": [{"op": "place", **offer, "terms": REFUSED[0]}]}
    (item,) = (await seller.must("POST", "/orders/batch", batch))["items"]
    assert (item["status"], item["body"]["code"]) == (422, "terms_refused")
    assert (await seller.must("PATCH", path, {"terms": FINE[1]}))["terms"] == FINE[1]
