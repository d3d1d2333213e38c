"""What the calls of compliance take and give."""

from marshmallow import Schema, fields, validate

from models.compliance import HoldKind, SuspicionStatus
from server.http.pages import PageQuery, page_schema

REASON_CHARS_MAX = 500
STATEMENT_CHARS_MAX = 4000
DECIDED = tuple(each.value for each in SuspicionStatus if each is not SuspicionStatus.OPEN)


class ReasonSchema(Schema):
    """Why; kept in the audit."""

    reason = fields.String(required=True, validate=validate.Length(3, REASON_CHARS_MAX))


class EndedSessionsSchema(Schema):
    """The sessions of a user that were ended."""

    ended = fields.Integer(required=True, metadata={"description": "How many there were."})


class HoldSchema(Schema):
    """One time that an account was or is held."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=validate.OneOf([each.value for each in HoldKind]))
    reason = fields.String(required=True)
    placed_by = fields.UUID(required=True, allow_none=True)
    placed_at = fields.String(required=True)
    lifted_by = fields.UUID(required=True, allow_none=True)
    lifted_at = fields.String(required=True, allow_none=True)


class NewSuspicionSchema(Schema):
    """What is suspected of whom."""

    user_id = fields.UUID(required=True)
    trade_id = fields.UUID(load_default=None, allow_none=True)
    statement = fields.String(required=True, validate=validate.Length(20, STATEMENT_CHARS_MAX))


class SuspicionQuery(PageQuery):
    """The filter of reports."""

    status = fields.String(
        load_default=None, validate=validate.OneOf([each.value for each in SuspicionStatus])
    )


class SuspicionSchema(Schema):
    """A report as lists show it."""

    id = fields.UUID(required=True)
    user_id = fields.UUID(required=True)
    trade_id = fields.UUID(required=True, allow_none=True)
    reported_by = fields.UUID(required=True)
    created_at = fields.String(required=True)
    status = fields.String(required=True)
    decided_by = fields.UUID(required=True, allow_none=True)
    decided_at = fields.String(required=True, allow_none=True)


class SuspicionReadSchema(SuspicionSchema):
    """A report with its statement."""

    statement = fields.String(required=True)


class SuspicionDecisionSchema(ReasonSchema):
    """What becomes of a report."""

    status = fields.String(required=True, validate=validate.OneOf(DECIDED))


HOLD_PAGE = page_schema(HoldSchema)
SUSPICION_PAGE = page_schema(SuspicionSchema)
