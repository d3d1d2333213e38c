"""The passport of a trade: terms, timeline, chat with its chain, evidence, case and ruling."""

from datetime import datetime
from typing import Any

import orjson

from models.files import FileStatus
from server.chat.export import export_chat
from server.core.clock import format_instant
from server.disputes.rulings_views import show_ruling
from server.identity.sealing import Sealer
from server.proofs import queries
from server.proofs.receipts import describe_escrow, describe_terms, show_instant
from server.trades import queries as trade_queries
from server.trades.trade import Reader, TradeRow


async def describe_trade(
    reader: Reader, sealer: Sealer, trade: TradeRow, key_id: str, now: datetime
) -> dict[str, Any]:
    """All of a trade that both of its parties may see, JSON-ready; `key_id` will sign it."""
    hold = (await reader.execute(queries.hold_of(trade.id))).one()
    steps = (await reader.execute(trade_queries.events_of(trade.id))).all()
    files = (await reader.execute(queries.files_of(trade.id, FileStatus.CLEAN.value))).all()
    return {
        "kind": "trade_passport",
        "format": 1,
        "issued_at": format_instant(now),
        "key_id": key_id,
        "trade": describe_terms(trade),
        "status": trade.status.value,
        "status_version": trade.version,
        "end_reason": trade.end_reason,
        "reference": trade.reference,
        "escrow": describe_escrow(trade, hold),
        "timeline": [
            {
                "version": step.version,
                "event": step.event,
                "actor": step.actor,
                "status": step.status_to,
                "detail": orjson.loads(step.detail),
                "at": format_instant(step.created_at),
            }
            for step in steps
        ],
        "chat": await export_chat(reader, sealer, trade.id),
        "evidence": [
            {
                "id": str(row.id),
                "sender": "buyer" if row.user_id == trade.buyer_id else "seller",
                "media_type": row.media_type,
                "size": row.size,
                "sha256": bytes(row.kept_digest).hex(),
                "sent_sha256": bytes(row.digest).hex(),
                "at": format_instant(row.created_at),
            }
            for row in files
        ],
        "case": await _describe_case(reader, trade),
    }


async def _describe_case(reader: Reader, trade: TradeRow) -> dict[str, Any] | None:
    """The case with its rulings, or null for a trade that had none."""
    case = (await reader.execute(queries.case_of(trade.id))).first()
    if case is None:
        return None
    rulings = (await reader.execute(queries.rulings_of(case.id))).all()
    return {
        "id": str(case.id),
        "opened_by": case.opened_by,
        "reason": case.reason,
        "statement": case.statement,
        "status": case.status,
        "outcome": case.outcome,
        "opened_at": format_instant(case.opened_at),
        "closed_at": show_instant(case.closed_at),
        "rulings": [show_ruling(row) for row in rulings],
    }
