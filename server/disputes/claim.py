"""A claim as it is read and changed: the one place where its status is assigned."""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from models.claims import ClaimKind, ClaimStatus
from server.core import fault
from server.core.refusals import NotFound
from server.db import Unit
from server.disputes import claim_queries as queries
from server.disputes.claim_lifecycle import CLAIMS, CLOSED, ClaimFacts
from server.disputes.claim_rules import claimant_of
from server.disputes.guards import OTHER
from server.disputes.staff_cases import take_off
from server.disputes.steps import CaseStep, tell, write_step
from server.disputes.table import Row, find_due_row
from server.trades import queries as trade_queries
from server.trades.desk import Desk, Happened
from server.trades.facts import Actor
from server.trades.trade import Reader, TradeRow, get_trade
from server.trades.transition import do_clocks_run


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRow:
    """See `models.claims.Claim` for the columns; amounts in micro-USDT."""

    id: UUID
    trade_id: UUID
    kind: ClaimKind
    claimant_id: UUID
    respondent_id: UUID
    reason: str
    statement: str
    status: ClaimStatus
    outcome: str | None
    version: int
    deadline_at: datetime | None
    held_amount: int
    overdue_count: int
    first_approver_id: UUID | None
    decided_by: UUID | None
    opened_at: datetime
    closed_at: datetime | None

    market: str
    asset: str
    amount: int
    """Of the trade."""

    @property
    def facts(self) -> ClaimFacts:
        """What the lifecycle must know."""
        return ClaimFacts(
            status=self.status,
            deadline_at=self.deadline_at,
            kind=self.kind,
            held_amount=self.held_amount,
            first_approved=self.first_approver_id is not None,
        )

    @property
    def parties(self) -> tuple[UUID, UUID]:
        """Who claims, and the other side."""
        return self.claimant_id, self.respondent_id

    def actor_of(self, user_id: UUID) -> Actor:
        """Which side of the trade the user is. Refuses `NotFound` for everyone else."""
        if user_id not in self.parties:
            raise NotFound
        claimant = claimant_of(self.kind)
        return claimant if user_id == self.claimant_id else OTHER[claimant]


_COLUMNS = tuple(field.name for field in fields(ClaimRow))


def read_row(row: Any) -> ClaimRow:
    """A claim of a row of the database."""
    values = {name: getattr(row, name) for name in _COLUMNS}
    values["kind"] = ClaimKind(row.kind)
    values["status"] = ClaimStatus(row.status)
    return ClaimRow(**values)


async def get_claim(reader: Reader, claim_id: UUID) -> ClaimRow:
    """One claim. Refuses `NotFound`."""
    row = (await reader.execute(queries.read_claim(claim_id))).first()
    if row is None:
        raise NotFound
    return read_row(row)


async def lock_claim(unit: Unit, desk: Desk, claim_id: UUID) -> tuple[TradeRow, ClaimRow]:
    """Lock a claim's trade, then the claim, and apply the clock's row if it is due by now."""
    trade_id = (await unit.execute(queries.trade_of_claim(claim_id))).scalar_one_or_none()
    if trade_id is None:
        raise NotFound
    await unit.execute(trade_queries.lock_trade(trade_id))
    await unit.execute(queries.lock_claim(claim_id))
    trade, claim = await get_trade(unit, trade_id), await get_claim(unit, claim_id)
    row = find_due_row(CLAIMS, claim.facts, unit.now)
    if row is not None and await do_clocks_run(unit, desk):
        values = {}
        if row.event == "decision_overdue":
            values["overdue_count"] = claim.overdue_count + 1
        step = CaseStep(actor=Actor.CLOCK, values=values)
        claim = await apply_row(unit, desk, trade, claim, row, step)
    return trade, claim


async def apply_row(
    unit: Unit, desk: Desk, trade: TradeRow, claim: ClaimRow, row: Row[ClaimFacts], step: CaseStep
) -> ClaimRow:
    """Write everything but the money that `row` means for a locked claim; as it is then."""
    assert claim.status in row.statuses, f"{row.event} does not start in {claim.status}"
    to = row.leads_to(claim.status)
    values = {
        **step.values,
        "status": to.value,
        "version": claim.version + 1,
        "deadline_at": step.credit_until
        or row.clock(replace(claim, **step.values).facts, unit.now),
    }
    if to is CLOSED:
        values |= {"outcome": row.event, "closed_at": unit.now}
    fault.point("claim.before_update")
    await unit.execute_guarded(
        queries.update_claim(
            claim.id, status=claim.status.value, version=claim.version, values=values
        )
    )
    kept = write_step(
        row, step, version=claim.version + 1, status_from=claim.status.value, status_to=to.value,
        now=unit.now,
    )  # fmt: skip
    await keep_step(unit, claim.id, kept)
    if to is CLOSED:
        await take_off(unit, claim.id)
    after = await get_claim(unit, claim.id)
    await tell_of_claim(unit, desk, trade, after, row, step)
    return after


async def keep_step(unit: Unit, claim_id: UUID, kept: dict[str, Any]) -> None:
    """Keep that a row was applied, as `write_step` describes it."""
    await unit.execute(queries.insert_event({"claim_id": claim_id, **kept}))


async def tell_of_claim(
    unit: Unit, desk: Desk, trade: TradeRow, claim: ClaimRow, row: Row[ClaimFacts], step: CaseStep
) -> None:
    """Tell the trade's room, both parties and the desk where the claim stands, and the chat."""
    emit_claim(unit, claim)
    happened = Happened(event=f"claim_{row.event}", actor=step.actor, detail=step.detail)
    for hook in desk.hooks.on_step:
        await hook(unit, trade, happened)


def emit_claim(unit: Unit, claim: ClaimRow) -> None:
    """Tell every room that hears of the claim where it stands."""
    tell(unit, "claim_updated", claim)
