"""The SQL of ratings."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Insert, Select, Update, insert, select, update

from models.reputation import Rating
from server.db.pages import read_along

Selected = Select[*tuple[Any, ...]]
_COLUMNS = tuple(Rating.__table__.columns)


def insert_rating(values: dict[str, Any]) -> Insert:
    """A side rates; once, by the key."""
    return insert(Rating).values(**values)


def ratings_of_trade(trade_id: UUID) -> Selected:
    """The ratings of a trade, the first one first."""
    return select(*_COLUMNS).where(Rating.trade_id == trade_id).order_by(Rating.id)


def rating(rating_id: UUID) -> Selected:
    """One rating."""
    return select(*_COLUMNS).where(Rating.id == rating_id)


def reveal_rating(rating_id: UUID, now: datetime) -> Update:
    """From now on others see it."""
    return (
        update(Rating)
        .where(Rating.id == rating_id, Rating.revealed_at.is_(None))
        .values(revealed_at=now)
    )


def due_ratings(now: datetime, limit: int) -> Selected:
    """Hidden ratings whose time is over, the longest overdue first."""
    return (
        select(Rating.id, Rating.rater_id, Rating.rated_id)
        .where(Rating.revealed_at.is_(None), Rating.reveal_at <= now)
        .order_by(Rating.reveal_at, Rating.id)
        .limit(limit)
    )


def public_ratings(rated_id: UUID, before: tuple[datetime, UUID] | None, limit: int) -> Selected:
    """What others say of a user, the latest revealed first, older than `before`."""
    statement = (
        select(*_COLUMNS)
        .where(Rating.rated_id == rated_id, Rating.revealed_at.is_not(None))
        .order_by(Rating.revealed_at.desc(), Rating.id.desc())
        .limit(limit)
    )
    statement = read_along(statement, Rating, "ix_ratings_rated_id_revealed_at_id")
    if before is None:
        return statement
    at, rating_id = before
    return statement.where(
        Rating.revealed_at <= at, (Rating.revealed_at < at) | (Rating.id < rating_id)
    )
