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
