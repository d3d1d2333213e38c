"""The statements of a batch: which columns each writes, and whether a row may exist already."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Statement:
    """An insert of many rows; with `updates`, an upsert that sets these columns."""

    table: str
    columns: tuple[str, ...]
    keys: tuple[str, ...] = ()
    """The primary key, for an upsert."""

    @property
    def updates(self) -> tuple[str, ...]:
        """The columns that an upsert sets."""
        return tuple(c for c in self.columns if c not in self.keys) if self.keys else ()


ORDER_COLUMNS = (
    "id", "market", "user_id", "side", "pricing", "price_ticks", "margin_bp",
    "worst_price_ticks", "amount", "remaining", "matched", "returned", "closed", "reserved",
    "maker_fee_ppm", "taker_fee_ppm", "min_fiat_minor", "max_fiat_minor", "methods", "window_s",
    "time_in_force", "expires_at", "matching", "visibility", "always_on", "max_trades",
    "takes_made", "rules", "terms", "auto_reply", "target_order_id", "status", "status_reason",
    "paused_for", "version", "priority", "created_at", "updated_at",
)  # fmt: skip
TOUCHED_COLUMNS = (
    "id", "amount", "remaining", "matched", "returned", "closed", "reserved", "takes_made",
    "status", "status_reason", "paused_for", "version", "priority", "updated_at",
)  # fmt: skip
EDITED_COLUMNS = (
    "id", "amount", "remaining", "matched", "returned", "closed", "reserved", "takes_made",
    "status", "status_reason", "paused_for", "version", "priority", "updated_at", "pricing",
    "price_ticks", "margin_bp", "min_fiat_minor", "max_fiat_minor", "methods", "window_s",
    "expires_at", "matching", "visibility", "always_on", "max_trades", "rules", "terms",
    "auto_reply",
)  # fmt: skip
TRADE_COLUMNS = (
    "id", "market", "asset", "maker_order_id", "taker_order_id", "buyer_id", "seller_id",
    "maker_side", "price_ticks", "amount", "fiat_minor", "buyer_fee_ppm", "seller_fee_ppm",
    "method_id", "payment_account_id", "window_s", "terms", "status", "version", "deadline_at",
    "window_ends_at", "late", "extended_by_seller", "extended_by_buyer", "paid_undone",
    "new_buyer", "name_mismatch", "created_at",
)  # fmt: skip

STATEMENTS = {
        "transfers": Statement(
            "transfers",
            (
                "id", "asset", "amount", "debit_user_id", "debit_kind", "credit_user_id",
                "credit_kind", "reason", "subject_id", "created_at",
            ),
        ),
        "postings": Statement(
            "postings",
            (
                "user_id", "asset", "kind", "account_seq", "transfer_id", "amount",
                "balance_after",
            ),
        ),
        "accounts": Statement(
            "accounts",
            ("user_id", "asset", "kind", "balance", "seq"),
            ("user_id", "asset", "kind"),
        ),
        "orders": Statement("orders", ORDER_COLUMNS),
        "orders_touched": Statement("orders", TOUCHED_COLUMNS, ("id",)),
        "orders_edited": Statement("orders", EDITED_COLUMNS, ("id",)),
        "trades": Statement("trades", TRADE_COLUMNS),
        "user_trades": Statement(
            "user_trades",
            ("user_id", "trade_id", "counterparty_id", "role", "open", "counted"),
        ),
        "trade_events": Statement(
            "trade_events",
            (
                "trade_id", "version", "event", "actor", "actor_id", "status_from", "status_to",
                "detail", "created_at",
            ),
        ),
        "chats": Statement("chats", ("trade_id", "greeting", "created_at")),
        "holds": Statement("holds", ("trade_id", "seller_id", "asset", "amount")),
        "standings": Statement(
            "standings",
            ("user_id", "version", "open_unpaid_as_buyer", "limit_used_micro", "recheck_at"),
            ("user_id",),
        ),
        "failed_pairs": Statement(
            "failed_pairs",
            ("order_id", "other_order_id", "market"),
            ("order_id", "other_order_id"),
        ),
        "lane_inbox": Statement("lane_inbox", ("id", "consumed_batch"), ("id",)),
        "order_skips": Statement(
            "order_skips", ("order_id", "reason", "count"), ("order_id", "reason")
        ),
        "outbox": Statement(
            "outbox", ("id", "room", "name", "body", "created_at", "seq", "relay_batch")
        ),
        "idempotency_keys": Statement(
            "idempotency_keys",
            ("user_id", "key", "request_hash", "status", "body", "created_at"),
        ),
}  # fmt: skip
"""By name, in the order in which a batch writes them."""
