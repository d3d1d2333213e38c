"""What the calls of recoveries take and give."""

from marshmallow import Schema, fields, validate

from models.kyc import DocumentKind
from models.recovery import RecoveryProof, RecoveryStatus
from server.http.pages import PageQuery, page_schema
from server.identity.sign_in import TOKEN_CHARS_MAX
from server.identity.verification import EMAIL, PHONE
from server.kyc.schemas import KycDocumentSchema

REASON_CHARS_MAX = 500
_STATUSES = validate.OneOf([status.value for status in RecoveryStatus])
_PROOFS = validate.OneOf([proof.value for proof in RecoveryProof])
_KINDS = validate.OneOf([kind.value for kind in DocumentKind])
_CODE = validate.Regexp(r"[0-9]{6}\Z")


def _instant(*, allow_none: bool = False) -> fields.String:
    return fields.String(required=True, allow_none=allow_none, metadata={"format": "date-time"})


def _token() -> fields.String:
    return fields.String(required=True, validate=validate.Length(1, TOKEN_CHARS_MAX))


class NoMoreSchema(Schema):
    """The kind of the proposal says it all."""


class AskRecoveryCodeSchema(Schema):
    """A sign-in that waits for its second factor, and where a code shall go."""

    token = _token()
    channel = fields.String(required=True, validate=validate.OneOf((EMAIL, PHONE)))


class RecoveryCodeSentSchema(Schema):
    """A code is on its way."""

    proven_by = fields.String(
        required=True,
        validate=_PROOFS,
        metadata={"description": "What is needed besides the mailbox; `mail` is nothing more."},
    )
    expires_at = _instant()


class NewRecoverySchema(Schema):
    """A sign-in that waits for its second factor, and the codes that arrived."""

    token = _token()
    email_code = fields.String(required=True, validate=_CODE)
    phone_code = fields.String(load_default=None, validate=_CODE)


class RecoveryTokenSchema(Schema):
    """The secret of a recovery."""

    recovery_token = _token()


class RecoverySchema(Schema):
    """A recovery as who asked and the owner see it."""

    id = fields.UUID(required=True)
    status = fields.String(required=True, validate=_STATUSES)
    proven_by = fields.String(required=True, validate=_PROOFS)
    missing = fields.List(fields.String(validate=_KINDS), required=True)
    asked_at = _instant()
    ready_at = _instant()
    expires_at = _instant()
    closed_at = _instant(allow_none=True)
    reason = fields.String(required=True, allow_none=True)


class OpenedRecoverySchema(RecoverySchema):
    """A recovery with the secret to follow it, shown once."""

    recovery_token = fields.String(required=True)


class OwnRecoverySchema(Schema):
    """The open recovery of one's account, if somebody has asked for one."""

    recovery = fields.Nested(RecoverySchema, required=True, allow_none=True)


class RecoveryQuery(PageQuery):
    """Which recoveries."""

    status = fields.String(load_default=RecoveryStatus.OPEN.value, validate=_STATUSES)


class QueuedRecoverySchema(RecoverySchema):
    """A recovery without anything that says who its user is in life."""

    username = fields.String(required=True)
    version = fields.Integer(required=True)
    claimed_by = fields.UUID(required=True, allow_none=True)
    claimed_until = _instant(allow_none=True)


class KnownPersonSchema(Schema):
    """Who the owner of the account was found to be."""

    full_name = fields.String(required=True)
    birth_date = fields.String(required=True)
    country = fields.String(required=True)
    document_type = fields.String(required=True)
    document_number = fields.String(required=True, allow_none=True)


class RecoveryReviewSchema(QueuedRecoverySchema):
    """A recovery with its pictures; those of before and the person for who has claimed it."""

    pictures = fields.List(fields.Nested(KycDocumentSchema), required=True)
    earlier_pictures = fields.List(fields.Nested(KycDocumentSchema), required=True)
    person = fields.Nested(KnownPersonSchema, required=True, allow_none=True)


class RecoveryRefusalSchema(Schema):
    """The recovery as it was seen, and what is told to who asked and to the owner."""

    version = fields.Integer(required=True, strict=True)
    reason = fields.String(required=True, validate=validate.Length(3, REASON_CHARS_MAX))


RECOVERY_PAGE = page_schema(QueuedRecoverySchema)
