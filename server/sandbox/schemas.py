"""What the calls of the sandbox take and give."""

from marshmallow import Schema, fields, validate

from models.sandbox import CounterpartyStatus
from server.http.fields import UsdtAmount, Word
from server.http.pages import page_schema
from server.sandbox.scripts import SCRIPTS
from server.trades.rules import NAME_CHARS_MAX, NAME_CHARS_MIN

WARP_S_MAX = 14 * 24 * 3600


class AskCounterpartySchema(Schema):
    """Somebody made up who behaves as his script says."""

    script = fields.String(
        required=True, validate=validate.OneOf([script.value for script in SCRIPTS])
    )
    side = fields.String(
        required=True,
        validate=validate.OneOf(("buy", "sell")),
        metadata={"description": "What the counterparty does."},
    )
    market = Word(24, required=True, metadata={"example": "USDT_TEST-VND"})
    payment_method_id = Word(40, required=True)
    amount = UsdtAmount(required=True)
    price = fields.String(
        required=True,
        validate=validate.Regexp(r"^[0-9]{1,15}(\.[0-9]{1,8})?$"),
        metadata={"example": "26000"},
    )
    order_id = fields.UUID(
        load_default=None,
        allow_none=True,
        metadata={"description": "Your order that he takes; without one he places his own."},
    )
    payer_name = fields.String(
        load_default="",
        validate=validate.Length(0, NAME_CHARS_MAX),
        metadata={
            "description": "Whose name his bank shows when you pay him: what you would pay from."
            f" {NAME_CHARS_MIN} characters at least, for one who sells."
        },
    )


class BankSchema(Schema):
    """What your bank shows of his payment."""

    payer_name = fields.String(required=True)
    percent = fields.String(
        required=True, metadata={"description": "How much of the money arrived."}
    )


class CounterpartySchema(Schema):
    """A counterparty of yours."""

    id = fields.UUID(required=True)
    script = fields.String(required=True)
    side = fields.String(required=True)
    market = fields.String(required=True)
    payment_method_id = fields.String(required=True)
    amount = fields.String(required=True)
    price = fields.String(required=True)
    username = fields.String(required=True, allow_none=True)
    order_id = fields.UUID(
        required=True,
        allow_none=True,
        metadata={"description": "His order; take it with POST /orders/{id}/take."},
    )
    trade_id = fields.UUID(required=True, allow_none=True)
    status = fields.String(
        required=True, validate=validate.OneOf([status.value for status in CounterpartyStatus])
    )
    problem = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The code of the refusal that he could not get over."},
    )
    done = fields.List(fields.String(), required=True, metadata={"description": "His steps."})
    bank = fields.Nested(
        BankSchema,
        required=True,
        allow_none=True,
        metadata={"description": "None while nothing has arrived at your bank."},
    )
    created_at = fields.String(required=True, metadata={"format": "date-time"})


COUNTERPARTY_PAGE = page_schema(CounterpartySchema)


class WarpSchema(Schema):
    """How much time passes for the trade."""

    seconds = fields.Integer(required=True, strict=True, validate=validate.Range(1, WARP_S_MAX))
