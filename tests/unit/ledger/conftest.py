"""A database with people whose ledger the tests move."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import func, insert, select

from models.identity import User
from models.ledger import PlatformPosting, Posting
from server.core.clock import ManualClock
from server.core.ids import SystemRandom
from server.db import Database
from server.db.engine import open_engine
from server.ledger.service import lock_sheet, open_accounts, write_sheet
from server.ledger.sheet import AccountKey


class LedgerWorld:
    """Users with accounts, and shortcuts to move and read them."""

    def __init__(self, database, clock):
        self.database = database
        self.clock = clock

    async def add_user(self, *, available=0, asset="USDT"):
        async def work(unit):
            user_id = unit.ids.new_id()
            await unit.execute(insert(User).values(id=user_id, created_at=unit.now))
            await open_accounts(unit, user_id)
            return user_id

        user_id = await self.database.transact(work, name="test")
        if available:
            await self.move(available, "suspense", AccountKey(user_id, asset, "available"))
        return user_id

    async def move(self, amount, debit, credit, *, reason="test", subject_id=None):
        keys = [side for side in (debit, credit) if not isinstance(side, str)]
        await self.move_all(keys, [(amount, debit, credit)], reason, subject_id)

    async def move_all(self, keys, steps, reason="test", subject_id=None):
        async def work(unit):
            sheet = await lock_sheet(unit, keys)
            for amount, debit, credit in steps:
                sheet.move(
                    asset=keys[0].asset,
                    amount=amount,
                    debit=debit,
                    credit=credit,
                    reason=reason,
                    subject_id=subject_id,
                )
            await write_sheet(unit, sheet)

        await self.database.transact(work, name="test")

    async def balances(self, user_id, asset="USDT"):
        async def work(unit):
            sheet = await lock_sheet(unit, [AccountKey(user_id, asset, "available")])
            kinds = ("available", "reserved", "escrow", "held", "withdrawal", "bond")
            found = {kind: sheet.balance(AccountKey(user_id, asset, kind)) for kind in kinds}
            return {kind: amount for kind, amount in found.items() if amount}

        return await self.database.transact(work, name="test")

    async def fetch(self, statement):
        async with self.database.read() as connection:
            return (await connection.execute(statement)).all()

    async def total(self):
        """What must be zero: everything posted, per asset."""
        sums = {}
        for table in (Posting, PlatformPosting):
            statement = select(table.asset, func.sum(table.amount)).group_by(table.asset)
            for asset, amount in await self.fetch(statement):
                sums[asset] = sums.get(asset, 0) + int(amount)
        return {asset: amount for asset, amount in sums.items() if amount}

    def pass_time(self, **step):
        self.clock.advance(seconds=timedelta(**step).total_seconds())


@pytest.fixture
async def world(database_url):
    clock = ManualClock()
    database = Database(open_engine(database_url), clock=clock, random=SystemRandom())
    world = LedgerWorld(database, clock)
    yield world
    assert await world.total() == {}, "the ledger does not sum to zero"
    await database.close()


def make_trade(seller_id, buyer_id, *, trade_id, amount=1_000_000, asset="USDT", fee_ppm=500):
    return SimpleNamespace(
        id=trade_id,
        asset=asset,
        amount=amount,
        buyer_id=buyer_id,
        seller_id=seller_id,
        buyer_fee_ppm=fee_ppm,
        seller_fee_ppm=fee_ppm,
    )
