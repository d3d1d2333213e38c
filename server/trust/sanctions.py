"""Sanctions: given, appealed against, lifted, ended by the clock; and what they do to a standing.

Everything about the sanctions of one person happens under the lock of his standing, and its
effect on the standing is written in the same transaction.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from models.trust import SanctionKind, SanctionReason, SanctionStatus
from server.core.clock import format_instant
from server.core.refusals import Invalid, NotFound
from server.db import Unit
from server.db.audit import Action, record_audit
from server.identity.hooks import Hooks
from server.identity.notices import tell_owner
from server.identity.standing import StandingRow, change_standing, lock_standing
from server.trust import refusals
from server.trust import sanction_queries as queries

DURATION_MIN = timedelta(hours=1)
DURATION_MAX = timedelta(days=366)
TIMELESS = frozenset({SanctionKind.WARNING})
"""What has no time: it is said and done."""
MAY_BE_ENDLESS = frozenset({SanctionKind.WARNING, SanctionKind.CLOSED})


async def impose_sanction(
    unit: Unit,
    hooks: Hooks,
    *,
    user_id: UUID,
    kind: SanctionKind,
    reason: SanctionReason,
    explanation: str,
    imposed_by: UUID,
    duration: timedelta | None = None,
    dispute_id: UUID | None = None,
) -> UUID:
    """Give a person a sanction that one member of staff may give; its identifier.

    Locks the person's standing, so it comes after trades and disputes and before accounts.
    `duration` is needed by every kind but a warning, which has none. Refuses `NotFound`,
    `OwnSanction`, `ClosingTakesTwo`, `SanctionExists` (a sanction of the kind lasts) and
    `Invalid` (the duration).
    """
    if kind is SanctionKind.CLOSED:
        raise refusals.ClosingTakesTwo
    return await impose(
        unit, hooks, user_id=user_id, kind=kind, reason=reason, explanation=explanation,
        imposed_by=imposed_by, duration=duration, dispute_id=dispute_id,
    )  # fmt: skip


async def impose(
    unit: Unit,
    hooks: Hooks,
    *,
    user_id: UUID,
    kind: SanctionKind,
    reason: SanctionReason,
    explanation: str,
    imposed_by: UUID,
    duration: timedelta | None,
    dispute_id: UUID | None = None,
) -> UUID:
    """`impose_sanction` of every kind; that two people agreed to close is the caller's to know."""
    if imposed_by == user_id:
        raise refusals.OwnSanction
    check_duration(kind, duration)
    standing = await lock_standing(unit, user_id)
    lasting = await _list_lasting(unit, user_id)
    if any(row.kind == kind for row in lasting):
        raise refusals.SanctionExists

    sanction_id = unit.ids.new_id()
    ends_at = None if duration is None else unit.now + duration
    await unit.execute(
        queries.insert_sanction(
            {
                "id": sanction_id,
                "user_id": user_id,
                "kind": kind.value,
                "reason": reason.value,
                "explanation": explanation,
                "imposed_by": imposed_by,
                "dispute_id": dispute_id,
                "begins_at": unit.now,
                "ends_at": ends_at,
                "status": SanctionStatus.ACTIVE.value,
            }
        )
    )
    if kind is SanctionKind.CLOSED:
        await _hold(unit, user_id, imposed_by)
    await _apply(unit, hooks, standing)
    await record_audit(
        unit, Action.SANCTION_IMPOSED, "user", user_id, reason=explanation,
        after={
            "sanction_id": str(sanction_id), "kind": kind.value, "reason": reason.value,
            "ends_at": None if ends_at is None else format_instant(ends_at),
        },
    )  # fmt: skip
    if ends_at is None:
        notice = "warned" if kind is SanctionKind.WARNING else "sanctioned_closed_for_good"
        await tell_owner(unit, hooks, user_id, notice)
    else:
        until = format_instant(ends_at)
        await tell_owner(unit, hooks, user_id, f"sanctioned_{kind.value}", until=until)
    return sanction_id


def check_duration(kind: SanctionKind, duration: timedelta | None) -> None:
    """Refuse `Invalid` a time that the kind cannot have."""
    if duration is None:
        if kind not in MAY_BE_ENDLESS:
            raise Invalid(errors={"hours": ["Say for how long."]})
    elif kind in TIMELESS:
        raise Invalid(errors={"hours": ["A warning has no time."]})
    elif not DURATION_MIN <= duration <= DURATION_MAX:
        raise Invalid(errors={"hours": ["From one hour to 366 days."]})


async def lift_sanction(
    unit: Unit, hooks: Hooks, sanction_id: UUID, *, reason: str, by: UUID
) -> None:
    """End a sanction before its time. Refuses `NotFound`, `OwnSanction`, `SanctionOver`."""
    row = await get_sanction(unit, sanction_id)
    if by == row.user_id:
        raise refusals.OwnSanction
    await _lift(unit, hooks, row, reason=reason, by=by)
    await tell_owner(unit, hooks, row.user_id, "sanction_lifted")


async def appeal(unit: Unit, user_id: UUID, sanction_id: UUID, statement: str) -> None:
    """The person says why a sanction that lasts is wrong, once.

    Refuses `NotFound` (also for somebody else's), `AlreadyAppealed`, `SanctionOver`.
    """
    await lock_standing(unit, user_id)
    row = await get_sanction(unit, sanction_id)
    if row.user_id != user_id:
        raise NotFound
    if row.appealed_at is not None:
        raise refusals.AlreadyAppealed
    if row.status != SanctionStatus.ACTIVE:
        raise refusals.SanctionOver

    await unit.execute(
        queries.insert_appeal(
            {
                "sanction_id": sanction_id,
                "user_id": user_id,
                "statement": statement,
                "created_at": unit.now,
            }
        )
    )
    await record_audit(unit, Action.SANCTION_APPEALED, "sanction", sanction_id)


