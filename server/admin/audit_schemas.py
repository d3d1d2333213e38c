"""What the calls of the audit take and give."""

from marshmallow import Schema, fields, validate

from server.db.audit import OBJECT_CHARS_MAX, Action
from server.http.fields import Instant, Word
from server.http.pages import PageQuery, page_schema

ACTOR_KINDS = ("user", "operator", "system")


class AuditQuery(PageQuery):
    """What of the audit is asked for."""

    actor_id = fields.UUID(metadata={"description": "Who did it."})
    object_kind = Word(24, metadata={"example": "user"})
    object_id = Word(OBJECT_CHARS_MAX)
    action = fields.String(validate=validate.OneOf([each.value for each in Action]))
    elevation_id = fields.UUID(
        metadata={"description": "The role taken in an emergency that it was done under."}
    )
    from_ = Instant(data_key="from", metadata={"description": "Not before this."})
    to = Instant(metadata={"description": "Before this."})


class AuditEntrySchema(Schema):
    """One thing that was done."""

    id = fields.UUID(required=True)
    number = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "The place in the chain; none for the first second."},
    )
    created_at = fields.String(required=True, metadata={"format": "date-time"})
    actor_kind = fields.String(required=True, validate=validate.OneOf(ACTOR_KINDS))
    actor_id = fields.UUID(required=True, allow_none=True)
    action = fields.String(required=True)
    object_kind = fields.String(required=True)
    object_id = fields.String(required=True)
    before = fields.Dict(keys=fields.String(), required=True, allow_none=True)
    after = fields.Dict(keys=fields.String(), required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    request_id = fields.String(required=True, allow_none=True)
    ip = fields.String(required=True, allow_none=True)
    elevation_id = fields.UUID(
        required=True,
        allow_none=True,
        metadata={"description": "The role taken in an emergency without which it was refused."},
    )


class AuditHeadSchema(Schema):
    """The end of the chain."""

    number = fields.Integer(required=True)
    hash = fields.String(required=True, metadata={"description": "64 hexadecimal digits."})
    chained_at = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})


AUDIT_PAGE = page_schema(AuditEntrySchema)
