"""What somebody reads before he opens a case: what is needed, which rule, how others ended."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from models.trades import TradeStatus
from server.disputes import claim_rules, queries, rules
from server.disputes.checklists import list_items
from server.disputes.opening import count_lost
from server.disputes.reasons import list_reasons
from server.disputes.views import show_instant
from server.disputes.words import PROOFS, REASONS, RULES
from server.trades.facts import Actor
from server.trades.lifecycle import is_allowed
from server.trades.row import Action
from server.trades.trade import Reader, TradeRow

FOR_BUYER = frozenset({"released", "conceded_by_seller", "agreed_release", "ruled_release"})
FOR_SELLER = frozenset({"conceded", "agreed_refund", "ruled_refund"})
SPLIT = frozenset({"agreed_split", "ruled_split"})
ENDS = {"buyer": FOR_BUYER, "seller": FOR_SELLER, "split": SPLIT}
"""The ends of cases by where the escrow went."""


async def preview_dispute(
    reader: Reader, trade: TradeRow, actor: Actor, now: datetime, language: str
) -> dict[str, Any]:
    """What `actor` would have to know before he opens a case or a claim about the trade."""
    lost = await count_lost(reader, trade.user_of(actor), now)
    kind = claim_rules.kind_for(trade.status, actor)
    opens = "dispute" if trade.status is TradeStatus.PAID else kind and "claim"
    offered = list_reasons(actor, trade.status, name_mismatch=trade.name_mismatch)
    ends = await count_ends(reader, [row.reason.value for row in offered], now)
    return {
        "trade_id": str(trade.id),
        "language": language,
        "role": actor.value,
        "opens": opens,
        "may_open_now": lost < rules.LOST_MAX
        and is_allowed(Action.OPEN_DISPUTE, actor, trade.facts, now),
        "opens_at": show_instant(trade.facts.dispute_opens_at),
        "evidence_s": int(rules.EVIDENCE_TIME.total_seconds()),
        "lost": lost,
        "lost_max": rules.LOST_MAX,
        "reasons": [
            {
                "reason": row.reason.value,
                "sentence": REASONS[row.reason][language],
                "rule": row.rule.value,
                "rule_sentence": RULES[row.rule][language],
                "checklist": [
                    {
                        "proof": item.proof.value,
                        "sentence": PROOFS[item.proof][language],
                        "by": item.by.value,
                        "required": item.required,
                    }
                    for item in list_items(
                        row.reason, speed=trade.speed, reversibility=trade.reversibility
                    )
                ],
                "like_cases": ends.get(row.reason.value),
            }
            for row in offered
        ],
    }


async def count_ends(
    reader: Reader, reasons: Iterable[str], now: datetime
) -> dict[str, dict[str, int]]:
    """How closed cases of the last 180 days ended, by reason; none of too few cases."""
    since = now - rules.LIKE_CASES_WITHIN
    found: dict[str, dict[str, int]] = {}
    for row in await reader.execute(queries.count_ends(list(reasons), since=since)):
        counts = found.setdefault(row.reason, dict.fromkeys(("cases", *ENDS), 0))
        end = next(name for name, outcomes in ENDS.items() if row.outcome in outcomes)
        counts[end] += int(row.cases)
        counts["cases"] += int(row.cases)
    return {
        reason: counts for reason, counts in found.items()
        if counts["cases"] >= rules.LIKE_CASES_MIN
    }  # fmt: skip
