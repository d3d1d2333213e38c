"""The check of identities."""

from marshmallow import Schema, fields, validate

from server.settings.kinds import declare_setting


class IdentitySettings(Schema):
    """The check of identities."""

    kyc_folder = declare_setting(
        fields.String(validate=validate.Length(min=1)),
        ".run/kyc",
        "folder of the encrypted pictures of documents; every process needs the same one",
    )
    kyc_recheck_days = declare_setting(
        fields.Integer(validate=validate.Range(30, 3650)),
        730,
        "days after which an approved identity is made anew",
    )
    kyc_refused_days = declare_setting(
        fields.Integer(validate=validate.Range(1, 3650)),
        90,
        "days for which rejected and withdrawn applications are kept",
    )
    kyc_kept_days = declare_setting(
        fields.Integer(validate=validate.Range(30, 7300)),
        1825,
        "days for which approved applications are kept once they count no more",
    )
    sumsub_app_token = declare_setting(
        fields.String(), "", "app token of the provider Sumsub that checks identities; or empty"
    )
    sumsub_secret = declare_setting(fields.String(), "", "secret of that app token")
    sumsub_message_secret = declare_setting(
        fields.String(), "", "secret of the provider's messages"
    )
    sumsub_url = declare_setting(
        fields.Url(require_tld=False, schemes={"http", "https"}),
        "https://api.sumsub.com",
        "where the provider answers",
    )
    sumsub_level = declare_setting(
        fields.String(validate=validate.Length(1, 80)),
        "id-and-liveness",
        "the provider's name of what is checked",
    )
    screening_list = declare_setting(
        fields.String(),
        "",
        "CSV file (columns of OpenSanctions' targets.simple.csv) of people whom nobody may deal "
        "with; or empty",
    )
    screening_url = declare_setting(
        fields.String(validate=validate.Regexp(r"(https?://\S+)?\Z")),
        "",
        "service that speaks as yente does (OpenSanctions), in place of a file; or empty",
    )
    screening_dataset = declare_setting(
        fields.String(validate=validate.Regexp(r"[a-z0-9_]{1,60}\Z")),
        "default",
        "dataset of that service",
    )
    screening_key = declare_setting(
        fields.String(), "", "key for that service; one of ours needs none"
    )
