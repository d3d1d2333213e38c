"""What development, demonstrations and tests switch on; production refuses it."""

from marshmallow import Schema, fields, validate

from server.settings.kinds import declare_setting


class DevelopmentSettings(Schema):
    """What development, demonstrations and tests switch on; production refuses it."""

    development_helpers = declare_setting(
        fields.Boolean(),
        None,
        "faucet, credit and the made-up price feed; on in development, refused in production",
    )
    price_feed_s = declare_setting(
        fields.Integer(validate=validate.Range(0, 3600)),
        5,
        "seconds between ticks of the development price feed; 0 is none",
    )
    clock_speed = declare_setting(
        fields.Integer(validate=validate.Range(1, 3600)),
        1,
        "how many times as fast time runs, for demonstrations; production refuses all but 1",
    )
    fault_points = declare_setting(
        fields.String(), "", "kill points name:nth,... for failure tests; production refuses any"
    )
