"""Settings that cannot be used are refused by name, all at once."""

import base64

import pytest

from server.settings import (
    DEVELOPMENT_SECRET,
    SettingsError,
    SettingsSchema,
    derive_key,
    load_settings,
)

PRODUCTION = {
    "IQX_ENV": "production",
    "IQX_TOKEN_KEYS": f"one:{'t' * 32}",
    "IQX_SEAL_KEYS": f"one:{'s' * 32}",
    "IQX_FINGERPRINT_SECRET": "f" * 32,
    "IQX_STEP_UP": "none",
}


def refusal_of(environment: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as refused:
        load_settings(environment)
    return str(refused.value)


def test_unknown_setting_is_refused_by_name():
    assert "IQX_PRT: " in refusal_of({"IQX_PRT": "8080"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("IQX_ENV", "staging"),
        ("IQX_PORT", "http"),
        ("IQX_PORT", "65536"),
        ("IQX_PORT", "-1"),
        ("IQX_DATABASE_URL", "postgresql://x"),
        ("IQX_DATABASE_URL", "sqlite:///x.db"),
        ("IQX_TOKEN_KEYS", "one:short"),
        ("IQX_TOKEN_KEYS", "t" * 40),
        ("IQX_BCRYPT_ROUNDS", "3"),
        ("IQX_LEVEL_LIMITS_USDT", "0,200"),
        ("IQX_LOG_LEVEL", "loud"),
    ],
)
def test_malformed_setting_is_refused_by_name(name: str, value: str):
    assert f"\n{name}: " in refusal_of({name: value})


def test_all_faults_are_named_at_once():
    text = refusal_of({"IQX_PORT": "x", "IQX_ENV": "y", "IQX_NO_SUCH": "1"})
    assert [name in text for name in ("IQX_PORT", "IQX_ENV", "IQX_NO_SUCH")] == [True] * 3


def test_every_setting_has_a_default_and_a_meaning():
    assert load_settings({}).env == "development"
    for name, kind in SettingsSchema().fields.items():
        assert kind.metadata["meaning"], name


def test_good_production_settings_are_accepted():
    settings = load_settings(PRODUCTION)
    assert settings.production
    assert (settings.new_account_level, settings.development_helpers) == (0, False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("IQX_TOKEN_KEYS", f"development:{DEVELOPMENT_SECRET}"),
        ("IQX_SEAL_KEYS", f"development:{DEVELOPMENT_SECRET}"),
        ("IQX_FINGERPRINT_SECRET", DEVELOPMENT_SECRET),
        ("IQX_STEP_UP", "password"),
        ("IQX_DEVELOPMENT_HELPERS", "true"),
        ("IQX_CLOCK_SPEED", "60"),
        ("IQX_FAULT_POINTS", "unit.before_commit:1"),
        ("IQX_NEW_ACCOUNT_LEVEL", "2"),
        ("IQX_BCRYPT_ROUNDS", "4"),
    ],
)
def test_production_refuses_what_is_for_development(name: str, value: str):
    assert f"\n{name}: Production " in refusal_of({**PRODUCTION, name: value})


def test_names_of_tests_are_not_settings():
    assert load_settings({"IQX_TEST_REDIS_URL": "redis://x"}) == load_settings({})


def test_key_is_32_bytes_of_any_secret():
    raw = bytes(range(32))
    assert derive_key(base64.b64encode(raw).decode()) == raw
    assert len(derive_key("a sentence that is no base64")) == 32
