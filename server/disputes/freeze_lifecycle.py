"""The lifecycle of a freeze as one table. Checked when imported.

While a freeze is active nothing moves the trade's escrow: no release, refund, split, agreement,
concession, cancel, expiry or ruling. The trade's own table asks for it before such a row.
"""

import enum
from dataclasses import dataclass
from datetime import datetime

from models.disputes import FreezeStatus
from server.disputes.table import CLOCK, STAFF, Row, Table, deadline_over, no_clock, same_clock

FREEZE_HOURS_MAX = 7 * 24
REASON_CHARS_MAX = 500
ACTIVE, LIFTED, OVER = FreezeStatus.ACTIVE, FreezeStatus.LIFTED, FreezeStatus.OVER


class FreezeAction(enum.StrEnum):
    """What the staff can do about a freeze."""

    LIFT = "lift"


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeFacts:
    """A freeze as the guards see it."""

    status: FreezeStatus
    deadline_at: datetime | None


ROWS: tuple[Row[FreezeFacts], ...] = (
    Row(
        event="frozen",
        actors=(STAFF,),
        statuses=(),
        to=ACTIVE,
        clock=same_clock,
    ),
    Row(
        event="freeze_lifted",
        action=FreezeAction.LIFT,
        actors=(STAFF,),
        statuses=(ACTIVE,),
        to=LIFTED,
        clock=no_clock,
    ),
    Row(
        event="freeze_over",
        actors=(CLOCK,),
        statuses=(ACTIVE,),
        to=OVER,
        guard=deadline_over,
        clock=no_clock,
    ),
)
FREEZES = Table("freeze", FreezeStatus, frozenset({LIFTED, OVER}), ROWS)
