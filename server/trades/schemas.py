"""What the trades' calls take and give."""

from marshmallow import Schema, fields, validate

from models.disputes import DisputeStatus
from models.trades import TradeStatus
from server.http.fields import UsdtAmount
from server.http.pages import PageQuery
from server.identity.names import NameCheck
from server.trades.cancels import CancelReason
from server.trades.facts import Actor
from server.trades.row import Action
from server.trades.rules import NAME_CHARS_MAX, NAME_CHARS_MIN

PARTIES = (Actor.BUYER.value, Actor.SELLER.value)
REFERENCE_CHARS_MAX = 100
REASON_CHARS_MAX = 200


def _text(**options: object) -> fields.String:
    return fields.String(required=True, **options)  # type: ignore[arg-type] # passed on as given


def _instant(*, allow_none: bool = False) -> fields.String:
    return fields.String(required=True, allow_none=allow_none, metadata={"format": "date-time"})


class TradesQuery(PageQuery):
    """Which of one's trades to show."""

    open = fields.Boolean(
        load_default=None, metadata={"description": "Only open ones, or only ended ones."}
    )


class CancelRequestSchema(Schema):
    """The seller's open request to cancel."""

    id = fields.UUID(required=True)
    reason = _text()


class SplitOfferSchema(Schema):
    """The open offer to split; amounts before the buyer's fee."""

    id = fields.UUID(required=True)
    proposed_by = _text(validate=validate.OneOf(PARTIES))
    buyer_amount = _text()
    seller_amount = _text()


class TradeCaseSchema(Schema):
    """The case about a trade, in short."""

    id = fields.UUID(required=True)
    status = _text(validate=validate.OneOf([status.value for status in DisputeStatus]))


class TradeSchema(Schema):
    """A trade as one of its parties sees it."""

    id = fields.UUID(required=True)
    market = _text()
    maker_order_id = fields.UUID(required=True)
    taker_order_id = fields.UUID(required=True)
    buyer = _text(metadata={"description": "Username."})
    seller = _text(metadata={"description": "Username."})
    role = _text(validate=validate.OneOf(PARTIES))
    price = _text()
    amount = _text()
    fiat = _text()
    currency = _text()
    fee = _text(metadata={"description": "The reader's own."})
    total = _text(
        metadata={"description": "What the buyer receives, or what the seller's escrow holds."}
    )
    payment_method = _text()
    payment_method_name = _text()
    payment_window_s = fields.Integer(required=True)
    status = _text(validate=validate.OneOf([status.value for status in TradeStatus]))
    version = fields.Integer(required=True)
    deadline = _instant(allow_none=True)
    window_ends_at = _instant()
    dispute_opens_at = _instant(allow_none=True)
    payer_declared = fields.Boolean(required=True)
    reference = fields.String(required=True, allow_none=True)
    paid_at = _instant(allow_none=True)
    late = fields.Boolean(required=True)
    extended_by_seller = fields.Boolean(required=True)
    extended_by_buyer = fields.Boolean(required=True)
    paid_undone = fields.Boolean(required=True)
    third_party_payer = fields.Boolean(
        required=True,
        metadata={"description": "The declared payer is not who the buyer was found to be."},
    )
    name_mismatch = fields.Boolean(required=True)
    cancel_request = fields.Nested(CancelRequestSchema, required=True, allow_none=True)
    split_offer = fields.Nested(SplitOfferSchema, required=True, allow_none=True)
    dispute = fields.Nested(TradeCaseSchema, required=True, allow_none=True)
    frozen_until = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Until when staff hold the escrow where it is."},
    )
    end_reason = fields.String(required=True, allow_none=True)
    fault = fields.String(required=True, allow_none=True, validate=validate.OneOf([*PARTIES, None]))
    fault_contested = fields.Boolean(required=True)
    created_at = _instant()
    completed_at = _instant(allow_none=True)
    ended_at = _instant(allow_none=True)
    allowed_actions = fields.List(
        fields.String(validate=validate.OneOf([action.value for action in Action])), required=True
    )


class TradeStepSchema(Schema):
    """One row of a trade's history."""

    version = fields.Integer(required=True)
    event = _text()
    actor = _text(validate=validate.OneOf([actor.value for actor in Actor]))
    status = _text(validate=validate.OneOf([status.value for status in TradeStatus]))
    detail = fields.Dict(required=True)
    created_at = _instant()


class TradeDetailsSchema(TradeSchema):
    """A trade with what is only fetched: the terms, the sealed parts and the history."""

    terms = _text(
        metadata={"description": "The maker's terms as they stood at the match; empty for none."}
    )
    payer_name = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "For the seller only once a case is open or the trade ended."},
    )
    payment_details = fields.Dict(
        required=True,
        allow_none=True,
        metadata={"description": "Where the buyer pays, once he has named the payer."},
    )
    payer_check = _text(
        validate=validate.OneOf([each.value for each in NameCheck]),
        metadata={"description": "Whether the payer is who the buyer was found to be."},
    )
    holder_check = _text(
        validate=validate.OneOf([each.value for each in NameCheck]),
        metadata={"description": "Whether the shown account's holder is who the seller is."},
    )
    history = fields.List(fields.Nested(TradeStepSchema), required=True)


class PayerSchema(Schema):
    """Who pays."""

    payer_name = _text(
        validate=validate.Length(NAME_CHARS_MIN, NAME_CHARS_MAX),
        metadata={"description": "The holder of the account that the buyer pays from."},
    )


class PaidSchema(Schema):
    """The payment as the buyer tells of it."""

    reference = fields.String(
        load_default=None,
        validate=validate.Length(1, REFERENCE_CHARS_MAX),
        metadata={"description": "The rail's reference; after the window it is required."},
    )


class ReleaseSchema(Schema):
    """The seller's confirmation."""

    payer_name_seen = fields.String(
        load_default=None,
        validate=validate.Length(1, NAME_CHARS_MAX),
        metadata={"description": "The payer as the seller's bank shows him, if one is declared."},
    )


class CancelSchema(Schema):
    """Why the buyer cancels; after "paid" the only reason is `did_not_pay`."""

    reason = _text(validate=validate.OneOf([reason.value for reason in CancelReason]))


class AskCancelSchema(Schema):
    """Why the seller asks to cancel."""

    reason = _text(validate=validate.Length(1, REASON_CHARS_MAX))


class SplitSchema(Schema):
    """The offered part."""

    buyer_amount = UsdtAmount(required=True, metadata={"description": "Before the buyer's fee."})


class SplitAnswerSchema(Schema):
    """The offer that is answered."""

    offer_id = fields.UUID(
        load_default=None, metadata={"description": "Refused when another offer is open now."}
    )


class OutageSchema(Schema):
    """A time in which the platform could not serve."""

    id = fields.UUID(required=True)
    started_at = _instant()
    ended_at = _instant(allow_none=True)
    announced = fields.Boolean(required=True)
    reason = _text()
    credited_at = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "When every open deadline had its time back."},
    )
