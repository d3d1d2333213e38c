"""Keys, sign-in and the life of accounts."""

from marshmallow import Schema, fields, validate

from server.settings.kinds import (
    DEVELOPMENT_SECRET,
    DOMAIN,
    SECRET_CHARS_MIN,
    Countries,
    Keys,
    PasskeyOrigins,
    declare_setting,
)


class AccountSettings(Schema):
    """Keys, sign-in and the life of accounts."""

    token_keys = declare_setting(
        Keys(),
        {"development": DEVELOPMENT_SECRET},
        "name:secret,... that sign access tokens, newest first",
    )
    seal_keys = declare_setting(
        Keys(),
        {"development": DEVELOPMENT_SECRET},
        "name:secret,... that encrypt payment details, newest first",
    )
    proof_keys = declare_setting(
        Keys(),
        {"development": DEVELOPMENT_SECRET},
        "name:secret,... that sign receipts and passports, newest first",
    )
    fingerprint_secret = declare_setting(
        fields.String(validate=validate.Length(min=SECRET_CHARS_MIN)),
        DEVELOPMENT_SECRET,
        "keys the fingerprints of payment accounts; changing it forgets them",
    )
    bcrypt_rounds = declare_setting(
        fields.Integer(validate=validate.Range(4, 16)), 12, "cost of a password hash; 12 is 0.25 s"
    )
    new_account_level = declare_setting(
        fields.Integer(validate=validate.Range(0, 3)),
        None,
        "KYC level of a new account; 2 in development, 0 in production",
    )
    step_up = declare_setting(
        fields.String(validate=validate.OneOf(("password", "none"))),
        "password",
        "what besides a second factor proves any act: password (development only); or none",
    )
    second_factor_before_trade = declare_setting(
        fields.Boolean(),
        None,
        "whether nobody trades without a second factor; off in development, on in production",
    )
    blocked_countries = declare_setting(
        Countries(), (), "countries whose people are not served, as two letters, comma-separated"
    )
    terms_version = declare_setting(
        fields.Integer(validate=validate.Range(0, 10_000)),
        1,
        "version of the terms that users must have accepted before they place orders; 0 is none",
    )
    passkey_domain = declare_setting(
        fields.String(validate=validate.Regexp(DOMAIN)),
        "localhost",
        "host name of the site, or a parent of it, that passkeys belong to",
    )
    passkey_origins = declare_setting(
        PasskeyOrigins(),
        (),
        "pages and apps that use passkeys, comma-separated; by default the domain's own page",
    )
    session_days = declare_setting(
        fields.Integer(validate=validate.Range(1, 30)), 30, "days after which a session ends"
    )
    session_idle_hours = declare_setting(
        fields.Integer(validate=validate.Range(1, 720)),
        168,
        "hours after which a session that is not used ends",
    )
    sign_in_history_days = declare_setting(
        fields.Integer(validate=validate.Range(30, 3650)),
        180,
        "days for which attempts to sign in are kept",
    )
    change_hold_hours = declare_setting(
        fields.Integer(validate=validate.Range(0, 168)),
        None,
        "hours without withdrawals and sales after a change of the sign-in or of payment "
        "accounts; 0 in development, 24 in production",
    )
    device_hold_hours = declare_setting(
        fields.Integer(validate=validate.Range(0, 168)),
        None,
        "hours in which a device that is new to an account releases nothing; 0 watches no "
        "devices; 0 in development, 24 in production",
    )
    closed_account_days = declare_setting(
        fields.Integer(validate=validate.Range(0, 36_500)),
        1825,
        "days for which names and contacts of a closed account are kept",
    )
    dormant_months = declare_setting(
        fields.Integer(validate=validate.Range(0, 120)),
        None,
        "months of 30 days after which an unused account sleeps; 0 in development, which is "
        "never, 12 in production",
    )
