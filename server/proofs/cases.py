"""The case and the claim about a trade, as a passport tells them: what both parties may see."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import orjson

from server.core.clock import format_instant
from server.core.money import format_usdt
from server.disputes import claim_queries, offer_queries, rulings_queries
from server.disputes import queries as dispute_queries
from server.disputes.case import find_case_of_trade, read_offer
from server.disputes.claim import get_claim
from server.disputes.claim_rules import claimant_of
from server.disputes.evidence import list_evidence
from server.disputes.rulings_views import show_ruling
from server.disputes.staff_view import view_objection
from server.disputes.views import view_offer
from server.proofs import queries
from server.proofs.receipts import show_instant
from server.trades.trade import Reader, TradeRow

Digests = Mapping[str, str]
"""SHA-256 in hex by the identifier of a file of the trade."""


async def describe_case(reader: Reader, trade: TradeRow, digests: Digests) -> dict[str, Any] | None:
    """The case about a trade whose amounts are micro-USDT inside, or null when there was none."""
    case = await find_case_of_trade(reader, trade.id)
    if case is None:
        return None
    offers = (await reader.execute(offer_queries.offers_of(case.id))).all()
    rulings = (await reader.execute(rulings_queries.rulings_of(case.id))).all()
    history = (await reader.execute(dispute_queries.events_of(case.id))).all()
    return {
        "id": str(case.id),
        "opened_by": case.opened_by,
        "reason": case.reason,
        "statement": case.statement,
        "status": case.status.value,
        "outcome": case.outcome,
        "opened_at": format_instant(case.opened_at),
        "closed_at": show_instant(case.closed_at),
        "timeline": list_steps(history),
        "offers": [view_offer(read_offer(row)) for row in offers],
        "evidence": await _describe_evidence(reader, case.id, digests),
        "rulings": [show_ruling(row) for row in rulings],
        "objection": await view_objection(reader, case.id, trade),
    }


async def describe_claim(
    reader: Reader, trade: TradeRow, digests: Digests
) -> dict[str, Any] | None:
    """The claim beside an ended trade, or null when nobody made one."""
    claim_id = (await reader.execute(claim_queries.claim_of_trade(trade.id))).scalar()
    if claim_id is None:
        return None
    claim = await get_claim(reader, claim_id)
    history = (await reader.execute(claim_queries.events_of(claim.id))).all()
    return {
        "id": str(claim.id),
        "kind": claim.kind.value,
        "claimed_by": claimant_of(claim.kind).value,
        "reason": claim.reason,
        "statement": claim.statement,
        "status": claim.status.value,
        "outcome": claim.outcome,
        "held": format_usdt(claim.held_amount),
        "opened_at": format_instant(claim.opened_at),
        "closed_at": show_instant(claim.closed_at),
        "timeline": list_steps(history),
        "evidence": await _describe_evidence(reader, claim.id, digests),
    }


async def describe_splits(reader: Reader, trade: TradeRow) -> list[dict[str, Any]]:
    """The offers to split that were made outside a case, oldest first."""
    return [
        {
            "id": str(row.id),
            "offered_by": trade.actor_of(row.proposer_id).value,
            "kind": "split",
            "buyer_amount": format_usdt(row.buyer_amount),
            "status": row.status,
            "created_at": format_instant(row.created_at),
            "answered_at": show_instant(row.answered_at),
        }
        for row in await reader.execute(queries.splits_of(trade.id))
    ]


def list_steps(rows: Iterable[Any]) -> list[dict[str, Any]]:
    """The history of a trade, a case or a claim, oldest first; details are for both parties."""
    return [
        {
            "version": step.version,
            "event": step.event,
            "actor": step.actor,
            "status": step.status_to,
            "detail": orjson.loads(step.detail),
            "at": format_instant(step.created_at),
        }
        for step in rows
    ]


async def _describe_evidence(
    reader: Reader, case_id: UUID, digests: Digests
) -> list[dict[str, Any]]:
    """What was shown: words, and files by their digests; null for a file that was refused."""
    return [
        {
            "id": shown["id"],
            "by": shown["by"],
            "kind": shown["kind"],
            "statement": shown["statement"],
            "files": [
                {"id": file_id, "sha256": digests.get(file_id)}
                for file_id in shown["attachment_ids"]
            ],
            "at": shown["created_at"],
        }
        for shown in await list_evidence(reader, case_id)
    ]
