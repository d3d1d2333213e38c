"""What production refuses, and settings that only make sense together."""

from collections.abc import Mapping
from typing import Any

from server.settings.encryption import find_missing_files, find_plain_lines
from server.settings.files import find_half_stores, find_wrong_files
from server.settings.kinds import DEVELOPMENT_SECRET, PREFIX
from server.settings.prices import find_wrong_sources

SECRET_LETTERS_MIN = 8
"""Different characters that a secret of production has at least; 32 random ones have more."""
PROVIDER_SECRET_CHARS_MIN = 16


def find_problems(values: Mapping[str, Any]) -> dict[str, list[str]]:
    """What is wrong with settings that are well-formed one by one, by the setting's name."""
    problems = _find_unsafe(values) if values["env"] == "production" else {}
    if bool(values["twilio_account"]) != bool(values["twilio_token"] and values["twilio_from"]):
        problems["twilio_account"] = ["Give account, token and sender together."]
    if not all(len(name) == 2 and name.isalpha() for name in values["sms_countries"]):
        problems["sms_countries"] = ["Write countries as two letters."]
    problems |= _find_unset(values) if values["sumsub_app_token"] else {}
    if values["screening_list"] and values["screening_url"]:
        problems["screening_url"] = ["Give a file or a service, not both."]
    problems |= find_wrong_sources(values)
    problems |= find_half_stores(values)
    problems |= find_missing_files(values)
    limits = values["level_limits_usdt"]
    if len(limits) != 4 or not all(limit.isdecimal() for limit in limits):
        problems["level_limits_usdt"] = ["Write four whole numbers."]
    return problems


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
    lines = find_plain_lines(values) | find_wrong_files(values)
    return {**_find_weak_secrets(values), **lines, **found}


def _is_open(origins: tuple[str, ...]) -> bool:
    return any(origin.startswith("http:") for origin in origins)


def _find_weak_secrets(values: Mapping[str, Any]) -> dict[str, list[str]]:
    """Secrets that were made up, or that serve for two things; a random one never looks so."""
    problems: dict[str, list[str]] = {}
    seen: dict[str, str] = {}
    written = {
        "token_keys": tuple(values["token_keys"].values()),
        "seal_keys": tuple(values["seal_keys"].values()),
        "proof_keys": tuple(values["proof_keys"].values()),
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
