"""What raises each limit of a user, by how much, and how far he is. Pure."""

from dataclasses import dataclass

from server.core.money import format_usdt
from server.trades import rules
from server.trades.rules import Limits, StandingRow


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a user is, besides his standing."""

    counterparties: int
    age_days: int
    counted_trades: int
    """Completed trades that raise trust: few with one person, none with linked ones."""


def _step(limit: str, by: str, have: int, need: int, then: str | None) -> dict[str, object]:
    return {"limit": limit, "raised_by": by, "have": have, "need": need, "then": then}


def list_steps(
    standing: StandingRow, progress: Progress, limits: Limits
) -> list[dict[str, object]]:
    """The next step of each limit; a limit at its end is left out."""
    steps: list[dict[str, object]] = []
    level, levels = standing.kyc_level, limits.level_limits_micro
    if level + 1 < len(levels):
        steps.append(
            _step("day_limit", "kyc_level", level, level + 1, format_usdt(levels[level + 1]))
        )
    step = standing.trust_step + 1
    if level >= rules.GROWING_LEVEL_MIN and step < len(rules.TRUST_STEPS):
        people, days = rules.TRUST_STEPS[step]
        grown = format_usdt(levels[level] * (100 + rules.TRUST_BONUS_PERCENT[step]) // 100)
        steps += [
            _step("day_limit", "counterparties", progress.counterparties, people, grown),
            _step("day_limit", "account_age_days", progress.age_days, days, grown),
        ]
    done = standing.trades_completed
    if done == 0 and limits.first_trade_cap_micro:
        steps.append(_step("trade_cap", "trades_completed", done, 1, None))
    if done < rules.NEW_BELOW_TRADES:
        most = str(limits.open_unpaid_max)
        steps.append(_step("open_unpaid", "trades_completed", done, rules.NEW_BELOW_TRADES, most))
    for limit, need in (
        ("hold_recallable", rules.RECALLABLE_HOLD_BELOW_TRADES),
        ("hold_reversible", rules.REVERSIBLE_HOLD_BELOW_TRADES),
    ):
        if progress.counted_trades < need:
            steps.append(_step(limit, "counted_trades", progress.counted_trades, need, None))
    return steps
