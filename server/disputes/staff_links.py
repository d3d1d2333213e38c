"""Who is linked to a party: by signs that need no judgement, and by the links that are known."""

from collections.abc import Awaitable, Callable, Iterable
from uuid import UUID

from server.disputes import staff_queries as queries
from server.trades.trade import Reader
from server.trust.links import find_apart

FindLinked = Callable[[Reader, frozenset[UUID], frozenset[UUID]], Awaitable[dict[UUID, set[str]]]]
"""Reader, parties, people: which of the people are linked to a party, each with the signs."""
SHARED_DEVICE, SHARED_ACCOUNT = "shared_device", "shared_payment_account"
LINKED_ACCOUNT = "linked_account"
"""By the rules of linked accounts, or confirmed by the staff."""


async def find_linked(
    reader: Reader, parties: frozenset[UUID], people: frozenset[UUID]
) -> dict[UUID, set[str]]:
    """Who of `people` shares a device, a payment account or a link with a party; three statements.

    Who was found to be two people after all is still told by what they share.
    """
    found: dict[UUID, set[str]] = {}
    if not parties or not people:
        return found
    for row in await reader.execute(queries.devices_shared(parties, people)):
        found.setdefault(row.user_id, set()).add(SHARED_DEVICE)
    for row in await reader.execute(queries.accounts_shared(parties, people)):
        for each in _in(people, (row.user_id, row.other_id)):
            found.setdefault(each, set()).add(SHARED_ACCOUNT)
    for each in await find_apart(reader, parties, people):
        found.setdefault(each, set()).add(LINKED_ACCOUNT)
    return found


def _in(people: frozenset[UUID], pair: Iterable[UUID]) -> list[UUID]:
    return [each for each in pair if each in people]
