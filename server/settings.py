"""Every setting of the service: name, meaning, default. The only place that reads the environment.

Settings are environment variables that start with IQX_, or lines of a `.env` file beside the
program; the environment wins. Unknown and malformed ones are refused by name, all at once. A secret
may come from a file of its own, as container platforms hand it over.
"""
# allowed: long-file, there is one list of settings and every part has its lines in it

import base64
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from marshmallow import Schema, ValidationError, fields, validate

from server.setting_kinds import (
    DOMAIN,
    SECRET_CHARS_MIN,
    Addresses,
    Countries,
    DatabaseUrl,
    Keys,
    Names,
    Origins,
    PasskeyOrigins,
)

PREFIX = "IQX_"
DEVELOPMENT_SECRET = "development-only-" + "0" * 32
"""What the secrets are when nothing is set; production refuses it."""
SECRET_LETTERS_MIN = 8
"""Different characters that a secret of production has at least; 32 random ones have more."""
SECRETS = (
    "database_url",
    "redis_url",
    "token_keys",
    "seal_keys",
    "fingerprint_secret",
    "smtp_password",
    "twilio_token",
    "sumsub_app_token",
    "sumsub_secret",
    "sumsub_message_secret",
    "screening_key",
)
"""Settings that a file may hold: `IQX_TOKEN_KEYS_FILE=PATH` in place of `IQX_TOKEN_KEYS`."""
PROVIDER_SECRET_CHARS_MIN = 16
FILE_SUFFIX = "_file"


class SettingsError(Exception):
    """Some settings cannot be used; the text names all of them."""


def _setting(kind: fields.Field[Any], default: Any, meaning: str) -> fields.Field[Any]:
    kind.load_default = default
    kind.required = False
    kind.metadata = {"meaning": meaning}
    return kind


_port = validate.Range(0, 65535)


