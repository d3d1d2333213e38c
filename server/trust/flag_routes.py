"""The endpoints of flags: what is odd about one's trade, and the staff's list."""

from functools import partial
from typing import Any

import orjson
from marshmallow import Schema, fields, validate

from models.links import FlagKind, FlagStatus
from server.core.clock import format_instant
from server.core.permissions import Permission
from server.core.refusals import NotFound
from server.db import Unit
from server.http.endpoint import Call, Reply, Routes, Subject
from server.http.pages import PageQuery, page_schema
from server.identity.step_up import STAFF, use_request_proof
from server.identity.views import read_page, show_instant
from server.trades.desk import DESK
from server.trades.facts import Actor
from server.trades.routes import caller_of
from server.trades.trade import get_trade
from server.trust import flag_queries as queries
from server.trust import flags, refusals

ROUTES = Routes("Flags")
_KIND = validate.OneOf([each.value for each in FlagKind])
_STATUS = validate.OneOf([each.value for each in FlagStatus])


class TradeFlagSchema(Schema):
    """Something odd about a trade, as both parties see it."""

    kind = fields.String(required=True, validate=_KIND)
    holds = fields.Boolean(
        required=True, metadata={"description": "Nothing is released while it is open."}
    )
    status = fields.String(required=True, validate=_STATUS)
    buyer_agreed = fields.Boolean(required=True)
    seller_agreed = fields.Boolean(required=True)
    created_at = fields.String(required=True, metadata={"format": "date-time"})
    resolved_at = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})
    allowed_actions = fields.List(fields.String(validate=validate.OneOf(["agree"])), required=True)


class TradeFlagsSchema(Schema):
    """The flags of a trade."""

    items = fields.List(fields.Nested(TradeFlagSchema), required=True)


class AgreeOnFlagSchema(Schema):
    """Which flag."""

    kind = fields.String(required=True, validate=_KIND)


class FlagReasonSchema(Schema):
    """What agreed with another trade."""

    signal = fields.String(required=True)
    points = fields.Integer(required=True)


class StaffTradeFlagSchema(Schema):
    """A flag as the staff reads it."""

    id = fields.String(required=True)
    trade_id = fields.String(required=True)
    other_trade_id = fields.String(required=True, allow_none=True)
    kind = fields.String(required=True, validate=_KIND)
    holds = fields.Boolean(required=True)
    status = fields.String(required=True, validate=_STATUS)
    score = fields.Integer(required=True)
    reasons = fields.List(fields.Nested(FlagReasonSchema), required=True)
    created_at = fields.String(required=True, metadata={"format": "date-time"})
    resolved_by = fields.String(required=True, allow_none=True)
    resolved_at = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})
    note = fields.String(required=True, allow_none=True)


class FlagQuery(PageQuery):
    """Which flags."""

    status = fields.String(load_default=None, validate=_STATUS)


class ResolveFlagSchema(Schema):
    """What the staff found."""

    note = fields.String(required=True, validate=validate.Length(3, 500))


FLAG_PAGE = page_schema(StaffTradeFlagSchema)


def _show(row: Any, actor: Actor) -> dict[str, Any]:
    agreed = {
        Actor.BUYER: row.buyer_agreed_at is not None,
        Actor.SELLER: row.seller_agreed_at is not None,
    }
    may_agree = row.status == FlagStatus.OPEN and not agreed[actor]
    return {
        "kind": row.kind,
        "holds": row.holds,
        "status": row.status,
        "buyer_agreed": agreed[Actor.BUYER],
        "seller_agreed": agreed[Actor.SELLER],
        "created_at": format_instant(row.created_at),
        "resolved_at": show_instant(row.resolved_at),
        "allowed_actions": ["agree"] if may_agree else [],
    }


def _show_to_staff(row: Any) -> dict[str, Any]:
    def show_id(value: Any) -> str | None:
        return None if value is None else str(value)

    return {
        "id": str(row.id),
        "trade_id": str(row.trade_id),
        "other_trade_id": show_id(row.other_trade_id),
        "kind": row.kind,
        "holds": row.holds,
        "status": row.status,
        "score": row.score,
        "reasons": orjson.loads(row.reasons),
        "created_at": format_instant(row.created_at),
        "resolved_by": show_id(row.resolved_by),
        "resolved_at": show_instant(row.resolved_at),
        "note": row.note,
    }


@ROUTES.read(
    "GET",
    "/api/v1/trades/{id}/flags",
    subject=Subject.OWN,
    summary="What is odd about a trade of yours, and whether it holds the release.",
    response=TradeFlagsSchema(),
    refusals=(NotFound,),
)
async def list_own_flags(call: Call) -> Reply:
    """The trade's flags."""
    async with call.database.read() as connection:
        trade = await get_trade(connection, call.path_id())
        actor = trade.actor_of(call.user.user_id)
        rows = (await connection.execute(queries.flags_of(trade.id))).all()
    return Reply({"items": [_show(row, actor) for row in rows]})


@ROUTES.write(
    "POST",
    "/api/v1/trades/{id}/flags/agree",
    subject=Subject.OWN,
    summary="Say that your trade is in order; when both sides have, a flag is resolved.",
    body=AgreeOnFlagSchema(),
    response=TradeFlagsSchema(),
    refusals=(NotFound, refusals.FlagOver),
)
async def agree_on_flag(call: Call, unit: Unit) -> Reply:
    """The trade's flags after it."""
    desk, trade_id, kind = call.app[DESK], call.path_id(), FlagKind(call.body["kind"])
    rows = await flags.agree(unit, desk, caller_of(call), trade_id, kind)
    actor = (await get_trade(unit, trade_id)).actor_of(call.user.user_id)
    return Reply({"items": [_show(row, actor) for row in rows]})


@ROUTES.read(
    "GET",
    "/api/admin/trade-flags",
    summary="Odd trades, newest first, with what they have in common with another.",
    access=Permission.REVIEW_LINKS,
    query=FlagQuery(),
    response=FLAG_PAGE,
)
async def list_flags(call: Call) -> Reply:
    """A page of flags."""
    return await read_page(call, partial(queries.flags, call.query["status"]), _show_to_staff)


@ROUTES.write(
    "POST",
    "/api/admin/trade-flags/{id}/resolve",
    summary="End a flag after looking at it; a held trade may be released again.",
    access=Permission.REVIEW_LINKS,
    body=ResolveFlagSchema(),
    response=StaffTradeFlagSchema(),
    refusals=(NotFound, refusals.FlagOver),
    step_up=True,
)
async def resolve_flag(call: Call, unit: Unit) -> Reply:
    """The flag as it is then."""
    flag_id = call.path_id()
    await flags.get_flag(unit, flag_id)
    await use_request_proof(unit, call, STAFF)
    await flags.resolve(unit, flag_id, note=call.body["note"], by=call.user.user_id)
    return Reply(_show_to_staff(await flags.get_flag(unit, flag_id)))
