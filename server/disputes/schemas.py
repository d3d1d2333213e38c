"""What the calls about cases take and give."""

from marshmallow import Schema, fields, validate

from models.disputes import Award, DisputeStatus
from models.trades import OfferStatus
from server.disputes.checklists import Proof
from server.disputes.facts import CaseAction
from server.disputes.reasons import Reason, Rule
from server.disputes.rules import ATTACHMENTS_PER_EVIDENCE_MAX, STATEMENT_CHARS_MAX
from server.disputes.words import LANGUAGES
from server.http.fields import UsdtAmount
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
            validate.Regexp(r"[\s\S]*\S", error="Say what happened."),
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


class MakeOfferSchema(Schema):
    """How a side would end the case."""

    kind = text_field(validate=validate.OneOf(AWARDS))
    buyer_amount = UsdtAmount(
        load_default=None,
        allow_none=True,
        metadata={"description": "The buyer's part of a split, before his fee; else none."},
    )


class GiveEvidenceSchema(Schema):
    """What a side shows."""

    kind = text_field(validate=validate.OneOf([proof.value for proof in Proof]))
    statement = fields.String(load_default="", validate=validate.Length(0, STATEMENT_CHARS_MAX))
    attachment_ids = fields.List(
        fields.UUID(),
        load_default=list,
        validate=validate.Length(0, ATTACHMENTS_PER_EVIDENCE_MAX),
        metadata={"description": "Files of the trade's room."},
    )


class EvidenceSchema(Schema):
    """What a side showed."""

    id = fields.UUID(required=True)
    by = text_field(validate=validate.OneOf(PARTIES))
    kind = text_field(validate=validate.OneOf([proof.value for proof in Proof]))
    statement = text_field()
    attachment_ids = fields.List(fields.UUID(), required=True)
    created_at = instant_field()


class DisputeDetailsSchema(DisputeSchema):
    """A case with everything that both sides showed."""

    evidence = fields.List(fields.Nested(EvidenceSchema), required=True)


class ChecklistItemSchema(Schema):
    """One thing that a reason needs."""

    proof = text_field(validate=validate.OneOf([proof.value for proof in Proof]))
    sentence = text_field()
    by = text_field(validate=validate.OneOf(PARTIES))
    required = fields.Boolean(required=True)


class LikeCasesSchema(Schema):
    """How closed cases of the last 180 days ended, by whom the escrow went to."""

    cases = fields.Integer(required=True)
    buyer = fields.Integer(required=True)
    seller = fields.Integer(required=True)
    split = fields.Integer(required=True)


class PreviewReasonSchema(Schema):
    """A reason that the caller may give now."""

    reason = text_field(validate=validate.OneOf([reason.value for reason in Reason]))
    sentence = text_field()
    rule = text_field(validate=validate.OneOf([rule.value for rule in Rule]))
    rule_sentence = text_field()
    checklist = fields.List(fields.Nested(ChecklistItemSchema), required=True)
    like_cases = fields.Nested(
        LikeCasesSchema,
        required=True,
        allow_none=True,
        metadata={"description": "None where there were too few to tell."},
    )


class PreviewQuery(Schema):
    """In which language."""

    language = fields.String(
        load_default=None,
        validate=validate.OneOf(LANGUAGES),
        metadata={"description": "Of the sentences; by default the caller's own."},
    )


class PreviewSchema(Schema):
    """What to know before a case is opened."""

    language = text_field(validate=validate.OneOf(LANGUAGES))
    trade_id = fields.UUID(required=True)
    role = text_field(validate=validate.OneOf(PARTIES))
    opens = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf(["dispute", "claim", None]),
        metadata={"description": "What the caller may open about the trade as it stands."},
    )
    may_open_now = fields.Boolean(required=True)
    opens_at = instant_field(allow_none=True)
    evidence_s = fields.Integer(
        required=True, metadata={"description": "Each side's time for evidence."}
    )
    lost = fields.Integer(
        required=True, metadata={"description": "Cases that the caller opened and lost lately."}
    )
    lost_max = fields.Integer(required=True)
    reasons = fields.List(fields.Nested(PreviewReasonSchema), required=True)
