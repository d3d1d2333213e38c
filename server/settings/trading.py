"""What users may trade."""

from marshmallow import Schema, fields, validate

from server.settings.kinds import Names, declare_setting


class TradingSettings(Schema):
    """What users may trade."""

    first_trade_cap_usdt = declare_setting(
        fields.Integer(validate=validate.Range(0)), 200, "cap of a user's first trade; 0 is none"
    )
    open_unpaid_max = declare_setting(
        fields.Integer(validate=validate.Range(1)), 3, "open unpaid trades of one buyer"
    )
    open_unpaid_max_new = declare_setting(
        fields.Integer(validate=validate.Range(1)),
        1,
        "open unpaid trades of a buyer below 5 completed trades",
    )
    level_limits_usdt = declare_setting(
        Names(),
        ("0", "200", "20000", "200000"),
        "USDT a rolling day for KYC levels 0 to 3, comma-separated",
    )
