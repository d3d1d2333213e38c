"""What the lifecycle of a case knows when it decides: a frozen copy, without a database."""

import enum
from dataclasses import dataclass
from datetime import datetime

from models.disputes import DisputeStatus
from server.trades.facts import Actor


class CaseAction(enum.StrEnum):
    """What a person can do in a case, as `allowed_actions` names it."""

    GIVE_EVIDENCE = "give_evidence"
    SAY_DONE = "say_done"
    MAKE_OFFER = "make_offer"
    ACCEPT_OFFER = "accept_offer"
    DECLINE_OFFER = "decline_offer"
    RELEASE = "release"
    CONCEDE = "concede"
    OBJECT = "object"
    END_EVIDENCE = "end_evidence"
    RULE = "rule"
    RULE_AGAIN = "rule_again"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """A case as the guards see it, under its lock or in one read."""

    status: DisputeStatus
    deadline_at: datetime | None
    buyer_evidence_until: datetime
    seller_evidence_until: datetime
    buyer_done: bool = False
    seller_done: bool = False
    offered_by: frozenset[Actor] = frozenset()
    """The sides whose offers are open."""
    objected: bool = False
    frozen_until: datetime | None = None
    """Until when staff hold the trade's escrow where it is."""

    def may_show(self, actor: Actor, now: datetime) -> bool:
        """Whether a side still gives evidence."""
        done, until = {
            Actor.BUYER: (self.buyer_done, self.buyer_evidence_until),
            Actor.SELLER: (self.seller_done, self.seller_evidence_until),
        }[actor]
        return not done and now < until

    @property
    def evidence_ends_at(self) -> datetime | None:
        """When the last side that still may show something must have done so; None for now."""
        open_until = [
            until
            for done, until in (
                (self.buyer_done, self.buyer_evidence_until),
                (self.seller_done, self.seller_evidence_until),
            )
            if not done
        ]
        return max(open_until, default=None)

    def is_frozen(self, now: datetime) -> bool:
        """Whether nothing moves the escrow at `now`."""
        return self.frozen_until is not None and now < self.frozen_until
