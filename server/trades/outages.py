"""Outages: signs of life, gaps in them, and the time that open trades get back.

Signs of life are kept twice: by real time, which decides whether there was a gap, and by the
clock that deadlines run on, in which the gap is credited. The two differ only where the domain's
clock is paced.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from models.trades import TradeStatus
from server.core.clock import format_instant
from server.core.refusals import Conflict
from server.db import Unit
from server.trades import outage_queries, queries
from server.trades.desk import Desk
from server.trades.facts import Actor
from server.trades.lifecycle import OUTAGE_CREDITED, ROWS
from server.trades.row import (
    PAID,
    RUNNING,
    grace_after_window,
    release_time,
    window,
    window_from_now,
)
from server.trades.step import Step
from server.trades.trade import Reader, get_trade
from server.trades.transition import HEARTBEAT_GAP, apply_row

CREDITED_AT_A_TIME = 50
CLOCK_STARTS = frozenset(
    row.event
    for row in ROWS
    if row.clock in (window, window_from_now, grace_after_window, release_time)
    and row.flag != "paid_undone"
)
"""Rows with which a clock begins; after "paid" is undone the old window goes on."""


MAINTENANCE = "maintenance"
"""The reason of the outage that goes with the switch `read_only`."""


class OutageEnded(Conflict):
    """The outage is over already."""

    code = "outage_ended"
    title = "This outage has ended already."


async def beat(desk: Desk) -> UUID | None:
    """Give a sign of life; the new outage when the last one was too long ago.

    An announced outage that goes on covers a gap: no second one is noted.
    """

    async def work(unit: Unit) -> UUID | None:
        real_now, now = desk.real_clock.now(), unit.now
        last_real = await _note_beat(unit, outage_queries.REAL, real_now)
        last = await _note_beat(unit, outage_queries.DOMAIN, now)
        if last_real is None or last is None or real_now - last_real <= HEARTBEAT_GAP:
            return None
        going_on = [
            row
            for row in (await unit.execute(outage_queries.open_outages())).all()
            if row.ended_at is None
        ]
        if going_on:
            return None
        last_end = (await unit.execute(outage_queries.last_end())).scalar_one_or_none()
        started_at = max(last, last_end) if last_end is not None else last
        if started_at >= now:
            return None
        return await _insert(
            unit, started_at=started_at, ended_at=now, announced=False, reason="no sign of life"
        )

    return await desk.database.transact(work, name="beat")


async def _note_beat(unit: Unit, scope: str, now: datetime) -> datetime | None:
    """Write one sign of life; when the one before was. Time never moves a sign back."""
    last = (await unit.execute(outage_queries.read_beat(scope, lock=True))).first()
    if last is None:
        await unit.execute(outage_queries.insert_beat(scope, now))
        return None
    assert isinstance(last.beat_at, datetime)
    await unit.execute_guarded(
        outage_queries.update_beat(scope, counter=last.counter, beat_at=max(now, last.beat_at))
    )
    return last.beat_at


async def _insert(
    unit: Unit, *, started_at: datetime, ended_at: datetime | None, announced: bool, reason: str
) -> UUID:
    outage_id = unit.ids.new_id()
    await unit.execute(
        outage_queries.insert_outage(
            {
                "id": outage_id,
                "started_at": started_at,
                "ended_at": ended_at,
                "announced": announced,
                "reason": reason,
                "credited_at": None,
            }
        )
    )
    return outage_id


async def announce_outage(unit: Unit, reason: str) -> UUID:
    """Stop all clocks from now on, until `end_outage`."""
    return await _insert(unit, started_at=unit.now, ended_at=None, announced=True, reason=reason)


async def end_outage(unit: Unit, outage_id: UUID) -> None:
    """The announced outage is over; clocks run again once its credit is given."""
    ended = await unit.execute(outage_queries.end_outage(outage_id, unit.now))
    if ended.rowcount != 1:
        raise OutageEnded


async def is_any_going_on(unit: Unit) -> bool:
    """Whether an outage goes on: a second one would credit the same time twice."""
    rows = (await unit.execute(outage_queries.open_outages())).all()
    return any(row.ended_at is None for row in rows)


async def end_maintenance(unit: Unit) -> None:
    """End the outage of the switch `read_only`, if that began one."""
    for row in (await unit.execute(outage_queries.open_outages())).all():
        if row.ended_at is None and row.announced and row.reason == MAINTENANCE:
            await end_outage(unit, row.id)


async def credit_outages(desk: Desk) -> int:
    """Give every open deadline its time back, once an outage; how many deadlines moved.

    Resumes where a stopped run left off: the history of each trade tells what it got.
    """
    async with desk.database.read() as connection:
        outages = (await connection.execute(outage_queries.open_outages())).all()
    moved = 0
    for outage in outages:
        if outage.ended_at is None:
            continue
        for status in sorted(RUNNING):
            moved += await _credit_status(desk, outage, TradeStatus(status))
        for credit_others in desk.hooks.on_outage_over:
            moved += await credit_others(desk, outage)

        async def close(unit: Unit, outage_id: UUID = outage.id) -> None:
            await unit.execute_guarded(outage_queries.note_credited(outage_id, unit.now))

        await desk.database.transact(close, name="note_credited")
    return moved


async def _credit_status(desk: Desk, outage: Any, status: TradeStatus) -> int:
    moved, after = 0, None
    while True:
        async with desk.database.read() as connection:
            rows = await connection.execute(
                outage_queries.running_trades(
                    after=after,
                    status=status,
                    created_before=outage.ended_at,
                    limit=CREDITED_AT_A_TIME,
                )
            )
            trade_ids = [row.id for row in rows]
        for trade_id in trade_ids:

            async def credit(unit: Unit, trade_id: UUID = trade_id) -> bool:
                return await _credit_trade(unit, desk, trade_id, outage)

            moved += await desk.database.transact(credit, name="credit_outage")
        if len(trade_ids) < CREDITED_AT_A_TIME:
            return moved
        after = trade_ids[-1]


async def _credit_trade(unit: Unit, desk: Desk, trade_id: UUID, outage: Any) -> bool:
    """Move one trade's deadline by what the outage took from it, unless it was moved already."""
    await unit.execute(queries.lock_trade(trade_id))
    trade = await get_trade(unit, trade_id)
    if trade.deadline_at is None:
        return False
    history = (await unit.execute(outage_queries.history_for_credit(trade_id))).all()
    credited = [
        UUID(orjson.loads(entry.detail)["outage_id"])
        for entry in history
        if entry.event == OUTAGE_CREDITED.event
    ]
    if outage.id in credited:
        return False
    began_at = [entry.created_at for entry in history if entry.event in CLOCK_STARTS][-1]
    spans: Sequence[Any] = ()
    if credited:
        spans = (await unit.execute(outage_queries.list_spans(credited))).all()
    lost = compute_lost(outage.started_at, outage.ended_at, trade.deadline_at, began_at, spans)
    if not lost:
        return False
    values = {}
    if trade.status is not PAID or trade.window_ends_at > outage.started_at:
        # Paid may be undone: the window that would then run again lost the same time.
        values["window_ends_at"] = trade.window_ends_at + lost
    await apply_row(
        unit,
        desk,
        trade,
        OUTAGE_CREDITED,
        Step(
            actor=Actor.SYSTEM,
            credit_until=trade.deadline_at + lost,
            values=values,
            detail={
                "outage_id": str(outage.id),
                "seconds": int(lost.total_seconds()),
            },
        ),
    )
    return True


