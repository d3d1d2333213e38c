"""The SQL of the copy: what is kept of whom a person trusts, and how far he may be trusted."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from models.identity import Profile
from models.links import TradeFlag
from models.reputation import Rating, Reputation, ReputationDay, ReputationTime
from models.trades import UserTrade
from models.trust import Sanction, SanctionAppeal
from server.identity.list_queries import BLOCKED, TRUSTED, PeopleTable

Selected = Select[*tuple[Any, ...]]


def blocks(user_id: UUID, after: Any, limit: int) -> Selected:
    """Whom the person blocked."""
    return _on_list(BLOCKED, user_id, after, limit)


def trusted(user_id: UUID, after: Any, limit: int) -> Selected:
    """Whom the person trusts."""
    return _on_list(TRUSTED, user_id, after, limit)


def _on_list(of: PeopleTable, user_id: UUID, after: Any, limit: int) -> Selected:
    statement = (
        select(Profile.username, of.table.created_at, of.other.label("place"))
        .join(Profile, Profile.user_id == of.other)
        .where(of.owner == user_id)
        .order_by(of.other)
        .limit(limit)
    )
    return statement if after is None else statement.where(of.other > after)


def sanctions(user_id: UUID, after: Any, limit: int) -> Selected:
    """The person's sanctions with his appeals; who of the staff did what is not his to know."""
    statement = (
        select(
            Sanction.id, Sanction.kind, Sanction.reason, Sanction.explanation, Sanction.begins_at,
            Sanction.ends_at, Sanction.status, Sanction.ended_at,
            SanctionAppeal.statement.label("appeal"),
            SanctionAppeal.created_at.label("appealed_at"), SanctionAppeal.granted,
            SanctionAppeal.answer, Sanction.id.label("place"),
        )
        .outerjoin(SanctionAppeal, SanctionAppeal.sanction_id == Sanction.id)
        .where(Sanction.user_id == user_id)
        .order_by(Sanction.id)
        .limit(limit)
    )  # fmt: skip
    return statement if after is None else statement.where(Sanction.id > after)


_SAID = (
    Rating.trade_id, Rating.rated_role, Rating.stars, Rating.tags, Rating.comment,
    Rating.created_at, Rating.revealed_at, Rating.id.label("place"),
)  # fmt: skip


def ratings_given(user_id: UUID, after: Any, limit: int) -> Selected:
    """What the person says of others."""
    statement = select(*_SAID).where(Rating.rater_id == user_id).order_by(Rating.id).limit(limit)
    return statement if after is None else statement.where(Rating.id > after)


def ratings_received(user_id: UUID, after: Any, limit: int) -> Selected:
    """What others say of the person, as far as it is shown."""
    statement = (
        select(*_SAID)
        .where(Rating.rated_id == user_id, Rating.revealed_at.is_not(None))
        .order_by(Rating.id)
        .limit(limit)
    )
    return statement if after is None else statement.where(Rating.id > after)


def reputation(user_id: UUID, after: Any, limit: int) -> Selected:
    """The sums of the person's public profile."""
    columns = (
        Reputation.counterparties, Reputation.volume.label("volume_usdt"), Reputation.excess,
        Reputation.raters, Reputation.ratings, Reputation.score_weight, Reputation.score_sum,
    )  # fmt: skip
    statement = select(*columns, Reputation.user_id.label("place")).limit(limit)
    statement = statement.where(Reputation.user_id == user_id)
    return statement if after is None else statement.where(Reputation.user_id > after)


def days(user_id: UUID, after: Any, limit: int) -> Selected:
    """How the person's trades of the last days ended."""
    columns = (ReputationDay.day, ReputationDay.completed, ReputationDay.ended)
    statement = (
        select(*columns, ReputationDay.day.label("place"))
        .where(ReputationDay.user_id == user_id)
        .order_by(ReputationDay.day)
        .limit(limit)
    )
    return statement if after is None else statement.where(ReputationDay.day > after)


def times(user_id: UUID, after: Any, limit: int) -> Selected:
    """How fast the person pays and releases; fewer rows than a page has."""
    columns = ReputationTime.__table__.c
    statement = (
        select(columns.duty, columns.within_s, columns["count"], columns.within_s.label("place"))
        .where(columns.user_id == user_id)
        .order_by(columns.within_s)
        .limit(limit)
    )
    return statement if after is None else statement.where(columns.within_s > after)


def trade_flags(user_id: UUID, after: Any, limit: int) -> Selected:
    """What was odd about the person's trades; with what they were compared is not his."""
    columns = (
        TradeFlag.trade_id, TradeFlag.kind, TradeFlag.holds, TradeFlag.status,
        TradeFlag.created_at, TradeFlag.resolved_at,
    )  # fmt: skip
    statement = (
        select(*columns, TradeFlag.id.label("place"))
        .join(UserTrade, UserTrade.trade_id == TradeFlag.trade_id)
        .where(UserTrade.user_id == user_id)
        .order_by(TradeFlag.id)
        .limit(limit)
    )
    return statement if after is None else statement.where(TradeFlag.id > after)
