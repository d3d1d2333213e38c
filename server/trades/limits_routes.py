"""GET /me/limits: what a user may still trade, and what would let him trade more."""

from dataclasses import replace
from typing import Any

from marshmallow import Schema, fields

from server.core.clock import format_instant
from server.core.money import REAL_ASSET, format_usdt
from server.http.endpoint import Call, Reply, Routes
from server.http.scopes import Scope
from server.identity.standing import StandingRow, read_standings
from server.trades import queries, rules
from server.trades.desk import DESK
from server.trades.limit_steps import Progress, list_steps
from server.trades.rules import Limits, StandingTerms

ROUTES = Routes("Limits")


def _usdt(meaning: str, *, allow_none: bool = False) -> fields.String:
    return fields.String(required=True, allow_none=allow_none, metadata={"description": meaning})


def _until(meaning: str) -> fields.String:
    return fields.String(
        required=True, allow_none=True, metadata={"description": meaning, "format": "date-time"}
    )


class LimitStepSchema(Schema):
    """What raises a limit next: how far one is, what is needed, and what the limit is then."""

    limit = fields.String(required=True)
    raised_by = fields.String(required=True)
    have = fields.Integer(required=True)
    need = fields.Integer(required=True)
    then = fields.String(
        required=True, allow_none=True, metadata={"description": "Null: the limit is gone."}
    )


class LimitsSchema(Schema):
    """What a user may still trade of real USDT; test assets have no limits."""

    steps = fields.List(fields.Nested(LimitStepSchema), required=True)
    kyc_level = fields.Integer(required=True)
    day_limit = _usdt("What the level may match in 24 hours, USDT.")
    day_used = _usdt("What of it was matched in the last 24 hours.")
    day_left = _usdt("What may still be matched now.")
    next_day_limit = _usdt("What the next level may match; null at the highest.", allow_none=True)
    trade_cap = _usdt("The most of a first trade, USDT; null afterwards.", allow_none=True)
    trades_completed = fields.Integer(required=True)
    open_unpaid = fields.Integer(required=True)
    open_unpaid_max = fields.Integer(required=True)
    trades_until_more = fields.Integer(
        required=True,
        metadata={
            "description": "Completed trades that are missing for more open trades and for "
            "resting buy orders without a bond."
        },
    )
    second_factor_missing = fields.Boolean(
        required=True,
        metadata={"description": "Whether a second factor must be added before the first trade."},
    )
    terms_outdated = fields.Boolean(
        required=True,
        metadata={"description": "Whether newer terms must be accepted before the next order."},
    )
    may_take = fields.Boolean(required=True)
    taking_blocked_until = _until("The end of the block that follows too many cancels.")
    may_sell = fields.Boolean(required=True)
    selling_blocked_until = _until("The end of the hold after a change of credentials.")


def view_limits(standing: StandingRow, terms: StandingTerms, limits: Limits) -> dict[str, Any]:
    """The limits as their owner reads them."""
    level, levels = standing.kyc_level, limits.level_limits_micro
    above = levels[level + 1] if level + 1 < len(levels) else None
    cap = terms.trade_cap_micro
    trades_missing = max(0, rules.NEW_BELOW_TRADES - standing.trades_completed)
    barred = level < rules.TRADING_LEVEL_MIN or not terms.has_factor or not terms.has_accepted_terms
    until = {
        name: None if may or at is None else format_instant(at)
        for name, may, at in (
            ("taking", terms.may_take, standing.taking_blocked_until),
            ("selling", terms.may_sell, standing.selling_blocked_until),
        )
    }
    return {
        "kyc_level": level,
        "day_limit": format_usdt(rules.day_limit_micro(standing, limits)),
        "day_used": format_usdt(standing.limit_used_micro),
        "day_left": format_usdt(terms.limit_left_micro),
        "next_day_limit": None if above is None else format_usdt(above),
        "trade_cap": None if cap is None else format_usdt(cap),
        "trades_completed": standing.trades_completed,
        "open_unpaid": standing.open_unpaid_as_buyer,
        "open_unpaid_max": terms.open_unpaid_max,
        "trades_until_more": trades_missing,
        "second_factor_missing": not terms.has_factor,
        "terms_outdated": not terms.has_accepted_terms,
        "may_take": terms.may_take and not barred,
        "taking_blocked_until": until["taking"],
        "may_sell": terms.may_sell and not barred,
        "selling_blocked_until": until["selling"],
    }


@ROUTES.read(
    "GET",
    "/api/v1/me/limits",
    scope=Scope.READ,
    summary="What you may still trade today, and what would let you trade more.",
    response=LimitsSchema(),
)
async def get_limits(call: Call) -> Reply:
    """The caller's limits as they are now."""
    desk, user_id = call.app[DESK], call.user.user_id
    now = desk.database.clock.now()
    async with call.database.read() as connection:
        standing = (await read_standings(connection, [user_id]))[user_id]
        rows = await connection.execute(
            queries.sum_limit_used(user_id, asset=REAL_ASSET, since=now - rules.ROLLING)
        )
        used = replace(standing, limit_used_micro=int(rows.one().used))
        record = (await connection.execute(queries.record_of(user_id))).one()
    progress = Progress(
        counterparties=record.counterparties or 0,
        age_days=max(0, (now - record.created_at).days),
        counted_trades=standing.trades_completed - (record.excess or 0),
    )
    shown = view_limits(used, rules.standing_terms(used, now, desk.limits), desk.limits)
    return Reply({**shown, "steps": list_steps(used, progress, desk.limits)})
