"""What the desk's calls take and give."""

from typing import Any

from marshmallow import Schema, fields, validate

from models.disputes import Award
from models.rulings import CaseKind, RulingStatus
from server.chat.schemas import StaffMessageSchema
from server.disputes.schemas import EvidenceSchema
from server.disputes.staff_rules import RulingReason, Signal, list_bands
from server.http.fields import UsdtAmount
from server.http.pages import PageQuery, page_schema
from server.trades.schemas import TradeSchema
from server.trust.sanction_schemas import NewSanctionSchema

REASON_CHARS_MAX = 500
OF_A_PARTY = frozenset({"role", "fee", "total", "allowed_actions"})
"""What of a trade belongs to one reader."""
TEXT_CHARS_MAX = 2000
OBJECTED_EVIDENCE_MAX = 20
AWARDS = validate.OneOf([each.value for each in Award])


def make_instant(*, allow_none: bool = False) -> fields.String:
    """A time in a reply."""
    return fields.String(required=True, allow_none=allow_none, metadata={"format": "date-time"})


def make_text(**options: Any) -> fields.String:
    """A word or text in a reply."""
    return fields.String(required=True, **options)


def make_prose(chars_max: int = TEXT_CHARS_MAX) -> fields.String:
    """What a person writes; not nothing."""
    visible = validate.Regexp(r"[\s\S]*\S", error="Write something.")
    return fields.String(required=True, validate=[validate.Length(1, chars_max), visible])


class CaseQuery(PageQuery):
    """Which cases of the desk."""

    open = fields.Boolean(load_default=True)
    kind = fields.String(
        load_default=None,
        validate=validate.OneOf([kind.value for kind in CaseKind]),
        metadata={"description": "Cases about open trades, or claims about ended ones."},
    )
    whose = fields.String(
        load_default="all",
        validate=validate.OneOf(("all", "mine", "nobody")),
        metadata={"description": "Cases of everybody, one's own, or those that nobody has."},
    )


class QueuedCaseSchema(Schema):
    """A case as the queue shows it."""

    id = fields.UUID(required=True)
    kind = make_text(validate=validate.OneOf([kind.value for kind in CaseKind]))
    trade_id = fields.UUID(required=True)
    open = fields.Boolean(required=True)
    round = fields.Integer(required=True)
    priority = fields.Integer(required=True)
    signals = fields.List(
        fields.String(validate=validate.OneOf([each.value for each in Signal])), required=True
    )
    amount = make_text(validate=validate.OneOf(list_bands()))
    reason = make_text()
    payment_method = make_text()
    due_at = make_instant()
    assignee = fields.String(required=True, allow_none=True)
    assigned_at = make_instant(allow_none=True)
    opened_at = make_instant()
    closed_at = make_instant(allow_none=True)
    version = fields.Integer(required=True)


CASE_PAGE = page_schema(QueuedCaseSchema)


class RulingSchema(Schema):
    """A ruling as both parties see it; amounts before the buyer's fee."""

    id = fields.UUID(required=True)
    round = fields.Integer(required=True)
    outcome = make_text(validate=AWARDS)
    buyer_amount = make_text()
    seller_amount = make_text()
    reason_code = make_text()
    text_en = make_text()
    text_vi = make_text()
    status = make_text(validate=validate.OneOf([each.value for each in RulingStatus]))
    ruled_at = make_instant()
    ended_at = make_instant(allow_none=True)


class StaffRulingSchema(RulingSchema):
    """A ruling as staff see it."""

    ruler_id = fields.UUID(required=True)


class ObjectionSchema(Schema):
    """The objection in a case."""

    by = make_text(validate=validate.OneOf(("buyer", "seller")))
    statement = make_text()
    evidence = fields.List(fields.UUID(), required=True)
    created_at = make_instant()


class CaseRulingsSchema(Schema):
    """How a case was ruled."""

    rulings = fields.List(fields.Nested(RulingSchema), required=True)
    objection = fields.Nested(ObjectionSchema, required=True, allow_none=True)


class CasePaymentSchema(Schema):
    """Who paid by his own word and where to."""

    payer_name = fields.String(required=True, allow_none=True)
    payer_check = fields.String(required=True, allow_none=True)
    account = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    holder_check = make_text()


class CaseStepSchema(Schema):
    """One thing that happened to the trade."""

    version = fields.Integer(required=True)
    event = make_text()
    actor = make_text()
    status = make_text()
    detail = fields.Dict(keys=fields.String(), required=True)
    created_at = make_instant()


class PartyRecordSchema(Schema):
    """What is known of a party."""

    id = fields.UUID(required=True)
    username = make_text()
    language = make_text()
    joined_at = make_instant()
    kyc_level = fields.Integer(required=True)
    verified = fields.Boolean(required=True)
    trades_completed = fields.Integer(required=True)
    trades_ended = fields.Integer(required=True)
    ladder_step = fields.Integer(required=True)
    frozen = fields.Boolean(required=True)


class PenaltyShownSchema(Schema):
    """A sanction of a party."""

    id = fields.UUID(required=True)
    user_id = fields.UUID(required=True)
    kind = make_text()
    reason = make_text()
    status = make_text()
    of_this_case = fields.Boolean(required=True)
    begins_at = make_instant()
    ends_at = make_instant(allow_none=True)


