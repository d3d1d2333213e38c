"""A healthy small market, made by the ledger's own service and plain rows beside it."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, text, update

from models.identity import PaymentAccount, PaymentMethod, PaymentMethodSchema, User
from models.ledger import Resolution
from models.markets import Market
from models.operations import Outbox, RoomSeq
from models.orders import Order
from models.trades import Trade, TradeEvent
from server.core.clock import ManualClock
from server.core.ids import SystemRandom
from server.db import Database
from server.db.engine import open_engine
from server.ledger.service import lock_sheet, open_accounts, open_hold, resolve_hold, write_sheet
from server.ledger.sheet import AccountKey
from tests.unit.ledger.conftest import make_trade

MARKET = "USDT-VND"
AMOUNT = 1_000_000
HOLD = 1_000_500


class Deals:
    """A seller with one large order, and buyers who take from it."""

    def __init__(self, database, clock):
        self.database = database
        self.clock = clock
        self.seller = self.buyer = self.order = self.account = None

    async def run(self, work):
        return await self.database.transact(work, name="test")

    async def corrupt(self, statement, parameters=None):
        """Change rows as no code of ours would: without constraints."""
        sqlite = self.database.dialect == "sqlite"
        off = "PRAGMA ignore_check_constraints=1" if sqlite else "SET check_constraint_checks=0"
        on = "PRAGMA ignore_check_constraints=0" if sqlite else "SET check_constraint_checks=1"
        async with self.database.engine.connect() as connection:
            await connection.execute(text(off))
            await connection.commit()
            result = await connection.execute(statement, parameters or {})
            assert result.rowcount >= 1, "nothing was corrupted"
            await connection.commit()
            await connection.execute(text(on))
            await connection.commit()

    async def add_user(self):
        async def work(unit):
            user_id = unit.ids.new_id()
            await unit.execute(insert(User).values(id=user_id, created_at=unit.now))
            await open_accounts(unit, user_id)
            return user_id

        return await self.run(work)

    async def add_payment_account(self, user_id, fingerprint=b"s"):
        async def work(unit):
            account_id = unit.ids.new_id()
            await unit.execute(
                insert(PaymentAccount).values(
                    id=account_id,
                    user_id=user_id,
                    method_id="vn-bank",
                    sealed=b"",
                    fingerprint=fingerprint * 32,
                    created_at=unit.now,
                )
            )
            return account_id

        return await self.run(work)

    async def build(self):
        async def work(unit):
            await unit.execute(
                insert(Market).values(
                    id=MARKET,
                    asset="USDT",
                    currency="VND",
                    minor_digits=0,
                    price_digits=0,
                    created_at=unit.now,
                )
            )
            await unit.execute(
                insert(PaymentMethod).values(
                    id="vn-bank",
                    name="Bank",
                    currency="VND",
                    region="VN",
                    reversibility="final",
                    speed="instant",
                )
            )
            await unit.execute(
                insert(PaymentMethodSchema).values(
                    method_id="vn-bank", version=1, fields="[]", created_at=unit.now
                )
            )

        await self.run(work)
        self.seller, self.buyer = await self.add_user(), await self.add_user()
        self.account = await self.add_payment_account(self.seller)
        self.order = await self.place_order(10 * AMOUNT)

    async def place_order(self, amount):
        reserved = amount + amount * 500 // 1_000_000

        async def work(unit):
            order_id = unit.ids.new_id()
            available = AccountKey(self.seller, "USDT", "available")
            sheet = await lock_sheet(unit, [available])
            for debit, credit, reason in (
                ("custody:dev", available, "dev_credit"),
                (available, AccountKey(self.seller, "USDT", "reserved"), "order_reserved"),
            ):
                sheet.move(
                    asset="USDT",
                    amount=reserved,
                    debit=debit,
                    credit=credit,
                    reason=reason,
                    subject_id=order_id,
                )
            await write_sheet(unit, sheet)
            await unit.execute(
                insert(Order).values(
                    id=order_id,
                    market=MARKET,
                    user_id=self.seller,
                    side="sell",
                    amount=amount,
                    remaining=amount,
                    reserved=reserved,
                    created_at=unit.now,
                )
            )
            return order_id

        return await self.run(work)

    async def open_trade(self):
        """A trade of 1 USDT with a take of the buyer's."""

        async def work(unit):
            trade_id, take_id = unit.ids.new_id(), unit.ids.new_id()
            terms = make_trade(self.seller, self.buyer, trade_id=trade_id)
            await self._write_orders(unit, take_id)
            sheet = await lock_sheet(unit, [AccountKey(self.seller, "USDT", "reserved")])
            await open_hold(unit, sheet, trade=terms)
            await write_sheet(unit, sheet)
            await unit.execute(insert(Trade).values(**self._trade_row(unit, trade_id, take_id)))
            await self._write_step(unit, trade_id, 1, None, "awaiting_payment", "system")
            return terms

        return await self.run(work)

    async def _write_orders(self, unit, take_id):
        await unit.execute(
            update(Order)
            .where(Order.id == self.order)
            .values(
                remaining=Order.remaining - AMOUNT,
                matched=Order.matched + AMOUNT,
                reserved=Order.reserved - HOLD,
                status="partially_filled",
            )
        )
        await unit.execute(
            insert(Order).values(
                id=take_id,
                market=MARKET,
                user_id=self.buyer,
                side="buy",
                time_in_force="ioc",
                amount=AMOUNT,
                remaining=0,
                matched=AMOUNT,
                status="filled",
                created_at=unit.now,
            )
        )

    def _trade_row(self, unit, trade_id, take_id):
        return {
            "id": trade_id,
            "market": MARKET,
            "asset": "USDT",
            "maker_order_id": self.order,
            "taker_order_id": take_id,
            "buyer_id": self.buyer,
            "seller_id": self.seller,
            "maker_side": "sell",
            "price_ticks": 25_000,
            "amount": AMOUNT,
            "fiat_minor": 25_000,
            "buyer_fee_ppm": 500,
            "seller_fee_ppm": 500,
            "method_id": "vn-bank",
            "payment_account_id": self.account,
            "window_s": 900,
            "status": "awaiting_payment",
            "version": 1,
            "deadline_at": unit.now + timedelta(minutes=15),
            "window_ends_at": unit.now + timedelta(minutes=15),
            "late": False,
            "extended_by_seller": False,
            "extended_by_buyer": False,
            "paid_undone": False,
            "name_mismatch": False,
            "created_at": unit.now,
        }

    async def step(self, trade, version, status_from, status_to, actor="buyer"):
        async def work(unit):
            await unit.execute(
                update(Trade)
                .where(Trade.id == trade.id)
                .values(status=status_to, version=version, deadline_at=None)
            )
            await self._write_step(unit, trade.id, version, status_from, status_to, actor)

        await self.run(work)

    async def release(self, trade, *, release_at=None):
        async def work(unit):
            await unit.execute(
                update(Trade)
                .where(Trade.id == trade.id)
                .values(status="completed", version=3, deadline_at=None)
            )
            keys = [AccountKey(user, "USDT", "available") for user in (self.seller, self.buyer)]
            sheet = await lock_sheet(unit, keys)
            await resolve_hold(
                unit, sheet, trade=trade, resolution=Resolution.RELEASED, release_at=release_at
            )
            await write_sheet(unit, sheet)
            await self._write_step(unit, trade.id, 3, "paid", "completed", "seller")

        await self.run(work)

    async def _write_step(self, unit, trade_id, version, status_from, status_to, actor):
        await unit.execute(
            insert(TradeEvent).values(
                trade_id=trade_id,
                version=version,
                event="test",
                actor=actor,
                status_from=status_from,
                status_to=status_to,
                detail="{}",
                created_at=unit.now,
            )
        )
        await unit.execute(
            insert(Outbox).values(
                id=unit.ids.new_id(),
                room=f"trade:{trade_id}",
                name="trade_updated",
                body="{}",
                created_at=unit.now,
                seq=version,
                relay_batch=1,
            )
        )
        if version == 1:
            await unit.execute(insert(RoomSeq).values(room=f"trade:{trade_id}", seq=1))
        else:
            await unit.execute(
                update(RoomSeq).where(RoomSeq.room == f"trade:{trade_id}").values(seq=version)
            )

    def pass_time(self, **step):
        self.clock.advance(seconds=timedelta(**step).total_seconds())


@pytest.fixture
async def deals(database_url):
    """One open trade, one paid, one completed into a lot."""
    clock = ManualClock()
    database = Database(open_engine(database_url), clock=clock, random=SystemRandom())
    deals = Deals(database, clock)
    await deals.build()
    deals.completed = await deals.open_trade()
    deals.pass_time(seconds=1)
    await deals.step(deals.completed, 2, "awaiting_payment", "paid")
    deals.pass_time(seconds=1)
    await deals.release(deals.completed, release_at=clock.now() + timedelta(hours=24))
    deals.pass_time(seconds=1)
    deals.paid = await deals.open_trade()
    deals.pass_time(seconds=1)
    await deals.step(deals.paid, 2, "awaiting_payment", "paid")
    deals.pass_time(seconds=1)
    deals.open = await deals.open_trade()
    yield deals
    await database.close()


@pytest.fixture(params=["full", "recent"])
def full(request):
    """A full run, and one over what is new."""
    return request.param == "full"
