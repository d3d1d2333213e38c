"""Questions about trades, their history, and orders."""

_FEE = """(
    (t.amount - t.amount % 1000000) / 1000000 * t.seller_fee_ppm
    + (t.amount % 1000000 * t.seller_fee_ppm - t.amount % 1000000 * t.seller_fee_ppm % 1000000)
    / 1000000
)"""
"""The seller's fee, rounded down, without a product beyond 64 bits; both divisions are exact."""

HOLDS_UNLIKE_TRADES = """
SELECT t.id AS trade_id FROM trades t LEFT JOIN holds h ON h.trade_id = t.id
WHERE {trades} AND (
    h.trade_id IS NULL OR h.seller_id <> t.seller_id OR h.asset <> t.asset
    OR h.amount <> t.amount + {fee}
)
""".replace("{fee}", _FEE)
"""Each trade has one hold over its amount and the seller's fee."""

HOLDS_RESOLVED_WRONGLY = """
SELECT t.id AS trade_id FROM trades t JOIN holds h ON h.trade_id = t.id
WHERE {trades} AND (
    (t.status IN ('awaiting_payment', 'grace', 'paid', 'disputed') AND h.resolution IS NOT NULL)
    OR (t.status = 'completed' AND (h.resolution IS NULL OR h.resolution = 'refunded'))
    OR (t.status IN ('cancelled', 'expired', 'refunded')
        AND (h.resolution IS NULL OR h.resolution <> 'refunded'))
)
"""
"""A hold is resolved when, and as, its trade ended."""

HOLDS_WITHOUT_TRADE = """
SELECT h.trade_id FROM holds h LEFT JOIN trades t ON t.id = h.trade_id
WHERE {holds} AND t.id IS NULL
"""

ENDED_ORDERS_RESERVING = """
SELECT o.id AS order_id FROM {orders}
WHERE o.status IN ('filled', 'cancelled', 'expired') AND (o.reserved <> 0 OR o.remaining <> 0)
"""
"""An order that has ended keeps nothing."""

STEPS_BROKEN = """
SELECT e.trade_id, e.version FROM trade_events e
LEFT JOIN trade_events b ON b.trade_id = e.trade_id AND b.version = e.version - 1
WHERE {steps} AND (
    (e.version = 1 AND (e.status_from IS NOT NULL OR e.status_to <> 'awaiting_payment'))
    OR (e.version <> 1 AND (b.trade_id IS NULL OR e.status_from IS NULL
        OR b.status_to <> e.status_from))
)
"""
"""Versions run from 1 without a gap, each from where the one before ended."""

STEPS_FORBIDDEN = """
SELECT e.trade_id, e.version FROM trade_events e
WHERE {steps} AND e.version <> 1 AND NOT ({allowed})
"""
"""Every step is one that the lifecycle knows."""

TRADES_UNLIKE_HISTORY = """
SELECT t.id AS trade_id FROM trades t
LEFT JOIN trade_events e ON e.trade_id = t.id AND e.version = t.version
LEFT JOIN trade_events n ON n.trade_id = t.id AND n.version > t.version
WHERE {trades} AND (e.trade_id IS NULL OR e.status_to <> t.status OR n.trade_id IS NOT NULL)
"""
"""The last event of a trade is its present status."""

ORDERS_UNACCOUNTED = """
SELECT o.id AS order_id FROM {orders}
WHERE o.remaining < 0 OR o.remaining > o.amount
    OR o.amount <> o.remaining + o.matched - o.returned + o.closed
    OR o.matched <> COALESCE((SELECT SUM(t.amount) FROM trades t WHERE t.maker_order_id = o.id), 0)
        + COALESCE((SELECT SUM(t.amount) FROM trades t WHERE t.taker_order_id = o.id), 0)
"""
"""amount = remaining + matched - returned + closed, and matched is the sum of its trades."""

TIMERS_LATE = """
SELECT t.id AS trade_id FROM trades t
WHERE t.status IN ('awaiting_payment', 'grace') AND t.deadline_at < :late_us
    AND NOT EXISTS (SELECT 1 FROM trade_freezes f WHERE f.trade_id = t.id
        AND (f.status = 'active' OR f.ended_at > :late_us))
"""
"""No unpaid trade is long past its deadline, unless staff hold it or did so just now."""

TIMERS_TOO_FAR = """
SELECT e.trade_id, e.version FROM trade_events e
WHERE {steps} AND e.actor IN ('clock', 'system') AND e.status_from = 'paid'
    AND e.status_to NOT IN ('paid', 'disputed')
"""
"""No clock ever moved a paid trade anywhere but into a dispute."""

TRADES_WITH_ONESELF = """
SELECT t.id AS trade_id FROM trades t
JOIN payment_accounts s ON s.id = t.payment_account_id
LEFT JOIN payment_accounts b ON b.fingerprint = s.fingerprint AND b.user_id = t.buyer_id
    AND b.created_at <= t.created_at
WHERE {new_trades} AND (t.buyer_id = t.seller_id OR s.user_id <> t.seller_id
    OR b.id IS NOT NULL)
"""
"""Buyer and seller are two, the account is the seller's, and the buyer has not got the same."""


def forbid_steps_but(allowed: dict[str, tuple[str, ...]]) -> str:
    """`STEPS_FORBIDDEN` for a table of statuses and what may follow each."""
    return STEPS_FORBIDDEN.replace(
        "{allowed}",
        " OR ".join(
            "(e.status_from = '{}' AND e.status_to IN ({}))".format(
                status, ", ".join(f"'{follower}'" for follower in followers)
            )
            for status, followers in allowed.items()
        ),
    )
