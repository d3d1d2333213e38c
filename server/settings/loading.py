"""From the environment to the settings in use, and from the schemas to `.env.example`."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from marshmallow import ValidationError

from server.settings.accounts import AccountSettings
from server.settings.development import DevelopmentSettings
from server.settings.encryption import EncryptionSettings
from server.settings.files import FileSettings
from server.settings.identities import IdentitySettings
from server.settings.kinds import PREFIX
from server.settings.messages import MessageSettings
from server.settings.prices import KEYLESS_APIS, PriceSettings
from server.settings.safety import find_problems
from server.settings.service import ServiceSettings
from server.settings.trading import TradingSettings
from server.settings.values import Settings

SECRETS = (
    "database_url",
    "redis_url",
    "token_keys",
    "seal_keys",
    "proof_keys",
    "fingerprint_secret",
    "smtp_password",
    "twilio_token",
    "sumsub_app_token",
    "sumsub_secret",
    "sumsub_message_secret",
    "screening_key",
    "files_s3_secret",
    "price_keys",
)
"""Settings that a file may hold: `IQX_TOKEN_KEYS_FILE=PATH` in place of `IQX_TOKEN_KEYS`."""
FILE_SUFFIX = "_file"
BY_KIND = {
    "new_account_level": (2, 0),
    "development_helpers": (True, False),
    "second_factor_before_trade": (False, True),
    "dormant_months": (0, 12),
    "change_hold_hours": (0, 24),
    "device_hold_hours": (0, 24),
    "price_sources": ((), KEYLESS_APIS),
}
"""Settings whose defaults depend on the kind of the environment: development, production."""


class SettingsError(Exception):
    """Some settings cannot be used; the text names all of them."""


# Marshmallow lists the fields of the last base first.
class SettingsSchema(
    DevelopmentSettings,
    PriceSettings,
    TradingSettings,
    FileSettings,
    IdentitySettings,
    MessageSettings,
    AccountSettings,
    EncryptionSettings,
    ServiceSettings,
):
    """The settings as they are written; the attribute's name in capitals follows IQX_."""


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
    for name, (here, there) in BY_KIND.items():
        if values[name] is None:
            values[name] = there if production else here
    problems = find_problems(values)
    if problems:
        raise SettingsError(_explain(problems))
    values["level_limits_usdt"] = tuple(map(int, values["level_limits_usdt"]))
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
