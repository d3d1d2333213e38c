"""The passport of a trade: terms, timeline, offers, chat, evidence, case with rulings, claim."""

from datetime import datetime
from typing import Any

from models.files import FileStatus
from server.chat.export import export_chat
from server.core.clock import format_instant
from server.identity.sealing import Sealer
from server.proofs import queries
from server.proofs.cases import describe_case, describe_claim, describe_splits, list_steps
from server.proofs.receipts import describe_escrow, describe_terms
from server.trades import queries as trade_queries
from server.trades.trade import Reader, TradeRow


async def describe_trade(
    reader: Reader, sealer: Sealer, trade: TradeRow, key_id: str, now: datetime
) -> dict[str, Any]:
    """All of a trade that both of its parties may see, JSON-ready; `key_id` will sign it."""
    hold = (await reader.execute(queries.hold_of(trade.id))).one()
    steps = (await reader.execute(trade_queries.events_of(trade.id))).all()
    files = (await reader.execute(queries.files_of(trade.id, FileStatus.CLEAN.value))).all()
    evidence = [
        {
            "id": str(row.id),
            "sender": trade.actor_of(row.user_id).value,
            "media_type": row.media_type,
            "size": row.size,
            "sha256": bytes(row.kept_digest).hex(),
            "sent_sha256": bytes(row.digest).hex(),
            "at": format_instant(row.created_at),
        }
        for row in files
    ]
    digests = {file["id"]: file["sha256"] for file in evidence}
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
        "timeline": list_steps(steps),
        "offers": await describe_splits(reader, trade),
        "chat": await export_chat(reader, sealer, trade.id),
        "evidence": evidence,
        "case": await describe_case(reader, trade, digests),
        "claim": await describe_claim(reader, trade, digests),
    }
