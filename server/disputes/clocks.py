"""The clocks of cases: what is due is applied, by whoever comes first; outages are credited."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Executable

from models.disputes import DisputeStatus
from server.db import Unit
from server.disputes import queries
from server.disputes.case import get_case
from server.disputes.lifecycle import CLOSED, OUTAGE_CREDITED, UNDECIDED
from server.disputes.steps import CaseStep
from server.disputes.transition import apply_row, lock_case
from server.trades import outage_queries
from server.trades import queries as trade_queries
from server.trades.desk import Desk
from server.trades.facts import Actor
from server.trades.outages import compute_lost
from server.trades.trade import get_trade

CHUNK = 50
"""Due cases read at a time, and cases credited between two reads."""
ListOpen = Callable[..., Executable]
"""What is open, by identifier: `after`, `opened_before`, `limit`."""
Credit = Callable[[Unit, Desk, UUID, Any], Awaitable[bool]]
"""Gives one of them back what an outage took; whether it took anything."""
CLOCK_STARTS = frozenset(
    {"opened", "evidence_over", "evidence_ended", "ruled", "objected", "ruled_again",
     "ruling_overdue"}
)  # fmt: skip
"""Rows with which a clock begins."""


async def apply_due_rows(desk: Desk, dispute_id: UUID) -> bool:
    """Apply the clock rows of a case that are due, in a unit of their own; whether any was."""
    async with desk.database.read() as connection:
        found = (await connection.execute(queries.read_deadline(dispute_id))).first()
    if found is None or found.deadline_at is None or found.deadline_at > desk.database.clock.now():
        return False

    async def work(unit: Unit) -> bool:
        _, case = await lock_case(unit, desk, dispute_id)
        return (case.status.value, case.deadline_at) != (found.status, found.deadline_at)

    return await desk.database.transact(work, name="apply_due_case_rows")


async def list_due(
    desk: Desk, status: DisputeStatus, *, after: tuple[datetime, UUID] | None = None
) -> list[tuple[datetime, UUID]]:
    """At most `CHUNK` deadlines of a status that have passed, longest overdue first."""
    assert status is not CLOSED, "only open cases have deadlines"
    async with desk.database.read() as connection:
        rows = await connection.execute(
            queries.due_cases(status, desk.database.clock.now(), after=after, limit=CHUNK)
        )
        return [(row.deadline_at, row.id) for row in rows]


async def find_lost(
    unit: Unit,
    history: Sequence[Any],
    outage: Any,
    deadline_at: datetime,
    starts: frozenset[str],
) -> timedelta:
    """What an outage took from the clock that runs to `deadline_at`; nothing if it was credited.

    `history` tells when the clock began, by the rows in `starts`, and what it got back already.
    """
    credited = [
        UUID(orjson.loads(entry.detail)["outage_id"])
        for entry in history
        if entry.event == OUTAGE_CREDITED.event
    ]
    if outage.id in credited:
        return timedelta(0)
    began_at = [entry.created_at for entry in history if entry.event in starts][-1]
    spans: Sequence[Any] = ()
    if credited:
        spans = (await unit.execute(outage_queries.list_spans(credited))).all()
    return compute_lost(outage.started_at, outage.ended_at, deadline_at, began_at, spans)


async def credit_each(desk: Desk, outage: Any, list_open: ListOpen, credit: Credit) -> int:
    """Give back to everything open what an outage took from it; how many deadlines moved.

    Resumes where a stopped run left off: the history of each tells what it got.
    """
    moved, after = 0, None
    while True:
        async with desk.database.read() as connection:
            rows = await connection.execute(
                list_open(after=after, opened_before=outage.ended_at, limit=CHUNK)
            )
            found = [row.id for row in rows]
        for each in found:

            async def work(unit: Unit, each: UUID = each) -> bool:
                return await credit(unit, desk, each, outage)

            moved += await desk.database.transact(work, name="credit_outage")
        if len(found) < CHUNK:
            return moved
        after = found[-1]


async def credit_outage(desk: Desk, outage: Any) -> int:
    """Give every open case back what an outage took from it; how many deadlines moved."""
    return await credit_each(desk, outage, queries.open_cases, _credit_case)


def credit_step(
    outage: Any, deadline_at: datetime, lost: timedelta, values: dict[str, Any] | None = None
) -> CaseStep:
    """What is given back, as its row of the history."""
    return CaseStep(
        actor=Actor.SYSTEM,
        values=values or {},
        detail={"outage_id": str(outage.id), "seconds": int(lost.total_seconds())},
        credit_until=deadline_at + lost,
    )


async def _credit_case(unit: Unit, desk: Desk, dispute_id: UUID, outage: Any) -> bool:
    trade_id = (await unit.execute(queries.trade_of_dispute(dispute_id))).scalar_one()
    await unit.execute(trade_queries.lock_trade(trade_id))
    await unit.execute(queries.lock_dispute(dispute_id))
    case = await get_case(unit, dispute_id)
    if case.status not in UNDECIDED:
        return False
    assert case.deadline_at is not None, "an open case has a deadline"
    history = (await unit.execute(queries.events_of(dispute_id))).all()
    lost = await find_lost(unit, history, outage, case.deadline_at, CLOCK_STARTS)
    if not lost:
        return False
    values = {}
    if case.status is DisputeStatus.OPEN:
        values = {
            "buyer_evidence_until": case.buyer_evidence_until + lost,
            "seller_evidence_until": case.seller_evidence_until + lost,
        }
    step = credit_step(outage, case.deadline_at, lost, values)
    trade = await get_trade(unit, trade_id)
    await apply_row(unit, desk, trade, case, OUTAGE_CREDITED, step)
    return True
