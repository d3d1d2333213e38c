"""What the endpoint of the history of sign-ins gives."""

from marshmallow import Schema, fields, validate

from models.sign_ins import SignInKind, SignInOutcome
from server.http.pages import page_schema


class SignInAttemptSchema(Schema):
    """One attempt to sign in to one's account."""

    id = fields.UUID(required=True)
    at = fields.String(required=True)
    kind = fields.String(
        required=True,
        validate=validate.OneOf([kind.value for kind in SignInKind]),
        metadata={"description": "What was shown."},
    )
    outcome = fields.String(
        required=True, validate=validate.OneOf([each.value for each in SignInOutcome])
    )
    device = fields.String(required=True)
    ip = fields.String(required=True)
    country = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "In two letters, or null where it is not known."},
    )


SIGN_IN_PAGE = page_schema(SignInAttemptSchema)
