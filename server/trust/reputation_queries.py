"""The SQL of reputations."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Delete, Insert, Select, Update, delete, func, insert, select, update

from models.identity import Standing, User
from models.reputation import Reputation, ReputationDay, ReputationPair, ReputationTime
from models.trades import Trade

Selected = Select[*tuple[Any, ...]]


def completed_trade(trade_id: UUID) -> Selected:
    """What a reputation needs of a completed trade."""
    return select(
        Trade.buyer_id, Trade.seller_id, Trade.asset, Trade.amount, Trade.created_at,
        Trade.paid_at, Trade.completed_at,
    ).where(Trade.id == trade_id)  # fmt: skip


def pairs_between(one: UUID, other: UUID) -> Selected:
    """What two people did with one another, from either's side."""
    both = (one, other)
    return select(*ReputationPair.__table__.columns).where(
        ReputationPair.user_id.in_(both), ReputationPair.other_id.in_(both)
    )


def insert_pair(user_id: UUID, other_id: UUID, values: dict[str, Any]) -> Insert:
    """The first of a pair."""
    return insert(ReputationPair).values(user_id=user_id, other_id=other_id, **values)


def update_pair(user_id: UUID, other_id: UUID, values: dict[str, Any]) -> Update:
    """Change a pair."""
    return (
        update(ReputationPair)
        .where(ReputationPair.user_id == user_id, ReputationPair.other_id == other_id)
        .values(**values)
    )


def sums_of(user_ids: Iterable[UUID]) -> Selected:
    """The sums of some users."""
    return select(*Reputation.__table__.columns).where(Reputation.user_id.in_(list(user_ids)))


def insert_sums(user_id: UUID, values: dict[str, Any]) -> Insert:
    """The first sums of a user."""
    return insert(Reputation).values(user_id=user_id, **values)


def update_sums(user_id: UUID, values: dict[str, Any]) -> Update:
    """Change the sums of a user."""
    return update(Reputation).where(Reputation.user_id == user_id).values(**values)


def count_day(user_ids: Iterable[UUID], day: int, *, completed: int) -> Update:
    """One more trade of a day for some users."""
    return (
        update(ReputationDay)
        .where(ReputationDay.user_id.in_(list(user_ids)), ReputationDay.day == day)
        .values(completed=ReputationDay.completed + completed, ended=ReputationDay.ended + 1)
    )


def days_known(user_ids: Iterable[UUID], day: int) -> Selected:
    """Which users have a row of a day."""
    return select(ReputationDay.user_id).where(
        ReputationDay.user_id.in_(list(user_ids)), ReputationDay.day == day
    )


def insert_day(user_id: UUID, day: int, *, completed: int) -> Insert:
    """The first trade of a day."""
    return insert(ReputationDay).values(user_id=user_id, day=day, completed=completed, ended=1)


def count_time(user_id: UUID, duty: str, within_s: int) -> Update:
    """Something was done once more within a time."""
    return (
        update(ReputationTime)
        .where(
            ReputationTime.user_id == user_id,
            ReputationTime.duty == duty,
            ReputationTime.within_s == within_s,
        )
        .values(count=ReputationTime.__table__.c.count + 1)
    )


def insert_time(user_id: UUID, duty: str, within_s: int) -> Insert:
    """Something was done within a time for the first time."""
    return insert(ReputationTime).values(user_id=user_id, duty=duty, within_s=within_s, count=1)


def month_of(user_id: UUID, since_day: int) -> Selected:
    """How a user's trades ended since a day."""
    return select(
        func.coalesce(func.sum(ReputationDay.completed), 0).label("completed"),
        func.coalesce(func.sum(ReputationDay.ended), 0).label("ended"),
    ).where(ReputationDay.user_id == user_id, ReputationDay.day >= since_day)


def times_of(user_id: UUID) -> Selected:
    """How fast a user pays and releases: at most as many rows as there are bounds."""
    columns = ReputationTime.__table__.c
    return (
        select(columns.duty, columns.within_s, columns["count"].label("done"))
        .where(columns.user_id == user_id)
        .order_by(columns.duty, columns.within_s)
    )


def growth_of(user_ids: Iterable[UUID]) -> Selected:
    """What the step of trust of some users follows from."""
    return (
        select(User.id, User.created_at, Standing.trust_step, Reputation.counterparties)
        .join(Standing, Standing.user_id == User.id)
        .join(Reputation, Reputation.user_id == User.id)
        .where(User.id.in_(list(user_ids)))
        .order_by(User.id)
    )


def created_at_of(user_id: UUID) -> Selected:
    """Since when a user is here."""
    return select(User.created_at).where(User.id == user_id)


def old_days(before_day: int, limit: int) -> Selected:
    """Rows of days that no profile asks for."""
    return (
        select(ReputationDay.user_id, ReputationDay.day)
        .where(ReputationDay.day < before_day)
        .limit(limit)
    )


def delete_days(rows: Sequence[tuple[UUID, int]]) -> list[Delete]:
    """Forget rows of days."""
    by_day: dict[int, list[UUID]] = {}
    for user_id, day in rows:
        by_day.setdefault(day, []).append(user_id)
    return [
        delete(ReputationDay).where(ReputationDay.day == day, ReputationDay.user_id.in_(users))
        for day, users in by_day.items()
    ]
