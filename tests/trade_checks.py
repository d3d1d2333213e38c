"""What must hold of trades, ledger and records after every test."""

from datetime import timedelta

from sqlalchemy import select

from models.disputes import Dispute
from models.ledger import Hold
from models.trades import Trade, UserTrade
from server.monitor.invariants import CHECKS
from server.monitor.verifier import find_breaches
from server.staff.audit_chain import chain_waiting
from server.trades.row import FINAL, RUNNING, UNPAID

CHECKED = {name: check for name, check in CHECKS.items() if name != "I25"}
"""Every invariant but that of the timers, which tests of the clock leave unrun on purpose."""


async def check_world(world):
    """The product's own verifier is green, and what it cannot know holds too."""
    await chain_waiting(world.database)
    breaches = await find_breaches(world.database, since=None, trail=timedelta(0), checks=CHECKED)
    assert breaches == []
    trades = await world.fetch(select(*Trade.__table__.columns))
    holds = {row.trade_id: row for row in await world.fetch(select(*Hold.__table__.columns))}
    for trade in trades:
        await check_trade(world, trade, holds[trade.id])
    for user_id in {trade.buyer_id for trade in trades}:
        unpaid = sum(
            t.status in UNPAID and t.buyer_id == user_id and t.asset == "USDT" for t in trades
        )
        assert (await world.standing(user_id)).open_unpaid_as_buyer == unpaid


async def check_trade(world, trade, hold):
    """Both sides' rows, the hold, the clock and the case fit the status."""
    open_rows = await world.fetch(select(UserTrade.open).where(UserTrade.trade_id == trade.id))
    ended = trade.status in FINAL
    assert [row.open for row in open_rows] == [not ended] * 2
    assert (hold.resolution is not None) == ended
    assert (trade.deadline_at is not None) == (trade.status in RUNNING)
    assert (trade.ended_at is not None) == ended
    cases = await world.fetch(select(Dispute.status).where(Dispute.trade_id == trade.id))
    assert [case.status == "closed" for case in cases] in ([], [ended])
