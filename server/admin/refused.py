"""Refused access to what belongs to the staff is audited, with a bound on how often.

The first refusals of a caller in a minute are committed before he is answered; further ones are
counted and written as one row afterwards. So nobody fills the audit by asking in a loop.
"""

import asyncio
from collections import Counter
from uuid import UUID

import structlog

from server.core.refusals import Unavailable
from server.db import Database, Unit
from server.db.audit import Action, Origin, record_audit

WINDOW_S = 60.0
"""Seconds of real time."""
ROWS_MAX = 5
"""Rows of one caller in a window that are written at once."""
CALLERS_MAX = 1_000
"""Callers counted apart in one window; all others share one count."""
OTHERS = UUID(int=0)
log = structlog.get_logger()


class RefusedAccess:
    """Writes refusals to the audit; one in each process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._written: Counter[UUID] = Counter()
        self._counted: Counter[UUID] = Counter()

    async def note_refused(self, user_id: UUID, endpoint: str) -> None:
        """Audit that the caller was refused `endpoint`, or count it. Never refuses by itself."""
        known = user_id in self._written or len(self._written) < CALLERS_MAX
        if not known or self._written[user_id] >= ROWS_MAX:
            self._counted[user_id if known else OTHERS] += 1
            return
        self._written[user_id] += 1

        async def work(unit: Unit) -> None:
            await record_audit(unit, Action.ACCESS_REFUSED, "endpoint", endpoint)

        try:
            await self._database.transact(work, name="note_refused")
        except Unavailable as refusal:
            # The caller is refused all the same, and the row comes with the counted ones.
            self._counted[user_id] += 1
            log.warning("refusal_not_audited", code=refusal.code)

    async def flush(self) -> int:
        """Begin a new window and write what was only counted in the old one; how many rows."""
        counted, self._counted = self._counted, Counter()
        self._written.clear()
        if not counted:
            return 0

        async def work(unit: Unit) -> None:
            for user_id, count in counted.items():
                actor = None if user_id == OTHERS else user_id
                await record_audit(
                    unit,
                    Action.ACCESS_REFUSED,
                    "endpoint",
                    "several",
                    after={"further_refusals": count},
                    origin=Origin("user", actor),
                )

        try:
            await self._database.transact(work, name="note_refusals")
        except Unavailable as refusal:
            self._counted.update(counted)
            log.warning("refusals_not_audited", code=refusal.code)
            return 0
        return len(counted)

    async def follow(self) -> None:
        """Write the counts of each window until cancelled."""
        while True:
            await asyncio.sleep(WINDOW_S)
            await self.flush()
