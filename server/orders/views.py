"""Orders as JSON: to their owner, and to everyone."""

from typing import Any

import orjson

from server.core.clock import format_instant
from server.core.money import format_decimal, format_usdt
from server.matching.orders import FIXED, FLOATING, SELL, BookOrder
from server.orders.lane.records import MarketCard, OrderRecord

RESTING = frozenset({"open", "partially_filled", "paused", "suspended"})
EDIT, CANCEL, PAUSE, RESUME = "edit", "cancel", "pause", "resume"


def list_allowed_actions(status: str, *, immediate: bool) -> list[str]:
    """What the owner may do with an order in this status."""
    if immediate or status not in RESTING:
        return []
    if status == "suspended":
        return [CANCEL]
    return [EDIT, CANCEL, RESUME if status == "paused" else PAUSE]


def view_pricing(order: BookOrder, record: OrderRecord, market: MarketCard) -> dict[str, Any]:
    """How the order names its price."""
    pricing: dict[str, Any] = {
        "type": order.pricing,
        "price": None,
        "margin_bp": None,
        "worst_price": None,
    }
    if order.pricing == FIXED:
        pricing["price"] = format_decimal(order.price_ticks, market.price_digits)
    elif order.pricing == FLOATING:
        pricing["margin_bp"] = order.margin_bp
    if record.worst_price_ticks is not None:
        pricing["worst_price"] = format_decimal(record.worst_price_ticks, market.price_digits)
    return pricing


def view_public_order(
    order: BookOrder, record: OrderRecord, market: MarketCard, username: str
) -> dict[str, Any]:
    """What everyone may see of a listed order."""
    return {
        "id": str(order.id),
        "market": market.id,
        "side": order.side,
        "pricing": view_pricing(order, record, market),
        "remaining": format_usdt(order.remaining_micro),
        "min_fiat": format_decimal(order.min_fiat_minor, market.minor_digits),
        "max_fiat": format_decimal(order.max_fiat_minor, market.minor_digits)
        if order.max_fiat_minor
        else None,
        "payment_methods": list(order.methods),
        "payment_window_s": order.window_s or None,
        "matching": "manual" if order.manual else "auto",
        "terms": record.terms,
        "status": order.status,
        "version": order.version,
        "username": username,
        "created_at": format_instant(record.created_at),
    }


def view_order(
    order: BookOrder, record: OrderRecord, market: MarketCard, username: str
) -> dict[str, Any]:
    """The whole order, for its owner."""
    return {**view_public_order(order, record, market, username), **view_own_part(order, record)}


def view_own_part(order: BookOrder, record: OrderRecord) -> dict[str, Any]:
    """What only the owner sees of an order, beside its public part."""
    rules = orjson.loads(record.rules) if record.rules else {}
    sells = order.side == SELL
    return {
        "amount": format_usdt(order.amount_micro),
        "matched": format_usdt(order.matched_micro),
        "returned": format_usdt(order.returned_micro),
        "closed": format_usdt(order.closed_micro),
        "reserved": format_usdt(record.reserved),
        "payment_account_ids": [str(order.accounts[method]) for method in order.methods]
        if sells
        else [],
        "time_in_force": record.time_in_force,
        "expires_at": format_instant(record.expires_at) if record.expires_at else None,
        "max_trades": order.max_trades,
        "takes_made": order.takes_made,
        "requirements": rules.get("requirements"),
        "price_guard": rules.get("price_guard"),
        "schedule": rules.get("schedule"),
        "always_on": order.always_on,
        "auto_reply": record.auto_reply,
        "visibility": "public" if order.listed else "unlisted",
        "status_reason": order.reason,
        "maker_fee_ppm": record.maker_fee_ppm,
        "taker_fee_ppm": record.taker_fee_ppm,
        "updated_at": format_instant(record.updated_at),
        "allowed_actions": list_allowed_actions(order.status, immediate=order.immediate),
    }
