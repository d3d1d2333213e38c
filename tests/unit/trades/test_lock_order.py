"""Rows are locked in one order, whatever is done: lane, trade, dispute, standings, accounts."""

import re

import pytest
from sqlalchemy import event, text
from sqlalchemy.engine import make_url

from models.trades import TradeStatus as S
from server.core.clock import ManualClock
from server.db.engine import open_engine
from server.jobs.recheck_standings import recheck_standings
from server.jobs.release_lots import release_lots
from server.jobs.roll_up import roll_up_accounts
from server.jobs.run_clocks import run_clocks
from server.trades.cancels import CancelReason
from tests.market_world import start_world
from tests.trade_world import ACTIONS, open_world

RANKS = {"lanes": 0, "trades": 1, "disputes": 2, "standings": 3, "accounts": 4}
LOCKING = re.compile(
    r"^(?:UPDATE (?P<updated>\w+) |DELETE FROM (?P<deleted>\w+)"
    r"|SELECT\b.*?\sFROM\s(?P<selected>\w+)\b.*\bFOR UPDATE)",
    re.DOTALL,
)
PLACES = {
    "declare_payer": S.AWAITING_PAYMENT, "mark_paid": S.AWAITING_PAYMENT, "undo_paid": S.PAID,
    "cancel": S.AWAITING_PAYMENT, "did_not_pay": S.PAID, "request_cancel": S.PAID,
    "accept_cancel": S.PAID, "decline_cancel": S.PAID, "extend": S.AWAITING_PAYMENT,
    "release": S.PAID, "propose_split": S.PAID, "accept_split": S.PAID, "decline_split": S.PAID,
    "open_dispute": S.PAID, "concede": S.DISPUTED, "open_case": S.PAID,
    "contest_fault": S.AWAITING_PAYMENT, "refuse_payer": S.AWAITING_PAYMENT,
}  # fmt: skip
"""Each action and the status in which it is tried."""


def table_of(statement):
    """The ranked table whose rows a statement locks, if any."""
    found = LOCKING.match(statement.strip().replace("`", ""))
    table = found and next(filter(None, found.groups()))
    return table if table in RANKS else None


class Recorder:
    """What each transaction of an engine locks: table and primary keys, in order."""

    def __init__(self, engine):
        self.transactions = []
        self.under_way = {}
        event.listen(engine.sync_engine, "begin", self._begin)
        event.listen(engine.sync_engine, "before_cursor_execute", self._note)

    def _begin(self, connection):
        self.under_way[id(connection.connection.dbapi_connection)] = locks = []
        self.transactions.append(locks)

    def _note(self, connection, _cursor, statement, parameters, _context, _many):
        # SQLite has no FOR UPDATE and one lock for all; its statements show the same order.
        table = table_of(statement)
        if table is not None:
            ids = tuple(v for v in parameters if isinstance(v, bytes) and len(v) == 16)
            self.under_way[id(connection.connection.dbapi_connection)].append(
                (table, statement, ids)
            )

    def take(self):
        taken, self.transactions = self.transactions, []
        return [locks for locks in taken if locks]


def assert_in_order(locks):
    """The first locks of the tables follow the order; within a table they ascend."""
    ranks = [RANKS[table] for table, *_ in locks]
    firsts = [rank for number, rank in enumerate(ranks) if rank not in ranks[:number]]
    assert firsts == sorted(firsts), [table for table, *_ in locks]
    for name in RANKS:
        held = set()
        for table, statement, ids in locks:
            if table != name:
                continue
            fresh = set(ids) - held
            assert not fresh or not held or min(fresh) > max(held), f"{name}: {locks}"
            assert len(ids) <= 1 or not statement.startswith("SELECT") or "ORDER BY" in statement
            held |= fresh


def test_other_orders_are_noticed():
    one, two = (bytes([number]) * 16 for number in (1, 2))
    for wrong in (
        [("accounts", "SELECT", (one,)), ("trades", "SELECT", (one,))],
        [("standings", "SELECT", (two,)), ("standings", "SELECT", (one,))],
        [("standings", "SELECT without an order", (one, two))],
    ):
        with pytest.raises(AssertionError):
            assert_in_order(wrong)
    assert table_of("SELECT a\nFROM accounts\nWHERE a = 1 FOR UPDATE SKIP LOCKED") == "accounts"
    assert table_of("SELECT a\nFROM accounts\nWHERE a = 1") is None


@pytest.fixture
async def world(mariadb_url):
    """On MariaDB, whose statements say what they lock; SQLite has one lock for all."""
    async with open_world(mariadb_url) as opened:
        yield opened


