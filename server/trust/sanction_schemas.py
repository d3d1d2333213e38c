"""The shapes of sanctions and appeals."""

from marshmallow import Schema, fields, validate

from models.trust import SanctionKind, SanctionReason, SanctionStatus
from server.http.pages import page_schema
from server.trust.sanctions import DURATION_MAX

HOURS_MAX = int(DURATION_MAX.total_seconds()) // 3600
GIVEN_ALONE = [kind.value for kind in SanctionKind if kind is not SanctionKind.CLOSED]
_TEXT = validate.Length(10, 1000)


def _hours() -> fields.Integer:
    return fields.Integer(
        strict=True,
        load_default=None,
        allow_none=True,
        validate=validate.Range(1, HOURS_MAX),
        metadata={"description": "For how long; a warning has no time."},
    )


def _reason() -> fields.String:
    return fields.String(
        required=True, validate=validate.OneOf([each.value for each in SanctionReason])
    )


class NewSanctionSchema(Schema):
    """A sanction that one member of staff may give."""

    kind = fields.String(required=True, validate=validate.OneOf(GIVEN_ALONE))
    reason = _reason()
    explanation = fields.String(
        required=True, validate=_TEXT, metadata={"description": "What the person reads."}
    )
    hours = _hours()


class ClosingSchema(Schema):
    """That an account is closed; without hours until it is lifted."""

    reason = _reason()
    explanation = fields.String(
        required=True, validate=_TEXT, metadata={"description": "What the person reads."}
    )
    hours = _hours()


class LiftSchema(Schema):
    """Why a sanction is lifted."""

    reason = fields.String(required=True, validate=validate.Length(3, 500))


class AppealSchema(Schema):
    """What the person says against a sanction."""

    statement = fields.String(required=True, validate=validate.Length(10, 2000))


class AppealDecisionSchema(Schema):
    """How an appeal is decided."""

    granted = fields.Boolean(required=True, truthy={True}, falsy={False})
    answer = fields.String(
        required=True, validate=_TEXT, metadata={"description": "What the person reads."}
    )


class ShownAppealSchema(Schema):
    """An appeal and, when there is one, the answer."""

    statement = fields.String(required=True)
    created_at = fields.String(required=True, metadata={"format": "date-time"})
    decided_at = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})
    granted = fields.Boolean(required=True, allow_none=True)
    answer = fields.String(required=True, allow_none=True)


class SanctionSchema(Schema):
    """A sanction as the person reads it."""

    id = fields.String(required=True)
    kind = fields.String(
        required=True, validate=validate.OneOf([each.value for each in SanctionKind])
    )
    reason = _reason()
    explanation = fields.String(required=True)
    begins_at = fields.String(required=True, metadata={"format": "date-time"})
    ends_at = fields.String(
        required=True,
        allow_none=True,
        metadata={"format": "date-time", "description": "Null: until it is lifted."},
    )
    status = fields.String(
        required=True, validate=validate.OneOf([each.value for each in SanctionStatus])
    )
    ended_at = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})
    appeal = fields.Nested(ShownAppealSchema, required=True, allow_none=True)
    allowed_actions = fields.List(
        fields.String(validate=validate.OneOf(["appeal"])),
        required=True,
        metadata={"description": "What the person may do now."},
    )


class StaffSanctionSchema(SanctionSchema):
    """A sanction as the staff reads it."""

    user_id = fields.String(required=True)
    imposed_by = fields.String(required=True)
    dispute_id = fields.String(required=True, allow_none=True)
    lifted_by = fields.String(required=True, allow_none=True)
    decided_by = fields.String(required=True, allow_none=True)


SANCTION_PAGE = page_schema(SanctionSchema)
STAFF_SANCTION_PAGE = page_schema(StaffSanctionSchema)
