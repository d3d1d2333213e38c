"""What the endpoints of second factors, of proofs and of signing in with them take and give."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from server.http.fields import UsdtAmount
from server.identity.factor_checks import Method
from server.identity.recovery_codes import CODE_CHARS_MAX
from server.identity.schemas import PASSWORD_CHARS_MAX, SessionChoice
from server.identity.step_up import ACTIONS, ACTS_MAX, REQUEST_ACTIONS

NAME_CHARS_MAX = 60
OFFERS = ("password", "code", "recovery_code", "passkey")
_CODE = validate.Regexp(r"[0-9]{6}\Z")


def _text(longest: int, **options: Any) -> fields.String:
    return fields.String(validate=validate.Length(1, longest), **options)


def _credential(**options: Any) -> fields.Dict:
    return fields.Dict(
        keys=fields.String(),
        metadata={"description": "A PublicKeyCredential as its toJSON() gives it."},
        **options,
    )


class ActSchema(Schema):
    """One act that a proof shall allow."""

    subject_id = fields.UUID(required=True)
    amount = UsdtAmount(required=True)
    version = fields.Integer(required=True, strict=True, validate=validate.Range(0, 2**53))


class ProvenRequestSchema(Schema):
    """The request that a proof shall allow, exactly as it will be sent."""

    method = fields.String(
        required=True, validate=validate.OneOf(("POST", "PUT", "PATCH", "DELETE"))
    )
    path = fields.String(required=True, validate=validate.Regexp(r"/api/(v1|admin)/[!-~]{1,200}\Z"))
    body = fields.Dict(
        keys=fields.String(), metadata={"description": "Left out for a request without one."}
    )


class StepUpOptionsSchema(Schema):
    """What shall be proven: `subject_id`, `amount`, `version`, or `acts`, or a `request`."""

    action = fields.String(required=True, validate=validate.OneOf((*ACTIONS, *REQUEST_ACTIONS)))
    subject_id = fields.UUID()
    amount = UsdtAmount()
    version = fields.Integer(strict=True, validate=validate.Range(0, 2**53))
    acts = fields.List(fields.Nested(ActSchema), validate=validate.Length(1, ACTS_MAX))
    request = fields.Nested(ProvenRequestSchema)

    @validates_schema
    def check_form(self, loaded: dict[str, Any], **_: Any) -> None:
        """Exactly one of the forms, the one of the action, and no object twice."""
        single = [name for name in ("subject_id", "amount", "version") if name in loaded]
        if loaded["action"] in REQUEST_ACTIONS:
            if "request" not in loaded or single or "acts" in loaded:
                raise ValidationError("Give the request that this proves.", "request")
            return
        if "request" in loaded:
            raise ValidationError("This action is proven by object, amount, version.", "request")
        if ("acts" in loaded) == bool(single) or len(single) in (1, 2):
            raise ValidationError("Give subject_id, amount and version, or a list of them.", "acts")
        subjects = [act["subject_id"] for act in loaded.get("acts", [])]
        if len(set(subjects)) != len(subjects):
            raise ValidationError("An object is listed twice.", "acts")


class StepUpSchema(StepUpOptionsSchema):
    """Asks for a proof with one of a code, a passkey, a recovery code or a password."""

    password = _text(PASSWORD_CHARS_MAX)
    code = fields.String(validate=_CODE)
    recovery_code = _text(CODE_CHARS_MAX)
    passkey = _credential()

    @validates_schema
    def check_offer(self, loaded: dict[str, Any], **_: Any) -> None:
        """Exactly one way to prove it."""
        _check_one(loaded, OFFERS)


class SecondFactorSchema(SessionChoice):
    """The token of a waiting sign-in, and one of a code, a passkey or a recovery code."""

    token = _text(100, required=True)
    code = fields.String(validate=_CODE)
    recovery_code = _text(CODE_CHARS_MAX)
    passkey = _credential()

    @validates_schema
    def check_offer(self, loaded: dict[str, Any], **_: Any) -> None:
        """Exactly one second factor."""
        _check_one(loaded, OFFERS[1:])


def _check_one(loaded: dict[str, Any], names: tuple[str, ...]) -> None:
    if sum(name in loaded for name in names) != 1:
        raise ValidationError(f"Give exactly one of {', '.join(names)}.", names[0])


class ProofSchema(Schema):
    """A proof for the `Step-Up` header."""

    proof = fields.String(required=True)
    expires_at = fields.String(required=True)


class WaitingSchema(Schema):
    """A sign-in that waits for the second factor."""

    token = fields.String(required=True)
    methods = fields.List(
        fields.String(validate=validate.OneOf([method.value for method in Method])), required=True
    )
    expires_in = fields.Integer(required=True, metadata={"description": "In seconds."})


class SecondFactorAskedSchema(Schema):
    """The password was right; show the second factor to /auth/login/second-factor."""

    second_factor = fields.Nested(WaitingSchema, required=True)


class PasskeyOptionsQuestionSchema(Schema):
    """The token of a waiting sign-in, or nothing to sign in with a passkey alone."""

    token = _text(100)


class PasskeySignInSchema(SessionChoice):
    """The answer of a passkey."""

    passkey = _credential(required=True)


class OptionsSchema(Schema):
    """What a browser needs to make or use a passkey."""

    options = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={"description": "For PublicKeyCredential.parse...OptionsFromJSON()."},
    )


class TotpSchema(Schema):
    """The authenticator app."""

    confirmed_at = fields.String(
        required=True, allow_none=True, metadata={"description": "Null for none in use."}
    )


class NewTotpSchema(Schema):
    """What an app needs; shown once, in use after it is confirmed."""

    secret = fields.String(required=True, metadata={"description": "To type by hand."})
    uri = fields.String(required=True)
    qr_svg = fields.String(required=True, metadata={"description": "The URI as a picture, data:."})


class CodeSchema(Schema):
    """The code that the app shows."""

    code = fields.String(required=True, validate=_CODE)


class RecoveryCodesSchema(Schema):
    """Recovery codes, shown once; none unless this was the first second factor."""

    recovery_codes = fields.List(fields.String(), required=True)


class RecoveryCodesLeftSchema(Schema):
    """How many recovery codes are left."""

    left = fields.Integer(required=True)


class PasskeySchema(Schema):
    """A passkey."""

    id = fields.UUID(required=True)
    name = fields.String(required=True)
    backed_up = fields.Boolean(required=True)
    created_at = fields.String(required=True)
    used_at = fields.String(required=True, allow_none=True)


class PasskeyNameSchema(Schema):
    """What to call a passkey."""

    name = _text(NAME_CHARS_MAX, required=True)


class NewPasskeySchema(PasskeyNameSchema):
    """A passkey that a browser has made."""

    credential = _credential(required=True)


class AddedPasskeySchema(PasskeySchema):
    """The new passkey, with recovery codes if it is the first second factor."""

    recovery_codes = fields.List(fields.String(), required=True)


class PasskeysSchema(Schema):
    """All passkeys of the user; there are never many."""

    items = fields.List(fields.Nested(PasskeySchema), required=True)
