"""What the calls about orders take."""

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from models.orders import Matching, OrderStatus, Pricing, Side, TimeInForce, Visibility
from server.http.fields import Instant, Word
from server.http.pages import PageQuery
from server.trades.rules import WINDOW_S_MAX, WINDOW_S_MIN

DECIMAL = validate.Regexp(
    r"\A(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?\Z", error="Write a plain decimal number as a string."
)
METHODS_MAX = 20
BATCH_MAX = 100
TRADES_MAX = 1_000


def _decimal(description: str, *, required: bool = False) -> fields.String:
    if required:
        return fields.String(required=True, validate=DECIMAL, metadata={"description": description})
    return fields.String(
        load_default=None,
        allow_none=True,
        validate=DECIMAL,
        metadata={"description": description},
    )


def _one_of(kind: type, default: str | None = None) -> fields.String:
    values = [str(value) for value in kind]  # type: ignore[attr-defined]  # string enumerations
    if default is None:
        return fields.String(required=True, validate=validate.OneOf(values))
    return fields.String(load_default=default, validate=validate.OneOf(values))


class PricingSchema(Schema):
    """How an order names its price."""

    type = _one_of(Pricing)
    price = _decimal("The price of a fixed order.")
    margin_bp = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(-9_999, 1_000_000),
        metadata={"description": "Basis points against the index, of a floating order."},
    )
    worst_price = _decimal("The bound of a market order; 1 % worse than the quote by default.")


class RequirementsSchema(Schema):
    """What an order asks of its counterparty."""

    kyc_level = fields.Integer(load_default=0, strict=True, validate=validate.Range(0, 3))
    completed_trades = fields.Integer(
        load_default=0, strict=True, validate=validate.Range(0, 100_000)
    )
    completion_bp = fields.Integer(load_default=0, strict=True, validate=validate.Range(0, 10_000))
    account_age_days = fields.Integer(
        load_default=0, strict=True, validate=validate.Range(0, 3_650)
    )
    verified_only = fields.Boolean(load_default=False)


class PriceGuardSchema(Schema):
    """Index prices between which the order is armed; outside it pauses, back inside it re-arms."""

    low = _decimal("The lowest index.")
    high = _decimal("The highest index.")


class ScheduleSchema(Schema):
    """Weekly hours in UTC in which the order matches; minutes from Monday 00:00."""

    from_minute = fields.Integer(required=True, strict=True, validate=validate.Range(0, 10_079))
    to_minute = fields.Integer(required=True, strict=True, validate=validate.Range(1, 10_080))


class _TermsSchema(Schema):
    """The terms that both a new order and an edit may carry."""

    min_fiat = _decimal("The smallest trade in fiat.")
    max_fiat = _decimal("The largest trade in fiat.")
    payment_method_ids = fields.List(
        fields.String(validate=validate.Length(1, 40)),
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, METHODS_MAX),
        metadata={"description": "A buyer's rails in order of preference."},
    )
    payment_account_ids = fields.List(
        fields.UUID(),
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, METHODS_MAX),
        metadata={"description": "A seller's own accounts in order of preference."},
    )
    payment_window_s = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(WINDOW_S_MIN, WINDOW_S_MAX),
    )
    expires_at = Instant(load_default=None, allow_none=True)
    requirements = fields.Nested(RequirementsSchema, load_default=None, allow_none=True)
    price_guard = fields.Nested(PriceGuardSchema, load_default=None, allow_none=True)
    schedule = fields.List(
        fields.Nested(ScheduleSchema),
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 28),
    )
    terms = fields.String(load_default="", validate=validate.Length(0, 1_000))
    auto_reply = fields.String(load_default="", validate=validate.Length(0, 500))


class PlaceSchema(_TermsSchema):
    """A new order."""

    market = fields.String(required=True, validate=validate.Length(1, 24))
    side = _one_of(Side)
    pricing = fields.Nested(PricingSchema, required=True)
    amount = _decimal("USDT.", required=True)
    time_in_force = _one_of(TimeInForce, "gtc")
    matching = _one_of(Matching, "auto")
    visibility = _one_of(Visibility, "public")
    max_trades = fields.Integer(
        load_default=1,
        strict=True,
        validate=validate.Range(1, TRADES_MAX),
        metadata={"description": "How many trades it may make as taker over its life."},
    )
    always_on = fields.Boolean(load_default=False)
    bond = fields.Boolean(
        load_default=False,
        metadata={
            "description": "Lock 2 % (20 USDT at least) until the buy order ends, instead of"
            " having earned the right to rest it by five completed trades."
        },
    )


class EditSchema(_TermsSchema):
    """Changes of an order; what is absent stays."""

    version = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        metadata={"description": "The version that the caller saw; another one is refused."},
    )
    pricing = fields.Nested(PricingSchema, load_default=None)
    amount = _decimal("The new whole amount, USDT.")
    matching = fields.String(validate=validate.OneOf([str(value) for value in Matching]))
    visibility = fields.String(validate=validate.OneOf([str(value) for value in Visibility]))
    max_trades = fields.Integer(strict=True, validate=validate.Range(1, TRADES_MAX))
    always_on = fields.Boolean()

    @post_load(pass_original=True)
    def note_given(
        self, values: dict[str, Any], original: dict[str, Any], **_: Any
    ) -> dict[str, Any]:
        """Remember which fields the caller gave: the others stay as they are."""
        return {**values, "given": frozenset(original)}


class TakeSchema(Schema):
    """A trade against one chosen order."""

    amount = _decimal("USDT, or give fiat.")
    fiat = _decimal("A sum of fiat, or give amount.")
    payment_method_id = fields.String(load_default=None, validate=validate.Length(1, 40))
    payment_account_id = fields.UUID(load_default=None)
    order_version = fields.Integer(load_default=None, strict=True)
    worst_price = _decimal("The worst price that the caller accepts.")


class QuoteSchema(Schema):
    """What would match."""

    market = fields.String(required=True, validate=validate.Length(1, 24))
    side = _one_of(Side)
    amount = _decimal("USDT, or give fiat.")
    fiat = _decimal("A sum of fiat, or give amount.")
    payment_method_ids = fields.List(
        fields.String(validate=validate.Length(1, 40)),
        required=True,
        validate=validate.Length(1, METHODS_MAX),
    )


class BatchSchema(Schema):
    """Up to 100 commands, each done or refused by itself."""

    commands = fields.List(
        fields.Dict(keys=fields.String()),
        required=True,
        validate=validate.Length(1, BATCH_MAX),
        metadata={
            "description": "Each has `op` (place, edit, cancel, pause, resume), for all but place"
            " an `order_id`, and the fields of that call."
        },
    )


class OrdersQuery(PageQuery):
    """Which orders to list."""

    mine = fields.Boolean(load_default=False)
    market = Word(24, load_default=None)
    side = fields.String(load_default=None, validate=validate.OneOf([str(value) for value in Side]))
    payment_method = Word(40, load_default=None)
    status = fields.String(
        load_default=None,
        validate=validate.OneOf([str(value) for value in OrderStatus]),
        metadata={"description": "With mine=true."},
    )
