"""What a trade's change means for the records of its people: counters, limits, the ladder."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from server.core.money import REAL_ASSET
from server.db import Unit
from server.identity.standing import (
    StandingRow,
    change_standing,
    lock_standing,
    lock_standings,
    recheck_standing,
    update_standing,
)
from server.trades import queries, rules
from server.trades.desk import Desk
from server.trades.facts import Actor
from server.trades.row import COMPLETED, FINAL, UNPAID, AtFault, Row
from server.trades.trade import TradeRow


async def keep_records(
    unit: Unit, desk: Desk, trade: TradeRow, row: Row, *, fault: Actor | None, reason: str
) -> dict[UUID, StandingRow]:
    """Lock both standings and write what `row` changes in them; the rows as they were before.

    `trade` is the trade before the row. Trades of test assets touch nobody's record.
    """
    to = row.leads_to(trade.status)
    unpaid_change = (to in UNPAID) - (trade.status in UNPAID)
    if not rules.counts_to_record(trade.asset) or not (unpaid_change or to in FINAL):
        return {}
    before = await lock_standings(unit, (trade.buyer_id, trade.seller_id))
    changes: dict[UUID, dict[str, Any]] = {trade.buyer_id: {}, trade.seller_id: {}}
    if unpaid_change:
        unpaid = before[trade.buyer_id].open_unpaid_as_buyer + unpaid_change
        changes[trade.buyer_id]["open_unpaid_as_buyer"] = unpaid
    if to is COMPLETED:
        for user_id, standing in before.items():
            changes[user_id]["trades_completed"] = standing.trades_completed + 1
            changes[user_id]["trades_ended"] = standing.trades_ended + 1
    elif to in FINAL:
        for user_id in before:
            used, _ = await read_limit_used(unit, user_id, unit.now)
            changes[user_id]["limit_used_micro"] = used
        if fault is not None:
            await _note_fault(unit, trade, fault, reason, before, changes)
            for hook in desk.hooks.on_fault:
                await hook(unit, trade.user_of(fault))
    for user_id in sorted(before):
        standing, values = before[user_id], changes[user_id]
        if any(getattr(standing, name) != value for name, value in values.items()):
            await change_standing(unit, desk.identity_hooks, standing, **values)
    return before


async def _note_fault(
    unit: Unit,
    trade: TradeRow,
    fault: Actor,
    reason: str,
    before: dict[UUID, StandingRow],
    changes: dict[UUID, dict[str, Any]],
) -> None:
    user_id = trade.user_of(fault)
    standing, values = before[user_id], changes[user_id]
    values["trades_ended"] = standing.trades_ended + 1
    await unit.execute(
        queries.insert_fault(
            {
                "trade_id": trade.id,
                "user_id": user_id,
                "claimed_by": trade.buyer_id if fault is Actor.SELLER else None,
                "reason": reason,
                "contested_at": None,
                "created_at": unit.now,
            }
        )
    )
    if fault is Actor.SELLER:
        return
    faults, oldest_at = await read_ladder(unit, user_id, unit.now)
    values["ladder_step"] = faults
    block = rules.ladder_block(faults)
    until = standing.taking_blocked_until
    if block:
        until = max(unit.now + block, until or unit.now)
        values["taking_blocked_until"] = until
    values["recheck_at"] = _soonest(
        (standing.recheck_at, until if block else None, _end_of_day(oldest_at))
    )


async def read_limit_used(unit: Unit, user_id: UUID, now: datetime) -> tuple[int, datetime | None]:
    """What counts to a user's rolling limit, and when the oldest of it was matched."""
    row = (
        await unit.execute(
            queries.sum_limit_used(user_id, asset=REAL_ASSET, since=now - rules.ROLLING)
        )
    ).one()
    return int(row.used), row.oldest


async def read_ladder(unit: Unit, user_id: UUID, now: datetime) -> tuple[int, datetime | None]:
    """How many faults count to a user's ladder, and when the oldest of them was."""
    row = (
        await unit.execute(queries.count_ladder_faults(user_id, since=now - rules.ROLLING))
    ).one()
    return int(row.faults), row.oldest


async def recheck_record(unit: Unit, desk: Desk, user_id: UUID) -> None:
    """Apply what time has changed in a user's record, and set when to look again.

    Trades older than 24 hours leave the limit, faults leave the ladder, blocks and presence end.
    """
    looks = [await hook(unit, user_id) for hook in desk.identity_hooks.on_recheck]
    standing = await lock_standing(unit, user_id)
    since = unit.now - rules.ROLLING
    await unit.execute(queries.roll_off(user_id, since=since))
    used, oldest_match = await read_limit_used(unit, user_id, unit.now)
    faults, oldest_fault = await read_ladder(unit, user_id, unit.now)
    if used != standing.limit_used_micro:
        await change_standing(
            unit, desk.identity_hooks, standing, limit_used_micro=used, ladder_step=faults
        )
    elif faults != standing.ladder_step:
        await update_standing(unit, standing, ladder_step=faults)
    others = (_end_of_day(oldest_match), _end_of_day(oldest_fault), *looks)
    await recheck_standing(unit, desk.identity_hooks, user_id, others=others)


def fault_of(row: Row, reason_fault: Actor | None) -> Actor | None:
    """Whose fault an end is, by its row and, where the row says so, by the reason given."""
    if row.fault is AtFault.BUYER:
        return Actor.BUYER
    return reason_fault if row.fault is AtFault.BY_REASON else None


def _end_of_day(instant: datetime | None) -> datetime | None:
    return None if instant is None else instant + rules.ROLLING


def _soonest(instants: Iterable[datetime | None]) -> datetime | None:
    return min((instant for instant in instants if instant is not None), default=None)
