"""Turns the bodies of calls into commands for the lane; refuses what cannot be one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from server.core.money import (
    AMOUNT_MICRO_MAX,
    FIAT_MINOR_MAX,
    USDT_DECIMALS,
    DecimalError,
    format_decimal,
    parse_decimal,
)
from server.core.refusals import Invalid
from server.matching.orders import (
    FIXED,
    FLOATING,
    MARKET,
    SELL,
    BookOrder,
    Guard,
    Key,
    OrderChanges,
    Requirements,
)
from server.orders.lane.commands import Edit, Place, Take
from server.orders.lane.loading import LoadedMarket
from server.orders.lane.records import MarketCard, OrderRecord, change_rules

LIFE_MAX = timedelta(days=30)
PRICE_TICKS_MAX = 10**12
RULE_KEYS = {
    "requirements": ("requirements",),
    "price_guard": ("price_guard", "price_guard_ticks"),
    "schedule": ("schedule",),
}
"""What each field of a body is in the column `rules`."""


@dataclass(frozen=True, slots=True)
class Rails:
    """The rails of a new order: in order of preference, a seller's with his accounts."""

    methods: tuple[str, ...]
    accounts: Mapping[Key, Key]


def parse_amount(text: str, field: str = "amount") -> int:
    """A positive amount of USDT as micro-units."""
    return _parse(text, USDT_DECIMALS, AMOUNT_MICRO_MAX, field)


def parse_fiat(text: str, market: MarketCard, field: str) -> int:
    """A positive sum of the market's currency as minor units."""
    return _parse(text, market.minor_digits, FIAT_MINOR_MAX, field)


def parse_price(text: str, market: MarketCard, field: str) -> int:
    """A positive price as ticks."""
    return _parse(text, market.price_digits, PRICE_TICKS_MAX, field)


def _parse(text: str, places: int, value_max: int, field: str) -> int:
    try:
        value = parse_decimal(text, places)
    except DecimalError as error:
        raise Invalid(errors={field: [f"This is {error}."]}) from None
    if not 0 < value <= value_max:
        raise Invalid(errors={field: ["This is zero or too large."]})
    return value


def _parse_limits(body: Mapping[str, Any], market: MarketCard) -> tuple[int, int]:
    low = parse_fiat(body["min_fiat"], market, "min_fiat") if body["min_fiat"] else 0
    high = parse_fiat(body["max_fiat"], market, "max_fiat") if body["max_fiat"] else 0
    if high and low > high:
        raise Invalid(errors={"min_fiat": ["The smallest trade is larger than the largest."]})
    return low, high


def parse_pricing(
    pricing: Mapping[str, Any], market: MarketCard
) -> tuple[str, int, int, int | None]:
    """Type, price in ticks, margin in basis points, worst price in ticks.

    Each type takes its own value and no other.
    """
    wanted = {FIXED: "price", FLOATING: "margin_bp", MARKET: "worst_price"}[pricing["type"]]
    for name in ("price", "margin_bp", "worst_price"):
        if name != wanted and pricing[name] is not None:
            raise Invalid(errors={"pricing": [f"{name} does not belong to this type."]})
    value = pricing[wanted]
    if value is None and wanted != "worst_price":
        raise Invalid(errors={"pricing": [f"{wanted} is missing."]})
    if wanted == "price":
        return FIXED, parse_price(value, market, "pricing.price"), 0, None
    if wanted == "margin_bp":
        return FLOATING, 0, value, None
    worst = None if value is None else parse_price(value, market, "pricing.worst_price")
    return MARKET, worst or 0, 0, worst


def parse_expiry(
    body: Mapping[str, Any], time_in_force: str, placed_at: datetime, now: datetime
) -> datetime | None:
    """When the order ends by itself: 30 days after it was placed at most, however it is edited."""
    given: datetime | None = body["expires_at"]
    if time_in_force == "ioc":
        if given is not None:
            raise Invalid(errors={"expires_at": ["An immediate order has no end of its own."]})
        return None
    if time_in_force == "gtd" and given is None:
        raise Invalid(errors={"expires_at": ["Say when the order ends."]})
    if given is None:
        return placed_at + LIFE_MAX
    if not now < given <= placed_at + LIFE_MAX:
        raise Invalid(errors={"expires_at": ["An order lives for 30 days at most."]})
    return given


