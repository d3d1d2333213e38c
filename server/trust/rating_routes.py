"""The endpoints of ratings."""

from datetime import datetime
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate

from models.trades import TradeStatus
from server.core.clock import format_instant
from server.core.refusals import NotFound
from server.db import Unit
from server.http.endpoint import Access, Call, Reply, Routes, Subject
from server.http.pages import PageQuery, page_schema
from server.identity.context import IDENTITY
from server.identity.service import get_profile_by_username
from server.identity.views import bytes_of_moment, page_of, read_moment_cursor
from server.trades import rules as trade_rules
from server.trades.clocks import apply_due_rows
from server.trades.desk import DESK
from server.trades.routes import caller_of
from server.trades.trade import get_trade
from server.trust import rating_queries as queries
from server.trust import ratings, refusals

ROUTES = Routes("Ratings")
_KNOWN_TAGS = sorted({tag for tags in ratings.TAGS.values() for tag in tags})


class NewRatingSchema(Schema):
    """What one says of the other side."""

    stars = fields.Integer(required=True, strict=True, validate=validate.Range(1, 5))
    tags = fields.List(
        fields.String(validate=validate.OneOf(_KNOWN_TAGS)),
        load_default=list,
        validate=validate.Length(max=ratings.TAGS_MAX),
    )
    comment = fields.String(
        load_default="", validate=validate.Length(max=ratings.COMMENT_CHARS_MAX)
    )


class RatingSchema(Schema):
    """A rating; who gave it is not said."""

    stars = fields.Integer(required=True)
    tags = fields.List(fields.String(), required=True)
    comment = fields.String(required=True)
    rated_role = fields.String(required=True, validate=validate.OneOf(["buyer", "seller"]))
    created_at = fields.String(required=True, metadata={"format": "date-time"})


class TradeRatingsSchema(Schema):
    """The ratings of a trade as one of its parties sees them."""

    given = fields.Nested(RatingSchema, required=True, allow_none=True)
    received = fields.Nested(
        RatingSchema,
        required=True,
        allow_none=True,
        metadata={"description": "Null until both have rated or the time is over."},
    )
    rate_until = fields.String(
        required=True,
        allow_none=True,
        metadata={"format": "date-time", "description": "Null for a trade that is not rated."},
    )
    allowed_actions = fields.List(fields.String(validate=validate.OneOf(["rate"])), required=True)


RATING_PAGE = page_schema(RatingSchema)


def _show(row: Any) -> dict[str, Any]:
    return {
        "stars": row.stars,
        "tags": row.tags.split(),
        "comment": row.comment,
        "rated_role": row.rated_role,
        "created_at": format_instant(row.created_at),
    }


def _show_to_party(trade: Any, rows: Any, user_id: UUID, now: datetime) -> dict[str, Any]:
    given = next((row for row in rows if row.rater_id == user_id), None)
    received = next(
        (row for row in rows if row.rated_id == user_id and row.revealed_at is not None), None
    )
    until = None
    if trade.status is TradeStatus.COMPLETED and trade_rules.counts_to_record(trade.asset):
        until = trade.completed_at + ratings.RATING_TIME
    may_rate = until is not None and given is None and now < until
    return {
        "given": None if given is None else _show(given),
        "received": None if received is None else _show(received),
        "rate_until": None if until is None else format_instant(until),
        "allowed_actions": ["rate"] if may_rate else [],
    }


@ROUTES.read(
    "GET",
    "/api/v1/trades/{id}/rating",
    subject=Subject.OWN,
    summary="What both sides say of a trade of yours.",
    response=TradeRatingsSchema(),
    refusals=(NotFound,),
)
async def get_rating(call: Call) -> Reply:
    """The ratings that the caller may see."""
    user_id = call.user.user_id
    async with call.database.read() as connection:
        trade = await get_trade(connection, call.path_id())
        trade.actor_of(user_id)
        rows = (await connection.execute(queries.ratings_of_trade(trade.id))).all()
    return Reply(_show_to_party(trade, rows, user_id, call.database.clock.now()))


@ROUTES.write(
    "POST",
    "/api/v1/trades/{id}/rating",
    subject=Subject.OWN,
    summary="Rate the other side of a completed trade, once, within 30 days.",
    body=NewRatingSchema(),
    response=TradeRatingsSchema(),
    status=201,
    refusals=(
        NotFound,
        refusals.NotRateable,
        refusals.AlreadyRated,
        refusals.TagsUnknown,
        refusals.CommentRefused,
    ),
)
async def rate_trade(call: Call, unit: Unit) -> Reply:
    """The trade's ratings as the caller sees them now."""
    desk, trade_id, user_id = call.app[DESK], call.path_id(), call.user.user_id
    await apply_due_rows(desk, trade_id)
    rows = await ratings.rate(unit, desk, caller_of(call), trade_id, **call.body)
    trade = await get_trade(unit, trade_id)
    return Reply(_show_to_party(trade, rows, user_id, unit.now), 201)


@ROUTES.read(
    "GET",
    "/api/v1/users/{username}/ratings",
    subject=Subject.PUBLIC,
    access=Access.PUBLIC,
    summary="What others say of a user, the latest first.",
    query=PageQuery(),
    response=RATING_PAGE,
    refusals=(NotFound,),
)
async def list_ratings(call: Call) -> Reply:
    """A page of revealed ratings."""
    limit, before = call.query["limit"], read_moment_cursor(call.query["cursor"])
    person = await get_profile_by_username(call.app[IDENTITY], call.path["username"])
    async with call.database.read() as connection:
        statement = queries.public_ratings(person.user_id, before, limit + 1)
        rows = (await connection.execute(statement)).all()
    items = [_show(row) for row in rows[:limit]]
    return page_of(items, rows, limit, place=lambda row: bytes_of_moment(row.revealed_at, row.id))
