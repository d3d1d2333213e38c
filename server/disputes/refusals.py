"""What cases refuse, each as one rule that would be broken."""

from server.core.refusals import Conflict, Forbidden


class WrongCaseStatus(Conflict):
    """The present status of the case or claim does not offer this to the caller."""

    code = "wrong_case_status"
    title = "The case is no longer in a status that allows this."


class EvidenceTimeOver(Conflict):
    """The side's time for evidence has ended, or it said that it has nothing more."""

    code = "evidence_time_over"
    title = "Your time for evidence in this case is over."


class NoOffer(Conflict):
    """There is no open offer to answer."""

    code = "no_offer"
    title = "There is no open offer in this case."


class OfferChanged(Conflict):
    """The offer that was looked at is not open any more."""

    code = "offer_changed"
    title = "The offer was replaced, answered, or has lapsed."


class OwnOffer(Conflict):
    """Only the other side accepts an offer."""

    code = "own_offer"
    title = "The other side answers your offer; you may withdraw it."


class TooManyOffers(Conflict):
    """A side makes only so many offers in one case."""

    code = "too_many_offers"
    title = "You made too many offers in this case; answer the other side's, or wait."


class TooMuchEvidence(Conflict):
    """A side shows only so much in one case."""

    code = "too_much_evidence"
    title = "You showed as much as one case takes."


class ObjectionUsed(Conflict):
    """A ruling is objected to once a case."""

    code = "objection_used"
    title = "There was an objection in this case already."


class ObjectionTimeOver(Conflict):
    """The time to object has ended."""

    code = "objection_time_over"
    title = "The time to object to this ruling is over."


class DisputesSuspended(Forbidden):
    """The caller lost too many cases that he opened."""

    code = "disputes_suspended"
    title = "You lost too many cases that you opened. A case opens by itself when time runs out."


class ClaimNotOffered(Conflict):
    """The trade's end, or the caller's side of it, leaves no claim."""

    code = "claim_not_offered"
    title = "You cannot make a claim about this trade."


class ClaimTooLate(Conflict):
    """The time to claim is over."""

    code = "claim_too_late"
    title = "The time for a claim about this trade is over."


class ClaimMade(Conflict):
    """One claim a trade."""

    code = "claim_made"
    title = "There was a claim about this trade already."


class SecondPersonNeeded(Conflict):
    """A large amount takes two people."""

    code = "second_ruler_needed"
    title = "Two people decide about this amount: first approve it, then another one upholds it."


class AlreadyHeld(Conflict):
    """What the claim is about is held already."""

    code = "already_held"
    title = "The claimed USDT is held already."


class NothingToHold(Conflict):
    """There is nothing of the seller's that could be held for this claim."""

    code = "nothing_to_hold"
    title = "There is nothing that could be held for this claim."


class TradeNotOpen(Conflict):
    """Only the escrow of an open trade can be frozen."""

    code = "trade_not_open"
    title = "The trade has ended; there is no escrow to freeze."


class FrozenAlready(Conflict):
    """One freeze a trade at a time."""

    code = "frozen_already"
    title = "The trade is frozen already."


class NotFrozen(Conflict):
    """There is no freeze to lift."""

    code = "not_frozen"
    title = "The trade is not frozen."