def parse_rules(body: Mapping[str, Any], market: MarketCard) -> dict[str, Any]:
    """Requirements, price guard and schedule under the keys of the column `rules`."""
    rules: dict[str, Any] = {}
    asked = body["requirements"]
    if asked is not None and any(asked.values()):
        rules["requirements"] = asked
    guard = body["price_guard"]
    if guard is not None and (guard["low"] or guard["high"]):
        ticks = {
            side: parse_price(guard[side], market, f"price_guard.{side}") if guard[side] else None
            for side in ("low", "high")
        }
        if ticks["low"] and ticks["high"] and ticks["low"] > ticks["high"]:
            raise Invalid(errors={"price_guard": ["The lower bound is above the upper one."]})
        rules["price_guard"] = {
            side: format_decimal(value, market.price_digits) if value else None
            for side, value in ticks.items()
        }
        rules["price_guard_ticks"] = ticks
    if body["schedule"]:
        for span in body["schedule"]:
            if span["from_minute"] >= span["to_minute"]:
                raise Invalid(errors={"schedule": ["A span ends after it begins."]})
        rules["schedule"] = body["schedule"]
    return rules


def _needs_of(rules: Mapping[str, Any]) -> Requirements | None:
    asked = rules.get("requirements")
    return Requirements(**asked) if asked else None


def _guard_of(rules: Mapping[str, Any]) -> Guard | None:
    ticks = rules.get("price_guard_ticks")
    return Guard(ticks["low"], ticks["high"]) if ticks else None


def build_place(
    body: Mapping[str, Any],
    *,
    market: LoadedMarket,
    order_id: UUID,
    user_id: UUID,
    rails: Rails,
    now: datetime,
) -> Place:
    """A new order as the lane takes it."""
    card = market.card
    pricing, price_ticks, margin_bp, worst = parse_pricing(body["pricing"], card)
    immediate = pricing == MARKET or body["time_in_force"] == "ioc"
    time_in_force = "ioc" if immediate else body["time_in_force"]
    low, high = _parse_limits(body, card)
    rules = parse_rules(body, card)
    order = BookOrder(
        id=order_id,
        user=user_id,
        side=body["side"],
        pricing=pricing,
        amount_micro=parse_amount(body["amount"]),
        methods=rails.methods,
        price_ticks=price_ticks,
        margin_bp=margin_bp,
        min_fiat_minor=low,
        max_fiat_minor=high,
        accounts=rails.accounts,
        immediate=immediate,
        manual=body["matching"] == "manual",
        max_trades=body["max_trades"],
        needs=_needs_of(rules),
        guard=_guard_of(rules),
        always_on=body["always_on"],
        listed=body["visibility"] == "public",
        bonded=body["bond"],
        window_s=body["payment_window_s"] or 0,
    )
    if order.bonded and (immediate or order.side == SELL):
        raise Invalid(errors={"bond": ["Only a buy order that rests has a bond."]})
    if order.manual and immediate:
        raise Invalid(errors={"matching": ["An immediate order matches by itself."]})
    record = OrderRecord(
        time_in_force=time_in_force,
        expires_at=parse_expiry(body, time_in_force, now, now),
        maker_fee_ppm=market.maker_fee_ppm,
        taker_fee_ppm=market.taker_fee_ppm,
        rules=change_rules("", rules),
        terms=body["terms"],
        auto_reply=body["auto_reply"],
        created_at=now,
        updated_at=now,
        worst_price_ticks=worst,
    )
    return Place(user_id=user_id, order=order, record=record)


