"""A ruling as staff and both parties see it."""

from typing import Any

from server.core.clock import format_instant
from server.core.money import format_usdt
from server.identity.views import show_instant


def show_ruling(row: Any) -> dict[str, Any]:
    """A row of `rulings`, without who ruled: the parties do not learn that."""
    return {
        "id": str(row.id),
        "round": row.round,
        "outcome": row.outcome,
        "buyer_amount": format_usdt(row.buyer_amount),
        "seller_amount": format_usdt(row.seller_amount),
        "reason_code": row.reason_code,
        "text_en": row.text_en,
        "text_vi": row.text_vi,
        "status": row.status,
        "ruled_at": format_instant(row.ruled_at),
        "ended_at": show_instant(row.ended_at),
    }
