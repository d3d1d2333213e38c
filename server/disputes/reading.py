"""How a party reads its own case or claim: after the clock's due rows, with what was shown."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from server.disputes.evidence import list_evidence
from server.http.endpoint import Call, Reply
from server.trades.desk import DESK, Desk
from server.trades.facts import Actor
from server.trades.trade import Reader


class Owned(Protocol):
    """Something that two parties own."""

    def actor_of(self, user_id: UUID) -> Actor:
        """Which party the user is. Refuses `NotFound` for everyone else."""
        ...


Own = TypeVar("Own", bound=Owned)


async def read_own(
    call: Call,
    get: Callable[[Reader, UUID], Awaitable[Own]],
    apply_due: Callable[[Desk, UUID], Awaitable[bool]],
    view: Callable[[Own, Actor, datetime], dict[str, Any]],
) -> Reply:
    """What the call's path names, as its caller sees it. Refuses `NotFound`."""
    user_id, found_id = call.user.user_id, call.path_id()
    async with call.database.read() as connection:
        (await get(connection, found_id)).actor_of(user_id)
    await apply_due(call.app[DESK], found_id)
    async with call.database.read() as connection:
        found = await get(connection, found_id)
        shown = await list_evidence(connection, found_id)
    viewed = view(found, found.actor_of(user_id), call.database.clock.now())
    return Reply(viewed | {"evidence": shown})
