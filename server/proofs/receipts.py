"""The receipt of an escrow: what is locked, for which trade, since when, and what became of it."""

from datetime import datetime
from typing import Any

from server.core.clock import format_instant
from server.core.money import fee_down, format_decimal, format_usdt
from server.proofs import queries
from server.proofs.signing import RECEIPT, Signer
from server.trades.trade import Reader, TradeRow


def show_instant(instant: datetime | None) -> str | None:
    """An instant, or null."""
    return None if instant is None else format_instant(instant)


def describe_terms(trade: TradeRow) -> dict[str, Any]:
    """What the two agreed on when they were matched; none of it changes."""
    return {
        "trade_id": str(trade.id),
        "market": trade.market,
        "asset": trade.asset,
        "buyer": trade.buyer_username,
        "seller": trade.seller_username,
        "amount": format_usdt(trade.amount),
        "price": format_decimal(trade.price_ticks, trade.price_digits),
        "fiat": format_decimal(trade.fiat_minor, trade.minor_digits),
        "currency": trade.currency,
        "payment_method": trade.method_id,
        "payment_method_name": trade.method_name,
        "payment_window_s": trade.window_s,
        "buyer_fee": format_usdt(fee_down(trade.amount, trade.buyer_fee_ppm)),
        "seller_fee": format_usdt(fee_down(trade.amount, trade.seller_fee_ppm)),
        "terms": trade.terms,
        "opened_at": format_instant(trade.created_at),
    }


def describe_escrow(trade: TradeRow, hold: Any) -> dict[str, Any]:
    """What is or was locked; `hold` is a row of `holds`."""
    return {
        "state": hold.resolution or "locked",
        "asset": hold.asset,
        "locked": format_usdt(hold.amount),
        "locked_since": format_instant(trade.created_at),
        "resolved_at": show_instant(hold.resolved_at),
        "paid_to_buyer": format_usdt(hold.paid_out),
        "fees": format_usdt(hold.fees),
        "given_back": format_usdt(hold.given_back),
    }


async def make_receipt(
    reader: Reader, signer: Signer, trade: TradeRow, now: datetime
) -> dict[str, Any]:
    """The signed receipt of a trade's escrow, the same for both parties."""
    hold = (await reader.execute(queries.hold_of(trade.id))).one()
    receipt = {
        "kind": "escrow_receipt",
        "format": 1,
        "issued_at": format_instant(now),
        "key_id": signer.key_id,
        "trade": describe_terms(trade),
        "status": trade.status.value,
        "status_version": trade.version,
        "escrow": describe_escrow(trade, hold),
    }
    signature = signer.sign(RECEIPT, receipt)
    return {"receipt": receipt, "key_id": signer.key_id, "signature": signature}
