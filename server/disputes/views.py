"""Cases as JSON."""

from datetime import datetime
from typing import Any

from server.core.clock import format_instant
from server.core.money import format_usdt
from server.disputes.case import CaseRow, OfferRow
from server.disputes.lifecycle import CASES
from server.disputes.table import list_allowed
from server.trades.facts import Actor


def show_instant(instant: datetime | None) -> str | None:
    """An instant as it is written, or none."""
    return None if instant is None else format_instant(instant)


def view_offer(offer: OfferRow) -> dict[str, Any]:
    """An offer as both parties see it."""
    part = offer.buyer_amount
    return {
        "id": str(offer.id),
        "offered_by": offer.by.value,
        "kind": offer.kind.value,
        "buyer_amount": None if part is None else format_usdt(part),
        "status": offer.status,
        "created_at": format_instant(offer.created_at),
        "answered_at": show_instant(offer.answered_at),
    }


def view_case(case: CaseRow, actor: Actor, now: datetime) -> dict[str, Any]:
    """A case as a party sees it at `now`."""
    award = None
    if case.award is not None:
        part = case.award_buyer_amount
        award = {
            "kind": case.award.value,
            "buyer_amount": None if part is None else format_usdt(part),
        }
    return {
        "id": str(case.id),
        "trade_id": str(case.trade_id),
        "market": case.market,
        "role": actor.value,
        "amount": format_usdt(case.amount),
        "opened_by": case.opened_by,
        "reason": case.reason,
        "statement": case.statement,
        "status": case.status.value,
        "outcome": case.outcome,
        "version": case.version,
        "deadline": show_instant(case.deadline_at),
        "buyer_evidence_until": format_instant(case.buyer_evidence_until),
        "seller_evidence_until": format_instant(case.seller_evidence_until),
        "buyer_done": case.buyer_done,
        "seller_done": case.seller_done,
        "offers": [view_offer(offer) for offer in case.offers],
        "award": award,
        "objected_by": case.objected_by,
        "frozen_until": show_instant(case.frozen_until),
        "opened_at": format_instant(case.opened_at),
        "closed_at": show_instant(case.closed_at),
        "allowed_actions": list_allowed(CASES, actor, case.facts, now),
    }
