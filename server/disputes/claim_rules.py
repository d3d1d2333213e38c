"""The numbers of claims, and which claim a side may make when. Pure."""

from datetime import timedelta

from models.claims import ClaimKind
from models.trades import TradeStatus
from server.trades.facts import Actor

LATE_TIME = timedelta(hours=24)
"""After a trade ended unpaid, in which its buyer may claim that he paid."""
ANSWER_TIME = timedelta(hours=24)
"""What the other side has to answer a claim."""
DECISION_TIME = timedelta(hours=24)
"""What the desk has before a claim counts as overdue; then as long again, and so on."""
TEXT_CHARS_MAX = 500

_KINDS = {
    (TradeStatus.COMPLETED, Actor.SELLER): ClaimKind.HOLD,
    (TradeStatus.EXPIRED, Actor.BUYER): ClaimKind.LATE,
    (TradeStatus.CANCELLED, Actor.BUYER): ClaimKind.LATE,
}


def kind_for(status: TradeStatus, actor: Actor) -> ClaimKind | None:
    """The claim that a side of an ended trade may make, if any."""
    return _KINDS.get((status, actor))


def claimant_of(kind: ClaimKind) -> Actor:
    """Whose claim it is."""
    return Actor.SELLER if kind is ClaimKind.HOLD else Actor.BUYER
