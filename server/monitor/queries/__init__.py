"""The SQL of the verifier: each question returns what breaks an invariant, so nothing is good.

Questions are written for both databases. Marks in braces stand for what a run looks at: everything,
or what is new (`:since` is the watermark, `:ids` the trades that were touched since).
"""

from sqlalchemy import TextClause, bindparam, text

BREACHES_PER_QUESTION_MAX = 100
"""A broken database is not listed to the end."""

TOUCHED_USERS = """(
    SELECT debit_user_id AS user_id FROM transfers WHERE id > :since AND debit_user_id IS NOT NULL
    UNION
    SELECT credit_user_id FROM transfers WHERE id > :since AND credit_user_id IS NOT NULL
)"""

ESCROW_SUMS = """(
    SELECT t.subject_id,
        SUM(CASE WHEN t.reason = 'trade_released' THEN t.amount ELSE 0 END) AS paid_out,
        SUM(CASE WHEN t.reason = 'trade_fee' THEN t.amount ELSE 0 END) AS fees,
        SUM(CASE WHEN t.reason = 'trade_returned' THEN t.amount ELSE 0 END) AS given_back
    FROM transfers t
    WHERE {new_transfers} AND t.reason IN ('trade_released', 'trade_fee', 'trade_returned')
    GROUP BY t.subject_id
)"""

FULL = {
    "{holds_and_sums}": f"holds h LEFT JOIN {ESCROW_SUMS} s ON s.subject_id = h.trade_id",
    "{new_transfers}": "1 = 1",
    "{new_trades}": "1 = 1",
    "{new_keys}": "1 = 1",
    "{new_events}": "o.id > :edge",
    "{trades}": "1 = 1",
    "{holds}": "1 = 1",
    "{steps}": "1 = 1",
    "{orders_live}": "1 = 1",
    "{trades_live}": "1 = 1",
    "{postings}": "postings p",
    "{accounts}": "accounts a",
    "{orders}": "orders o",
}
RECENT = {
    "{holds_and_sums}": f"{ESCROW_SUMS} s JOIN holds h ON h.trade_id = s.subject_id",
    "{new_transfers}": "t.id > :since",
    "{new_trades}": "t.id > :since",
    "{new_keys}": "k.created_at > :since_us",
    "{new_events}": "o.id > :edge AND o.id > :since",
    "{trades}": "t.id IN :ids",
    "{holds}": "h.trade_id IN :ids",
    "{steps}": "e.trade_id IN :ids",
    "{orders_live}": "o.status IN ('open', 'partially_filled', 'paused', 'suspended')",
    "{trades_live}": "t.status IN ('awaiting_payment', 'grace', 'paid', 'disputed')",
    "{postings}": """(
        SELECT id, debit_user_id AS user_id FROM transfers WHERE id > :since
        UNION
        SELECT id, credit_user_id FROM transfers WHERE id > :since
    ) n JOIN postings p ON p.user_id = n.user_id AND p.transfer_id = n.id""",
    "{accounts}": f"{TOUCHED_USERS} u JOIN accounts a ON a.user_id = u.user_id",
    "{orders}": """(
        SELECT id FROM orders WHERE id > :since
        UNION SELECT maker_order_id FROM trades WHERE id > :since
        UNION SELECT taker_order_id FROM trades WHERE id > :since
    ) n JOIN orders o ON o.id = n.id""",
}


def phrase(question: str, *, full: bool, bounded: bool = True) -> TextClause:
    """The question for a full run or for what is new."""
    for mark, meaning in (FULL if full else RECENT).items():
        question = question.replace(mark, meaning)
    if bounded:
        question += f" LIMIT {BREACHES_PER_QUESTION_MAX}"
    statement = text(question)
    if ":ids" in question:
        statement = statement.bindparams(bindparam("ids", expanding=True))
    return statement
