"""The part about trust, put together with what it follows."""

from datetime import datetime
from uuid import UUID

from server.db import Unit
from server.http.endpoint import Endpoint
from server.identity.context import Identity
from server.trust import sanction_routes
from server.trust.sanctions import end_due

TRUST_ENDPOINTS: tuple[Endpoint, ...] = (*sanction_routes.ROUTES.endpoints,)


def follow_people(identity: Identity) -> None:
    """Let the clock's recheck of a person end what of trust has had its time."""

    async def end_sanctions(unit: Unit, user_id: UUID) -> datetime | None:
        return await end_due(unit, identity.hooks, user_id)

    identity.hooks.on_recheck.append(end_sanctions)
