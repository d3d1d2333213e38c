"""What the calls about notifications take and give."""

from marshmallow import Schema, fields, validate

from server.http.pages import PageQuery
from server.notifications.inbox import CHANNELS, UNREAD_SHOWN_MAX
from server.notifications.kinds import KINDS, Topic

WISHES_MAX = 200


class NotificationQuery(PageQuery):
    """A page of one's notifications."""

    unread = fields.Boolean(load_default=False, metadata={"description": "Only what was not read."})


class NotificationItemSchema(Schema):
    """A notification in the reader's language, as it stands now."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True)
    topic = fields.String(
        required=True,
        allow_none=True,
        validate=validate.OneOf([topic.value for topic in Topic]),
        metadata={"description": "None for kinds of an older release."},
    )
    title = fields.String(required=True)
    text = fields.String(required=True)
    params = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    count = fields.Integer(
        required=True, metadata={"description": "How many such things it stands for."}
    )
    subject = fields.String(
        required=True, allow_none=True, metadata={"description": "`trade` or `order`."}
    )
    subject_id = fields.UUID(required=True, allow_none=True)
    created_at = fields.String(required=True, metadata={"format": "date-time"})
    read_at = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})


class UnreadSchema(Schema):
    """How many were not read."""

    unread = fields.Integer(
        required=True,
        metadata={"description": f"Counted to {UNREAD_SHOWN_MAX}, which means that or more."},
    )


class NotificationPageSchema(UnreadSchema):
    """A page, and how many were not read at all."""

    items = fields.List(fields.Nested(NotificationItemSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class ReadThroughSchema(Schema):
    """Up to which notification everything was read."""

    through = fields.UUID(required=True)


class NotificationSettingSchema(Schema):
    """A kind on a channel."""

    kind = fields.String(required=True)
    topic = fields.String(required=True)
    channel = fields.String(required=True)
    enabled = fields.Boolean(required=True)
    fixed = fields.Boolean(required=True, metadata={"description": "It cannot be switched off."})


class NotificationSettingsSchema(Schema):
    """Every kind on every channel."""

    items = fields.List(fields.Nested(NotificationSettingSchema), required=True)


class WishSchema(Schema):
    """Whether a kind is wanted on a channel."""

    kind = fields.String(required=True, validate=validate.OneOf(sorted(KINDS)))
    channel = fields.String(required=True, validate=validate.OneOf(CHANNELS))
    enabled = fields.Boolean(required=True)


class WishesSchema(Schema):
    """Some wishes; what is not named stays as it is."""

    items = fields.List(
        fields.Nested(WishSchema), required=True, validate=validate.Length(1, WISHES_MAX)
    )
