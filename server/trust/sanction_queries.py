"""The SQL of sanctions and appeals."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Insert, Select, Update, insert, select, update

from models.compliance import AccountClosure, AccountHold, HoldKind
from models.trust import Sanction, SanctionAppeal, SanctionStatus
from server.db.pages import read_along

Selected = Select[*tuple[Any, ...]]
ACTIVE = SanctionStatus.ACTIVE.value
ACTIVE_MAX = 50
"""Sanctions that can run together: one of each kind, and warnings that nobody lifted."""
_STOPPING = (HoldKind.FREEZE.value, HoldKind.DORMANT.value)
_APPEAL = (
    SanctionAppeal.statement,
    SanctionAppeal.created_at.label("appealed_at"),
    SanctionAppeal.decided_by,
    SanctionAppeal.decided_at,
    SanctionAppeal.granted,
    SanctionAppeal.answer,
)


def insert_sanction(values: dict[str, Any]) -> Insert:
    """A new sanction."""
    return insert(Sanction).values(**values)


def _sanctions() -> Selected:
    return select(*Sanction.__table__.columns, *_APPEAL).outerjoin(
        SanctionAppeal, SanctionAppeal.sanction_id == Sanction.id
    )


def sanction(sanction_id: UUID) -> Selected:
    """One sanction with its appeal."""
    return _sanctions().where(Sanction.id == sanction_id)


def lasting_of(user_id: UUID) -> Selected:
    """The sanctions of a user that last and do something; his standing is locked."""
    return (
        select(Sanction.id, Sanction.kind, Sanction.ends_at)
        .where(
            Sanction.user_id == user_id,
            Sanction.status == ACTIVE,
            Sanction.kind != "warning",
        )
        .order_by(Sanction.id)
        .limit(ACTIVE_MAX)
    )


def sanctions_of(user_id: UUID, before: UUID | None, limit: int) -> Selected:
    """A user's sanctions with their appeals, newest first, older than `before`."""
    statement = (
        _sanctions().where(Sanction.user_id == user_id).order_by(Sanction.id.desc()).limit(limit)
    )
    statement = read_along(statement, Sanction, "ix_sanctions_user_id_id")
    return statement if before is None else statement.where(Sanction.id < before)


def end_sanction(
    sanction_id: UUID, status: SanctionStatus, now: datetime, by: UUID | None
) -> Update:
    """A sanction that lasts is over."""
    return (
        update(Sanction)
        .where(Sanction.id == sanction_id, Sanction.status == ACTIVE)
        .values(status=status.value, ended_at=now, lifted_by=by)
    )


def insert_appeal(values: dict[str, Any]) -> Insert:
    """The one appeal against a sanction."""
    return insert(SanctionAppeal).values(**values)


def decide_appeal(sanction_id: UUID, values: dict[str, Any]) -> Update:
    """Decide an appeal that waits."""
    return (
        update(SanctionAppeal)
        .where(SanctionAppeal.sanction_id == sanction_id, SanctionAppeal.decided_at.is_(None))
        .values(**values)
    )


def waiting_appeals(after: UUID | None, limit: int) -> Selected:
    """Sanctions whose appeals wait, the oldest first, beyond `after`."""
    statement = (
        _sanctions()
        .where(SanctionAppeal.decided_at.is_(None), SanctionAppeal.sanction_id.is_not(None))
        .order_by(SanctionAppeal.sanction_id)
        .limit(limit)
    )
    return statement if after is None else statement.where(SanctionAppeal.sanction_id > after)


def insert_hold(values: dict[str, Any]) -> Insert:
    """The hold by which a closed account is stopped."""
    return insert(AccountHold).values(kind=HoldKind.SANCTION.value, **values)


def hold_of(user_id: UUID) -> Selected:
    """The hold of a sanction that is active."""
    return select(AccountHold.id).where(
        AccountHold.user_id == user_id,
        AccountHold.kind == HoldKind.SANCTION.value,
        AccountHold.lifted_at.is_(None),
    )


def lift_hold(hold_id: UUID, by: UUID | None, now: datetime) -> Update:
    """End the hold of a sanction."""
    return (
        update(AccountHold)
        .where(AccountHold.id == hold_id, AccountHold.lifted_at.is_(None))
        .values(lifted_by=by, lifted_at=now)
    )


def other_stop_of(user_id: UUID) -> Selected:
    """What else stops an account: a freeze, sleep, or that its owner closed it."""
    held = select(AccountHold.user_id).where(
        AccountHold.user_id == user_id,
        AccountHold.kind.in_(_STOPPING),
        AccountHold.lifted_at.is_(None),
    )
    closed = select(AccountClosure.user_id).where(AccountClosure.user_id == user_id)
    return select(held.union_all(closed).subquery().c.user_id).limit(1)