async def prepare(world, action):
    """A trade in the status for `action`, and what the action needs besides."""
    trade_id = await world.open_trade(PLACES[action], method="vn-momo")
    given = {}
    if action in ("accept_cancel", "decline_cancel"):
        await world.do("request_cancel", trade_id)
    elif action == "contest_fault":
        await world.do("cancel", trade_id, reason=CancelReason.DETAILS_WRONG)
    elif action in ("accept_split", "decline_split"):
        await world.do("propose_split", trade_id, world.buyer)
        given["user_id"] = world.seller
    elif action == "open_case":
        given["user_id"] = world.staff
    elif action == "extend":
        given["user_id"] = world.seller
    elif action == "mark_paid":
        await world.do("declare_payer", trade_id)
    elif action == "refuse_payer":
        await world.let_third_party_pay()
        given["user_id"] = world.seller
    elif action == "open_dispute":
        world.clock.advance(minutes=10)
    return trade_id, given


@pytest.mark.parametrize("action", sorted(ACTIONS))
async def test_action_locks_its_rows_in_the_one_order(world, action):
    trade_id, given = await prepare(world, action)
    recorder = Recorder(world.database.engine)

    await world.do(action, trade_id, **given)

    transactions = recorder.take()
    assert any(locks[0][0] == "trades" for locks in transactions)
    for locks in transactions:
        assert_in_order(locks)


async def test_duties_lock_their_rows_in_the_one_order(world):
    for status in (S.AWAITING_PAYMENT, S.GRACE, S.PAID):
        await world.open_trade(status)
    for method in ("vn-card", "vn-bank"):
        await world.open_trade(S.COMPLETED, method=method)
    recorder = Recorder(world.database.engine)
    for duty in (run_clocks, recheck_standings, release_lots, roll_up_accounts) * 3:
        world.clock.advance(hours=20)
        await duty(world.desk)

    transactions = recorder.take()
    assert {table for locks in transactions for table, *_ in locks} >= {"trades", "accounts"}
    for locks in transactions:
        assert_in_order(locks)


class GeneralLog:
    """What the server itself heard: the statements of each connection of a schema, in order."""

    def __init__(self, console, schema):
        self.console, self.schema = console, schema

    async def start(self):
        for statement in (
            "SET GLOBAL log_output='TABLE'",
            "TRUNCATE mysql.general_log",
            "SET GLOBAL general_log=ON",
        ):
            await self.console.execute(text(statement))

    async def stop(self):
        await self.console.execute(text("SET GLOBAL general_log=OFF"))

    async def read(self):
        rows = await self.console.execute(
            # As bytes: what is sealed travels within statements and is no text.
            text("SELECT thread_id, command_type, CAST(argument AS BINARY) FROM mysql.general_log")
        )
        ours, heard = set(), []
        for thread, kind, argument in rows.all():
            said = argument.decode(errors="replace")
            if kind == "Connect" and f" on {self.schema} " in said:
                ours.add(thread)
            elif kind == "Query" and thread in ours:
                heard.append((thread, said.strip()))
        return heard


def list_transactions(heard):
    """The locking statements of each transaction, whichever way it was sent."""
    under_way, ended = {}, []
    for thread, said in heard:
        locks = under_way.setdefault(thread, [])
        if re.match(r"(COMMIT|ROLLBACK|BEGIN|START)\b", said):
            ended.append(under_way.pop(thread))
        # A lane sends several statements in one packet.
        for statement in said.split(";"):
            table = table_of(statement)
            if table is not None:
                under_way.setdefault(thread, locks).append((table, statement[:60]))
    return [locks for locks in [*ended, *under_way.values()] if locks]


async def test_lane_locks_its_row_before_everything_else(mariadb_url):
    schema = make_url(mariadb_url).database
    engine = open_engine(mariadb_url)
    async with engine.connect() as console:
        log = GeneralLog(console, schema)
        await log.start()
        try:
            async with start_world(mariadb_url, clock=ManualClock()) as world:
                seller = await world.join("seller", usdt="1000")
                buyer = await world.join("buyer")
                await seller.sell("100", "26000")
                (trade,) = (await buyer.buy("40", "26100"))["trades"]
                cancel = {"reason": "changed_mind"}
                await buyer.must("POST", f"/trades/{trade['id']}/cancel", cancel)
                await world.wait_for_inbox()
        finally:
            await log.stop()
        heard = await log.read()
    await engine.dispose()

    transactions = list_transactions(heard)
    batches = [locks for locks in transactions if locks[0][0] == "lanes"]
    assert any({"lanes", "standings", "accounts"} <= {lock[0] for lock in locks}
               for locks in batches)  # fmt: skip
    for locks in transactions:
        ranks = [RANKS[table] for table, _ in locks]
        firsts = [rank for number, rank in enumerate(ranks) if rank not in ranks[:number]]
        assert firsts == sorted(firsts), locks
