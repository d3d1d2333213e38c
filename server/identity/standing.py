"""Standings: reading, locking, changing by version; and the rules that need nothing else.

The lane caches standings by version, so every change of what matching reads counts the version
up and calls the hooks, which ask the lanes for a recheck.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from server.core.refusals import Invalid, NotFound
from server.db import Unit
from server.identity import standing_queries as queries
from server.identity.hooks import Hooks
from server.identity.rules import order_ids

PRESENT_FOR = timedelta(minutes=5)
"""A request or socket in this time makes a user present."""
KYC_LEVEL_MAX = 3
BP = 10_000
RECHECKS_MAX = 200
"""Users that one run of the clock rechecks."""


@dataclass(frozen=True, slots=True)
class StandingRow:
    """One row of `standings`; see the table for the meaning of each column."""

    user_id: UUID
    version: int
    kyc_level: int
    verified: bool
    trades_completed: int
    trades_ended: int
    open_unpaid_as_buyer: int
    limit_used_micro: int
    ladder_step: int
    taking_blocked_until: datetime | None
    selling_blocked_until: datetime | None
    frozen_at: datetime | None
    seen_at: datetime | None
    present: bool
    second_factor: bool
    terms_version: int
    taking_barred: bool
    resting_barred: bool
    limits_lowered: bool
    trust_step: int
    recheck_at: datetime | None


def _read_row(row: Any) -> StandingRow:
    return StandingRow(**{column: getattr(row, column) for column in queries.COLUMNS})


async def read_standings(
    connection: AsyncConnection | Unit, user_ids: Iterable[UUID]
) -> dict[UUID, StandingRow]:
    """The standings of some users, without locks; unknown users are left out."""
    rows = await connection.execute(queries.standings_of(order_ids(set(user_ids))))
    return {row.user_id: _read_row(row) for row in rows}


async def lock_standings(unit: Unit, user_ids: Iterable[UUID]) -> dict[UUID, StandingRow]:
    """Lock the standings of some users, ascending. After trades, before ledger accounts."""
    rows = await unit.execute(queries.lock_standings(order_ids(set(user_ids))))
    return {row.user_id: _read_row(row) for row in rows}


async def lock_standing(unit: Unit, user_id: UUID) -> StandingRow:
    """Lock one standing. Refuses `NotFound` for an unknown user."""
    found = await lock_standings(unit, [user_id])
    if user_id not in found:
        raise NotFound
    return found[user_id]


async def update_standing(unit: Unit, row: StandingRow, **changes: Any) -> StandingRow:
    """Write changes of a locked standing and count its version up; the new row.

    Calls no hooks: the caller knows whether the lanes need to hear of it.
    """
    await unit.execute_guarded(queries.update_standing(row.user_id, row.version, changes))
    return replace(row, version=row.version + 1, **changes)


async def change_standing(
    unit: Unit, hooks: Hooks, row: StandingRow, **changes: Any
) -> StandingRow:
    """`update_standing`, and the lanes are asked to look at the user again."""
    changed = await update_standing(unit, row, **changes)
    for hook in hooks.on_standing_changed:
        await hook(unit, row.user_id)
    return changed


def completion_rate_bp(row: StandingRow) -> int | None:
    """Completed trades of those that ended by this user's doing, in basis points, rounded down.

    None for who has ended none.
    """
    return row.trades_completed * BP // row.trades_ended if row.trades_ended else None


def is_present_at(row: StandingRow, now: datetime) -> bool:
    """Whether the user was seen in the last five minutes before `now`."""
    return row.seen_at is not None and now < row.seen_at + PRESENT_FOR


def next_recheck_at(row: StandingRow, now: datetime, *others: datetime | None) -> datetime | None:
    """The first instant after `now` at which time alone changes the standing.

    `others` are instants that other parts know of: a limit that rolls, a step of the ladder.
    """
    ends_presence = row.seen_at + PRESENT_FOR if row.present and row.seen_at else None
    instants = (ends_presence, row.taking_blocked_until, row.selling_blocked_until, *others)
    return min((at for at in instants if at is not None and at > now), default=None)


async def recheck_standing(
    unit: Unit, hooks: Hooks, user_id: UUID, *, others: tuple[datetime | None, ...] = ()
) -> StandingRow:
    """Apply what time has changed in a standing and set the next recheck.

    The lanes hear of it when presence ended or a block on taking or selling ran out.
    """
    row = await lock_standing(unit, user_id)
    now = unit.now
    present = row.present and is_present_at(row, now)
    changed = replace(row, present=present)
    next_at = next_recheck_at(changed, now, *others)
    # The lanes do not compare a block's end with the present: it counts until it is cleared here.
    ran_out = {
        name: None
        for name in ("taking_blocked_until", "selling_blocked_until")
        if (until := getattr(row, name)) is not None and until <= now
    }
    if present != row.present or ran_out:
        return await change_standing(
            unit, hooks, row, present=present, recheck_at=next_at, **ran_out
        )
    if next_at == row.recheck_at:
        return row
    return await update_standing(unit, row, recheck_at=next_at)


async def list_due_rechecks(
    connection: AsyncConnection, now: datetime, *, limit: int = RECHECKS_MAX
) -> list[UUID]:
    """Users whose recheck is due, longest waiting first."""
    rows = await connection.execute(queries.due_rechecks(now, limit))
    return [row.user_id for row in rows]


async def set_level(unit: Unit, hooks: Hooks, user_id: UUID, kyc_level: int) -> StandingRow:
    """Set a user's KYC level (0 to 3)."""
    if not 0 <= kyc_level <= KYC_LEVEL_MAX:
        raise Invalid(errors={"level": ["The level is 0, 1, 2 or 3."]})
    row = await lock_standing(unit, user_id)

    if row.kyc_level == kyc_level:
        return row
    return await change_standing(unit, hooks, row, kyc_level=kyc_level)


async def hold_selling(unit: Unit, hooks: Hooks, row: StandingRow, until: datetime) -> StandingRow:
    """Let nothing of the user be sold before `until`; an own longer hold stays."""
    if row.selling_blocked_until is not None and row.selling_blocked_until >= until:
        return row
    held = replace(row, selling_blocked_until=until)
    return await change_standing(
        unit,
        hooks,
        row,
        selling_blocked_until=until,
        recheck_at=_sooner(row.recheck_at, next_recheck_at(held, unit.now)),
    )


def _sooner(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((at for at in (one, other) if at is not None), default=None)


async def note_present(unit: Unit, hooks: Hooks, user_id: UUID, seen_at: datetime) -> None:
    """A user who was away is here again; an instant that is older than known changes nothing."""
    row = await lock_standing(unit, user_id)
    if seen_at + PRESENT_FOR <= unit.now or (row.seen_at is not None and row.seen_at > seen_at):
        return

    here = replace(row, present=True, seen_at=seen_at)
    changes: dict[str, Any] = {
        "present": True,
        "seen_at": seen_at,
        "recheck_at": _sooner(row.recheck_at, next_recheck_at(here, unit.now)),
    }
    if row.present:
        await update_standing(unit, row, **changes)
    else:
        await change_standing(unit, hooks, row, **changes)
