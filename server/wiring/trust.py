"""The part about trust, put together with what it follows."""

from datetime import datetime
from uuid import UUID

from server.db import Unit
from server.http.endpoint import Endpoint
from server.identity.context import Identity
from server.jobs.schedule import Duty
from server.trades.desk import Desk
from server.trust import profile_routes, rating_routes, sanction_routes
from server.trust.ratings import reveal_due
from server.trust.reputation import count_completed, count_fault, grow
from server.trust.sanctions import end_due

TRUST_ENDPOINTS: tuple[Endpoint, ...] = (
    *profile_routes.ROUTES.endpoints,
    *rating_routes.ROUTES.endpoints,
    *sanction_routes.ROUTES.endpoints,
)
TRUST_DUTIES: tuple[Duty, ...] = (
    Duty("reveal_ratings", 60, lambda desk: reveal_due(desk.database), by_time=True),
)


def follow_people(identity: Identity) -> None:
    """Let the clock's recheck of a person end and raise what of trust has had its time."""

    async def end_sanctions(unit: Unit, user_id: UUID) -> datetime | None:
        return await end_due(unit, identity.hooks, user_id)

    async def raise_trust(unit: Unit, user_id: UUID) -> datetime | None:
        return await grow(unit, identity.hooks, [user_id])

    identity.hooks.on_recheck += [end_sanctions, raise_trust]


def follow_trades(desk: Desk) -> None:
    """Count what becomes of trades into the reputations of their people."""

    async def count(unit: Unit, trade_id: UUID) -> None:
        await count_completed(unit, desk.identity_hooks, trade_id)

    desk.hooks.on_completed.append(count)
    desk.hooks.on_fault.append(count_fault)
