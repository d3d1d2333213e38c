"""The lifecycle of a claim as one table. Checked when imported.

The trade stays as it ended. What is in dispute lies in the trade's lot, which is frozen: the bought
USDT itself, or what staff took from the seller's available for a late claim.
"""

import enum
from dataclasses import dataclass
from datetime import datetime

from models.claims import ClaimKind, ClaimStatus
from server.core.refusals import Refusal
from server.disputes import claim_rules
from server.disputes.refusals import (
    AlreadyHeld,
    NothingToHold,
    SecondPersonNeeded,
    WrongCaseStatus,
)
from server.disputes.staff_rules import takes_two
from server.disputes.table import (
    CLOCK,
    PARTIES,
    STAFF,
    Row,
    Table,
    credited,
    deadline_over,
    no_clock,
)
from server.trades.facts import Actor
from server.trades.refusals import OtherSidesPart

OPEN, REVIEW, CLOSED = ClaimStatus.OPEN, ClaimStatus.REVIEW, ClaimStatus.CLOSED
UNDECIDED = (OPEN, REVIEW)


class ClaimAction(enum.StrEnum):
    """What a person can do in a claim, as `allowed_actions` names it."""

    GIVE_EVIDENCE = "give_evidence"
    ANSWER = "answer"
    WITHDRAW = "withdraw"
    HOLD_FUNDS = "hold_funds"
    APPROVE = "approve"
    UPHOLD = "uphold"
    REJECT = "reject"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimFacts:
    """A claim as the guards see it."""

    status: ClaimStatus
    deadline_at: datetime | None
    kind: ClaimKind
    held_amount: int = 0
    """Micro-USDT that is frozen for it."""
    first_approved: bool = False

    @property
    def needs_two(self) -> bool:
        """Whether two people uphold it."""
        return takes_two(self.held_amount)

    @property
    def waits_for_second(self) -> bool:
        """Whether one of two people has agreed to uphold it, and the other has not."""
        return self.status is ClaimStatus.REVIEW and self.needs_two and self.first_approved


def by_claimant(facts: ClaimFacts, actor: Actor, _now: datetime) -> Refusal | None:
    """Who made the claim."""
    return None if actor is claim_rules.claimant_of(facts.kind) else OtherSidesPart()


def by_other(facts: ClaimFacts, actor: Actor, _now: datetime) -> Refusal | None:
    """The other side."""
    return OtherSidesPart() if actor is claim_rules.claimant_of(facts.kind) else None


def may_hold(facts: ClaimFacts, _actor: Actor, _now: datetime) -> Refusal | None:
    """A late claim for which nothing is held yet."""
    if facts.kind is not ClaimKind.LATE:
        return NothingToHold()
    return AlreadyHeld() if facts.held_amount else None


def needs_first(facts: ClaimFacts, _actor: Actor, _now: datetime) -> Refusal | None:
    """A large amount, and nobody has agreed yet."""
    return None if facts.needs_two and not facts.first_approved else WrongCaseStatus()


def enough_people(facts: ClaimFacts, _actor: Actor, _now: datetime) -> Refusal | None:
    """A small amount, or somebody else has agreed before."""
    return SecondPersonNeeded() if facts.needs_two and not facts.first_approved else None


def answer_time(_facts: ClaimFacts, now: datetime) -> datetime | None:
    """24 hours from now for the other side."""
    return now + claim_rules.ANSWER_TIME


def decision_time(_facts: ClaimFacts, now: datetime) -> datetime | None:
    """24 hours from now for the desk."""
    return now + claim_rules.DECISION_TIME


ROWS: tuple[Row[ClaimFacts], ...] = (
    Row(
        event="opened",
        actors=PARTIES,
        statuses=(),
        to=OPEN,
        clock=answer_time,
        money="the seller's claim freezes the buyer's lot",
    ),
    Row(
        event="evidence_given",
        action=ClaimAction.GIVE_EVIDENCE,
        actors=PARTIES,
        statuses=(OPEN,),
    ),
    Row(
        event="answered",
        action=ClaimAction.ANSWER,
        actors=PARTIES,
        statuses=(OPEN,),
        to=REVIEW,
        guard=by_other,
        clock=decision_time,
    ),
    Row(
        event="answer_time_over",
        actors=(CLOCK,),
        statuses=(OPEN,),
        to=REVIEW,
        guard=deadline_over,
        clock=decision_time,
    ),
    Row(
        event="withdrawn",
        action=ClaimAction.WITHDRAW,
        actors=PARTIES,
        statuses=UNDECIDED,
        to=CLOSED,
        guard=by_claimant,
        clock=no_clock,
        money="the lot runs again; what was held goes back to the seller",
    ),
    Row(
        event="funds_held",
        action=ClaimAction.HOLD_FUNDS,
        actors=(STAFF,),
        statuses=UNDECIDED,
        guard=may_hold,
        money="seller's available -> held, a frozen lot",
    ),
    Row(
        event="uphold_approved",
        action=ClaimAction.APPROVE,
        actors=(STAFF,),
        statuses=(REVIEW,),
        guard=needs_first,
    ),
    Row(
        event="upheld",
        action=ClaimAction.UPHOLD,
        actors=(STAFF,),
        statuses=(REVIEW,),
        to=CLOSED,
        guard=enough_people,
        clock=no_clock,
        money="the frozen lot -> the claimant's available",
    ),
    Row(
        event="rejected",
        action=ClaimAction.REJECT,
        actors=(STAFF,),
        statuses=UNDECIDED,
        to=CLOSED,
        clock=no_clock,
        money="the lot runs again; what was held goes back to the seller",
    ),
    Row(
        event="decision_overdue",
        actors=(CLOCK,),
        statuses=(REVIEW,),
        guard=deadline_over,
        clock=decision_time,
    ),
)
OUTAGE_CREDITED: Row[ClaimFacts] = credited(UNDECIDED)
"""Applied by the crediting of an outage alone."""
CLAIMS = Table("claim", ClaimStatus, frozenset({CLOSED}), (*ROWS, OUTAGE_CREDITED))
