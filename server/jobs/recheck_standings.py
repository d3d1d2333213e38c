"""Tells standings what time has changed in them: limits, ladder, blocks, presence."""

from uuid import UUID

import structlog

from server.db import Unit
from server.identity.standing import RECHECKS_MAX, list_due_rechecks
from server.trades.desk import Desk
from server.trades.records import recheck_record

ROUNDS_MAX = 10
log = structlog.get_logger()


async def recheck_standings(desk: Desk) -> int:
    """Recheck the users whose time has come, each in a unit of his own; how many."""
    rechecked = 0
    failed: set[UUID] = set()
    for _ in range(ROUNDS_MAX):
        async with desk.database.read() as connection:
            due = await list_due_rechecks(connection, desk.database.clock.now())
        due = [user_id for user_id in due if user_id not in failed]
        for user_id in due:

            async def work(unit: Unit, user_id: UUID = user_id) -> None:
                await recheck_record(unit, desk, user_id)

            try:
                await desk.database.transact(work, name="recheck_standing")
                rechecked += 1
            except Exception:
                failed.add(user_id)
                log.exception("recheck_failed", user_id=str(user_id))
        if len(due) < RECHECKS_MAX:
            break
    return rechecked
