"""Which step of a case or a claim tells whom. Pure."""

from collections.abc import Iterator, Mapping
from uuid import UUID

import orjson

from server.notifications.deciding import BUYER, SELLER, Body, Parties, TradeStep
from server.notifications.wanted import Wanted, cause_of_case

STAGES = frozenset({"evidence", "ruled", "objected"})
"""Stages of a case that have no row of the trade's lifecycle."""
OFFER_MADE, OFFER_DECLINED = "offer_made", "offer_declined"
CLAIM_STEPS: Mapping[str, str] = {
    "opened": "claim_made",
    "answered": "claim_answered",
    "answer_time_over": "claim_in_review",
    "funds_held": "claim_funds_held",
    "withdrawn": "claim_withdrawn",
    "upheld": "claim_upheld",
    "rejected": "claim_rejected",
}
"""By the row of a claim's lifecycle, the words for it; the others are told to nobody."""
SIDES = ((BUYER, SELLER), (SELLER, BUYER))


def words_for(step: TradeStep) -> tuple[str, str] | None:
    """The kind and the words for a step of a case; None for what is no news."""
    if step.event == OFFER_MADE:
        offered: str = orjson.loads(step.detail)["kind"]
        return "offer_received", f"offer_{offered}"
    if step.event == OFFER_DECLINED:
        return "dispute_updated", OFFER_DECLINED
    if step.status_to in STAGES and step.status_from != step.status_to:
        return "dispute_updated", step.status_to
    return None


def decide_case(
    body: Body, parties: Parties, names: Mapping[UUID, str], step: TradeStep | None
) -> Iterator[Wanted]:
    """A case moved on without its trade; `step` is the row that gave it its version."""
    told = None if step is None else words_for(step)
    if step is None or told is None:
        return
    kind, reason = told
    yield from _tell(body, parties, names, step.actor, kind, reason)


def decide_claim(
    body: Body, parties: Parties, names: Mapping[UUID, str], step: TradeStep | None
) -> Iterator[Wanted]:
    """A claim about an ended trade moved on."""
    if step is None or step.event not in CLAIM_STEPS:
        return
    reason = CLAIM_STEPS[step.event]
    yield from _tell(body, parties, names, step.actor, "claim_updated", reason)


def _tell(
    body: Body, parties: Parties, names: Mapping[UUID, str], actor: str, kind: str, reason: str
) -> Iterator[Wanted]:
    """Both sides but the one who did it."""
    cause = cause_of_case(UUID(body["id"]), body["version"])
    for role, other in SIDES:
        if role == actor:
            continue
        params = {"counterparty": names[parties.user_of(other)], "reason": reason}
        yield Wanted(
            user_id=parties.user_of(role), kind=kind, cause_id=cause, subject="trade",
            subject_id=UUID(body["trade_id"]), params=params,
        )  # fmt: skip
