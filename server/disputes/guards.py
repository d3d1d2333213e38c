"""The conditions of a case's rows besides status and actor. Pure; a refusal or None."""

from datetime import datetime

from models.disputes import DisputeStatus
from server.core.clock import format_instant
from server.core.refusals import Refusal
from server.disputes import refusals
from server.disputes.facts import CaseFacts
from server.trades.facts import Actor
from server.trades.refusals import TradeFrozen

OTHER = {Actor.BUYER: Actor.SELLER, Actor.SELLER: Actor.BUYER}
"""The side across."""


def may_show(facts: CaseFacts, actor: Actor, now: datetime) -> Refusal | None:
    """The side's time for evidence runs, and it has not said that it is done."""
    return None if facts.may_show(actor, now) else refusals.EvidenceTimeOver()


def may_give(facts: CaseFacts, actor: Actor, now: datetime) -> Refusal | None:
    """The side's time for evidence runs, or the time to object, or an objection waits for its
    ruling."""
    if facts.status is DisputeStatus.OPEN:
        return may_show(facts, actor, now)
    return may_object(facts, actor, now) if facts.status is DisputeStatus.RULED else None


def evidence_over(facts: CaseFacts, _actor: Actor, now: datetime) -> Refusal | None:
    """Both sides are done, or their time has run out."""
    ends_at = facts.evidence_ends_at
    return None if ends_at is None or now >= ends_at else refusals.WrongCaseStatus()


def not_frozen(facts: CaseFacts, _actor: Actor, now: datetime) -> Refusal | None:
    """Staff do not hold the escrow."""
    if not facts.is_frozen(now):
        return None
    assert facts.frozen_until is not None
    return TradeFrozen(until=format_instant(facts.frozen_until))


def offer_open(facts: CaseFacts, _actor: Actor, _now: datetime) -> Refusal | None:
    """An offer waits: the other side declines it, or its maker withdraws it."""
    return None if facts.offered_by else refusals.NoOffer()


def offered_by_other(facts: CaseFacts, actor: Actor, now: datetime) -> Refusal | None:
    """The other side's offer waits, and staff do not hold the escrow."""
    if OTHER[actor] not in facts.offered_by:
        return refusals.OwnOffer() if facts.offered_by else refusals.NoOffer()
    return not_frozen(facts, actor, now)


def may_object(facts: CaseFacts, _actor: Actor, now: datetime) -> Refusal | None:
    """Nobody has objected yet, and the time to do so runs."""
    if facts.objected:
        return refusals.ObjectionUsed()
    assert facts.deadline_at is not None, "a ruling has a time to object"
    return None if now < facts.deadline_at else refusals.ObjectionTimeOver()


def ruling_due(facts: CaseFacts, actor: Actor, now: datetime) -> Refusal | None:
    """The time to object is over, and staff do not hold the escrow."""
    assert facts.deadline_at is not None, "a ruling has a time to object"
    if now < facts.deadline_at:
        return refusals.WrongCaseStatus()
    return not_frozen(facts, actor, now)