def build_take(
    body: Mapping[str, Any],
    *,
    market: LoadedMarket,
    target: BookOrder,
    order_id: UUID,
    user_id: UUID,
    rails: Rails,
    now: datetime,
) -> Take:
    """A trade against one chosen order as the lane takes it."""
    card = market.card
    if (body["amount"] is None) == (body["fiat"] is None):
        raise Invalid(errors={"amount": ["Give either amount or fiat."]})
    if body["order_version"] is None and body["worst_price"] is None:
        raise Invalid(errors={"order_version": ["Give order_version or worst_price."]})
    worst = parse_price(body["worst_price"], card, "worst_price") if body["worst_price"] else None
    fiat = parse_fiat(body["fiat"], card, "fiat") if body["fiat"] is not None else None
    order = BookOrder(
        id=order_id,
        user=user_id,
        side="buy" if target.side == SELL else SELL,
        pricing=MARKET,
        amount_micro=parse_amount(body["amount"]) if fiat is None else 0,
        methods=rails.methods,
        price_ticks=worst or 0,
        accounts=rails.accounts,
        immediate=True,
        target=target.id,
        fiat_left_minor=fiat,
    )
    record = OrderRecord(
        time_in_force="ioc",
        expires_at=None,
        maker_fee_ppm=market.maker_fee_ppm,
        taker_fee_ppm=market.taker_fee_ppm,
        rules="",
        terms="",
        auto_reply="",
        created_at=now,
        updated_at=now,
        worst_price_ticks=worst,
    )
    return Take(
        user_id=user_id,
        order=order,
        record=record,
        target_version=body["order_version"],
        worst_price_ticks=worst,
    )


def build_edit(
    body: Mapping[str, Any],
    *,
    market: LoadedMarket,
    order: BookOrder,
    record: OrderRecord,
    rails: Rails | None,
    now: datetime,
) -> Edit:
    """The changes that the caller gave; what is absent stays as it is when the lane gets to it."""
    given: frozenset[str] = body["given"]
    changes = _parse_book_changes(body, given, market.card)
    if rails is not None:
        changes["methods"], changes["accounts"] = rails.methods, rails.accounts
    record_changes: dict[str, Any] = {
        name: body[name] for name in ("terms", "auto_reply") if name in given
    }
    rules = parse_rules(body, market.card)
    if "requirements" in given:
        changes["needs"] = _needs_of(rules)
    if "price_guard" in given:
        changes["guard"] = _guard_of(rules)
    if "expires_at" in given:
        record_changes["expires_at"] = parse_expiry(body, "gtc", record.created_at, now)
    assert isinstance(order.id, UUID)
    assert isinstance(order.user, UUID)
    return Edit(
        user_id=order.user,
        order_id=order.id,
        version=body["version"],
        changes=changes,
        record_changes=record_changes,
        rules_changes={
            key: rules.get(key) for name in RULE_KEYS if name in given for key in RULE_KEYS[name]
        },
    )


def _parse_book_changes(
    body: Mapping[str, Any], given: frozenset[str], card: MarketCard
) -> OrderChanges:
    changes: OrderChanges = {}
    if body["pricing"] is not None:
        pricing, price_ticks, margin_bp, _ = parse_pricing(body["pricing"], card)
        if pricing == MARKET:
            raise Invalid(errors={"pricing": ["A resting order has a price or a margin."]})
        changes["pricing"], changes["price_ticks"] = pricing, price_ticks
        changes["margin_bp"] = margin_bp
    if body["amount"] is not None:
        changes["amount_micro"] = parse_amount(body["amount"])
    if given & {"min_fiat", "max_fiat"}:
        low, high = _parse_limits(body, card)
        if "min_fiat" in given:
            changes["min_fiat_minor"] = low
        if "max_fiat" in given:
            changes["max_fiat_minor"] = high
    if "matching" in given:
        changes["manual"] = body["matching"] == "manual"
    if "visibility" in given:
        changes["listed"] = body["visibility"] == "public"
    if "max_trades" in given:
        changes["max_trades"] = body["max_trades"]
    if "always_on" in given:
        changes["always_on"] = body["always_on"]
    if "payment_window_s" in given:
        changes["window_s"] = body["payment_window_s"] or 0
    return changes
