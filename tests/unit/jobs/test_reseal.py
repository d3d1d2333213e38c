"""After a rotation everything at rest is sealed with the newest key."""

import pytest
from sqlalchemy import LargeBinary, inspect, select

import models
from models.base import Base
from models.identity import PaymentAccount
from models.trades import Trade, TradeStatus
from server.identity.accounts import context_of
from server.identity.sealing import SealBroken, Sealer
from server.jobs.reseal import SEALED, reseal_all
from server.trades.views import payer_context
from tests.trade_world import PAYER

OLD, NEW = {"test": b"k" * 32}, {"new": b"n" * 32}
NOT_SEALED = {
    "idempotency_keys.body",
    "step_up_proofs.subject",
    "passkeys.credential_id",
    "passkeys.public_key",
}


async def read_sealed(world):
    async with world.database.read() as connection:
        accounts = (
            await connection.execute(select(PaymentAccount.id, PaymentAccount.sealed))
        ).all()
        trades = (
            await connection.execute(
                select(Trade.id, Trade.payer_name).where(Trade.payer_name.is_not(None))
            )
        ).all()
    return {context_of(row[0]): row[1] for row in accounts} | {
        payer_context(row[0]): row[1] for row in trades
    }


async def test_rotation_seals_everything_anew_so_that_the_old_key_may_go(world, monkeypatch):
    monkeypatch.setattr("server.jobs.reseal.CHUNK", 1)
    trade_id = await world.open_trade(TradeStatus.PAID)
    before = await read_sealed(world)
    assert payer_context(trade_id) in before
    rotated = Sealer({**NEW, **OLD}, world.database.random)

    counts = await reseal_all(world.database, rotated)

    assert sum(counts.values()) == len(before) >= 2
    only_new = Sealer(NEW, world.database.random)
    for context, sealed in (await read_sealed(world)).items():
        assert only_new.open_sealed(sealed, context) == rotated.open_sealed(
            before[context], context
        )
    opened = only_new.open_sealed(
        (await read_sealed(world))[payer_context(trade_id)], payer_context(trade_id)
    )
    assert opened.decode() == PAYER
    assert set((await reseal_all(world.database, rotated)).values()) == {0}


async def test_value_of_a_key_that_is_gone_is_named_and_left(world):
    await world.open_trade(TradeStatus.PAID)
    before = await read_sealed(world)
    with pytest.raises(SealBroken):
        await reseal_all(world.database, Sealer(NEW, world.database.random))
    assert await read_sealed(world) == before


def test_every_column_of_free_bytes_is_resealed_or_known_to_hold_no_secret():
    assert models
    free = {
        f"{mapper.local_table.name}.{column.name}"
        for mapper in Base.registry.mappers
        for column in inspect(mapper.class_).columns
        if type(column.type) is LargeBinary or column.type.__class__.__name__ == "BLOB"
    }
    assert {column.name for column in SEALED} <= free
    assert free - {column.name for column in SEALED} <= NOT_SEALED
