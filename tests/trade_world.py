"""Worlds for tests of trades: people with money, and trades in every status.

A trade is opened by `open_trade_rows` as a lane would and then brought to its status by the
product's own actions, so that ledger, history and records always belong together.
"""

import base64
import hashlib
from contextlib import asynccontextmanager

import orjson
from sqlalchemy import insert, select, update

from models.identity import (
    PaymentAccount,
    PaymentAccountState,
    PaymentMethod,
    PaymentMethodSchema,
    Profile,
    Standing,
    User,
)
from models.ledger import Account, Hold
from models.markets import Market
from models.orders import LaneInbox
from models.trades import Trade, TradeEvent, TradeStatus
from server.core.clock import ManualClock
from server.core.ids import SystemRandom
from server.core.money import MICRO, fee_down
from server.db import Database
from server.db.engine import open_engine
from server.disputes import opening
from server.disputes.attach import keep_cases
from server.disputes.reasons import Reason
from server.http.endpoint import Actor as HttpActor
from server.identity.sealing import Sealer
from server.identity.step_up import Act, _store
from server.ledger.service import lock_sheet, open_accounts, write_sheet
from server.ledger.sheet import AccountKey
from server.trades import cancels, clocks, payments, releases, splits
from server.trades.desk import Caller, Desk
from server.trades.trade import get_trade
from tests.factories import open_trade_rows
from tests.trade_checks import check_world

KINDS = ("available", "reserved", "escrow", "held", "withdrawal", "bond")
PAYER = "Nguyễn Văn An"
DETAILS = {"account_number": "0123456789", "holder": "TRAN THI B"}
S = TradeStatus


