"""What the desk decides by rule: urgency, lots, parts, windows, bands. Pure: no database."""

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from models.disputes import Award
from models.identity import Reversibility
from server.core.ids import Random
from server.core.money import MICRO

RULED_ALONE_MAX_MICRO = 5_000 * MICRO
"""Above this a ruling, or upholding a claim, takes a second person."""
SECOND_RULING_TIME = timedelta(hours=24)
"""In which somebody else shall rule after an objection."""
RULE_WITHIN = {1: timedelta(hours=24), 2: timedelta(hours=36), 3: timedelta(hours=48)}
"""In which a case shall be ruled, by its priority."""
URGENT_MICRO = 20_000 * MICRO
LARGE_MICRO = 5_000 * MICRO
NEWCOMER_BELOW_TRADES = 5
LOAD_MAX = 20
"""Open cases that one person has at a time."""
HAND_ON_AFTER = timedelta(hours=24)
"""An overdue case that somebody has had for so long goes to somebody else."""
AUDITED_OF_THOUSAND = 50
"""How many of a thousand closed cases are looked at again."""
AUDIT_TIME = timedelta(days=7)
"""In which a drawn case shall be looked at; then somebody else gets it."""
CASES_READ_PER_DAY_MAX = 200
"""Cases that one person reads in 24 hours."""
DAY = timedelta(hours=24)
_LOT_BYTES = 8


class RulingReason(enum.StrEnum):
    """Why a case was decided as it was."""

    PAYMENT_PROVEN = "payment_proven"
    PAYMENT_NOT_PROVEN = "payment_not_proven"
    WRONG_AMOUNT = "wrong_amount"
    WRONG_PAYER = "wrong_payer"
    """The money came from somebody else than declared."""
    PAYMENT_RECALLED = "payment_recalled"
    FALSE_EVIDENCE = "false_evidence"
    NO_ANSWER = "no_answer"
    """One side said nothing in its time."""
    TERMS_BROKEN = "terms_broken"
    OTHER = "other"


class Signal(enum.StrEnum):
    """Why a case is more urgent than another one."""

    FIRST_TRADE = "first_trade"
    """A party has never completed a trade."""
    NEWCOMER = "newcomer"
    """A party has completed few."""
    NAME_MISMATCH = "name_mismatch"
    """The money came from somebody else than said."""
    REVERSIBLE_RAIL = "reversible_rail"
    """The payment can still be called back."""
    LARGE_AMOUNT = "large_amount"
    VERY_LARGE_AMOUNT = "very_large_amount"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """What the urgency of a case depends on."""

    amount: int
    """Micro-USDT."""
    fewest_completed: int
    """Of the two parties' completed trades, the smaller number."""
    name_mismatch: bool
    reversibility: Reversibility


def list_signals(facts: CaseFacts) -> list[Signal]:
    """Everything that makes a case urgent, in the order of the signals."""
    newcomer = facts.fewest_completed < NEWCOMER_BELOW_TRADES
    found = {
        Signal.FIRST_TRADE: facts.fewest_completed == 0,
        Signal.NEWCOMER: newcomer and facts.fewest_completed > 0,
        Signal.NAME_MISMATCH: facts.name_mismatch,
        Signal.REVERSIBLE_RAIL: facts.reversibility is Reversibility.REVERSIBLE,
        Signal.LARGE_AMOUNT: LARGE_MICRO < facts.amount <= URGENT_MICRO,
        Signal.VERY_LARGE_AMOUNT: facts.amount > URGENT_MICRO,
    }
    return [signal for signal, there in found.items() if there]


def priority_of(signals: Sequence[Signal]) -> int:
    """1 (most urgent) to 3: one grave signal or two others make a case urgent."""
    grave = {Signal.FIRST_TRADE, Signal.VERY_LARGE_AMOUNT}
    if grave & set(signals) or len(signals) > 1:
        return 1
    return 2 if signals else 3


def draw(random: Random, among: Sequence[UUID]) -> UUID | None:
    """One of them, each with the same chance; None of nobody."""
    if not among:
        return None
    # 64 bits over a few hundred people: what the remainder favours cannot be measured.
    return sorted(among)[int.from_bytes(random.token(_LOT_BYTES)) % len(among)]


def draw_assignee(
    random: Random, loads: Mapping[UUID, int], excluded: Iterable[UUID]
) -> UUID | None:
    """One of the free, by lot: `loads` are open cases of everybody who may be given one."""
    barred = set(excluded)
    free = [each for each, load in loads.items() if load < LOAD_MAX and each not in barred]
    return draw(random, free)


def is_drawn(random: Random) -> bool:
    """Whether a closed case is looked at again."""
    return int.from_bytes(random.token(_LOT_BYTES)) % 1000 < AUDITED_OF_THOUSAND


def takes_two(amount: int) -> bool:
    """Whether a ruling or a claim about this amount (micro-USDT) takes a second person."""
    return amount > RULED_ALONE_MAX_MICRO


def parts_of(outcome: Award, amount: int, buyer_amount: int | None) -> tuple[int, int] | None:
    """The buyer's and the seller's part of `amount`, which they sum to; None for no split.

    `buyer_amount` belongs to a split alone, where both sides get something.
    """
    if outcome is not Award.SPLIT:
        if buyer_amount is not None:
            return None
        return (amount, 0) if outcome is Award.RELEASE else (0, amount)
    if buyer_amount is None or not 0 < buyer_amount < amount:
        return None
    return buyer_amount, amount - buyer_amount


BANDS = (100, 500, 1_000, 5_000, 20_000)
"""The upper ends of the bands of amounts, in USDT."""


def list_bands() -> list[str]:
    """Every band of amounts by its name, the smallest first."""
    return [f"to_{limit}" for limit in BANDS] + [f"over_{BANDS[-1]}"]


def band_of(amount: int) -> str:
    """The band that an amount (micro-USDT) is in."""
    for limit, name in zip(BANDS, list_bands(), strict=False):
        if amount <= limit * MICRO:
            return name
    return list_bands()[-1]
