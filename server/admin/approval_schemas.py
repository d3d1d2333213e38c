"""What the calls of proposals take and give."""

from marshmallow import Schema, fields, validate

from models.approvals import ProposalStatus
from server.http.pages import PageQuery, page_schema

_STATUS = validate.OneOf([each.value for each in ProposalStatus])
_REASON = validate.Length(3, 500)
_KIND = validate.Regexp(r"[a-z][a-z_]{1,31}\Z")
_HASH = validate.Regexp(r"[0-9a-f]{64}\Z")
HASH_SHOWN = {"description": "64 hexadecimal digits over all that is approved."}


class ProposalQuery(PageQuery):
    """Which proposals are asked for."""

    status = fields.String(load_default=None, validate=_STATUS)
    kind = fields.String(load_default=None, validate=_KIND)


class NewProposalSchema(Schema):
    """An act that others must approve."""

    kind = fields.String(required=True, validate=_KIND, metadata={"example": "grant_role"})
    object_id = fields.String(
        required=True,
        validate=validate.Regexp(r"[A-Za-z0-9:_.-]{1,80}\Z"),
        metadata={"example": "01890000-0000-7000-8000-000000000000"},
    )
    body = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={
            "description": "What is to be done, as the kind wants it.",
            "example": {"role": "finance"},
        },
    )
    reason = fields.String(required=True, validate=_REASON)


class ApprovalSchema(Schema):
    """A yes to exactly what was shown."""

    hash = fields.String(required=True, validate=_HASH, metadata={"example": "0" * 64})


class RejectionSchema(ApprovalSchema):
    """A no."""

    reason = fields.String(required=True, validate=_REASON)


class VoteSchema(Schema):
    """How one person decided."""

    user_id = fields.UUID(required=True)
    approved = fields.Boolean(required=True)
    reason = fields.String(required=True, allow_none=True)
    voted_at = fields.String(required=True, metadata={"format": "date-time"})


class ProposalSchema(Schema):
    """An act that others must approve, and how they decided."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True)
    object_kind = fields.String(required=True)
    object_id = fields.String(required=True)
    body = fields.Dict(keys=fields.String(), required=True)
    hash = fields.String(required=True, metadata=HASH_SHOWN)
    requester_id = fields.UUID(required=True)
    reason = fields.String(required=True)
    status = fields.String(required=True, validate=_STATUS)
    approvals_needed = fields.Integer(required=True)
    votes = fields.List(fields.Nested(VoteSchema), required=True)
    created_at = fields.String(required=True, metadata={"format": "date-time"})
    expires_at = fields.String(required=True, metadata={"format": "date-time"})
    closed_at = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})


PROPOSAL_PAGE = page_schema(ProposalSchema)
