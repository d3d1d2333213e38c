"""What identity's endpoints take and give."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from server.http.pages import PageQuery, page_schema
from server.identity import rules
from server.identity.names import NameCheck

PASSWORD_CHARS_MAX = 1024
"""Longer ones are refused before anything reads them; the policy is stricter."""


def _text(longest: int, **options: Any) -> fields.String:
    return fields.String(validate=validate.Length(1, longest), **options)


class SessionChoice(Schema):
    """What the client of a new session says of itself."""

    session = fields.String(
        validate=validate.OneOf(("token", "cookie")),
        metadata={
            "description": "`cookie` for browsers: the refresh token comes in a cookie and not in "
            "the body; needs the header `IQX-Session: cookie`. Otherwise `token`."
        },
    )
    device_token = _text(
        100, metadata={"description": "What the last sign-in on this device answered."}
    )


class RegisterSchema(SessionChoice):
    """A new account."""

    email = _text(320, required=True)
    password = _text(PASSWORD_CHARS_MAX, required=True)
    username = _text(64, required=True)
    phone = _text(40, metadata={"description": "With + and the country code."})
    referral_code = fields.String(validate=validate.Regexp(rules.REFERRAL_CODE.pattern + r"\Z"))
    language = fields.String(validate=validate.Regexp(rules.LANGUAGE.pattern + r"\Z"))


class SignInSchema(SessionChoice):
    """Who one is, as `identity` or as `email`, and the password."""

    identity = _text(
        320, metadata={"description": "The e-mail address, or a number that was verified."}
    )
    email = _text(320, metadata={"description": "The same as `identity`."})
    password = _text(PASSWORD_CHARS_MAX, required=True)

    @validates_schema
    def check_one(self, loaded: dict[str, Any], **_: Any) -> None:
        """Exactly one of the two names."""
        if ("identity" in loaded) == ("email" in loaded):
            raise ValidationError("Give exactly one of identity and email.", "identity")


class NewPasswordSchema(Schema):
    """The password as it is and as it shall be."""

    current_password = _text(PASSWORD_CHARS_MAX, required=True)
    new_password = _text(PASSWORD_CHARS_MAX, required=True)


class PasswordQuestionSchema(Schema):
    """A password that somebody thinks of taking, and what else he has typed."""

    password = _text(PASSWORD_CHARS_MAX, required=True)
    own_words = fields.List(
        _text(320),
        load_default=list,
        validate=validate.Length(max=5),
        metadata={"description": "Names and addresses of the user, which are no secret."},
    )


class PasswordStrengthSchema(Schema):
    """How hard a password is to guess."""

    score = fields.Integer(
        required=True,
        validate=validate.Range(0, 4),
        metadata={"description": "0 is guessed at once, 4 is hard."},
    )
    accepted = fields.Boolean(required=True)
    warning = fields.String(required=True)


class ForgottenSchema(Schema):
    """Whose password was forgotten."""

    email = _text(320, required=True)


class ResetSchema(Schema):
    """The token of the mail and the new password."""

    token = _text(100, required=True)
    password = _text(PASSWORD_CHARS_MAX, required=True)


class RefreshSchema(Schema):
    """The refresh token; browsers leave it out and send the cookie."""

    refresh_token = _text(100)


class SignOutSchema(Schema):
    """Ends the session of the access token, or else of this refresh token or the cookie's."""

    refresh_token = _text(100)


class UserSchema(Schema):
    """The signed-in user."""

    id = fields.UUID(required=True)
    username = fields.String(required=True)
    email = fields.String(required=True)
    email_verified = fields.Boolean(required=True)
    phone = fields.String(required=True, allow_none=True)
    phone_verified = fields.Boolean(required=True)
    language = fields.String(required=True)
    role = fields.String(required=True, validate=validate.OneOf(("user", "support", "admin")))
    kyc_level = fields.Integer(required=True)
    verified = fields.Boolean(required=True)
    second_factor = fields.Boolean(
        required=True, metadata={"description": "Whether there is a second factor."}
    )
    money_locked_until = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "No withdrawal or transfer before, after a change of sign-in."},
    )
    created_at = fields.String(required=True)


class TokensSchema(Schema):
    """What a client keeps; `expires_in` is the access token's life in seconds."""

    access_token = fields.String(required=True)
    refresh_token = fields.String(
        required=True, allow_none=True, metadata={"description": "Null where it is in the cookie."}
    )
    expires_in = fields.Integer(required=True)


class SignedInSchema(TokensSchema):
    """A user who has just signed in."""

    device_token = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Keep it on the device and show it at the next sign-in."},
    )
    user = fields.Nested(UserSchema, required=True)


class ProfileChangeSchema(Schema):
    """What a user may change without further proof."""

    language = fields.String(validate=validate.Regexp(rules.LANGUAGE.pattern + r"\Z"))


class SessionSchema(Schema):
    """One sign-in on one device."""

    id = fields.UUID(required=True)
    device = fields.String(required=True)
    ip = fields.String(required=True)
    created_at = fields.String(required=True)
    used_at = fields.String(required=True)
    expires_at = fields.String(required=True)
    current = fields.Boolean(required=True)


class RailOptionReplySchema(Schema):
    """One value that a field offers."""

    value = fields.String(required=True)
    label = fields.String(required=True)


