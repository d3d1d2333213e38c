"""The clocks of claims: what is due is applied, by whoever comes first; outages are credited."""

from typing import Any
from uuid import UUID

from models.claims import ClaimStatus
from server.db import Unit
from server.disputes import claim_queries as queries
from server.disputes.claim import apply_row, get_claim, lock_claim
from server.disputes.claim_lifecycle import OUTAGE_CREDITED, UNDECIDED
from server.disputes.clocks import CHUNK, credit_each, credit_step, find_lost
from server.trades import queries as trade_queries
from server.trades.desk import Desk
from server.trades.trade import get_trade

CLOCK_STARTS = frozenset({"opened", "answered", "answer_time_over", "decision_overdue"})
"""Rows with which a clock begins."""


async def apply_due_claim(desk: Desk, claim_id: UUID) -> bool:
    """Apply the clock's row of a claim if it is due, in a unit of its own; whether it was."""
    async with desk.database.read() as connection:
        found = (await connection.execute(queries.read_claim(claim_id))).first()
    if found is None or found.deadline_at is None or found.deadline_at > desk.database.clock.now():
        return False

    async def work(unit: Unit) -> bool:
        _, claim = await lock_claim(unit, desk, claim_id)
        return claim.version != int(found.version)

    return await desk.database.transact(work, name="apply_due_claim_row")


async def list_due_claims(desk: Desk, status: ClaimStatus) -> list[UUID]:
    """At most `CHUNK` claims whose deadline has passed, longest overdue first."""
    async with desk.database.read() as connection:
        rows = await connection.execute(
            queries.due_claims(status, desk.database.clock.now(), CHUNK)
        )
        return [row.id for row in rows]


async def credit_claims(desk: Desk, outage: Any) -> int:
    """Give every open claim back what an outage took from it; how many deadlines moved."""
    return await credit_each(desk, outage, queries.open_claims, _credit_claim)


async def _credit_claim(unit: Unit, desk: Desk, claim_id: UUID, outage: Any) -> bool:
    trade_id = (await unit.execute(queries.trade_of_claim(claim_id))).scalar_one()
    await unit.execute(trade_queries.lock_trade(trade_id))
    await unit.execute(queries.lock_claim(claim_id))
    claim = await get_claim(unit, claim_id)
    if claim.status not in UNDECIDED:
        return False
    assert claim.deadline_at is not None, "an open claim has a deadline"
    history = (await unit.execute(queries.events_of(claim_id))).all()
    lost = await find_lost(unit, history, outage, claim.deadline_at, CLOCK_STARTS)
    if not lost:
        return False
    step = credit_step(outage, claim.deadline_at, lost)
    trade = await get_trade(unit, trade_id)
    await apply_row(unit, desk, trade, claim, OUTAGE_CREDITED, step)
    return True
