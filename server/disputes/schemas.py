"""What the calls about cases take and give."""

from marshmallow import Schema, fields, validate

from models.disputes import Award, DisputeStatus
from models.trades import OfferStatus
from server.disputes.facts import CaseAction
from server.disputes.reasons import Reason
from server.disputes.rules import STATEMENT_CHARS_MAX
from server.http.pages import PageQuery
from server.trades.schemas import PARTIES

AWARDS = [award.value for award in Award]


def text_field(**options: object) -> fields.String:
    """A text that is always there."""
    return fields.String(required=True, **options)  # type: ignore[arg-type] # passed on as given


def instant_field(*, allow_none: bool = False) -> fields.String:
    """A time that is always there, or none."""
    return fields.String(required=True, allow_none=allow_none, metadata={"format": "date-time"})


def amount_field() -> fields.String:
    """The buyer's part of a split; none for anything else."""
    return fields.String(
        required=True, allow_none=True, metadata={"description": "Of a split, before his fee."}
    )


class DisputesQuery(PageQuery):
    """Which of one's cases to show."""

    open = fields.Boolean(
        load_default=None, metadata={"description": "Only open ones, or only closed ones."}
    )
    role = fields.String(load_default=None, validate=validate.OneOf(PARTIES))


class OpenDisputeSchema(Schema):
    """Why a case is opened, and what happened."""

    reason = text_field(validate=validate.OneOf([reason.value for reason in Reason]))
    statement = text_field(
        validate=[
            validate.Length(1, STATEMENT_CHARS_MAX),
            validate.Regexp(r"(?s).*\S", error="Say what happened."),
        ]
    )


class OfferSchema(Schema):
    """One side's offer to end a case."""

    id = fields.UUID(required=True)
    offered_by = text_field(validate=validate.OneOf(PARTIES))
    kind = text_field(validate=validate.OneOf(AWARDS))
    buyer_amount = amount_field()
    status = text_field(validate=validate.OneOf([status.value for status in OfferStatus]))
    created_at = instant_field()
    answered_at = instant_field(allow_none=True)


class AwardSchema(Schema):
    """Where the escrow goes by the ruling that stands."""

    kind = text_field(validate=validate.OneOf(AWARDS))
    buyer_amount = amount_field()


class DisputeSchema(Schema):
    """A case as a party sees it."""

    id = fields.UUID(required=True)
    trade_id = fields.UUID(required=True)
    market = text_field()
    role = text_field(validate=validate.OneOf(PARTIES))
    amount = text_field()
    opened_by = text_field()
    reason = text_field()
    statement = text_field()
    status = text_field(validate=validate.OneOf([status.value for status in DisputeStatus]))
    outcome = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)
    deadline = instant_field(allow_none=True)
    buyer_evidence_until = instant_field()
    seller_evidence_until = instant_field()
    buyer_done = fields.Boolean(required=True)
    seller_done = fields.Boolean(required=True)
    offers = fields.List(
        fields.Nested(OfferSchema), required=True, metadata={"description": "The open ones."}
    )
    award = fields.Nested(AwardSchema, required=True, allow_none=True)
    objected_by = fields.String(required=True, allow_none=True)
    frozen_until = instant_field(allow_none=True)
    opened_at = instant_field()
    closed_at = instant_field(allow_none=True)
    allowed_actions = fields.List(
        fields.String(validate=validate.OneOf([action.value for action in CaseAction])),
        required=True,
    )