class PenaltySchema(NewSanctionSchema):
    """What somebody decides about a party, apart from how the case ends."""

    party = make_text(validate=validate.OneOf(("buyer", "seller")))


class PenaltyGivenSchema(Schema):
    """The sanction that was given."""

    sanction_id = fields.UUID(required=True)


class CasePartiesSchema(Schema):
    """Both of them."""

    buyer = fields.Nested(PartyRecordSchema, required=True)
    seller = fields.Nested(PartyRecordSchema, required=True)


class EarlierTradeSchema(Schema):
    """A trade that the two made before."""

    id = fields.UUID(required=True)
    market = make_text()
    same_sides = fields.Boolean(required=True)
    amount = make_text()
    fiat = make_text()
    payment_method = make_text()
    status = make_text()
    end_reason = fields.String(required=True, allow_none=True)
    created_at = make_instant()


class DecisionSchema(Schema):
    """What is decided about a case, as it was at its version."""

    version = fields.Integer(required=True, strict=True)
    outcome = make_text(validate=AWARDS)
    buyer_amount = UsdtAmount(
        load_default=None,
        allow_none=True,
        metadata={"description": "The buyer's part of a split, before his fee."},
    )
    reason_code = make_text(validate=validate.OneOf([each.value for each in RulingReason]))
    text_en = make_prose()
    text_vi = make_prose()


class ProposedRulingSchema(DecisionSchema):
    """The body of a proposed ruling."""


class ShownDecisionSchema(Schema):
    """A proposed ruling as it waits."""

    version = fields.Integer(required=True)
    outcome = make_text(validate=AWARDS)
    buyer_amount = fields.String(required=True, allow_none=True)
    reason_code = make_text()
    text_en = make_text()
    text_vi = make_text()


class RulingProposalSchema(Schema):
    """A ruling that waits for a second person."""

    id = fields.UUID(required=True)
    requester_id = fields.UUID(required=True)
    hash = make_text()
    ruling = fields.Nested(ShownDecisionSchema, required=True)
    expires_at = make_instant()


class CaseAssignmentSchema(Schema):
    """Somebody had the case."""

    assignee = make_text()
    assigned_by = fields.UUID(required=True, allow_none=True)
    reason = make_text()
    assigned_at = make_instant()
    ended_at = make_instant(allow_none=True)


class CaseNoteSchema(Schema):
    """What a colleague wrote."""

    id = fields.UUID(required=True)
    author = make_text()
    note = make_text()
    created_at = make_instant()


StaffTradeSchema = Schema.from_dict(
    {name: field for name, field in TradeSchema().fields.items() if name not in OF_A_PARTY},
    name="StaffTradeSchema",
)


class CaseSurroundingsSchema(QueuedCaseSchema):
    """What belongs to every case, be it a dispute or a claim."""

    trade = fields.Nested(StaffTradeSchema, required=True)
    payment = fields.Nested(CasePaymentSchema, required=True)
    timeline = fields.List(fields.Nested(CaseStepSchema), required=True)
    parties = fields.Nested(CasePartiesSchema, required=True)
    penalties = fields.List(fields.Nested(PenaltyShownSchema), required=True)
    earlier_trades = fields.List(fields.Nested(EarlierTradeSchema), required=True)
    links = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "The signs by which the two parties are linked to each other."},
    )
    assignments = fields.List(fields.Nested(CaseAssignmentSchema), required=True)
    notes = fields.List(fields.Nested(CaseNoteSchema), required=True)
    evidence = fields.List(fields.Nested(EvidenceSchema), required=True)
    chat = fields.List(
        fields.Nested(StaffMessageSchema),
        required=True,
        metadata={"description": "The last 200 messages, oldest first."},
    )


class CaseReadSchema(CaseSurroundingsSchema):
    """The whole case."""

    dispute_version = fields.Integer(
        required=True, metadata={"description": "What a ruling names as its version."}
    )
    status = make_text()
    rulings = fields.List(fields.Nested(StaffRulingSchema), required=True)
    objection = fields.Nested(ObjectionSchema, required=True, allow_none=True)
    proposals = fields.List(fields.Nested(RulingProposalSchema), required=True)


class CaseReasonSchema(Schema):
    """Why."""

    reason = make_prose(REASON_CHARS_MAX)


class AssignSchema(CaseReasonSchema):
    """Who is to have the case, and why."""

    assignee_id = fields.UUID(
        load_default=None,
        allow_none=True,
        metadata={"description": "Nobody: the lot names somebody."},
    )


class OpenCaseSchema(CaseReasonSchema):
    """The trade about which staff open a case."""

    trade_id = fields.UUID(required=True)


class NewNoteSchema(Schema):
    """A note for the colleagues."""

    note = make_prose()


class RuledSchema(Schema):
    """The ruling, or the proposal that waits for a second person."""

    ruling = fields.Nested(RulingSchema, required=True, allow_none=True)
    proposal_id = fields.UUID(required=True, allow_none=True)


class ObjectSchema(Schema):
    """Why a party does not accept a ruling, and what it has shown since."""

    statement = make_prose()
    evidence_ids = fields.List(
        fields.UUID(), required=True, validate=validate.Length(1, OBJECTED_EVIDENCE_MAX)
    )
