"""Questions about accounts, transfers, postings, holds and lots."""

UNBALANCED_ASSETS = """
SELECT asset, SUM(amount) AS difference FROM (
    SELECT asset, SUM(amount) AS amount FROM postings GROUP BY asset
    UNION ALL
    SELECT asset, SUM(amount) AS amount FROM platform_postings GROUP BY asset
) s GROUP BY asset HAVING SUM(amount) <> 0
"""
"""The sum of user and platform postings is zero."""

TRANSFERS_WITHOUT_SIDES = """
SELECT t.id FROM transfers t
LEFT JOIN postings d ON d.user_id = t.debit_user_id AND d.transfer_id = t.id
    AND d.asset = t.asset AND d.kind = t.debit_kind AND d.amount = -t.amount
LEFT JOIN postings c ON c.user_id = t.credit_user_id AND c.transfer_id = t.id
    AND c.asset = t.asset AND c.kind = t.credit_kind AND c.amount = t.amount
LEFT JOIN platform_postings pd ON pd.account = t.debit_kind AND pd.transfer_id = t.id
    AND pd.asset = t.asset AND pd.amount = -t.amount
LEFT JOIN platform_postings pc ON pc.account = t.credit_kind AND pc.transfer_id = t.id
    AND pc.asset = t.asset AND pc.amount = t.amount
WHERE {new_transfers} AND (
    (t.debit_user_id IS NULL AND pd.account IS NULL)
    OR (t.debit_user_id IS NOT NULL AND d.user_id IS NULL)
    OR (t.credit_user_id IS NULL AND pc.account IS NULL)
    OR (t.credit_user_id IS NOT NULL AND c.user_id IS NULL)
)
"""
"""Every transfer has its two postings with its amount."""

POSTINGS_WITHOUT_TRANSFER = """
SELECT p.user_id, p.asset, p.kind, p.account_seq FROM postings p
LEFT JOIN transfers t ON t.id = p.transfer_id AND t.asset = p.asset AND (
    (t.debit_user_id = p.user_id AND t.debit_kind = p.kind AND p.amount < 0)
    OR (t.credit_user_id = p.user_id AND t.credit_kind = p.kind AND p.amount > 0)
)
WHERE t.id IS NULL
"""
"""Every posting belongs to a transfer. A full run only."""

PLATFORM_POSTINGS_WITHOUT_TRANSFER = """
SELECT p.account, p.transfer_id FROM platform_postings p
LEFT JOIN transfers t ON t.id = p.transfer_id AND t.asset = p.asset AND (
    (t.debit_user_id IS NULL AND t.debit_kind = p.account AND p.amount < 0)
    OR (t.credit_user_id IS NULL AND t.credit_kind = p.account AND p.amount > 0)
)
WHERE t.id IS NULL
"""
"""Every platform posting belongs to a transfer. A full run only."""

ROLLUPS_WRONG = """
SELECT r.account, r.asset FROM platform_rollups r WHERE r.balance <> (
    SELECT COALESCE(SUM(p.amount), 0) FROM platform_postings p
    WHERE p.account = r.account AND p.asset = r.asset AND p.transfer_id <= r.through_transfer_id
)
"""
"""A roll-up is the sum of what it counted. A full run only."""

CHAINS_BROKEN = """
SELECT p.user_id, p.asset, p.kind, p.account_seq FROM {postings}
LEFT JOIN postings q ON q.user_id = p.user_id AND q.asset = p.asset AND q.kind = p.kind
    AND q.account_seq = p.account_seq - 1
WHERE p.balance_after <> COALESCE(q.balance_after, 0) + p.amount
    OR (q.user_id IS NULL AND p.account_seq <> 1)
"""
"""Each posting follows the one before it: number and balance."""

ACCOUNTS_OFF = """
SELECT a.user_id, a.asset, a.kind FROM {accounts}
LEFT JOIN postings p ON p.user_id = a.user_id AND p.asset = a.asset AND p.kind = a.kind
    AND p.account_seq = a.seq
WHERE a.balance <> COALESCE(p.balance_after, 0) OR (a.seq <> 0 AND p.user_id IS NULL)
"""
"""The cached balance is the balance after the last posting."""

