"""What the chats' calls take and give."""

import re
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from models.chat import CLIENT_ID_CHARS_MAX, Author, MessageKind
from server.chat.parties import Side
from server.chat.phrases import Banner
from server.http.fields import Word
from server.http.pages import PageQuery

TEXT_CHARS_MAX = 2000
NUMBER_MAX = 2**31 - 1
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters, and those that turn the direction of what follows them."""


class MessageText(fields.String):
    """What somebody writes: text, never markup."""

    def __init__(self, **options: Any) -> None:
        super().__init__(validate=validate.Length(1, TEXT_CHARS_MAX), **options)

    def _deserialize(self, value: Any, *given: Any, **options: Any) -> str:
        text: str = super()._deserialize(value, *given, **options)
        if not text.strip():
            raise ValidationError("Write something.")
        if _UNSEEN.search(text):
            raise ValidationError("Has characters that cannot be shown.")
        return text


class PostSchema(Schema):
    """A message to write."""

    client_id = Word(
        CLIENT_ID_CHARS_MAX,
        required=True,
        metadata={
            "description": "Your own name of the message: sent again, it is the same message.",
            "example": "5f0c9d2e-1",
        },
    )
    text = MessageText(required=True)


class MessageSchema(Schema):
    """A message as every member of its room sees it. Show its text as text, never as markup."""

    id = fields.UUID(required=True)
    trade_id = fields.UUID(required=True)
    number = fields.Integer(
        required=True, metadata={"description": "From 1, without a gap: the order of the chat."}
    )
    kind = fields.String(
        required=True, validate=validate.OneOf([kind.value for kind in MessageKind])
    )
    author = fields.String(
        required=True, validate=validate.OneOf([author.value for author in Author])
    )
    staff = fields.Boolean(
        required=True, metadata={"description": "It is really from the staff of the platform."}
    )
    client_id = fields.String(required=True, allow_none=True)
    text = fields.String(required=True, allow_none=True)
    masked = fields.Boolean(
        required=True,
        metadata={"description": "Ways to talk elsewhere are hidden in the text."},
    )
    forgotten = fields.Boolean(
        required=True, metadata={"description": "Its author's words were deleted by law."}
    )
    event = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "What happened; clients put it into words."},
    )
    params = fields.Dict(keys=fields.String(), required=True, allow_none=True)
    attachment_id = fields.UUID(required=True, allow_none=True)
    banners = fields.List(
        fields.String(validate=validate.OneOf([banner.value for banner in Banner])),
        required=True,
        metadata={"description": "What to warn the reader of, above the message."},
    )
    created_at = fields.String(required=True, metadata={"format": "date-time"})


class StaffMessageSchema(MessageSchema):
    """A message as staff see it."""

    original = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "As it was written, where a part is hidden from the parties."},
    )
    author_id = fields.UUID(required=True, allow_none=True)


class MarksSchema(Schema):
    """The number of the last message that each side has read."""

    buyer = fields.Integer(required=True)
    seller = fields.Integer(required=True)


class MessagesQuery(PageQuery):
    """Which messages of a chat."""

    after = fields.Integer(
        load_default=0,
        validate=validate.Range(0, NUMBER_MAX),
        metadata={"description": "Only messages with a higher number than this."},
    )


def _page_of(message: type[Schema], name: str) -> Schema:
    members: dict[str, Any] = {
        "items": fields.List(fields.Nested(message), required=True),
        "next_cursor": fields.String(required=True, allow_none=True),
        "last_number": fields.Integer(required=True),
        "read": fields.Nested(MarksSchema, required=True),
        "may_write": fields.Boolean(required=True),
    }
    return Schema.from_dict(members, name=name)()


MESSAGE_PAGE = _page_of(MessageSchema, "MessagePageSchema")
STAFF_MESSAGE_PAGE = _page_of(StaffMessageSchema, "StaffMessagePageSchema")


class ReadSchema(Schema):
    """How far the caller has read."""

    number = fields.Integer(required=True, strict=True, validate=validate.Range(1, NUMBER_MAX))


class ReadReplySchema(Schema):
    """How far both sides have read."""

    trade_id = fields.UUID(required=True)
    read = fields.Nested(MarksSchema, required=True)


class MessageReadSchema(Schema):
    """A side has read the messages up to a number."""

    trade_id = fields.UUID(required=True)
    reader = fields.String(required=True, validate=validate.OneOf([side.value for side in Side]))
    number = fields.Integer(required=True)


class TypingSchema(Schema):
    """Somebody is writing; it is over when a message comes, or after a few seconds."""

    trade_id = fields.UUID(required=True)
    author = fields.String(required=True, validate=validate.OneOf([side.value for side in Side]))
