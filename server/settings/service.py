"""Where a process listens, what it stands on, and how much it lets one caller do."""

from marshmallow import Schema, fields, validate

from server.settings.kinds import PORT_RANGE, Addresses, DatabaseUrl, Origins, declare_setting


class ServiceSettings(Schema):
    """Where a process listens, what it stands on, and how much it lets one caller do."""

    env = declare_setting(
        fields.String(validate=validate.OneOf(("development", "production"))),
        "development",
        "development, or production, which refuses development secrets and helpers",
    )
    host = declare_setting(fields.String(), "127.0.0.1", "address to listen on")
    port = declare_setting(
        fields.Integer(validate=PORT_RANGE), 8080, "port to listen on; 0 takes a free one"
    )
    processes = declare_setting(
        fields.Integer(validate=validate.Range(1, 1000)),
        1,
        "processes that serve; each allows its share of the limits while Redis is absent",
    )
    database_url = declare_setting(
        DatabaseUrl(),
        "sqlite+aiosqlite:///.run/iqx.db",
        "sqlite+aiosqlite:///PATH or mysql+aiomysql://USER:PASSWORD@HOST:PORT/NAME",
    )
    database_pool = declare_setting(
        fields.Integer(validate=validate.Range(2, 100)), 12, "database connections kept open"
    )
    redis_url = declare_setting(
        fields.String(),
        "",
        "redis://HOST:PORT/N, where sockets of several processes meet; or rediss:// over TLS, "
        "which production needs unless Redis is on this machine; or empty",
    )
    log_level = declare_setting(
        fields.String(validate=validate.OneOf(("debug", "info", "warning", "error"))),
        "info",
        "the least severe log lines written",
    )
    log_format = declare_setting(
        fields.String(validate=validate.OneOf(("json", "console"))), "json", "json or console"
    )
    metrics_addresses = declare_setting(
        Addresses(), (), "addresses that may read the metrics without a token, comma-separated"
    )
    web_folder = declare_setting(
        fields.String(),
        "webapp/dist",
        "folder of the built web app, served at /; empty, or one that was not built, serves none",
    )
    audit_head_folder = declare_setting(
        fields.String(), "", "folder on another disk where the audit's head is copied to, or empty"
    )
    allowed_origins = declare_setting(
        Origins(), (), "origins of browsers that may call, comma-separated; our own always may"
    )
    trusted_proxies = declare_setting(
        Addresses(), (), "addresses of proxies whose X-Forwarded-For counts, comma-separated"
    )
    country_header = declare_setting(
        fields.String(validate=validate.Regexp(r"([A-Za-z0-9-]{1,40})?\Z")),
        "",
        "header in which trusted_proxies say the caller's country in two letters; or empty",
    )
    reads_per_s = declare_setting(
        fields.Integer(validate=validate.Range(0)), 10, "reads a second of one user; 0 is no limit"
    )
    writes_per_s = declare_setting(
        fields.Integer(validate=validate.Range(0)), 5, "changes a second of one user; 0 is no limit"
    )
    public_per_s = declare_setting(
        fields.Integer(validate=validate.Range(0)),
        20,
        "calls a second without a session from one address; 0 is no limit",
    )
    key_calls_per_s = declare_setting(
        fields.Integer(validate=validate.Range(0)),
        10,
        "calls a second with one API key; they count for its owner too; 0 is no limit",
    )
    sockets_per_user = declare_setting(
        fields.Integer(validate=validate.Range(0)), 10, "open sockets of one user; 0 is no limit"
    )
    sockets_per_address = declare_setting(
        fields.Integer(validate=validate.Range(0)),
        100,
        "open sockets without a session from one address; 0 is no limit",
    )
    lane_lease_s = declare_setting(
        fields.Integer(validate=validate.Range(1, 120)),
        10,
        "seconds after which another process may take over a market's lane",
    )
    relay_lease_s = declare_setting(
        fields.Integer(validate=validate.Range(1, 120)),
        10,
        "seconds after which another process may take over the relay",
    )
