"""Tables, one aggregate a file. Importing this package knows every table.

The classes describe tables for Core statements; nothing is loaded or saved as an object.
`users`, `markets`, `payment_methods` and `payment_accounts` are insert-only and may be referenced;
rows that change are referenced by nothing, because inserting a child locks its parent.
"""

from models import (
    api_keys,
    approvals,
    audit,
    base,
    candles,
    chat,
    codes,
    compliance,
    devices,
    disputes,
    factors,
    identity,
    kyc,
    ledger,
    markets,
    messages,
    notifications,
    operations,
    orders,
    privacy,
    recovery,
    reputation,
    screening,
    sign_ins,
    staff,
    trades,
    trust,
)
from models.base import Base

__all__ = [
    "Base",
    "api_keys",
    "approvals",
    "audit",
    "base",
    "candles",
    "chat",
    "codes",
    "compliance",
    "devices",
    "disputes",
    "factors",
    "identity",
    "kyc",
    "ledger",
    "markets",
    "messages",
    "notifications",
    "operations",
    "orders",
    "privacy",
    "recovery",
    "reputation",
    "screening",
    "sign_ins",
    "staff",
    "trades",
    "trust",
]
