"""What the calls about claims and freezes take and give."""

from marshmallow import Schema, fields, validate

from models.claims import ClaimKind, ClaimStatus
from server.disputes.claim_lifecycle import ClaimAction
from server.disputes.claim_rules import TEXT_CHARS_MAX
from server.disputes.freeze_lifecycle import FREEZE_HOURS_MAX
from server.disputes.schemas import (
    EvidenceSchema,
    GiveEvidenceSchema,
    OpenDisputeSchema,
    instant_field,
    text_field,
)
from server.disputes.staff_schemas import CaseStepSchema, CaseSurroundingsSchema
from server.trades.schemas import PARTIES

OUTCOMES = ("upheld", "rejected", "withdrawn", None)


class OpenClaimSchema(OpenDisputeSchema):
    """Why a claim is made, what happened, and a first proof."""

    evidence = fields.Nested(GiveEvidenceSchema, load_default=None, allow_none=True)


class ClaimSchema(Schema):
    """A claim as a party sees it."""

    id = fields.UUID(required=True)
    trade_id = fields.UUID(required=True)
    market = text_field()
    amount = text_field(metadata={"description": "Of the trade."})
    kind = text_field(validate=validate.OneOf([kind.value for kind in ClaimKind]))
    role = text_field(validate=validate.OneOf(PARTIES))
    claimed_by = text_field(validate=validate.OneOf(PARTIES))
    reason = text_field()
    statement = text_field()
    status = text_field(validate=validate.OneOf([status.value for status in ClaimStatus]))
    outcome = fields.String(required=True, allow_none=True, validate=validate.OneOf(OUTCOMES))
    version = fields.Integer(required=True)
    deadline = instant_field(allow_none=True)
    held = text_field(metadata={"description": "What is frozen for the claim."})
    opened_at = instant_field()
    closed_at = instant_field(allow_none=True)
    allowed_actions = fields.List(
        fields.String(validate=validate.OneOf([action.value for action in ClaimAction])),
        required=True,
    )


class ClaimDetailsSchema(ClaimSchema):
    """A claim with everything that both sides showed."""

    evidence = fields.List(fields.Nested(EvidenceSchema), required=True)


class StaffClaimSchema(Schema):
    """A claim as the desk sees it."""

    id = fields.UUID(required=True)
    trade_id = fields.UUID(required=True)
    market = text_field()
    amount = text_field()
    kind = text_field(validate=validate.OneOf([kind.value for kind in ClaimKind]))
    reason = text_field()
    status = text_field(validate=validate.OneOf([status.value for status in ClaimStatus]))
    outcome = fields.String(required=True, allow_none=True, validate=validate.OneOf(OUTCOMES))
    version = fields.Integer(required=True)
    deadline = instant_field(allow_none=True)
    held = text_field()
    overdue_count = fields.Integer(required=True)
    first_approved = fields.Boolean(required=True)
    opened_at = instant_field()
    closed_at = instant_field(allow_none=True)
    allowed_actions = fields.List(
        fields.String(validate=validate.OneOf([action.value for action in ClaimAction])),
        required=True,
    )


class ClaimReadSchema(CaseSurroundingsSchema):
    """A claim with all that who decides it has to know."""

    claim = fields.Nested(StaffClaimSchema, required=True)
    claimed_by = text_field(validate=validate.OneOf(PARTIES))
    statement = text_field()
    claim_timeline = fields.List(fields.Nested(CaseStepSchema), required=True)


class StaffReasonSchema(Schema):
    """Why the staff do something; it is kept in the audit."""

    reason = text_field(validate=validate.Length(3, TEXT_CHARS_MAX))


class FreezeSchema(StaffReasonSchema):
    """Why and for how long an escrow is held where it is."""

    hours = fields.Integer(required=True, strict=True, validate=validate.Range(1, FREEZE_HOURS_MAX))


class FreezeReplySchema(Schema):
    """A trade's freeze."""

    trade_id = fields.UUID(required=True)
    status = text_field(metadata={"description": "Of the trade."})
    frozen_until = instant_field(allow_none=True)
