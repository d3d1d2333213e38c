"""What must hold of trades, ledger and records after every test."""

from itertools import pairwise

from sqlalchemy import func, select

from models.ledger import Account, Hold, Lot, PlatformPosting, Posting
from models.orders import LaneInbox
from models.trades import Dispute, Trade, UserTrade
from server.trades.row import UNPAID


async def check_world(world):
    """What must hold after every test: money, history, holds, records."""
    assert await total(world) == {}, "the ledger does not sum to zero"
    await check_accounts(world)
    trades = await world.fetch(select(*Trade.__table__.columns))
    holds = {row.trade_id: row for row in await world.fetch(select(*Hold.__table__.columns))}
    for trade in trades:
        await check_trade(world, trade, holds[trade.id])
    for user_id in {trade.buyer_id for trade in trades}:
        unpaid = sum(
            t.status in UNPAID and t.buyer_id == user_id and t.asset == "USDT" for t in trades
        )
        assert (await world.standing(user_id)).open_unpaid_as_buyer == unpaid


async def check_accounts(world):
    """Each bucket is what stands behind it, and the sum of its postings."""
    escrow = await world.fetch(
        select(Hold.seller_id, Hold.asset, func.sum(Hold.amount))
        .where(Hold.resolution.is_(None))
        .group_by(Hold.seller_id, Hold.asset)
    )
    held = await world.fetch(
        select(Lot.user_id, Lot.asset, func.sum(Lot.amount))
        .where(Lot.released_at.is_(None))
        .group_by(Lot.user_id, Lot.asset)
    )
    returns = await world.fetch(
        select(LaneInbox.user_id, func.sum(LaneInbox.amount))
        .where(LaneInbox.kind == "return", LaneInbox.consumed_batch.is_(None))
        .group_by(LaneInbox.user_id)
    )
    behind = {(user, asset, "escrow"): int(amount) for user, asset, amount in escrow}
    behind |= {(user, asset, "held"): int(amount) for user, asset, amount in held}
    waiting = {user: int(amount) for user, amount in returns}
    reserved = {}
    sums = await world.fetch(
        select(Posting.user_id, Posting.asset, Posting.kind, func.sum(Posting.amount)).group_by(
            Posting.user_id, Posting.asset, Posting.kind
        )
    )
    posted = {(user, asset, kind): int(amount) for user, asset, kind, amount in sums}
    for row in await world.fetch(select(*Account.__table__.columns)):
        key = (row.user_id, row.asset, row.kind)
        assert row.balance == posted.get(key, 0)
        if row.kind in ("escrow", "held"):
            assert row.balance == behind.get(key, 0)
        if row.kind == "reserved":
            reserved[row.user_id] = reserved.get(row.user_id, 0) + row.balance
    for user_id, amount in reserved.items():
        assert amount == waiting.get(user_id, 0)


async def check_trade(world, trade, hold):
    history = await world.history(trade.id)
    assert [entry[0] for entry in history] == list(range(1, trade.version + 1))
    assert history[-1][3] == trade.status
    for before, after in pairwise(history):
        assert before[3] == after[2]
    open_rows = await world.fetch(select(UserTrade.open).where(UserTrade.trade_id == trade.id))
    ended = trade.status in ("completed", "cancelled", "expired", "refunded")
    assert [row.open for row in open_rows] == [not ended] * 2
    assert (hold.resolution is not None) == ended
    assert (trade.deadline_at is None) == (ended or trade.status == "disputed")
    cases = await world.fetch(select(Dispute.status).where(Dispute.trade_id == trade.id))
    assert [case.status == "closed" for case in cases] in ([], [ended])


async def total(world):
    sums = {}
    for table in (Posting, PlatformPosting):
        statement = select(table.asset, func.sum(table.amount)).group_by(table.asset)
        for asset, amount in await world.fetch(statement):
            sums[asset] = sums.get(asset, 0) + int(amount)
    return {asset: amount for asset, amount in sums.items() if amount}
