"""What the calls of copies give."""

from marshmallow import Schema, fields, validate

from models.privacy import ExportStatus
from server.http.pages import page_schema


class DataExportSchema(Schema):
    """A copy of everything about its owner."""

    id = fields.UUID(required=True)
    status = fields.String(
        required=True, validate=validate.OneOf([status.value for status in ExportStatus])
    )
    asked_at = fields.String(required=True, metadata={"format": "date-time"})
    ready_at = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})
    expires_at = fields.String(
        required=True,
        allow_none=True,
        metadata={"format": "date-time", "description": "Until when it can be fetched."},
    )
    size = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Bytes of the archive."}
    )


DATA_EXPORT_PAGE = page_schema(DataExportSchema)
