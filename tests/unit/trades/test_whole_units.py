"""A step that is interrupted anywhere leaves nothing; locks are taken in one order."""

import pytest
from sqlalchemy import event

from models.trades import TradeStatus
from server.core import fault
from server.jobs.run_clocks import run_clocks
from server.monitor.invariants import CHECKS
from server.monitor.verifier import find_breaches

S = TradeStatus
POINTS = (
    "trade.before_update",
    "trade.before_escrow",
    "ledger.before_resolve",
    "ledger.before_transfers",
    "ledger.before_postings",
    "ledger.before_balances",
    "trade.before_events",
    "unit.before_commit",
)
ENDS = {"release": S.PAID, "cancel": S.AWAITING_PAYMENT, "concede": S.DISPUTED}


class CutError(Exception):
    """The power went off."""


def cut():
    raise CutError


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("action", sorted(ENDS))
async def test_an_interrupted_step_leaves_nothing_and_can_be_repeated(world, action, point):
    trade_id = await world.open_trade(ENDS[action])
    before = await world.trade(trade_id), await world.history(trade_id)
    balances = [await world.balances(user_id) for user_id in (world.buyer, world.seller)]
    caller = await world.caller(world.seller if action == "release" else world.buyer, action,
                                trade_id)  # fmt: skip
    fault.arm(point, cut)
    try:
        with pytest.raises(CutError):
            await world.do_as(caller, action, trade_id)
    finally:
        fault.disarm()
    assert (await world.trade(trade_id), await world.history(trade_id)) == before
    assert [await world.balances(u) for u in (world.buyer, world.seller)] == balances
    await world.do_as(caller, action, trade_id)
    assert (await world.trade(trade_id)).version == before[0].version + 1


@pytest.mark.parametrize("action", sorted(ENDS))
async def test_rows_are_locked_in_the_one_order(world, action):
    trade_id = await world.open_trade(ENDS[action])
    seen = []

    def note(_connection, _cursor, statement, *_rest):
        text = statement.lower()
        for table in ("trades", "disputes", "standings", "accounts"):
            first_words = (f"update {table} ", f"from {table} ", f"from {table}\n")
            plain_read = text.startswith("select") and " join " in text
            if any(word in text for word in first_words) and not plain_read:
                seen.append(table)

    engine = world.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        await world.do(action, trade_id)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    firsts = sorted(set(seen), key=seen.index)
    expected = ["trades", "disputes", "standings", "accounts"]
    assert firsts == [table for table in expected if table in firsts]
    assert {"trades", "standings", "accounts"} <= set(firsts)


async def test_after_a_run_no_unpaid_trade_is_late_and_before_it_the_verifier_sees_it(world):
    await world.open_trade()
    world.clock.advance(minutes=45, seconds=120)
    checks = {"I25": CHECKS["I25"]}
    assert await find_breaches(world.database, since=None, checks=checks) != []
    await run_clocks(world.desk)
    assert await find_breaches(world.database, since=None, checks=checks) == []
