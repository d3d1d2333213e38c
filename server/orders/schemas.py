"""What the calls about orders give."""

from marshmallow import Schema, fields, validate

from models.orders import OrderStatus


class PricingView(Schema):
    """How an order names its price."""

    type = fields.String(required=True)
    price = fields.String(required=True, allow_none=True)
    margin_bp = fields.Integer(required=True, allow_none=True)
    worst_price = fields.String(required=True, allow_none=True)


class PublicOrderSchema(Schema):
    """What everyone may see of an order."""

    id = fields.UUID(required=True)
    market = fields.String(required=True)
    side = fields.String(required=True)
    pricing = fields.Nested(PricingView, required=True)
    remaining = fields.String(required=True)
    min_fiat = fields.String(required=True)
    max_fiat = fields.String(required=True, allow_none=True)
    payment_methods = fields.List(fields.String(), required=True)
    payment_window_s = fields.Integer(required=True, allow_none=True)
    matching = fields.String(required=True)
    terms = fields.String(required=True)
    status = fields.String(
        required=True, validate=validate.OneOf([str(status) for status in OrderStatus])
    )
    version = fields.Integer(required=True)
    username = fields.String(required=True)
    created_at = fields.String(required=True)


class TradeMadeSchema(Schema):
    """A trade that an order made at once."""

    id = fields.UUID(required=True)
    market = fields.String(required=True)
    maker_order_id = fields.UUID(required=True)
    taker_order_id = fields.UUID(required=True)
    buyer = fields.String(required=True)
    seller = fields.String(required=True)
    price = fields.String(required=True)
    amount = fields.String(required=True)
    fiat = fields.String(required=True)
    payment_method = fields.String(required=True)
    status = fields.String(required=True)
    deadline = fields.String(required=True)
    version = fields.Integer(required=True)


class OrderSchema(PublicOrderSchema):
    """An order to its owner."""

    amount = fields.String(required=True)
    matched = fields.String(required=True)
    returned = fields.String(required=True)
    closed = fields.String(required=True)
    reserved = fields.String(required=True)
    payment_account_ids = fields.List(fields.UUID(), required=True)
    time_in_force = fields.String(required=True)
    expires_at = fields.String(required=True, allow_none=True)
    max_trades = fields.Integer(required=True)
    takes_made = fields.Integer(required=True)
    requirements = fields.Dict(required=True, allow_none=True)
    price_guard = fields.Dict(required=True, allow_none=True)
    schedule = fields.List(fields.Dict(), required=True, allow_none=True)
    always_on = fields.Boolean(required=True)
    auto_reply = fields.String(required=True)
    visibility = fields.String(required=True)
    status_reason = fields.String(required=True, allow_none=True)
    maker_fee_ppm = fields.Integer(required=True)
    taker_fee_ppm = fields.Integer(required=True)
    updated_at = fields.String(required=True)
    allowed_actions = fields.List(fields.String(), required=True)


AnyOrderSchema: type[Schema] = type(
    "AnyOrderSchema",
    (OrderSchema,),
    {
        "__doc__": "An order: whole to its owner, its public part to others.",
        **{
            name: type(field)(required=False, allow_none=True)
            for name, field in OrderSchema().fields.items()
            if name not in PublicOrderSchema().fields and not isinstance(field, fields.List)
        },
        **{
            name: fields.List(field.inner, required=False, allow_none=True)
            for name, field in OrderSchema().fields.items()
            if name not in PublicOrderSchema().fields and isinstance(field, fields.List)
        },
    },
)


class OrderReplySchema(OrderSchema):
    """An order after a command, with the trades that it made at once."""

    trades = fields.List(fields.Nested(TradeMadeSchema), required=True)
    continuing = fields.Boolean(
        required=True, metadata={"description": "Matching goes on after this reply."}
    )


class SkipsSchema(Schema):
    """Why candidates and an order did not come together."""

    items = fields.List(
        fields.Nested(
            Schema.from_dict(
                {
                    "reason": fields.String(required=True),
                    "count": fields.Integer(required=True),
                },
                name="SkipSchema",
            )
        ),
        required=True,
    )


class QuoteReplySchema(Schema):
    """What would match now, without any promise."""

    amount = fields.String(required=True)
    fiat = fields.String(required=True)
    price = fields.String(
        required=True, allow_none=True, metadata={"description": "The worst price met."}
    )
    fee = fields.String(required=True)
    trades = fields.List(
        fields.Nested(
            Schema.from_dict(
                {
                    "order_id": fields.UUID(
                        required=True,
                        allow_none=True,
                        metadata={"description": "Null for an unlisted order."},
                    ),
                    "price": fields.String(required=True),
                    "amount": fields.String(required=True),
                    "fiat": fields.String(required=True),
                    "payment_method": fields.String(required=True),
                },
                name="QuotedTradeSchema",
            )
        ),
        required=True,
    )


class BatchReplySchema(Schema):
    """The outcome of each command, in order."""

    items = fields.List(
        fields.Nested(
            Schema.from_dict(
                {
                    "status": fields.Integer(required=True),
                    "body": fields.Raw(required=True),
                },
                name="BatchItemSchema",
            )
        ),
        required=True,
    )


class DepthLevelSchema(Schema):
    """One level of the book."""

    price = fields.String(required=True, allow_none=True)
    margin_bp = fields.Integer(required=True, allow_none=True)
    amount = fields.String(required=True)
    orders = fields.Integer(required=True)


class BookSchema(Schema):
    """The depth of a market by level: fixed prices and margins apart."""

    market = fields.String(required=True)
    number = fields.Integer(
        required=True, metadata={"description": "The number that `book_updated` continues."}
    )
    seq = fields.Integer(
        required=True, metadata={"description": "The market room's last event counted in."}
    )
    bids = fields.List(fields.Nested(DepthLevelSchema), required=True)
    asks = fields.List(fields.Nested(DepthLevelSchema), required=True)
