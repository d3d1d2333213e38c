"""GET /trades and GET /trades/{id}."""

import uuid

from models.trades import TradeStatus
from server.trades.views import view_for

S = TradeStatus


async def page(api, name="buyer", **query):
    reply = await api.get("/trades", name, **query)
    assert reply.status == 200, await reply.text()
    return await reply.json()


async def test_pages_are_newest_first_and_complete(api):
    ids = [str(await api.world.open_trade()) for _ in range(5)]
    seen, cursor = [], None
    for _ in range(3):
        body = await page(api, limit=2, **({"cursor": cursor} if cursor else {}))
        seen += [item["id"] for item in body["items"]]
        cursor = body["next_cursor"]
    assert seen == ids[::-1]
    assert cursor is None


async def test_open_and_ended_trades_are_told_apart(api):
    ended, open_id = await api.world.open_trade(S.CANCELLED), await api.world.open_trade()
    assert [item["id"] for item in (await page(api, open="true"))["items"]] == [str(open_id)]
    assert [item["id"] for item in (await page(api, open="false"))["items"]] == [str(ended)]
    assert len((await page(api))["items"]) == 2


async def test_a_list_shows_due_trades_as_the_clock_leaves_them(api):
    await api.world.open_trade()
    api.world.clock.advance(minutes=45)
    assert [item["status"] for item in (await page(api))["items"]] == ["expired"]


async def test_strangers_have_no_trades_and_visitors_must_sign_in(api):
    trade_id = await api.world.open_trade()
    assert (await page(api, "stranger"))["items"] == []
    assert (await api.get(f"/trades/{trade_id}", "stranger")).status == 404
    assert (await api.get(f"/trades/{uuid.uuid4()}", "stranger")).status == 404
    assert (await api.get("/trades", None)).status == 401


async def test_a_forged_cursor_is_refused(api):
    for cursor in ("x", "AAAA", "a" * 300):
        assert (await api.get("/trades", cursor=cursor)).status == 422


async def test_each_party_reads_his_own_side(api):
    trade_id = await api.world.open_trade(S.PAID)
    buyer, seller = await api.read(trade_id), await api.read(trade_id, "seller")
    assert (buyer["role"], buyer["fee"], buyer["total"]) == ("buyer", "0.150000", "99.850000")
    assert (seller["role"], seller["fee"], seller["total"]) == ("seller", "0.050000", "100.050000")
    trade = await api.world.trade(trade_id)
    for body in (buyer, seller):
        shown = view_for(trade, trade.actor_of(getattr(api.world, body["role"])),
                         api.world.clock.now())  # fmt: skip
        assert {key: body[key] for key in shown} == shown


async def test_the_history_of_a_trade_is_shown(api):
    trade_id = await api.world.open_trade(S.COMPLETED)
    history = (await api.read(trade_id))["history"]
    assert [(step["version"], step["event"], step["actor"]) for step in history] == [
        (1, "opened", "system"),
        (2, "payer_declared", "buyer"),
        (3, "marked_paid", "buyer"),
        (4, "released", "seller"),
    ]
    assert history[2]["detail"] == {"reference": "FT2603"}
