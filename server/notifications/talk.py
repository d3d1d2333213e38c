"""Which message of a trade's chat tells whom. Pure."""

from collections.abc import Collection, Iterator, Mapping
from uuid import UUID

from server.notifications.deciding import BOTH, BUYER, SELLER, Body, Parties
from server.notifications.wanted import Wanted

READERS: Mapping[str, tuple[str, ...]] = {
    BUYER: (SELLER,),
    SELLER: (BUYER,),
    "staff": BOTH,
}
"""By the author, who should hear of it; what the service writes is told as a step of the trade."""


def decide_message(
    trade_id: UUID,
    body: Body,
    parties: Parties,
    names: Mapping[UUID, str],
    present: Collection[UUID],
    event_id: UUID,
) -> Iterator[Wanted]:
    """A message was written: told to who is away, once until he has read of it."""
    author = body["author"]
    for role in READERS.get(author, ()):
        user_id = parties.user_of(role)
        if user_id in present:
            continue
        writer = "IQX" if author == "staff" else names[parties.user_of(author)]
        yield Wanted(
            user_id=user_id, kind="message_received", cause_id=event_id, subject="trade",
            subject_id=trade_id, params={"counterparty": writer}, merges=True,
        )  # fmt: skip