class TradeWorld:
    """A database with a market, a seller, a buyer, a stranger and a member of staff."""

    def __init__(self, database, clock):
        self.database = database
        self.clock = clock
        self.heard = []
        sealer = Sealer({"test": b"k" * 32}, database.random)
        self.desk = Desk(database=database, real_clock=clock, sealer=sealer)
        keep_cases(self.desk)
        self.desk.identity_hooks.on_standing_changed.append(self._note_changed)
        self.changed = []

    async def _note_changed(self, _unit, user_id):
        self.changed.append(user_id)

    async def build(self):
        await self.add_market("USDT-VND", "USDT")
        await self.add_market("USDT_TEST-VND", "USDT_TEST")
        for method, reversibility, speed in (
            ("vn-bank", "recallable", "domestic"),
            ("vn-momo", "final", "instant"),
            ("vn-card", "reversible", "other"),
        ):
            await self.add_method(method, reversibility, speed)
        self.seller = await self.add_user("seller", trades_completed=100)
        self.buyer = await self.add_user("buyer", trades_completed=60)
        self.stranger = await self.add_user("stranger")
        self.staff = await self.add_user("staff", role="support")
        return self

    async def run(self, work, name="test"):
        return await self.database.transact(work, name=name)

    async def insert(self, table, **values):
        async def work(unit):
            await unit.execute(insert(table).values(**values))

        await self.run(work)

    async def add_market(self, market, asset):
        await self.insert(
            Market,
            id=market,
            asset=asset,
            currency="VND",
            minor_digits=0,
            price_digits=0,
            created_at=self.clock.now(),
        )

    async def add_method(self, method, reversibility, speed):
        await self.insert(
            PaymentMethod,
            id=method,
            name=method,
            currency="VND",
            region="VN",
            reversibility=reversibility,
            speed=speed,
        )
        await self.insert(
            PaymentMethodSchema,
            method_id=method,
            version=1,
            fields="[]",
            created_at=self.clock.now(),
        )

    async def add_user(self, name, *, role="user", **standing):
        async def work(unit):
            user_id = unit.ids.new_id()
            await unit.execute(insert(User).values(id=user_id, created_at=unit.now))
            await unit.execute(
                insert(Profile).values(
                    user_id=user_id,
                    username=name,
                    username_key=name,
                    email=f"{name}@example.org",
                    email_key=f"{name}@example.org",
                    language="en",
                    role=role,
                    password_hash="x",
                    updated_at=unit.now,
                )
            )
            row = {"kyc_level": 2, "trades_ended": standing.get("trades_completed", 0), **standing}
            await unit.execute(insert(Standing).values(user_id=user_id, **row))
            await open_accounts(unit, user_id)
            return user_id

        return await self.run(work)

    async def fund(self, user_id, amount, asset="USDT"):
        """Credit a user from outside, to `reserved`, as if an order held it."""
        key = AccountKey(user_id, asset, "reserved")

        async def work(unit):
            sheet = await lock_sheet(unit, [key])
            sheet.move(
                asset=asset,
                amount=amount,
                debit="suspense",
                credit=key,
                reason="test",
                subject_id=None,
            )
            await write_sheet(unit, sheet)

        await self.run(work)

    async def open_trade(self, status=S.AWAITING_PAYMENT, **given):
        """A trade in `status`; `given` overrides what `open_trade_rows` takes."""
        method = given.get("method", "vn-bank")
        given.setdefault("buyer_id", self.buyer)
        given.setdefault("seller_id", self.seller)
        amount = given.setdefault("amount", 100 * MICRO)
        asset = given.setdefault("asset", "USDT")
        given.setdefault("account_id", await self.add_account(given["seller_id"], method))
        await self.fund(given["seller_id"], amount + fee_down(amount, 500), asset)

        async def work(unit):
            return await open_trade_rows(unit, **given)

        trade_id = await self.run(work)
        await self.bring_to(trade_id, status)
        return trade_id

    async def add_account(self, user_id, method):
        async def work(unit):
            account_id = unit.ids.new_id()
            sealed = self.desk.sealer.seal(orjson.dumps(DETAILS), f"payment_account:{account_id}")
            await unit.execute(
                insert(PaymentAccount).values(
                    id=account_id,
                    user_id=user_id,
                    method_id=method,
                    sealed=sealed,
                    fingerprint=hashlib.sha256(account_id.bytes).digest(),
                    created_at=unit.now,
                )
            )
            await unit.execute(insert(PaymentAccountState).values(account_id=account_id))
            return account_id

        return await self.run(work)

    async def bring_to(self, trade_id, status):
        """Lead a fresh trade to `status` by the product's own actions."""
        if status is S.AWAITING_PAYMENT:
            return
        if status in (S.GRACE, S.EXPIRED):
            trade = await self.trade(trade_id)
            self.clock.advance(seconds=trade.window_s)
            if status is S.EXPIRED:
                self.clock.advance(minutes=15)
            assert await clocks.apply_due_rows(self.desk, trade_id)
        elif status is S.CANCELLED:
            await self.do("cancel", trade_id)
        else:
            await self.do("declare_payer", trade_id)
            await self.do("mark_paid", trade_id)
            if status is S.COMPLETED:
                await self.do("release", trade_id)
            elif status in (S.DISPUTED, S.REFUNDED):
                self.clock.advance(minutes=30)
                assert await clocks.apply_due_rows(self.desk, trade_id)
                if status is S.REFUNDED:
                    await self.do("concede", trade_id)
        assert (await self.trade(trade_id)).status is status

    async def do(self, action, trade_id, user_id=None, **given):
        """One action as the product does it: due rows first, then its own unit of work."""
        trade = await self.trade(trade_id)
        if user_id is None:
            user_id = trade.seller_id if action in SELLERS else trade.buyer_id
        await clocks.apply_due_rows(self.desk, trade_id)
        caller = await self.caller(user_id, action, trade_id, **given)
        return await self.do_as(caller, action, trade_id, **given)

    async def do_as(self, caller, action, trade_id, **given):
        """One action with a proof that is there already."""

        async def work(unit):
            return await ACTIONS[action](unit, self.desk, caller, trade_id, **given)

        return await self.run(work, name=action)

    async def caller(self, user_id, action, trade_id, **given):
        user = HttpActor(user_id, user_id, "user")
        if action not in PROVEN:
            return Caller(user)
        trade = await self.trade(trade_id)
        amount = trade.amount
        if PROVEN[action] == "split":
            amount = given.get("buyer_amount_micro") or trade.split_buyer_amount or 50 * MICRO
        act = Act(PROVEN[action], trade_id, amount, trade.version)
        return Caller(user, await self.prove(user, act))

    async def prove(self, user, act):
        secret = self.database.random.token(32)

        async def work(unit):
            await _store(unit, user, secret, [act])

        await self.run(work)
        return encode_proof(secret)

    async def trade(self, trade_id):
        async with self.database.read() as connection:
            return await get_trade(connection, trade_id)

    async def fetch(self, statement):
        async with self.database.read() as connection:
            return (await connection.execute(statement)).all()

    async def standing(self, user_id):
        return (await self.fetch(select(*Standing.__table__.columns).where(
            Standing.user_id == user_id)))[0]  # fmt: skip

    async def set_standing(self, user_id, **values):
        async def work(unit):
            await unit.execute(update(Standing).where(Standing.user_id == user_id).values(**values))

        await self.run(work)

    async def let_third_party_pay(self):
        """Every trade of the world is one whose payer is not its buyer."""

        async def work(unit):
            await unit.execute(update(Trade).values(third_party_payer=True))

        await self.run(work)

    async def history(self, trade_id):
        rows = await self.fetch(
            select(
                TradeEvent.version,
                TradeEvent.event,
                TradeEvent.status_from,
                TradeEvent.status_to,
                TradeEvent.actor,
            )
            .where(TradeEvent.trade_id == trade_id)
            .order_by(TradeEvent.version)
        )
        return [tuple(row) for row in rows]

    async def balances(self, user_id, asset="USDT"):
        rows = await self.fetch(
            select(Account.kind, Account.balance).where(
                Account.user_id == user_id, Account.asset == asset, Account.balance > 0
            )
        )
        return {row.kind: row.balance for row in rows}

    async def hold(self, trade_id):
        return (await self.fetch(select(*Hold.__table__.columns).where(
            Hold.trade_id == trade_id)))[0]  # fmt: skip

    async def inbox(self, kind):
        rows = await self.fetch(
            select(*LaneInbox.__table__.columns)
            .where(LaneInbox.kind == kind)
            .order_by(LaneInbox.id)
        )
        return [row._asdict() | {"body": orjson.loads(row.body)} for row in rows]


