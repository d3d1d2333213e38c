"""The SQL of leases and of what is forgotten after its time."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, and_, delete, exists, insert, or_, select, tuple_, update
from sqlalchemy.orm import InstrumentedAttribute

from models.identity import RefreshToken, Session, SessionState
from models.notifications import NotificationMark
from models.operations import CommitMarker, JobLease, Outbox
from models.orders import FailedPair, LaneInbox, Order, OrderSkip, OrderStatus, TimeInForce
from server.db.legal_hold import is_held

ENDED = (OrderStatus.CANCELLED, OrderStatus.EXPIRED, OrderStatus.FILLED)


def extend_lease(
    name: str, *, owners: tuple[str, ...], owner: str, now: datetime, until: datetime
) -> Executable:
    """Take or keep a lease that is over, or held by one of `owners`."""
    return (
        update(JobLease)
        .where(JobLease.name == name, or_(JobLease.owner.in_(owners), JobLease.expires_at <= now))
        .values(owner=owner, expires_at=until, last_run_at=now)
    )


def find_lease(name: str) -> Executable:
    """Who holds a lease, and when its duty last began."""
    return select(JobLease.owner, JobLease.expires_at, JobLease.last_run_at).where(
        JobLease.name == name
    )


def insert_lease(name: str, *, owner: str, now: datetime, until: datetime) -> Executable:
    """The first lease of a duty."""
    return insert(JobLease).values(name=name, owner=owner, expires_at=until, last_run_at=now)


def free_lease(name: str, *, owner: str, now: datetime) -> Executable:
    """Give one's own lease back."""
    return (
        update(JobLease)
        .where(JobLease.name == name, JobLease.owner == owner)
        .values(expires_at=now)
    )


def old_events(before: UUID, limit: int) -> Executable:
    """Outbox rows older than an identifier that were numbered, oldest first.

    What the dispatcher of notifications has not read yet stays.
    """
    unread = exists().where(NotificationMark.relay_batch < Outbox.relay_batch)
    return (
        select(Outbox.id)
        .where(Outbox.id < before, Outbox.relay_batch.is_not(None), ~unread)
        .order_by(Outbox.id)
        .limit(limit)
    )


def delete_events(ids: list[UUID]) -> Executable:
    """Forget outbox rows."""
    return delete(Outbox).where(Outbox.id.in_(ids))


def old_markers(before: UUID, limit: int) -> Executable:
    """Commit markers older than an identifier."""
    return select(CommitMarker.id).where(CommitMarker.id < before).limit(limit)


def delete_markers(ids: list[UUID]) -> Executable:
    """Forget commit markers."""
    return delete(CommitMarker).where(CommitMarker.id.in_(ids))


def old_skips(before: datetime, limit: int) -> Executable:
    """Skip counts of orders that ended before an instant."""
    return (
        select(OrderSkip.order_id, OrderSkip.reason)
        .join(Order, Order.id == OrderSkip.order_id)
        .where(Order.status.in_(ENDED), Order.updated_at < before)
        .limit(limit)
    )


def delete_skips(keys: list[tuple[Any, ...]]) -> Executable:
    """Forget skip counts."""
    return delete(OrderSkip).where(tuple_(OrderSkip.order_id, OrderSkip.reason).in_(keys))


def old_inbox_rows(before: UUID, limit: int) -> Executable:
    """What lanes consumed and what is older than an identifier, oldest first."""
    return (
        select(LaneInbox.id)
        .where(LaneInbox.id < before, LaneInbox.consumed_batch.is_not(None))
        .order_by(LaneInbox.id)
        .limit(limit)
    )


def delete_inbox_rows(ids: list[UUID]) -> Executable:
    """Forget what lanes consumed."""
    return delete(LaneInbox).where(LaneInbox.id.in_(ids))


def idle_pairs(before: datetime, limit: int) -> Executable:
    """Failed pairs of which one order ended for good before an instant: they cannot meet again.

    A filled order may open again by a return, unless it was one that ends with its command.
    """
    gone = select(Order.id).where(
        Order.updated_at < before,
        or_(
            Order.status.in_((OrderStatus.CANCELLED, OrderStatus.EXPIRED)),
            and_(Order.status == OrderStatus.FILLED, Order.time_in_force == TimeInForce.IOC),
        ),
    )
    return (
        select(FailedPair.order_id, FailedPair.other_order_id)
        .where(
            or_(
                gone.where(Order.id == FailedPair.order_id).exists(),
                gone.where(Order.id == FailedPair.other_order_id).exists(),
            )
        )
        .limit(limit)
    )


def delete_pairs(keys: list[tuple[Any, ...]]) -> Executable:
    """Forget failed pairs."""
    return delete(FailedPair).where(
        tuple_(FailedPair.order_id, FailedPair.other_order_id).in_(keys)
    )


def old_sessions(before: UUID, limit: int) -> Executable:
    """Sessions that began before an identifier: their absolute end is long past.

    Those of users under a legal hold stay.
    """
    return (
        select(Session.id)
        .where(Session.id < before, ~is_held(Session.user_id))
        .order_by(Session.id)
        .limit(limit)
    )


def delete_sessions(ids: list[UUID]) -> list[Executable]:
    """Forget sessions with their states and tokens."""
    return [
        delete(RefreshToken).where(RefreshToken.session_id.in_(ids)),
        delete(SessionState).where(SessionState.session_id.in_(ids)),
        delete(Session).where(Session.id.in_(ids)),
    ]


def sealed_values(
    key: InstrumentedAttribute[UUID],
    value: InstrumentedAttribute[Any],
    after: UUID | None,
    limit: int,
) -> Executable:
    """Row and sealed value, where there is one, in the order of the rows."""
    columns = (key.label("row_id"), value.label("sealed"))
    statement = select(*columns).where(value.is_not(None)).order_by(key).limit(limit)
    return statement if after is None else statement.where(key > after)


def replace_sealed(
    key: InstrumentedAttribute[UUID],
    value: InstrumentedAttribute[Any],
    *,
    row_id: UUID,
    sealed: bytes,
    anew: bytes,
) -> Executable:
    """Put the same value sealed anew in the place of `sealed`, if that still stands there."""
    return update(value.class_).where(key == row_id, value == sealed).values({value: anew})
