"""What the calls of switches take and give."""

from marshmallow import Schema, fields, validate

REASON_CHARS_MAX = 200
NAME = {
    "description": (
        "`read_only` (every change by users), `trading_stopped` (new orders and trades), "
        "`releases_stopped`, `withdrawals_stopped`, `market:USDT-VND` or `rail:vn-vietcombank`."
    ),
    "example": "market:USDT-VND",
}


class StopSchema(Schema):
    """Why something is stopped; kept in the audit."""

    reason = fields.String(required=True, validate=validate.Length(3, REASON_CHARS_MAX))


class SwitchSchema(Schema):
    """Something that may be stopped."""

    name = fields.String(required=True, metadata=NAME)
    active = fields.Boolean(required=True, metadata={"description": "It is stopped."})
    reason = fields.String(required=True)
    changed_at = fields.String(required=True, metadata={"format": "date-time"})
    stopped_by = fields.UUID(
        required=True,
        allow_none=True,
        metadata={"description": "Who stopped it; none for the check of the invariants."},
    )


class SwitchesSchema(Schema):
    """Everything that was ever stopped."""

    items = fields.List(fields.Nested(SwitchSchema), required=True)


class StoppedSchema(Schema):
    """Something that is stopped, as everybody may know."""

    switch = fields.String(required=True, metadata=NAME)
    since = fields.String(required=True, metadata={"format": "date-time"})


class StatusSchema(Schema):
    """What is stopped now; nothing, as a rule."""

    items = fields.List(fields.Nested(StoppedSchema), required=True)
