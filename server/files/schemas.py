"""What the calls about files give."""

from marshmallow import Schema, fields, validate

from models.files import FileStatus, Likeness, MediaType
from server.http.pages import page_schema

STATUSES = (FileStatus.WAITING.value, FileStatus.CLEAN.value, FileStatus.REFUSED.value, "gone")


def _instant(*, allow_none: bool = False) -> fields.String:
    return fields.String(required=True, allow_none=allow_none, metadata={"format": "date-time"})


class AttachmentSchema(Schema):
    """A file of a trade, without its content."""

    id = fields.UUID(required=True)
    trade_id = fields.UUID(required=True)
    sender = fields.String(required=True, validate=validate.OneOf(("buyer", "seller")))
    media_type = fields.String(
        required=True,
        validate=validate.OneOf([kind.value for kind in MediaType]),
        metadata={"description": "As it is kept: every picture becomes a JPEG."},
    )
    size = fields.Integer(required=True, metadata={"description": "Bytes, as it is kept."})
    sha256 = fields.String(required=True, metadata={"description": "Of the file as it is kept."})
    status = fields.String(
        required=True,
        validate=validate.OneOf(STATUSES),
        metadata={"description": "The other side sees a file once it is `clean`."},
    )
    created_at = _instant()


class FileLinkSchema(Schema):
    """Where a file can be fetched without a session, for a few minutes."""

    download = fields.String(required=True, metadata={"description": "To save the file."})
    view = fields.String(
        required=True, allow_none=True, metadata={"description": "To show it; of pictures only."}
    )
    expires_at = _instant()


class OpenAttachmentSchema(AttachmentSchema):
    """A file, and where to fetch it if it is clean and still there."""

    link = fields.Nested(FileLinkSchema, required=True, allow_none=True)


class AttachmentFlagSchema(Schema):
    """Two files of trades of different people that are the same, or look alike."""

    id = fields.UUID(required=True)
    attachment_id = fields.UUID(required=True)
    trade_id = fields.UUID(required=True)
    user_id = fields.UUID(required=True, metadata={"description": "Who sent the newer one."})
    other_id = fields.UUID(required=True)
    other_trade_id = fields.UUID(required=True)
    other_user_id = fields.UUID(required=True)
    likeness = fields.String(
        required=True, validate=validate.OneOf([kind.value for kind in Likeness])
    )
    distance = fields.Integer(
        required=True, metadata={"description": "Bits of 256 in which the pictures differ."}
    )
    created_at = _instant()


ATTACHMENTS_PAGE = page_schema(AttachmentSchema)
FLAGS_PAGE = page_schema(AttachmentFlagSchema)
