"""Programs trade with API keys, and never let escrow go."""

from types import SimpleNamespace

import pytest

from tests.market_world import MARKET, start_world

PAYER = "NGUYEN VAN A"
BOT = {"name": "Bot", "scopes": ["read", "trade"]}


@pytest.fixture
async def world(database_url):
    async with start_world(database_url) as started:
        yield started


async def bot_of(person):
    """The person's program: what it asks carries his key."""
    made = await person.must_proven("api_key", "POST", "/me/api-keys", BOT)
    session, ask = person.token, person.ask

    async def ask_by_key(method, path, body=None, **headers):
        person.token = made["key"]
        try:
            return await ask(method, path, body, **headers)
        finally:
            person.token = session

    return SimpleNamespace(ask=ask_by_key)


async def test_programs_trade_and_only_a_person_lets_escrow_go(world):
    seller, buyer = await world.join("seller", usdt="1000"), await world.join("buyer")
    await seller.add_account()
    selling, buying = await bot_of(seller), await bot_of(buyer)
    offer = {
        "market": MARKET, "side": "sell", "amount": "100", "always_on": True,
        "pricing": {"type": "fixed", "price": "26000"},
        "payment_account_ids": list(seller.accounts.values()),
    }  # fmt: skip
    status, order = await selling.ask("POST", "/orders", offer)
    assert status == 201, order
    taken = {"amount": "50", "payment_method_id": "vn-one", "order_version": order["version"]}
    status, reply = await buying.ask("POST", f"/orders/{order['id']}/take", taken)
    assert status == 201, reply
    path = f"/trades/{reply['trades'][0]['id']}"
    status, _ = await buying.ask("POST", f"{path}/payer", {"payer_name": PAYER})
    assert status == 200
    status, trade = await buying.ask("POST", f"{path}/paid", {})
    assert (status, trade["status"]) == (200, "paid")
    status, seen = await selling.ask("GET", path)
    assert (status, seen["status"]) == (200, "paid")

    # The person's own proof does not help the program.
    proof = await seller.prove("release", trade["id"], trade["amount"], trade["version"])
    proven = {"Step-Up": proof}
    refused = {
        "release": await selling.ask(
            "POST", f"{path}/release", {"payer_name_seen": PAYER}, **proven
        ),
        "split": await selling.ask("POST", f"{path}/split", {"buyer_amount": "1"}, **proven),
        "accept": await buying.ask("POST", f"{path}/cancel-request/accept"),
        "not_paid": await buying.ask("POST", f"{path}/cancel", {"reason": "did_not_pay"}),
    }
    for name, (status, problem) in refused.items():
        assert (status, problem["code"]) == (403, "api_key_not_enough"), name
    status, _ = await seller.ask("POST", f"{path}/release", {"payer_name_seen": PAYER}, **proven)
    assert status == 200
