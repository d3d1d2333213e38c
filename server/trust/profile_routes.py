"""GET /users/{username}: what everybody may see of a user, made of kept sums."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from aiohttp import web
from marshmallow import Schema, fields, validate

from models.reputation import Duty
from server.core.clock import format_instant
from server.core.money import format_decimal
from server.core.refusals import NotFound
from server.http.endpoint import DATABASE, Access, Call, Reply, Routes, Subject
from server.identity.context import IDENTITY
from server.identity.lists import is_trusted
from server.identity.service import get_profile_by_username
from server.identity.standing import BP
from server.trust import reputation_queries as queries
from server.trust.badges import BADGES, Figures, list_badges
from server.trust.reputation import MONTH_DAYS, day_of, read_sums
from server.trust.reputation_rules import (
    VOLUME_BANDS,
    Sums,
    median_s,
    score_centi,
    volume_band,
)

ROUTES = Routes("People")


def _rate(meaning: str) -> fields.String:
    return fields.String(required=True, allow_none=True, metadata={"description": meaning})


def _seconds(meaning: str) -> fields.Integer:
    return fields.Integer(required=True, allow_none=True, metadata={"description": meaning})


class ScoreSchema(Schema):
    """What others say, weighed by volume, person and the age of their accounts."""

    score = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "1.00 to 5.00; null with too few people who rated."},
    )
    raters = fields.Integer(required=True)
    ratings = fields.Integer(required=True)


class PublicProfileSchema(Schema):
    """What everybody may see of a user."""

    username = fields.String(required=True)
    verified = fields.Boolean(required=True)
    kyc_level = fields.Integer(required=True)
    present = fields.Boolean(required=True)
    trades_completed = fields.Integer(required=True)
    counterparties = fields.Integer(
        required=True,
        metadata={"description": "Different people with a completed trade, linked ones left out."},
    )
    completion_rate = _rate("Of all trades, per cent; null for none yet.")
    completion_rate_30d = _rate("Of the last 30 days, per cent; null for none.")
    median_pay_s = _seconds('From the match to "paid", rounded up; null for too few trades.')
    median_release_s = _seconds('From "paid" to the release, rounded up; null for too few.')
    volume_band = fields.String(
        required=True,
        validate=validate.OneOf([name for _, name in VOLUME_BANDS]),
        metadata={"description": "In USDT; the sum itself is not shown."},
    )
    rating = fields.Nested(ScoreSchema, required=True)
    badges = fields.List(fields.String(validate=validate.OneOf(BADGES)), required=True)
    account_age_days = fields.Integer(required=True)
    created_at = fields.String(required=True)
    trusted_by_me = fields.Boolean(
        required=True,
        allow_none=True,
        metadata={"description": "On the caller's list of whom he trusts; null for no session."},
    )


def _percent(part: int, whole: int) -> tuple[int | None, str | None]:
    """A share in basis points and as text, rounded down; nothing of nothing."""
    if not whole:
        return None, None
    share = part * BP // whole
    return share, f"{share // 100}.{share % 100:02}"


def show_profile(row: Any, sums: Sums, month: Any, times: Any, age: timedelta) -> dict[str, Any]:
    """The profile as JSON, as everybody sees it."""
    medians = {
        duty: median_s([(one.within_s, one.done) for one in times if one.duty == duty])
        for duty in Duty
    }
    month_bp, month_text = _percent(int(month.completed), int(month.ended))
    score = score_centi(sums)
    figures = Figures(
        verified=row.verified,
        kyc_level=row.kyc_level,
        counterparties=sums.counterparties,
        month_ended=int(month.ended),
        month_completion_bp=month_bp,
        median_pay_s=medians[Duty.PAY],
        median_release_s=medians[Duty.RELEASE],
        age=age,
        raters=sums.raters,
        score_centi=score,
    )
    return {
        "username": row.username,
        "verified": row.verified,
        "kyc_level": row.kyc_level,
        "present": row.present,
        "trades_completed": row.trades_completed,
        "counterparties": sums.counterparties,
        "completion_rate": _percent(row.trades_completed, row.trades_ended)[1],
        "completion_rate_30d": month_text,
        "median_pay_s": medians[Duty.PAY],
        "median_release_s": medians[Duty.RELEASE],
        "volume_band": volume_band(sums.volume),
        "rating": {
            "score": None if score is None else format_decimal(score, 2),
            "raters": sums.raters,
            "ratings": sums.ratings,
        },
        "badges": list_badges(figures),
        "account_age_days": max(0, age // timedelta(days=1)),
        "created_at": format_instant(row.created_at),
    }


@ROUTES.read(
    "GET",
    "/api/v1/users/{username}",
    subject=Subject.PUBLIC,
    summary="What everybody may see of a user.",
    access=Access.PUBLIC,
    response=PublicProfileSchema(),
    refusals=(NotFound,),
)
async def get_user(call: Call) -> Reply:
    """A public profile; it costs the same however long the user's history is."""
    reader = None if call.actor is None else call.actor.user_id
    return Reply(await read_profile(call.app, call.path["username"], reader))


async def read_profile(
    app: web.Application, username: str, reader: UUID | None = None
) -> dict[str, Any]:
    """The public profile of a name, in any letter case, as `reader` sees it. Refuses `NotFound`."""
    row = await get_profile_by_username(app[IDENTITY], username)
    database = app[DATABASE]
    now = database.clock.now()
    since = day_of(now) - MONTH_DAYS + 1
    async with database.read() as connection:
        known = (await connection.execute(queries.sums_of([row.user_id]))).first()
        month = (await connection.execute(queries.month_of(row.user_id, since))).one()
        times = (await connection.execute(queries.times_of(row.user_id))).all()
        trusted = None
        if reader is not None:
            trusted = await is_trusted(connection, reader, row.user_id)
    sums = Sums() if known is None else read_sums(known)
    shown = show_profile(row, sums, month, times, now - row.created_at)
    return {**shown, "trusted_by_me": trusted}