class RailFieldReplySchema(Schema):
    """One field that an account on a rail has."""

    name = fields.String(required=True)
    label = fields.String(required=True)
    kind = fields.String(required=True)
    required = fields.Boolean(required=True)
    length_min = fields.Integer(required=True)
    length_max = fields.Integer(required=True)
    pattern = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "A regular expression for the whole value as it is stored."},
    )
    mask = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "How a form groups the value: # a digit, A a letter, * either."},
    )
    countries = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Countries of telephones or IBANs; empty is any."},
    )
    mobile = fields.Boolean(required=True)
    prefix = fields.String(
        required=True, metadata={"description": "The sign in front of a handle."}
    )
    options = fields.List(
        fields.Nested(RailOptionReplySchema),
        required=True,
        metadata={"description": "What a field of the kind `choice` offers."},
    )


class BankHoursReplySchema(Schema):
    """When the banks of a rail work."""

    zone = fields.String(required=True)
    holidays = fields.String(
        required=True, metadata={"description": "The calendar whose holidays are free."}
    )
    days = fields.List(
        fields.Integer(), required=True, metadata={"description": "Monday is 1, Sunday 7."}
    )
    opens = fields.String(required=True)
    closes = fields.String(required=True)


class PaymentMethodSchema(Schema):
    """A rail."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    currency = fields.String(required=True)
    region = fields.String(required=True)
    reversibility = fields.String(required=True)
    speed = fields.String(required=True)
    payment_window_s = fields.Integer(
        required=True, metadata={"description": "The default payment window in seconds."}
    )
    hours = fields.Nested(
        BankHoursReplySchema,
        required=True,
        allow_none=True,
        metadata={"description": "None for a rail that moves money at any hour."},
    )
    banks_open = fields.Boolean(required=True)
    banks_change_at = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "When the banks close or open next."},
    )
    schema_version = fields.Integer(required=True)
    fields_ = fields.List(fields.Nested(RailFieldReplySchema), required=True, data_key="fields")


class PaymentMethodQuery(PageQuery):
    """The filter of payment methods, and the language of their labels."""

    currency = fields.String(validate=validate.Regexp(r"\A[A-Z]{3}\Z"))
    region = fields.String(validate=validate.Regexp(r"\A[A-Z]{2}\Z"))
    language = fields.String(
        load_default="en", validate=validate.Regexp(rules.LANGUAGE.pattern + r"\Z")
    )


class PaymentMethodVersionQuery(Schema):
    """Which version of a method's fields, and the language of their labels."""

    schema_version = fields.Integer(strict=False, validate=validate.Range(1, 1_000_000))
    language = fields.String(
        load_default="en", validate=validate.Regexp(rules.LANGUAGE.pattern + r"\Z")
    )


class NewPaymentAccountSchema(Schema):
    """An account on a rail; `details` has the fields that the rail names."""

    # Only ASCII: MariaDB refuses to compare other text with a column of codes.
    payment_method_id = fields.String(required=True, validate=validate.Regexp(r"[!-~]{1,40}\Z"))
    details = fields.Dict(
        keys=fields.String(), values=fields.String(), required=True, validate=validate.Length(1, 12)
    )


class PaymentAccountSchema(Schema):
    """One's own account on a rail; numbers show their last characters only."""

    id = fields.UUID(required=True)
    payment_method_id = fields.String(required=True)
    payment_method_name = fields.String(required=True)
    currency = fields.String(required=True)
    schema_version = fields.Integer(
        required=True, metadata={"description": "The version of the fields it was added with."}
    )
    details = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    holder_check = fields.String(
        required=True,
        validate=validate.OneOf([each.value for each in NameCheck]),
        metadata={"description": "Whether the holder is who the user was found to be."},
    )
    created_at = fields.String(required=True)


class FlagQuery(PageQuery):
    """Which attempts."""

    open = fields.Boolean(load_default=True)


class FlagSchema(Schema):
    """Somebody tried to add an account that is another user's."""

    id = fields.UUID(required=True)
    payment_method_id = fields.String(required=True)
    username = fields.String(required=True, metadata={"description": "Who tried."})
    owner_username = fields.String(required=True, metadata={"description": "Whose it is."})
    created_at = fields.String(required=True)
    closed_at = fields.String(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)


class FlagNoteSchema(Schema):
    """What compliance found."""

    note = _text(500, required=True)


class NewBlockSchema(Schema):
    """Whom to block."""

    username = _text(64, required=True)


class NewTrustedSchema(Schema):
    """Whom one trusts."""

    username = _text(64, required=True)


class TrustedSchema(Schema):
    """Somebody whom one trusts."""

    username = fields.String(required=True)
    created_at = fields.String(required=True)


class AcceptTermsSchema(Schema):
    """The version of the terms that was read."""

    version = fields.Integer(required=True, strict=True, validate=validate.Range(1, 10_000))


class TermsSchema(Schema):
    """The terms that the user has accepted, and those that count now; 0 is none."""

    accepted = fields.Integer(required=True)
    current = fields.Integer(required=True)


class BlockSchema(Schema):
    """Somebody one does not trade with."""

    username = fields.String(required=True)
    created_at = fields.String(required=True)


SESSION_PAGE = page_schema(SessionSchema)
PAYMENT_METHOD_PAGE = page_schema(PaymentMethodSchema)
PAYMENT_ACCOUNT_PAGE = page_schema(PaymentAccountSchema)
FLAG_PAGE = page_schema(FlagSchema)
BLOCK_PAGE = page_schema(BlockSchema)
TRUSTED_PAGE = page_schema(TrustedSchema)