def encode_proof(secret):
    """A proof as it travels in the header."""
    return base64.urlsafe_b64encode(secret).decode().rstrip("=")


SELLERS = {"release", "request_cancel", "contest_fault"}
PROVEN = {
    "release": "release",
    "propose_split": "split",
    "accept_split": "split",
    "concede": "concede",
}


async def _concede(unit, desk, caller, trade_id, **given):
    trade = await get_trade(unit, trade_id)
    return await opening.concede(unit, desk, caller, given.get("dispute_id", trade.dispute_id))


async def _open_case(unit, desk, caller, trade_id, **given):
    return await opening.open_case(
        unit, desk, trade_id, staff_id=caller.user_id, **{"reason": "check", **given}
    )


def _with(action, **defaults):
    async def run(unit, desk, caller, trade_id, **given):
        return await action(unit, desk, caller, trade_id, **{**defaults, **given})

    return run


ACTIONS = {
    "declare_payer": _with(payments.declare_payer, payer_name=PAYER),
    "mark_paid": _with(payments.mark_paid, reference="FT2603"),
    "undo_paid": payments.undo_paid,
    "cancel": _with(cancels.cancel, reason=cancels.CancelReason.CHANGED_MIND),
    "did_not_pay": _with(cancels.cancel, reason=cancels.CancelReason.DID_NOT_PAY),
    "request_cancel": _with(cancels.request_cancel, reason="please"),
    "accept_cancel": cancels.accept_cancel,
    "decline_cancel": cancels.decline_cancel,
    "extend": payments.extend,
    "release": _with(releases.release, payer_name_seen=PAYER),
    "propose_split": _with(splits.propose_split, buyer_amount_micro=50 * MICRO),
    "accept_split": _with(splits.accept_split, offer_id=None),
    "decline_split": _with(splits.decline_split, offer_id=None),
    "open_dispute": _with(opening.open_dispute, reason=Reason.OTHER, statement="see chat"),
    "concede": _concede,
    "contest_fault": cancels.contest_fault,
    "refuse_payer": payments.refuse_payer,
    "open_case": _open_case,
}


@asynccontextmanager
async def open_world(database_url):
    """A built world on a database; what must hold is checked when the test is over."""
    clock = ManualClock()
    database = Database(open_engine(database_url), clock=clock, random=SystemRandom())
    try:
        world = await TradeWorld(database, clock).build()
        yield world
        await check_world(world)
    finally:
        await database.close()
