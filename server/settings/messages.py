"""Mail and text messages."""

from marshmallow import Schema, fields, validate

from server.settings.kinds import PORT_RANGE, Names, declare_setting


class MessageSettings(Schema):
    """Mail and text messages."""

    smtp_host = declare_setting(
        fields.String(),
        "",
        "host of the server that takes our mail; empty (development only) writes to mail_folder",
    )
    smtp_port = declare_setting(fields.Integer(validate=PORT_RANGE), 587, "port of that server")
    smtp_user = declare_setting(
        fields.String(), "", "who we are to that server; empty asks nothing"
    )
    smtp_password = declare_setting(fields.String(), "", "our password at that server")
    smtp_security = declare_setting(
        fields.String(validate=validate.OneOf(("starttls", "tls", "none"))),
        "starttls",
        "how mail is handed in: starttls, tls, or none (development only)",
    )
    mail_from = declare_setting(
        fields.String(), "IQX <no-reply@localhost>", "the sender that our mails show"
    )
    mail_folder = declare_setting(
        fields.String(),
        ".run/mail",
        "where development writes mails and text messages that no server takes",
    )
    twilio_account = declare_setting(
        fields.String(),
        "",
        "account (AC...) that pays for text messages; without it development writes them to "
        "mail_folder and production sends none",
    )
    twilio_token = declare_setting(fields.String(), "", "secret of that account")
    twilio_from = declare_setting(
        fields.String(), "", "number, name or messaging service (MG...) that text messages show"
    )
    twilio_base_url = declare_setting(
        fields.URL(schemes={"http", "https"}, require_tld=False),
        "https://api.twilio.com",
        "where Twilio is",
    )
    sms_countries = declare_setting(
        Names(), ("VN", "NG"), "countries that codes are sent to by text message, as two letters"
    )
    sms_per_number = declare_setting(
        fields.Integer(validate=validate.Range(1)), 3, "codes to one number in ten minutes"
    )
    sms_per_prefix = declare_setting(
        fields.Integer(validate=validate.Range(1)),
        10,
        "codes in an hour to numbers that differ in the last four digits only",
    )
    sms_per_country = declare_setting(
        fields.Integer(validate=validate.Range(1)), 500, "codes in an hour to one country"
    )
    sms_conversion_percent = declare_setting(
        fields.Integer(validate=validate.Range(0, 100)),
        20,
        "numbers that begin alike get no more codes for a day when fewer of them come back",
    )
    sms_conversion_after = declare_setting(
        fields.Integer(validate=validate.Range(1)), 10, "codes before that share is looked at"
    )
