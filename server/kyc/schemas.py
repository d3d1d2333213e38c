"""What the calls of the check of identities take and give."""

from marshmallow import Schema, fields, validate

from models.kyc import DocumentKind, KycStatus
from server.http.pages import PageQuery, page_schema
from server.kyc.applications import NEEDED, OF_LEVEL

REASON_CHARS_MAX = 500
_STATUSES = validate.OneOf([status.value for status in KycStatus])
_KINDS = validate.OneOf([kind.value for kind in DocumentKind])


def _instant(*, allow_none: bool = True) -> fields.String:
    return fields.String(required=True, allow_none=allow_none, metadata={"format": "date-time"})


class NewApplicationSchema(Schema):
    """Who the user says he is, and the level that he asks for."""

    level = fields.Integer(required=True, strict=True, validate=validate.OneOf(sorted(OF_LEVEL)))
    full_name = fields.String(required=True, validate=validate.Length(2, 120))
    birth_date = fields.Date(required=True)
    country = fields.String(
        required=True,
        validate=validate.Regexp(r"\A[A-Z]{2}\Z"),
        metadata={"description": "Of the document, two letters of ISO 3166."},
    )
    document_type = fields.String(required=True, validate=validate.OneOf(sorted(NEEDED)))
    document_number = fields.String(
        load_default=None, validate=validate.Regexp(r"\A[A-Za-z0-9][A-Za-z0-9 ./-]{2,39}\Z")
    )
    document_expires_on = fields.Date(load_default=None)
    address = fields.String(load_default=None, validate=validate.Length(5, 300))


class KycDocumentSchema(Schema):
    """A picture that was sent; it is never shown to its sender again."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True, validate=_KINDS)
    created_at = _instant(allow_none=False)


class OwnApplicationSchema(Schema):
    """An application as its user sees it."""

    id = fields.UUID(required=True)
    level = fields.Integer(required=True)
    status = fields.String(required=True, validate=_STATUSES)
    reason = fields.String(required=True, allow_none=True)
    documents = fields.List(fields.Nested(KycDocumentSchema), required=True)
    missing = fields.List(fields.String(validate=_KINDS), required=True)
    created_at = _instant(allow_none=False)
    submitted_at = _instant()
    decided_at = _instant()
    expires_at = _instant()


class OwnKycSchema(Schema):
    """The level of a user and his applications, newest first."""

    level = fields.Integer(required=True)
    applications = fields.List(fields.Nested(OwnApplicationSchema), required=True)


class ProviderTokenSchema(Schema):
    """What the user's device needs to show its owner to the provider."""

    provider = fields.String(required=True)
    token = fields.String(required=True)
    expires_in = fields.Integer(required=True, metadata={"description": "Seconds."})


class QueueQuery(PageQuery):
    """Which applications."""

    status = fields.String(load_default=KycStatus.PENDING.value, validate=_STATUSES)


class QueuedSchema(Schema):
    """An application without anything that says who its user is in life."""

    id = fields.UUID(required=True)
    username = fields.String(required=True)
    level = fields.Integer(required=True)
    status = fields.String(required=True, validate=_STATUSES)
    version = fields.Integer(required=True)
    submitted_at = _instant()
    claimed_by = fields.UUID(required=True, allow_none=True)
    claimed_until = _instant()
    first_approved = fields.Boolean(required=True)
    provider_note = fields.String(required=True, allow_none=True)
    expires_at = _instant()


class PersonSchema(Schema):
    """Who the applicant says he is."""

    full_name = fields.String(required=True)
    birth_date = fields.String(required=True)
    country = fields.String(required=True)
    document_type = fields.String(required=True)
    document_number = fields.String(required=True, allow_none=True)
    document_expires_at = _instant()
    address = fields.String(required=True, allow_none=True)
    document_elsewhere = fields.Boolean(
        required=True, metadata={"description": "Whether the document is another account's."}
    )


class ReviewSchema(QueuedSchema):
    """An application with its pictures, and with its person for who has claimed it."""

    documents = fields.List(fields.Nested(KycDocumentSchema), required=True)
    person = fields.Nested(PersonSchema, required=True, allow_none=True)


class ApproveSchema(Schema):
    """The application as the reviewer saw it, and what the document says."""

    version = fields.Integer(required=True, strict=True)
    document_expires_on = fields.Date(load_default=None)


class KycReasonSchema(Schema):
    """The application as the reviewer saw it, and what its user is told."""

    version = fields.Integer(required=True, strict=True)
    reason = fields.String(required=True, validate=validate.Length(3, REASON_CHARS_MAX))


QUEUE_PAGE = page_schema(QueuedSchema)
