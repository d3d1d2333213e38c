"""What the calls about names on lists take and give."""

from marshmallow import Schema, fields, validate

from models.screening import HitStatus
from server.compliance.schemas import ReasonSchema
from server.http.pages import PageQuery, page_schema

_STATUSES = validate.OneOf([status.value for status in HitStatus])
_DECISIONS = validate.OneOf([HitStatus.FALSE_MATCH.value, HitStatus.TRUE_MATCH.value])


def _instant(*, allow_none: bool = True) -> fields.String:
    return fields.String(required=True, allow_none=allow_none, metadata={"format": "date-time"})


class HitQuery(PageQuery):
    """Which hits."""

    status = fields.String(load_default=HitStatus.OPEN.value, validate=_STATUSES)


class HitSchema(Schema):
    """A hit without anything that says who the user is in life."""

    id = fields.UUID(required=True)
    user_id = fields.UUID(required=True)
    username = fields.String(required=True)
    application_id = fields.UUID(required=True)
    status = fields.String(required=True, validate=_STATUSES)
    version = fields.Integer(required=True)
    found_at = _instant(allow_none=False)
    claimed_by = fields.UUID(required=True, allow_none=True)
    claimed_until = _instant()
    decided_by = fields.UUID(required=True, allow_none=True)
    decided_at = _instant()
    reason = fields.String(required=True, allow_none=True)


class ScreenedSchema(Schema):
    """Who was looked for."""

    full_name = fields.String(required=True)
    birth_date = fields.String(required=True)
    country = fields.String(required=True)


class ListedSchema(Schema):
    """The entry that was found."""

    source = fields.String(required=True)
    entry_id = fields.String(required=True)
    names = fields.List(fields.String(), required=True)
    birth_dates = fields.List(fields.String(), required=True)
    countries = fields.List(fields.String(), required=True)
    topics = fields.List(fields.String(), required=True)


class HitReadSchema(HitSchema):
    """A hit with person and entry; nothing of them once they were purged."""

    person = fields.Nested(ScreenedSchema, required=True, allow_none=True)
    listed = fields.Nested(ListedSchema, required=True, allow_none=True)


class HitDecisionSchema(ReasonSchema):
    """What became of a hit, as it was seen."""

    version = fields.Integer(required=True, strict=True)
    status = fields.String(required=True, validate=_DECISIONS)


HIT_PAGE = page_schema(HitSchema)