def compute_lost(
    started_at: datetime,
    ended_at: datetime,
    deadline_at: datetime,
    began_at: datetime,
    credited: Sequence[tuple[datetime, datetime]] = (),
) -> timedelta:
    """What an outage took from a clock that strikes at `deadline_at`.

    Nothing when the deadline was over before it began; only the part after `began_at`, when the
    clock began, and without what other outages took at the same time: `credited` are the spans
    that it got back already, by their beginning.
    """
    lost = timedelta(0)
    if deadline_at <= started_at:
        return lost
    at = max(started_at, began_at)
    for span_start, span_end in credited:
        if at < span_start < ended_at:
            lost += span_start - at
        if span_start < ended_at:
            at = max(at, span_end)
    return lost + max(timedelta(0), ended_at - at)


async def list_outages(reader: Reader, *, before: UUID | None, limit: int) -> list[dict[str, Any]]:
    """The public log, newest first."""
    rows = await reader.execute(outage_queries.page_of_outages(before, limit))
    return [
        {
            "id": str(row.id),
            "started_at": format_instant(row.started_at),
            "ended_at": None if row.ended_at is None else format_instant(row.ended_at),
            "announced": row.announced,
            "reason": row.reason,
            "credited_at": None if row.credited_at is None else format_instant(row.credited_at),
        }
        for row in rows
    ]
