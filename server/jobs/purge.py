"""Forgets what has served its time, in chunks, each in a unit of its own."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from server.compliance.suspicions import purge_reports
from server.db import Unit
from server.db.idempotency import KEPT, PURGE_CHUNK, purge_replies
from server.identity.api_keys import purge_api_keys
from server.identity.codes import purge_codes
from server.identity.contact_change import purge_contact_changes
from server.identity.devices import purge_devices
from server.identity.password_reset import purge_resets
from server.identity.sessions import purge_revocations
from server.identity.sign_in import purge_challenges, purge_pending
from server.identity.step_up import purge_proofs
from server.jobs import queries
from server.kyc.messages import purge_provider_messages
from server.markets.candles import purge_candles
from server.markets.history import purge_readings
from server.messages.notices import purge_sms_notices
from server.messages.queue import purge_messages
from server.messages.toll import purge_counts
from server.notifications.inbox import purge_notifications
from server.privacy.exports import purge_exports
from server.sandbox.counterparties import purge_counterparties
from server.trades.desk import Desk
from server.trades.queries import first_id_of
from server.trust.radar import purge_sightings
from server.trust.reputation import purge_days
from server.trust.signals import purge_signals

EVENTS_KEPT = timedelta(hours=24)
"""How far back a client can ask for missed events."""
MARKERS_KEPT = timedelta(hours=1)
"""Far longer than a commit of unknown outcome is looked for."""
SKIPS_KEPT = timedelta(days=7)
INBOX_KEPT = timedelta(days=7)
"""What a lane has consumed is kept for those who look for a cause."""
SESSIONS_KEPT = timedelta(days=60)
"""From their beginning; the longest session is 30 days."""
CHUNKS_MAX = 50
Purge = Callable[[Unit], Awaitable[int]]


async def purge_events(unit: Unit) -> int:
    """Forget one chunk of events that were sent and told of; how many."""
    rows = await unit.execute(queries.old_events(first_id_of(unit.now - EVENTS_KEPT), PURGE_CHUNK))
    ids = [row.id for row in rows]
    if ids:
        await unit.execute(queries.delete_events(ids))
    return len(ids)


async def purge_markers(unit: Unit) -> int:
    """Forget one chunk of commit markers; how many."""
    rows = await unit.execute(
        queries.old_markers(first_id_of(unit.now - MARKERS_KEPT), PURGE_CHUNK)
    )
    ids = [row.id for row in rows]
    if ids:
        await unit.execute(queries.delete_markers(ids))
    return len(ids)


async def purge_skips(unit: Unit) -> int:
    """Forget one chunk of the skip counts of ended orders; how many."""
    rows = await unit.execute(queries.old_skips(unit.now - SKIPS_KEPT, PURGE_CHUNK))
    keys: list[tuple[Any, ...]] = [(row.order_id, row.reason) for row in rows]
    if keys:
        await unit.execute(queries.delete_skips(keys))
    return len(keys)


async def purge_inbox(unit: Unit) -> int:
    """Forget one chunk of what lanes consumed; how many."""
    rows = await unit.execute(
        queries.old_inbox_rows(first_id_of(unit.now - INBOX_KEPT), PURGE_CHUNK)
    )
    ids = [row.id for row in rows]
    if ids:
        await unit.execute(queries.delete_inbox_rows(ids))
    return len(ids)


async def purge_pairs(unit: Unit) -> int:
    """Forget one chunk of the failed pairs that no lane will ask for; how many."""
    rows = await unit.execute(queries.idle_pairs(unit.now - SKIPS_KEPT, PURGE_CHUNK))
    keys: list[tuple[Any, ...]] = [(row.order_id, row.other_order_id) for row in rows]
    if keys:
        await unit.execute(queries.delete_pairs(keys))
    return len(keys)


async def purge_sessions(unit: Unit) -> int:
    """Forget one chunk of sessions that ended long ago, with their tokens; how many."""
    rows = await unit.execute(
        queries.old_sessions(first_id_of(unit.now - SESSIONS_KEPT), PURGE_CHUNK)
    )
    ids = [row.id for row in rows]
    if ids:
        for statement in queries.delete_sessions(ids):
            await unit.execute(statement)
    return len(ids)


async def purge_old_replies(unit: Unit) -> int:
    """Forget one chunk of replies older than a week; how many."""
    return await purge_replies(unit, before=unit.now - KEPT)


PURGES: tuple[Purge, ...] = (
    purge_events,
    purge_markers,
    purge_skips,
    purge_inbox,
    purge_pairs,
    purge_sessions,
    purge_old_replies,
    purge_revocations,
    purge_proofs,
    purge_pending,
    purge_challenges,
    purge_codes,
    purge_contact_changes,
    purge_resets,
    purge_devices,
    purge_api_keys,
    purge_messages,
    purge_sms_notices,
    purge_counts,
    purge_readings,
    purge_candles,
    purge_provider_messages,
    purge_exports,
    purge_reports,
    purge_notifications,
    purge_days,
    purge_counterparties,
    purge_signals,
    purge_sightings,
)


async def purge(desk: Desk) -> int:
    """Forget everything that is due, chunk by chunk; how many rows."""
    forgotten = 0
    for work in PURGES:
        for _ in range(CHUNKS_MAX):
            count = await desk.database.transact(work, name=work.__name__)
            forgotten += count
            if count < PURGE_CHUNK:
                break
    return forgotten
