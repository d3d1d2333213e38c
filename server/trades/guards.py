"""The conditions of lifecycle rows besides status and actor. Pure; each answers a refusal or None.

The same functions decide what happens and what `allowed_actions` lists.
"""

from collections.abc import Callable
from datetime import datetime

from server.core.clock import format_instant
from server.core.refusals import Refusal
from server.trades import refusals, rules
from server.trades.facts import Actor, Facts

Guard = Callable[[Facts, Actor, datetime], Refusal | None]


def always(_facts: Facts, _actor: Actor, _now: datetime) -> Refusal | None:
    """No further condition."""
    return None


def payer_not_yet_declared(facts: Facts, _actor: Actor, _now: datetime) -> Refusal | None:
    """The payer is named once and then fixed."""
    return refusals.PayerAlreadyDeclared() if facts.payer_declared else None


def payer_declared(facts: Facts, _actor: Actor, _now: datetime) -> Refusal | None:
    """The buyer has named the paying account's holder, so he has seen where to pay."""
    return None if facts.payer_declared else refusals.PayerNotDeclared()


def third_party_pays(facts: Facts, _actor: Actor, _now: datetime) -> Refusal | None:
    """The declared payer is not the buyer."""
    return None if facts.third_party_payer else refusals.PayerIsBuyer()


def seller_extends_once(facts: Facts, _actor: Actor, _now: datetime) -> Refusal | None:
    """The seller gives one more window."""
    return refusals.AlreadyExtended() if facts.extended_by_seller else None


def buyer_extends_once(facts: Facts, _actor: Actor, _now: datetime) -> Refusal | None:
    """The buyer gives 30 minutes more for the release."""
    return refusals.AlreadyExtended() if facts.extended_by_buyer else None


def paid_may_be_undone(facts: Facts, _actor: Actor, now: datetime) -> Refusal | None:
    """Once, before the window ends, and never after a late payment."""
    if facts.paid_undone or facts.late or now >= facts.window_ends_at:
        return refusals.UndoNotOffered()
    return None


def no_cancel_request(facts: Facts, _actor: Actor, _now: datetime) -> Refusal | None:
    """One request at a time."""
    return refusals.CancelRequestOpen() if facts.cancel_requested else None


def cancel_requested(facts: Facts, _actor: Actor, _now: datetime) -> Refusal | None:
    """The seller asks; silence is not a yes."""
    return None if facts.cancel_requested else refusals.NoCancelRequest()


def no_split_offer(facts: Facts, _actor: Actor, _now: datetime) -> Refusal | None:
    """One offer at a time."""
    return refusals.SplitOfferOpen() if facts.split_offered_by is not None else None


def split_offered(facts: Facts, _actor: Actor, _now: datetime) -> Refusal | None:
    """An offer waits: the other side declines it, or its maker withdraws it."""
    return refusals.NoSplitOffer() if facts.split_offered_by is None else None


def split_offered_by_other(facts: Facts, actor: Actor, _now: datetime) -> Refusal | None:
    """The other side's offer waits."""
    if facts.split_offered_by is None:
        return refusals.NoSplitOffer()
    return refusals.OwnSplitOffer() if facts.split_offered_by is actor else None


def waiting_time_over(facts: Facts, _actor: Actor, now: datetime) -> Refusal | None:
    """Some time after "paid", or at once when the payer's name did not agree."""
    opens_at = facts.dispute_opens_at
    assert opens_at is not None, "only a paid trade is disputed by its parties"
    if now >= opens_at:
        return None
    return refusals.DisputeTooEarly(opens_at=format_instant(opens_at))


def fault_contestable(facts: Facts, _actor: Actor, now: datetime) -> Refusal | None:
    """A fault of the seller was named, less than a day ago."""
    assert facts.ended_at is not None, "only an ended trade has a named fault"
    if facts.seller_fault_named and now < facts.ended_at + rules.CONTEST_TIME:
        return None
    return refusals.NothingToContest()


def deadline_over(facts: Facts, _actor: Actor, now: datetime) -> Refusal | None:
    """The time of the present status has run out."""
    assert facts.deadline_at is not None, "a status with a clock has a deadline"
    return None if now >= facts.deadline_at else refusals.WrongTradeStatus()