POSTINGS_BEYOND = """
SELECT p.user_id, p.asset, p.kind, p.account_seq FROM {postings}
LEFT JOIN accounts a ON a.user_id = p.user_id AND a.asset = p.asset AND a.kind = p.kind
WHERE a.user_id IS NULL OR p.account_seq > a.seq
"""
"""No posting is later than the account knows."""

ACCOUNTS_BELOW_ZERO = """
SELECT a.user_id, a.asset, a.kind FROM {accounts} WHERE a.balance < 0
"""
POSTINGS_BELOW_ZERO = """
SELECT p.user_id, p.asset, p.kind, p.account_seq FROM {postings} WHERE p.balance_after < 0
"""

ESCROW_TOTALS = """
SELECT asset, SUM(amount) AS difference FROM (
    SELECT asset, SUM(balance) AS amount FROM accounts WHERE kind = 'escrow' GROUP BY asset
    UNION ALL
    SELECT asset, -SUM(amount) AS amount FROM holds WHERE resolution IS NULL GROUP BY asset
) s GROUP BY asset HAVING SUM(amount) <> 0
"""
"""The escrow accounts hold what the unresolved holds say. A full run only."""

OPENINGS_UNLIKE_HOLDS = """
SELECT t.subject_id AS trade_id FROM transfers t
LEFT JOIN holds h ON h.trade_id = t.subject_id
WHERE {new_transfers} AND t.reason = 'trade_opened'
    AND (h.trade_id IS NULL OR h.amount <> t.amount OR h.seller_id <> t.credit_user_id)
"""
"""What was moved into escrow is what the hold says."""

HOLDS_UNLIKE_TRANSFERS = """
SELECT h.trade_id FROM {holds_and_sums}
WHERE (h.resolved_at IS NULL OR h.resolved_at > :settled_from_us) AND (
    COALESCE(s.paid_out, 0) <> h.paid_out
    OR COALESCE(s.fees, 0) <> h.fees
    OR COALESCE(s.given_back, 0) <> h.given_back
)
"""
"""What was moved out of escrow for a trade is what its hold says."""

HOLDS_MISDIVIDED = """
SELECT h.trade_id FROM holds h WHERE {holds} AND h.resolution IS NOT NULL AND (
    h.paid_out + h.fees + h.given_back <> h.amount
    OR h.paid_out < 0 OR h.fees < 0 OR h.given_back < 0
    OR (h.resolution = 'released' AND h.given_back <> 0)
    OR (h.resolution = 'refunded' AND h.given_back <> h.amount)
    OR (h.resolution = 'split' AND (h.paid_out = 0 OR h.given_back = 0))
)
"""
"""The parts of a resolved hold sum to it and fit its resolution."""

EXPECTED_RESERVED = """
SELECT o.user_id, m.asset, CASE o.side WHEN 'sell' THEN 'reserved' ELSE 'bond' END AS kind,
    SUM(o.reserved) AS amount
FROM markets m JOIN orders o ON o.market = m.id
WHERE {orders_live} AND o.reserved <> 0 GROUP BY o.user_id, m.asset, o.side
"""
EXPECTED_RETURNS = """
SELECT i.user_id, m.asset, 'reserved' AS kind, SUM(i.amount) AS amount
FROM markets m JOIN lane_inbox i ON i.market = m.id AND i.consumed_batch IS NULL
WHERE i.amount <> 0 AND i.user_id IS NOT NULL GROUP BY i.user_id, m.asset
"""
EXPECTED_ESCROW = """
SELECT h.seller_id AS user_id, h.asset, 'escrow' AS kind, SUM(h.amount) AS amount
FROM trades t JOIN holds h ON h.trade_id = t.id
WHERE {trades_live} AND h.resolution IS NULL GROUP BY h.seller_id, h.asset
"""
EXPECTED_HELD = """
SELECT l.user_id, l.asset, 'held' AS kind, SUM(l.amount) AS amount
FROM lots l WHERE l.released_at IS NULL GROUP BY l.user_id, l.asset
"""
ACTUAL_BUCKETS = """
SELECT a.user_id, a.asset, a.kind, a.balance AS amount FROM {accounts}
WHERE a.kind IN ('reserved', 'escrow', 'held', 'bond')
"""
