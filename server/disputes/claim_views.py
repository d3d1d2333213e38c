"""Claims as JSON."""

from datetime import datetime
from typing import Any

from server.core.clock import format_instant
from server.core.money import format_usdt
from server.disputes import claim_queries
from server.disputes.claim import ClaimRow, get_claim
from server.disputes.claim_lifecycle import CLAIMS
from server.disputes.claim_rules import claimant_of
from server.disputes.staff_cases import Case
from server.disputes.staff_context import CaseDesk
from server.disputes.staff_view import show_step, view_surroundings
from server.disputes.table import list_allowed
from server.disputes.views import show_instant
from server.trades.facts import Actor
from server.trades.trade import Reader, get_trade


def _view_shared(claim: ClaimRow, actor: Actor, now: datetime) -> dict[str, Any]:
    return {
        "id": str(claim.id),
        "trade_id": str(claim.trade_id),
        "market": claim.market,
        "amount": format_usdt(claim.amount),
        "kind": claim.kind.value,
        "reason": claim.reason,
        "status": claim.status.value,
        "outcome": claim.outcome,
        "version": claim.version,
        "deadline": show_instant(claim.deadline_at),
        "held": format_usdt(claim.held_amount),
        "opened_at": format_instant(claim.opened_at),
        "closed_at": show_instant(claim.closed_at),
        "allowed_actions": list_allowed(CLAIMS, actor, claim.facts, now),
    }


def view_claim(claim: ClaimRow, actor: Actor, now: datetime) -> dict[str, Any]:
    """A claim as a party sees it at `now`."""
    return {
        **_view_shared(claim, actor, now),
        "role": actor.value,
        "claimed_by": claimant_of(claim.kind).value,
        "statement": claim.statement,
    }


def view_for_staff(claim: ClaimRow, now: datetime) -> dict[str, Any]:
    """A claim as the desk sees it at `now`, without people's words."""
    return {
        **_view_shared(claim, Actor.STAFF, now),
        "overdue_count": claim.overdue_count,
        "first_approved": claim.first_approver_id is not None,
    }


async def view_whole_claim(
    reader: Reader, desk: CaseDesk, case: Case, now: datetime
) -> dict[str, Any]:
    """A claim as who was given it sees it. The number of statements does not depend on it."""
    trade, claim = await get_trade(reader, case.trade_id), await get_claim(reader, case.case_id)
    history = await reader.execute(claim_queries.events_of(claim.id))
    return {
        **await view_surroundings(reader, desk, case, trade),
        "claim": view_for_staff(claim, now),
        "claimed_by": claimant_of(claim.kind).value,
        "statement": claim.statement,
        "claim_timeline": [show_step(step) for step in history],
    }
