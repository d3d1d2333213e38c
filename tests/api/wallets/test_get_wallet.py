"""GET /wallet."""

from datetime import timedelta

import orjson
from sqlalchemy import select

from models.operations import Outbox
from server.ledger.service import lock_sheet, open_lot, write_sheet
from server.ledger.sheet import AccountKey

KINDS = ("available", "reserved", "escrow", "held", "withdrawal", "bond")


async def buy(api, user_id, amount, *, release_at):
    """USDT of a trade in a lot."""
    trade_id = api.database.ids.new_id()

    async def work(unit):
        held = AccountKey(user_id, "USDT", "held")
        sheet = await lock_sheet(unit, [held])
        sheet.move(
            asset="USDT",
            amount=amount,
            debit="suspense",
            credit=held,
            reason="trade_released",
            subject_id=trade_id,
        )
        await open_lot(
            unit,
            trade_id=trade_id,
            user_id=user_id,
            asset="USDT",
            amount=amount,
            release_at=release_at,
        )
        await write_sheet(unit, sheet)

    await api.database.transact(work, name="test")
    return trade_id


async def test_new_wallet_shows_every_bucket_of_every_asset_at_zero(api):
    reply = await api.get("/api/v1/wallet")

    assert reply.status == 200
    wallet = await reply.json()
    assert [item["asset"] for item in wallet["items"]] == ["USDT", "USDT_TEST"]
    for item in wallet["items"]:
        assert {kind: item[kind] for kind in (*KINDS, "locked")} == dict.fromkeys(
            (*KINDS, "locked"), "0.000000"
        )
    assert wallet["lots"] == []


async def test_locked_is_all_but_available(api):
    user_id = api.tokens.actors["alice"].user_id
    await api.post("/api/v1/dev/credit", {"amount": "10"})
    await buy(api, user_id, 2_500_000, release_at=api.clock.now() + timedelta(hours=24))

    wallet = await (await api.get("/api/v1/wallet")).json()

    usdt = wallet["items"][0]
    assert (usdt["available"], usdt["held"], usdt["locked"]) == (
        "10.000000",
        "2.500000",
        "2.500000",
    )


async def test_lots_name_their_trade_and_release_time_soonest_first(api):
    user_id = api.tokens.actors["alice"].user_id
    now = api.clock.now()
    later = await buy(api, user_id, 1, release_at=now + timedelta(hours=48))
    sooner = await buy(api, user_id, 2, release_at=now + timedelta(hours=24))

    wallet = await (await api.get("/api/v1/wallet")).json()

    assert wallet["lots"] == [
        {
            "trade_id": str(sooner),
            "asset": "USDT",
            "amount": "0.000002",
            "release_at": "2026-01-02T00:00:00.000Z",
            "frozen": False,
        },
        {
            "trade_id": str(later),
            "asset": "USDT",
            "amount": "0.000001",
            "release_at": "2026-01-03T00:00:00.000Z",
            "frozen": False,
        },
    ]


async def test_balance_updated_equals_the_fetched_wallet(api):
    await api.post("/api/v1/dev/credit", {"amount": "10.5"})
    await api.post("/api/v1/dev/faucet", {"amount": "3"})

    wallet = await (await api.get("/api/v1/wallet")).json()

    async with api.database.read() as connection:
        statement = select(Outbox.body).where(Outbox.name == "balance_updated").order_by(Outbox.id)
        told = [orjson.loads(row.body) for row in await connection.execute(statement)]
    assert told == wallet["items"]


async def test_wallet_is_only_for_the_signed_in(api):
    reply = await api.client.get("/api/v1/wallet")

    assert reply.status == 401
    assert (await reply.json())["code"] == "unauthenticated"


async def test_everyone_sees_his_own_wallet(api):
    await api.add_user("bob")
    await api.post("/api/v1/dev/credit", {"amount": "10"})

    wallet = await (await api.get("/api/v1/wallet", "bob")).json()

    assert wallet["items"][0]["available"] == "0.000000"
