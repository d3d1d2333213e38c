"""What the markets' calls take and give."""

from marshmallow import Schema, fields, validate

from server.http.pages import PageQuery, page_schema
from server.markets.candles import SPANS

_PRICE = {"description": "Decimal string in the market's currency for one USDT."}


class MarketSchema(Schema):
    """A market: its facts, settings and index."""

    id = fields.String(required=True)
    asset = fields.String(required=True)
    currency = fields.String(required=True)
    minor_digits = fields.Integer(
        required=True, metadata={"description": "Decimal places of the currency."}
    )
    price_digits = fields.Integer(
        required=True, metadata={"description": "Decimal places of a price."}
    )
    status = fields.String(required=True, metadata={"enum": ["open", "paused"]})
    maker_fee_ppm = fields.Integer(
        required=True, metadata={"description": "Parts per million: 500 is 0.05 %."}
    )
    taker_fee_ppm = fields.Integer(required=True)
    amount_min = fields.String(
        required=True, metadata={"description": "The least USDT that a trade may move."}
    )
    amount_max = fields.String(required=True)
    band_bp = fields.Integer(
        required=True,
        metadata={"description": "How far a price may be from the index, in basis points."},
    )
    index = fields.String(required=True, allow_none=True, metadata=_PRICE)
    floating_on = fields.Boolean(
        required=True,
        metadata={"description": "Whether floating orders match: off while the index is in doubt."},
    )
    index_read_at = fields.String(required=True, allow_none=True)


class CurrencyQuery(Schema):
    """In which language."""

    language = fields.String(
        load_default="en", validate=validate.Regexp(r"\A[a-z]{2,3}(-[A-Z]{2})?\Z")
    )


class CurrencySchema(Schema):
    """A currency of ISO 4217."""

    code = fields.String(required=True)
    number = fields.Integer(required=True, metadata={"description": "Its number in ISO 4217."})
    minor_digits = fields.Integer(required=True, metadata={"description": "Decimal places."})
    name = fields.String(required=True)
    symbol = fields.String(required=True)


class CurrenciesSchema(Schema):
    """The currencies of the markets."""

    items = fields.List(fields.Nested(CurrencySchema), required=True)


class SourceSchema(Schema):
    """What one source said for a reading."""

    source = fields.String(required=True)
    price = fields.String(required=True, metadata=_PRICE)
    verdict = fields.String(
        required=True,
        validate=validate.OneOf(("counted", "stale", "outlier")),
        metadata={"description": "Only what counted is in the median."},
    )


class ReadingSchema(Schema):
    """One reading of the index."""

    id = fields.UUID(required=True)
    index = fields.String(required=True, metadata=_PRICE)
    read_at = fields.String(required=True)
    accepted = fields.Boolean(
        required=True, metadata={"description": "False for one that was stale or stepped too far."}
    )
    source = fields.String(required=True)
    sources = fields.List(
        fields.Nested(SourceSchema),
        required=True,
        metadata={"description": "The sources it was made of; empty for a made-up price."},
    )


class OverrideSchema(Schema):
    """Why and how long the index is one that people have set; the sources move nothing then."""

    reason = fields.String(required=True)
    began_at = fields.String(required=True, metadata={"format": "date-time"})
    ends_at = fields.String(required=True, metadata={"format": "date-time"})


class IndexSchema(Schema):
    """The index of a market, as in `index_updated`, and a page of its readings."""

    market = fields.String(required=True)
    index = fields.String(required=True, allow_none=True, metadata=_PRICE)
    floating_on = fields.Boolean(required=True)
    read_at = fields.String(required=True, allow_none=True)
    override = fields.Nested(OverrideSchema, required=True, allow_none=True)
    items = fields.List(
        fields.Nested(ReadingSchema), required=True, metadata={"description": "Newest first."}
    )
    next_cursor = fields.String(required=True, allow_none=True)


class TickerSchema(Schema):
    """Public figures of a market, from completed trades only."""

    market = fields.String(required=True)
    last_price = fields.String(required=True, allow_none=True, metadata=_PRICE)
    high_24h = fields.String(required=True, allow_none=True, metadata=_PRICE)
    low_24h = fields.String(required=True, allow_none=True, metadata=_PRICE)
    volume_24h = fields.String(required=True, metadata={"description": "In USDT."})
    trades_24h = fields.Integer(required=True)
    best_bid = fields.String(required=True, allow_none=True, metadata=_PRICE)
    best_ask = fields.String(required=True, allow_none=True, metadata=_PRICE)


class TapeSchema(Schema):
    """One completed trade, as in `trade_completed`; nobody is named."""

    market = fields.String(required=True)
    price = fields.String(required=True, metadata=_PRICE)
    amount = fields.String(
        required=True, metadata={"description": "USDT that changed hands; of a split, that part."}
    )
    taker_side = fields.String(required=True, metadata={"enum": ["buy", "sell"]})
    completed_at = fields.String(required=True)


class CandleQuery(PageQuery):
    """Which candles."""

    interval = fields.String(
        load_default="1h",
        validate=validate.OneOf(list(SPANS)),
        metadata={"description": "The length of a candle."},
    )


class CandleSchema(Schema):
    """The completed trades of one span of time."""

    started_at = fields.String(required=True)
    open = fields.String(required=True, metadata=_PRICE)
    high = fields.String(required=True, metadata=_PRICE)
    low = fields.String(required=True, metadata=_PRICE)
    close = fields.String(required=True, metadata=_PRICE)
    volume = fields.String(required=True, metadata={"description": "In USDT."})
    turnover = fields.String(required=True, metadata={"description": "In the currency."})
    trades = fields.Integer(required=True)


class CorridorSchema(Schema):
    """What USDT changed hands for in 24 hours, among enough different people."""

    market = fields.String(required=True)
    index = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Decimal string, or null while fewer than five pairs traded."},
    )
    pairs = fields.Integer(
        required=True, metadata={"description": "Pairs of people that counted, once each."}
    )
    outliers = fields.Integer(
        required=True,
        metadata={"description": "Pairs that did not count: over 5 % off the median."},
    )
    volume = fields.String(required=True, metadata={"description": "In USDT, of what counted."})


class AggregatorTickerSchema(Schema):
    """One market as aggregators of prices read it."""

    ticker_id = fields.String(required=True, metadata={"example": "USDT_VND"})
    base_currency = fields.String(required=True)
    target_currency = fields.String(required=True)
    last_price = fields.String(required=True, allow_none=True)
    base_volume = fields.String(required=True, metadata={"description": "24 hours, in USDT."})
    target_volume = fields.String(
        required=True, metadata={"description": "24 hours, in the currency."}
    )
    bid = fields.String(required=True, allow_none=True)
    ask = fields.String(required=True, allow_none=True)
    high = fields.String(required=True, allow_none=True)
    low = fields.String(required=True, allow_none=True)


CANDLE_PAGE = page_schema(CandleSchema)
MARKET_PAGE = page_schema(MarketSchema)
TAPE_PAGE = page_schema(TapeSchema)
