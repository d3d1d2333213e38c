"""Who is linked to a party by signs that are known without anybody's judgement."""

from collections.abc import Awaitable, Callable, Iterable
from uuid import UUID

from server.disputes import staff_queries as queries
from server.trades.trade import Reader

FindLinked = Callable[[Reader, frozenset[UUID], frozenset[UUID]], Awaitable[dict[UUID, set[str]]]]
"""Reader, parties, people: which of the people are linked to a party, each with the signs."""
SHARED_DEVICE, SHARED_ACCOUNT = "shared_device", "shared_payment_account"


async def find_linked_by_signs(
    reader: Reader, parties: frozenset[UUID], people: frozenset[UUID]
) -> dict[UUID, set[str]]:
    """Who of `people` used a device or a payment account of a party; two statements."""
    found: dict[UUID, set[str]] = {}
    if not parties or not people:
        return found
    for row in await reader.execute(queries.devices_shared(parties, people)):
        found.setdefault(row.user_id, set()).add(SHARED_DEVICE)
    for row in await reader.execute(queries.accounts_shared(parties, people)):
        for each in _in(people, (row.user_id, row.other_id)):
            found.setdefault(each, set()).add(SHARED_ACCOUNT)
    return found


def _in(people: frozenset[UUID], pair: Iterable[UUID]) -> list[UUID]:
    return [each for each in pair if each in people]
