"""The ends of API keys: by their owner, and with the sessions."""

from uuid import UUID

from server.core.refusals import NotFound
from server.db import Unit
from server.db.audit import Action, record_audit
from server.identity import key_queries as queries
from server.identity.context import Identity
from server.identity.notices import tell_owner
from server.identity.queries import insert_revocation

KEYS_MAX = 10
"""Keys of one user that have not ended."""


async def _end(identity: Identity, unit: Unit, user_id: UUID, key_id: UUID, reason: str) -> bool:
    now = unit.now
    ended = await unit.execute(queries.end_key(user_id, key_id, now, reason))
    if ended.rowcount == 0:
        return False
    await unit.execute(insert_revocation(unit.ids.new_id(), key_id, now))
    unit.after_commit(lambda: identity.revocations.add(key_id, now))
    await record_audit(unit, Action.API_KEY_ENDED, "api_key", key_id, reason=reason)
    return True


async def end_own_key(identity: Identity, unit: Unit, user_id: UUID, key_id: UUID) -> None:
    """End one of the user's keys, everywhere within a second. Refuses `NotFound`."""
    if not await _end(identity, unit, user_id, key_id, "ended_by_user"):
        raise NotFound


async def end_keys(identity: Identity, unit: Unit, user_id: UUID, reason: str) -> None:
    """End every key of a user, who is told if he had any."""
    rows = (await unit.execute(queries.live_keys(user_id, unit.now, KEYS_MAX))).all()
    for row in sorted(rows, key=lambda each: each.id.bytes):
        await _end(identity, unit, user_id, row.id, reason)
    if rows:
        await tell_owner(
            unit, identity.hooks, user_id, "api_keys_ended", count=str(len(rows)), reason=reason
        )