class SettingsSchema(Schema):
    """The settings as they are written; the attribute's name in capitals follows IQX_."""

    env = _setting(
        fields.String(validate=validate.OneOf(("development", "production"))),
        "development",
        "development, or production, which refuses development secrets and helpers",
    )
    host = _setting(fields.String(), "127.0.0.1", "address to listen on")
    port = _setting(fields.Integer(validate=_port), 8080, "port to listen on; 0 takes a free one")
    database_url = _setting(
        DatabaseUrl(),
        "sqlite+aiosqlite:///.run/iqx.db",
        "sqlite+aiosqlite:///PATH or mysql+aiomysql://USER:PASSWORD@HOST:PORT/NAME",
    )
    database_pool = _setting(
        fields.Integer(validate=validate.Range(2, 100)), 12, "database connections kept open"
    )
    redis_url = _setting(
        fields.String(),
        "",
        "redis://HOST:PORT/N, where sockets of several processes meet; or empty",
    )
    token_keys = _setting(
        Keys(),
        {"development": DEVELOPMENT_SECRET},
        "name:secret,... that sign access tokens, newest first",
    )
    seal_keys = _setting(
        Keys(),
        {"development": DEVELOPMENT_SECRET},
        "name:secret,... that encrypt payment details, newest first",
    )
    fingerprint_secret = _setting(
        fields.String(validate=validate.Length(min=SECRET_CHARS_MIN)),
        DEVELOPMENT_SECRET,
        "keys the fingerprints of payment accounts; changing it forgets them",
    )
    allowed_origins = _setting(
        Origins(), (), "origins of browsers that may call, comma-separated; our own always may"
    )
    trusted_proxies = _setting(
        Addresses(), (), "addresses of proxies whose X-Forwarded-For counts, comma-separated"
    )
    bcrypt_rounds = _setting(
        fields.Integer(validate=validate.Range(4, 16)), 12, "cost of a password hash; 12 is 0.25 s"
    )
    new_account_level = _setting(
        fields.Integer(validate=validate.Range(0, 3)),
        None,
        "KYC level of a new account; 2 in development, 0 in production",
    )
    step_up = _setting(
        fields.String(validate=validate.OneOf(("password", "none"))),
        "password",
        "what besides a second factor proves any act: password (development only); or none",
    )
    second_factor_before_trade = _setting(
        fields.Boolean(),
        None,
        "whether nobody trades without a second factor; off in development, on in production",
    )
    blocked_countries = _setting(
        Countries(), (), "countries whose people are not served, as two letters, comma-separated"
    )
    country_header = _setting(
        fields.String(validate=validate.Regexp(r"([A-Za-z0-9-]{1,40})?\Z")),
        "",
        "header in which trusted_proxies say the caller's country in two letters; or empty",
    )
    terms_version = _setting(
        fields.Integer(validate=validate.Range(0, 10_000)),
        1,
        "version of the terms that users must have accepted before they place orders; 0 is none",
    )
    passkey_domain = _setting(
        fields.String(validate=validate.Regexp(DOMAIN)),
        "localhost",
        "host name of the site, or a parent of it, that passkeys belong to",
    )
    passkey_origins = _setting(
        PasskeyOrigins(),
        (),
        "pages and apps that use passkeys, comma-separated; by default the domain's own page",
    )
    session_days = _setting(
        fields.Integer(validate=validate.Range(1, 30)), 30, "days after which a session ends"
    )
    session_idle_hours = _setting(
        fields.Integer(validate=validate.Range(1, 720)),
        168,
        "hours after which a session that is not used ends",
    )
    change_hold_hours = _setting(
        fields.Integer(validate=validate.Range(0, 168)),
        None,
        "hours without withdrawals and sales after a change of the sign-in or of payment "
        "accounts; 0 in development, 24 in production",
    )
    device_hold_hours = _setting(
        fields.Integer(validate=validate.Range(0, 168)),
        None,
        "hours in which a device that is new to an account releases nothing; 0 watches no "
        "devices; 0 in development, 24 in production",
    )
    smtp_host = _setting(
        fields.String(),
        "",
        "host of the server that takes our mail; empty (development only) writes to mail_folder",
    )
    smtp_port = _setting(fields.Integer(validate=_port), 587, "port of that server")
    smtp_user = _setting(fields.String(), "", "who we are to that server; empty asks nothing")
    smtp_password = _setting(fields.String(), "", "our password at that server")
    smtp_security = _setting(
        fields.String(validate=validate.OneOf(("starttls", "tls", "none"))),
        "starttls",
        "how mail is handed in: starttls, tls, or none (development only)",
    )
    mail_from = _setting(
        fields.String(), "IQX <no-reply@localhost>", "the sender that our mails show"
    )
    mail_folder = _setting(
        fields.String(),
        ".run/mail",
        "where development writes mails and text messages that no server takes",
    )
    twilio_account = _setting(
        fields.String(),
        "",
        "account (AC...) that pays for text messages; without it development writes them to "
        "mail_folder and production sends none",
    )
    twilio_token = _setting(fields.String(), "", "secret of that account")
    twilio_from = _setting(
        fields.String(), "", "number, name or messaging service (MG...) that text messages show"
    )
    twilio_base_url = _setting(
        fields.URL(schemes={"http", "https"}, require_tld=False),
        "https://api.twilio.com",
        "where Twilio is",
    )
    sms_countries = _setting(
        Names(), ("VN", "NG"), "countries that codes are sent to by text message, as two letters"
    )
    sms_per_number = _setting(
        fields.Integer(validate=validate.Range(1)), 3, "codes to one number in ten minutes"
    )
    sms_per_prefix = _setting(
        fields.Integer(validate=validate.Range(1)),
        10,
        "codes in an hour to numbers that differ in the last four digits only",
    )
    sms_per_country = _setting(
        fields.Integer(validate=validate.Range(1)), 500, "codes in an hour to one country"
    )
    sms_conversion_percent = _setting(
        fields.Integer(validate=validate.Range(0, 100)),
        20,
        "numbers that begin alike get no more codes for a day when fewer of them come back",
    )
    sms_conversion_after = _setting(
        fields.Integer(validate=validate.Range(1)), 10, "codes before that share is looked at"
    )
    closed_account_days = _setting(
        fields.Integer(validate=validate.Range(0, 36_500)),
        1825,
        "days for which names and contacts of a closed account are kept",
    )
    dormant_months = _setting(
        fields.Integer(validate=validate.Range(0, 120)),
        None,
        "months of 30 days after which an unused account sleeps; 0 in development, which is "
        "never, 12 in production",
    )
    kyc_folder = _setting(
        fields.String(validate=validate.Length(min=1)),
        ".run/kyc",
        "folder of the encrypted pictures of documents; every process needs the same one",
    )
    kyc_recheck_days = _setting(
        fields.Integer(validate=validate.Range(30, 3650)),
        730,
        "days after which an approved identity is made anew",
    )
    kyc_refused_days = _setting(
        fields.Integer(validate=validate.Range(1, 3650)),
        90,
        "days for which rejected and withdrawn applications are kept",
    )
    kyc_kept_days = _setting(
        fields.Integer(validate=validate.Range(30, 7300)),
        1825,
        "days for which approved applications are kept once they count no more",
    )
    sumsub_app_token = _setting(
        fields.String(), "", "app token of the provider Sumsub that checks identities; or empty"
    )
    sumsub_secret = _setting(fields.String(), "", "secret of that app token")
    sumsub_message_secret = _setting(fields.String(), "", "secret of the provider's messages")
    sumsub_url = _setting(
        fields.Url(require_tld=False, schemes={"http", "https"}),
        "https://api.sumsub.com",
        "where the provider answers",
    )
    sumsub_level = _setting(
        fields.String(validate=validate.Length(1, 80)),
        "id-and-liveness",
        "the provider's name of what is checked",
    )
    screening_list = _setting(
        fields.String(),
        "",
        "CSV file (columns of OpenSanctions' targets.simple.csv) of people whom nobody may deal "
        "with; or empty",
    )
    screening_url = _setting(
        fields.String(validate=validate.Regexp(r"(https?://\S+)?\Z")),
        "",
        "service that speaks as yente does (OpenSanctions), in place of a file; or empty",
    )
    screening_dataset = _setting(
        fields.String(validate=validate.Regexp(r"[a-z0-9_]{1,60}\Z")),
        "default",
        "dataset of that service",
    )
    screening_key = _setting(fields.String(), "", "key for that service; one of ours needs none")
    development_helpers = _setting(
        fields.Boolean(),
        None,
        "faucet, credit and the made-up price feed; on in development, refused in production",
    )
    audit_head_folder = _setting(
        fields.String(), "", "folder on another disk where the audit's head is copied to, or empty"
    )
    price_feed_s = _setting(
        fields.Integer(validate=validate.Range(0, 3600)),
        5,
        "seconds between ticks of the development price feed; 0 is none",
    )
    clock_speed = _setting(
        fields.Integer(validate=validate.Range(1, 3600)),
        1,
        "how many times as fast time runs, for demonstrations; production refuses all but 1",
    )
    reads_per_s = _setting(
        fields.Integer(validate=validate.Range(0)), 10, "reads a second of one user; 0 is no limit"
    )
    writes_per_s = _setting(
        fields.Integer(validate=validate.Range(0)), 5, "changes a second of one user; 0 is no limit"
    )
    public_per_s = _setting(
        fields.Integer(validate=validate.Range(0)),
        20,
        "calls a second without a session from one address; 0 is no limit",
    )
    processes = _setting(
        fields.Integer(validate=validate.Range(1, 1000)),
        1,
        "processes that serve; each allows its share of the limits while Redis is absent",
    )
    lane_lease_s = _setting(
        fields.Integer(validate=validate.Range(1, 120)),
        10,
        "seconds after which another process may take over a market's lane",
    )
    relay_lease_s = _setting(
        fields.Integer(validate=validate.Range(1, 120)),
        10,
        "seconds after which another process may take over the relay",
    )
    sockets_per_user = _setting(
        fields.Integer(validate=validate.Range(0)), 10, "open sockets of one user; 0 is no limit"
    )
    sockets_per_address = _setting(
        fields.Integer(validate=validate.Range(0)),
        100,
        "open sockets without a session from one address; 0 is no limit",
    )
    first_trade_cap_usdt = _setting(
        fields.Integer(validate=validate.Range(0)), 200, "cap of a user's first trade; 0 is none"
    )
    open_unpaid_max = _setting(
        fields.Integer(validate=validate.Range(1)), 3, "open unpaid trades of one buyer"
    )
    open_unpaid_max_new = _setting(
        fields.Integer(validate=validate.Range(1)),
        1,
        "open unpaid trades of a buyer below 5 completed trades",
    )
    level_limits_usdt = _setting(
        Names(),
        ("0", "200", "20000", "200000"),
        "USDT a rolling day for KYC levels 0 to 3, comma-separated",
    )
    log_level = _setting(
        fields.String(validate=validate.OneOf(("debug", "info", "warning", "error"))),
        "info",
        "the least severe log lines written",
    )
    log_format = _setting(
        fields.String(validate=validate.OneOf(("json", "console"))), "json", "json or console"
    )
    metrics_addresses = _setting(
        Addresses(), (), "addresses that may read the metrics without a token, comma-separated"
    )
    fault_points = _setting(
        fields.String(), "", "kill points name:nth,... for failure tests; production refuses any"
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in use."""

    env: str
    host: str
    port: int
    database_url: str
    database_pool: int
    redis_url: str
    token_keys: Mapping[str, str]
    seal_keys: Mapping[str, str]
    fingerprint_secret: str
    allowed_origins: tuple[str, ...]
    trusted_proxies: tuple[str, ...]
    bcrypt_rounds: int
    new_account_level: int
    step_up: str
    second_factor_before_trade: bool
    blocked_countries: tuple[str, ...]
    country_header: str
    terms_version: int
    passkey_domain: str
    passkey_origins: tuple[str, ...]
    session_days: int
    session_idle_hours: int
    change_hold_hours: int
    device_hold_hours: int
    smtp_host: str
    smtp_port: int
    smtp_user: str
    smtp_password: str
    smtp_security: str
    mail_from: str
    mail_folder: str
    twilio_account: str
    twilio_token: str
    twilio_from: str
    twilio_base_url: str
    sms_countries: tuple[str, ...]
    sms_per_number: int
    sms_per_prefix: int
    sms_per_country: int
    sms_conversion_percent: int
    sms_conversion_after: int
    closed_account_days: int
    dormant_months: int
    kyc_folder: str
    kyc_recheck_days: int
    kyc_refused_days: int
    kyc_kept_days: int
    sumsub_app_token: str
    sumsub_secret: str
    sumsub_message_secret: str
    sumsub_url: str
    sumsub_level: str
    screening_list: str
    screening_url: str
    screening_dataset: str
    screening_key: str
    development_helpers: bool
    audit_head_folder: str
    price_feed_s: int
    clock_speed: int
    reads_per_s: int
    writes_per_s: int
    public_per_s: int
    processes: int
    lane_lease_s: int
    relay_lease_s: int
    sockets_per_user: int
    sockets_per_address: int
    first_trade_cap_usdt: int
    open_unpaid_max: int
    open_unpaid_max_new: int
    level_limits_usdt: tuple[int, ...]
    log_level: str
    log_format: str
    metrics_addresses: tuple[str, ...]
    fault_points: str

    @property
    def production(self) -> bool:
        """Whether real money is at stake."""
        return self.env == "production"

    @property
    def passkey_pages(self) -> tuple[str, ...]:
        """The origins at which passkeys are made and used."""
        if self.passkey_origins:
            return self.passkey_origins
        domain = self.passkey_domain
        own = f"http://localhost:{self.port}" if domain == "localhost" else f"https://{domain}"
        hosts = ((origin, urlsplit(origin).hostname or "") for origin in self.allowed_origins)
        listed = (at for at, host in hosts if host == domain or host.endswith(f".{domain}"))
        return (own, *listed)


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of `environment` (by default the process's, over those of `.env`).

    Raises `SettingsError` naming every unknown, malformed or unsafe setting at once.
    """
    if environment is None:
        environment = {**_read_file(Path(".env")), **os.environ}
    written = _read_secret_files(
        {
            name[len(PREFIX) :].lower(): value
            for name, value in environment.items()
            if name.startswith(PREFIX) and not name.startswith(f"{PREFIX}TEST_")
        }
    )
    try:
        values = SettingsSchema().load(written)
    except ValidationError as error:
        raise SettingsError(_explain(error.messages_dict)) from None
    production = values["env"] == "production"
    by_kind = {
        "new_account_level": 0 if production else 2,
        "development_helpers": not production,
        "second_factor_before_trade": production,
        "dormant_months": 12 if production else 0,
        "change_hold_hours": 24 if production else 0,
        "device_hold_hours": 24 if production else 0,
    }
    for name, default in by_kind.items():
        if values[name] is None:
            values[name] = default
    problems = _find_unsafe(values) if production else {}
    if bool(values["twilio_account"]) != bool(values["twilio_token"] and values["twilio_from"]):
        problems["twilio_account"] = ["Give account, token and sender together."]
    if not all(len(name) == 2 and name.isalpha() for name in values["sms_countries"]):
        problems["sms_countries"] = ["Write countries as two letters."]
    problems |= _find_unset(values) if values["sumsub_app_token"] else {}
    if values["screening_list"] and values["screening_url"]:
        problems["screening_url"] = ["Give a file or a service, not both."]
    limits = values["level_limits_usdt"]
    if len(limits) != 4 or not all(limit.isdecimal() for limit in limits):
        problems["level_limits_usdt"] = ["Write four whole numbers."]
    if problems:
        raise SettingsError(_explain(problems))
    values["level_limits_usdt"] = tuple(map(int, limits))
    return Settings(**values)


def _read_secret_files(written: Mapping[str, str]) -> dict[str, str]:
    """The settings with each `NAME_FILE` of a secret replaced by what that file says."""
    values = dict(written)
    problems: dict[str, list[str]] = {}
    for name in SECRETS:
        path = values.pop(f"{name}{FILE_SUFFIX}", None)
        if path is None:
            continue
        if name in values:
            problems[f"{name}{FILE_SUFFIX}"] = ["Give the secret or its file, not both."]
            continue
        try:
            values[name] = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is no text"
            problems[f"{name}{FILE_SUFFIX}"] = [f"The file cannot be read: {reason}."]
    if problems:
        raise SettingsError(_explain(problems))
    return values


def _find_unset(values: Mapping[str, Any]) -> dict[str, list[str]]:
    """What the provider that checks identities needs besides its token."""
    problems = {
        name: ["The provider gives this secret together with the token."]
        for name in ("sumsub_secret", "sumsub_message_secret")
        if len(values[name]) < PROVIDER_SECRET_CHARS_MIN
    }
    if values["env"] == "production" and not values["sumsub_url"].startswith("https:"):
        problems["sumsub_url"] = ["Production needs https."]
    return problems


def _find_unsafe(values: Mapping[str, Any]) -> dict[str, list[str]]:
    unsafe = {
        "step_up": (values["step_up"] == "password", "Production refuses password."),
        "development_helpers": (values["development_helpers"], "Production refuses True."),
        "second_factor_before_trade": (
            not values["second_factor_before_trade"],
            "Production refuses False.",
        ),
        "smtp_host": (not values["smtp_host"], "Production needs a mail server."),
        "smtp_security": (values["smtp_security"] == "none", "Production refuses none."),
        "twilio_base_url": (
            not values["twilio_base_url"].startswith("https:"),
            "Production needs https.",
        ),
        "screening_url": (
            values["screening_url"].startswith("http:"),
            "Production needs https.",
        ),
        "clock_speed": (values["clock_speed"] != 1, "Production runs at speed 1."),
        "fault_points": (bool(values["fault_points"]), "Production arms no kill points."),
        "passkey_domain": (
            _is_of_this_machine(values["passkey_domain"]),
            "Production needs the host name of the site.",
        ),
        "passkey_origins": (_is_open(values["passkey_origins"]), "Production needs https."),
        "allowed_origins": (_is_open(values["allowed_origins"]), "Production needs https."),
        "device_hold_hours": (values["device_hold_hours"] < 24, "Production needs at least 24."),
        "change_hold_hours": (values["change_hold_hours"] < 24, "Production needs at least 24."),
        "new_account_level": (
            values["new_account_level"] != 0,
            "Production starts accounts at level 0.",
        ),
        "bcrypt_rounds": (values["bcrypt_rounds"] < 12, "Production needs at least 12."),
    }
    found = {name: [sentence] for name, (wrong, sentence) in unsafe.items() if wrong}
    return {**_find_weak_secrets(values), **found}


def _is_open(origins: tuple[str, ...]) -> bool:
    return any(origin.startswith("http:") for origin in origins)


def _find_weak_secrets(values: Mapping[str, Any]) -> dict[str, list[str]]:
    """Secrets that were made up, or that serve for two things; a random one never looks so."""
    problems: dict[str, list[str]] = {}
    seen: dict[str, str] = {}
    written = {
        "token_keys": tuple(values["token_keys"].values()),
        "seal_keys": tuple(values["seal_keys"].values()),
        "fingerprint_secret": (values["fingerprint_secret"],),
    }
    for name, secrets in written.items():
        for secret in secrets:
            is_repeated = secret in (secret + secret)[1:-1]
            if DEVELOPMENT_SECRET.partition("0")[0] in secret:
                problems[name] = ["Production needs secrets of its own."]
            elif is_repeated or len(set(secret)) < SECRET_LETTERS_MIN:
                problems[name] = ["This secret is too simple: make a random one."]
            elif seen.setdefault(secret, name) != name:
                problems[name] = [f"This is the secret of {PREFIX}{seen[secret].upper()} too."]
    return problems


def _is_of_this_machine(domain: str) -> bool:
    return domain == "localhost" or domain.endswith(".localhost")


def _explain(messages: Mapping[str, Any]) -> str:
    lines = []
    for name, problem in sorted(messages.items()):
        sentence = " ".join(problem) if isinstance(problem, list) else str(problem)
        lines.append(f"{PREFIX}{str(name).upper()}: {sentence}")
    return "Some settings cannot be used:\n" + "\n".join(lines)


def write_environment(written: Mapping[str, str]) -> dict[str, str]:
    """The environment of a child process whose settings are `written` alone."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return {**inherited, **written}


def _read_file(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    values: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            name, _sep, value = stripped.partition("=")
            values[name.strip()] = value.strip()
    return values


def describe_settings() -> str:
    """The text of `.env.example`: every setting with its meaning and default, commented out."""
    lines = [
        "# Settings of IQX. Copy to .env, or set them in the environment.",
        "# These may come from a file instead, as in IQX_TOKEN_KEYS_FILE=/run/secrets/token_keys:",
        f"# {', '.join(PREFIX + name.upper() for name in SECRETS)}",
        "",
    ]
    for name, kind in SettingsSchema().fields.items():
        default = kind.load_default
        if default is None:
            shown = ""
        elif isinstance(default, dict):
            shown = ",".join(f"{key}:{secret}" for key, secret in default.items())
        elif isinstance(default, tuple):
            shown = ",".join(default)
        else:
            shown = str(default).lower() if isinstance(default, bool) else str(default)
        lines += [f"# {kind.metadata['meaning']}", f"#{PREFIX}{name.upper()}={shown}", ""]
    return "\n".join(lines)


def derive_key(secret: str) -> bytes:
    """32 bytes of a secret written as text: base64 of 32 bytes as they are, else by SHA-256."""

    try:
        decoded = base64.b64decode(secret, validate=True)
    except ValueError:
        decoded = b""
    return decoded if len(decoded) == 32 else hashlib.sha256(secret.encode()).digest()