async def decide_appeal(
    unit: Unit, hooks: Hooks, sanction_id: UUID, *, granted: bool, answer: str, by: UUID
) -> None:
    """Grant or dismiss an appeal; who gave the sanction does not decide it.

    Refuses `NotFound`, `OwnSanction`, `OwnDecision`, `AppealDecided`. A granted appeal lifts what
    still lasts.
    """
    row = await get_sanction(unit, sanction_id)
    if by == row.user_id:
        raise refusals.OwnSanction
    if by == row.imposed_by:
        raise refusals.OwnDecision
    await lock_standing(unit, row.user_id)
    row = await get_sanction(unit, sanction_id)
    if row.appealed_at is None or row.decided_at is not None:
        raise refusals.AppealDecided

    decided = {"decided_by": by, "decided_at": unit.now, "granted": granted, "answer": answer}
    await unit.execute_guarded(queries.decide_appeal(sanction_id, decided))
    await record_audit(
        unit, Action.SANCTION_APPEAL_DECIDED, "sanction", sanction_id,
        after={"granted": granted}, reason=answer,
    )  # fmt: skip
    if granted and row.status == SanctionStatus.ACTIVE:
        await _lift(unit, hooks, row, reason=answer, by=by)
    kind = "appeal_granted" if granted else "appeal_dismissed"
    await tell_owner(unit, hooks, row.user_id, kind)


async def end_due(unit: Unit, hooks: Hooks, user_id: UUID) -> datetime | None:
    """End a person's sanctions whose time is over; when to look again, if ever.

    A part of his recheck by the clock.
    """
    standing = await lock_standing(unit, user_id)
    lasting = await _list_lasting(unit, user_id)
    due = [row for row in lasting if row.ends_at is not None and row.ends_at <= unit.now]
    for row in due:
        await unit.execute_guarded(
            queries.end_sanction(row.id, SanctionStatus.ENDED, unit.now, None)
        )
        if row.kind == SanctionKind.CLOSED:
            await _end_hold(unit, user_id, None)
        await record_audit(unit, Action.SANCTION_ENDED, "sanction", row.id)
    if due:
        await _apply(unit, hooks, standing)
        await tell_owner(unit, hooks, user_id, "sanction_ended")
    left = [row.ends_at for row in lasting if row not in due and row.ends_at is not None]
    return min(left, default=None)


async def get_sanction(unit: Unit, sanction_id: UUID) -> Any:
    """A sanction with its appeal. Refuses `NotFound`."""
    row = (await unit.execute(queries.sanction(sanction_id))).first()
    if row is None:
        raise NotFound
    return row


async def _lift(unit: Unit, hooks: Hooks, row: Any, *, reason: str, by: UUID) -> None:
    standing = await lock_standing(unit, row.user_id)
    lifted = await unit.execute(queries.end_sanction(row.id, SanctionStatus.LIFTED, unit.now, by))
    if lifted.rowcount == 0:
        raise refusals.SanctionOver
    if row.kind == SanctionKind.CLOSED:
        await _end_hold(unit, row.user_id, by)
    await _apply(unit, hooks, standing)
    await record_audit(unit, Action.SANCTION_LIFTED, "sanction", row.id, reason=reason)


async def _list_lasting(unit: Unit, user_id: UUID) -> list[Any]:
    """What lasts, under the lock of the standing."""
    return list((await unit.execute(queries.lasting_of(user_id))).all())


async def _apply(unit: Unit, hooks: Hooks, standing: StandingRow) -> None:
    """Write what the sanctions that last mean into a locked standing."""
    lasting = await _list_lasting(unit, standing.user_id)
    changes = list_restrictions({row.kind for row in lasting})
    closed = any(row.kind == SanctionKind.CLOSED for row in lasting)
    if closed and standing.frozen_at is None:
        changes["frozen_at"] = unit.now
    elif not closed and standing.frozen_at is not None:
        stopped = (await unit.execute(queries.other_stop_of(standing.user_id))).first()
        changes["frozen_at"] = None if stopped is None else standing.frozen_at
    ends = [row.ends_at for row in lasting if row.ends_at is not None]
    if standing.recheck_at is not None:
        ends.append(standing.recheck_at)
    changes["recheck_at"] = min(ends, default=None)
    if any(getattr(standing, name) != value for name, value in changes.items()):
        await change_standing(unit, hooks, standing, **changes)


def list_restrictions(kinds: Collection[str]) -> dict[str, Any]:
    """The columns of a standing that sanctions of these kinds mean."""
    return {
        "taking_barred": SanctionKind.NO_TAKING in kinds,
        "resting_barred": SanctionKind.NO_RESTING in kinds,
        "limits_lowered": SanctionKind.LIMITS_LOWERED in kinds,
    }


async def _hold(unit: Unit, user_id: UUID, by: UUID) -> None:
    """Compliance sees a closed account as held; lifting a freeze then does not open it."""
    await unit.execute(
        queries.insert_hold(
            {
                "id": unit.ids.new_id(),
                "user_id": user_id,
                "reason": "closed by a sanction",
                "placed_by": by,
                "placed_at": unit.now,
            }
        )
    )


async def _end_hold(unit: Unit, user_id: UUID, by: UUID | None) -> None:
    held = (await unit.execute(queries.hold_of(user_id))).one()
    await unit.execute_guarded(queries.lift_hold(held.id, by, unit.now))
