"""Keeps reputations: with each completed trade, each fault, each revealed rating, each link.

Everything here happens while the standings of the people are locked, so what is read is what is
changed. A trade of test assets is none.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from models.reputation import Duty
from server.core.clock import EPOCH
from server.db import Unit
from server.identity.hooks import Hooks
from server.identity.standing import change_standing, lock_standings
from server.trades import rules as trade_rules
from server.trust import reputation_queries as queries
from server.trust.reputation_rules import Pair, Sums, add_trade, bound_of, contribute

MONTH_DAYS = 30
"""Of the completion rate that a profile shows: today and the 29 days before."""
DAYS_KEPT = timedelta(days=32)
PURGE_CHUNK = 1000
ChangePair = Callable[[Pair], Pair]


def day_of(instant: datetime) -> int:
    """The day of an instant, UTC, as days since 1970."""
    return (instant - EPOCH) // timedelta(days=1)


async def count_completed(unit: Unit, hooks: Hooks, trade_id: UUID) -> None:
    """A trade was completed. The parties' standings are locked by the trade's own unit."""
    trade = (await unit.execute(queries.completed_trade(trade_id))).one()
    if not trade_rules.counts_to_record(trade.asset):
        return
    parties = (trade.buyer_id, trade.seller_id)
    await change_pairs(unit, *parties, lambda pair: add_trade(pair, trade.amount))
    await _count_day(unit, parties, day_of(unit.now), completed=1)
    if trade.paid_at is not None:
        took = bound_of(trade.paid_at - trade.created_at)
        await _count_time(unit, trade.buyer_id, Duty.PAY, took)
        took = bound_of(trade.completed_at - trade.paid_at)
        await _count_time(unit, trade.seller_id, Duty.RELEASE, took)
    await grow(unit, hooks, parties)


async def count_fault(unit: Unit, user_id: UUID) -> None:
    """A trade ended by this user's fault. His standing is locked by the trade's own unit."""
    await _count_day(unit, (user_id,), day_of(unit.now), completed=0)


async def set_linked(unit: Unit, one: UUID, other: UUID, *, linked: bool) -> None:
    """What two people did with one another counts no more, or again. Both standings are locked."""
    await change_pairs(unit, one, other, lambda pair: replace(pair, linked=linked))


async def change_pairs(unit: Unit, one: UUID, other: UUID, change: ChangePair) -> None:
    """Change what two people did with one another, on both sides."""
    await _change(unit, ((one, other), (other, one)), change)


async def change_side(unit: Unit, user_id: UUID, other_id: UUID, change: ChangePair) -> None:
    """Change what `other_id` did to `user_id`, on that side alone."""
    await _change(unit, ((user_id, other_id),), change)


async def _change(unit: Unit, sides: Sequence[tuple[UUID, UUID]], change: ChangePair) -> None:
    rows = await unit.execute(queries.pairs_between(*sides[0]))
    pairs = {(row.user_id, row.other_id): read_pair(row) for row in rows}
    rows = await unit.execute(queries.sums_of(user_id for user_id, _ in sides))
    sums = {row.user_id: read_sums(row) for row in rows}
    for user_id, other_id in sides:
        known = pairs.get((user_id, other_id))
        before = known or Pair()
        after = change(before)
        if after == before:
            continue
        values = asdict(after)
        if known is None:
            await unit.execute(queries.insert_pair(user_id, other_id, values))
        else:
            await unit.execute_guarded(queries.update_pair(user_id, other_id, values))
        total = sums.get(user_id, Sums()).moved(contribute(before), contribute(after))
        if user_id not in sums:
            await unit.execute(queries.insert_sums(user_id, asdict(total)))
        elif total != sums[user_id]:
            await unit.execute_guarded(queries.update_sums(user_id, asdict(total)))


def read_pair(row: Any) -> Pair:
    """A row of a pair."""
    return Pair(**{one.name: getattr(row, one.name) for one in fields(Pair)})


def read_sums(row: Any) -> Sums:
    """A row of sums."""
    return Sums(**{one.name: getattr(row, one.name) for one in fields(Sums)})


async def _count_day(unit: Unit, user_ids: Sequence[UUID], day: int, *, completed: int) -> None:
    counted = await unit.execute(queries.count_day(user_ids, day, completed=completed))
    if counted.rowcount == len(user_ids):
        return
    known: set[UUID] = set()
    if counted.rowcount:
        known = {row.user_id for row in await unit.execute(queries.days_known(user_ids, day))}
    for user_id in user_ids:
        if user_id not in known:
            await unit.execute(queries.insert_day(user_id, day, completed=completed))


async def _count_time(unit: Unit, user_id: UUID, duty: Duty, within_s: int) -> None:
    counted = await unit.execute(queries.count_time(user_id, duty.value, within_s))
    if counted.rowcount == 0:
        await unit.execute(queries.insert_time(user_id, duty.value, within_s))


async def grow(unit: Unit, hooks: Hooks, user_ids: Sequence[UUID]) -> datetime | None:
    """Set the step of trust of some users by age and different counterparties.

    When time alone raises it next for one of them, if it does. Locks the standings it changes.
    """
    next_at: datetime | None = None
    rows = (await unit.execute(queries.growth_of(user_ids))).all()
    for row in rows:
        age = unit.now - row.created_at
        step = trade_rules.trust_step(row.counterparties, age)
        if step != row.trust_step:
            standing = (await lock_standings(unit, [row.id]))[row.id]
            await change_standing(unit, hooks, standing, trust_step=step)
        for people, days in trade_rules.TRUST_STEPS[step + 1 :]:
            due_at = row.created_at + timedelta(days=days)
            if row.counterparties >= people and due_at > unit.now:
                next_at = due_at if next_at is None else min(next_at, due_at)
    return next_at


async def purge_days(unit: Unit) -> int:
    """Forget one chunk of rows of days that no profile asks for; how many."""
    before = day_of(unit.now - DAYS_KEPT)
    rows = (await unit.execute(queries.old_days(before, PURGE_CHUNK))).all()
    for statement in queries.delete_days([(row.user_id, row.day) for row in rows]):
        await unit.execute(statement)
    return len(rows)
