"""Settings are refused by name, all at once, and production refuses what is for development."""

import base64

import pytest

from server.settings import SettingsError, derive_key, load_settings

SECRET = "a8J2kq0sVbXz5LwN7rTgHyUe3cPdMf41"
OTHER_SECRET = "Qw9eRt7yUi5oPa3sDf1gHj0kLz8xCv6b"
THIRD_SECRET = "m4N6b8V0c2X1z3A5s7D9f-GhJkLqWeRt"
FOURTH_SECRET = "Zx7cVb3nMq1wEr5tYu9iOp2aSd6fGh4k"
PRODUCTION = {
    "IQX_ENV": "production",
    "IQX_PASSKEY_DOMAIN": "iqx.example",
    "IQX_TOKEN_KEYS": f"one:{SECRET}",
    "IQX_SEAL_KEYS": f"one:{OTHER_SECRET}",
    "IQX_PROOF_KEYS": f"one:{FOURTH_SECRET}",
    "IQX_FINGERPRINT_SECRET": THIRD_SECRET,
    "IQX_STEP_UP": "none",
    "IQX_SMTP_HOST": "mail.example",
}


def refuse(environment):
    with pytest.raises(SettingsError) as refused:
        load_settings(environment)
    return str(refused.value).splitlines()[1:]


def test_defaults_are_for_development():
    settings = load_settings({})
    assert not settings.production
    assert settings.development_helpers
    assert settings.new_account_level == 2
    assert settings.step_up == "password"
    assert not settings.second_factor_before_trade
    assert settings.change_hold_hours == 0


def test_unknown_setting_is_refused_by_name():
    assert refuse({"IQX_PROT": "8080"}) == ["IQX_PROT: Unknown field."]


def test_foreign_variables_are_left_alone():
    assert load_settings({"PORT": "x", "HOME": "/", "IQX_TEST_ANYTHING": "1"}) == load_settings({})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENV", "staging"),
        ("PORT", "http"),
        ("PORT", "70000"),
        ("PORT", "-1"),
        ("PORT", ""),
        ("DATABASE_URL", "postgresql://x"),
        ("DATABASE_URL", "sqlite:///x.db"),
        ("DATABASE_URL", "no url"),
        ("DATABASE_POOL", "1"),
        ("TOKEN_KEYS", "short:secret"),
        ("TOKEN_KEYS", SECRET),
        ("SEAL_KEYS", f":{SECRET}"),
        ("PROOF_KEYS", "short:secret"),
        ("FINGERPRINT_SECRET", "short"),
        ("PASSKEY_DOMAIN", "https://app.example"),
        ("PASSKEY_DOMAIN", ""),
        ("PASSKEY_ORIGINS", "app.example"),
        ("PASSKEY_ORIGINS", "android:apk-key-hash:short"),
        ("SESSION_DAYS", "31"),
        ("SESSION_IDLE_HOURS", "0"),
        ("BLOCKED_COUNTRIES", "KP,iran"),
        ("COUNTRY_HEADER", "Not a header"),
        ("ALLOWED_ORIGINS", "*"),
        ("ALLOWED_ORIGINS", "null"),
        ("ALLOWED_ORIGINS", "https://app.example/"),
        ("ALLOWED_ORIGINS", "app.example"),
        ("ALLOWED_ORIGINS", "https://app.example,*"),
        ("TRUSTED_PROXIES", "proxy.example"),
        ("METRICS_ADDRESSES", "10.0.0.0/8"),
        ("BCRYPT_ROUNDS", "3"),
        ("NEW_ACCOUNT_LEVEL", "4"),
        ("STEP_UP", "sms"),
        ("DEVELOPMENT_HELPERS", "perhaps"),
        ("CLOCK_SPEED", "0"),
        ("READS_PER_S", "-1"),
        ("LEVEL_LIMITS_USDT", "1,2,3"),
        ("LEVEL_LIMITS_USDT", "1,2,3,x"),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
        ("SCREENING_URL", "ftp://lists.example"),
        ("SCREENING_DATASET", "a/b"),
    ],
)
def test_malformed_setting_is_refused_by_name(name, value):
    complaints = refuse({f"IQX_{name}": value})
    assert len(complaints) == 1
    assert complaints[0].startswith(f"IQX_{name}: ")


def test_everything_wrong_is_told_at_once():
    complaints = refuse({"IQX_PORT": "x", "IQX_LOG_LEVEL": "loud", "IQX_SURPRISE": "1"})
    assert [line.partition(":")[0] for line in complaints] == [
        "IQX_LOG_LEVEL",
        "IQX_PORT",
        "IQX_SURPRISE",
    ]


def test_list_of_names_is_a_file_or_a_service():
    both = {"IQX_SCREENING_LIST": "a.csv", "IQX_SCREENING_URL": "https://lists.example"}
    assert refuse(both) == ["IQX_SCREENING_URL: Give a file or a service, not both."]


def test_good_production_settings_are_taken():
    settings = load_settings(PRODUCTION)
    assert settings.production
    assert not settings.development_helpers
    assert settings.new_account_level == 0
    assert settings.second_factor_before_trade
    assert settings.change_hold_hours == 24


def test_production_refuses_every_default_secret_at_once():
    complaints = refuse({"IQX_ENV": "production"})
    assert {line.partition(":")[0] for line in complaints} == {
        "IQX_TOKEN_KEYS",
        "IQX_SEAL_KEYS",
        "IQX_PROOF_KEYS",
        "IQX_FINGERPRINT_SECRET",
        "IQX_STEP_UP",
        "IQX_PASSKEY_DOMAIN",
        "IQX_SMTP_HOST",
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEVELOPMENT_HELPERS", "true"),
        ("SCREENING_URL", "http://lists.example"),
        ("STEP_UP", "password"),
        ("SMTP_HOST", ""),
        ("SMTP_SECURITY", "none"),
        ("TWILIO_BASE_URL", "http://sms.example"),
        ("CLOCK_SPEED", "2"),
        ("FAULT_POINTS", "unit.before_commit:1"),
        ("NEW_ACCOUNT_LEVEL", "2"),
        ("BCRYPT_ROUNDS", "4"),
        ("SECOND_FACTOR_BEFORE_TRADE", "false"),
        ("CHANGE_HOLD_HOURS", "23"),
        ("PASSKEY_ORIGINS", "http://app.example"),
        ("ALLOWED_ORIGINS", "https://app.example,http://old.example"),
        ("PASSKEY_DOMAIN", "localhost"),
        ("PASSKEY_DOMAIN", "app.localhost"),
    ],
)
def test_production_refuses_what_is_for_development(name, value):
    complaints = refuse({**PRODUCTION, f"IQX_{name}": value})
    assert [line.partition(":")[0] for line in complaints] == [f"IQX_{name}"]


@pytest.mark.parametrize(
    "secret",
    [
        "x" * 40,
        "ab12" * 16,
        "0123456" * 5 + "01",
        "development-only-" + "7f3c9d" * 4,
        OTHER_SECRET,
    ],
)
def test_production_refuses_secrets_that_are_simple_made_up_or_used_twice(secret):
    complaints = refuse({**PRODUCTION, "IQX_SEAL_KEYS": f"two:{OTHER_SECRET},one:{secret}",
                         "IQX_FINGERPRINT_SECRET": secret})  # fmt: skip
    assert "IQX_FINGERPRINT_SECRET" in [line.partition(":")[0] for line in complaints]
    assert secret not in "".join(complaints)


def test_complaints_hold_no_secret():
    complaints = refuse({"IQX_TOKEN_KEYS": "one:geheim", "IQX_FINGERPRINT_SECRET": "geheim"})
    assert len(complaints) == 2
    assert "geheim" not in "".join(complaints)


def test_environment_wins_over_the_file(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("# a comment\n\nIQX_PORT=1111\nIQX_HOST = 0.0.0.0\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IQX_PORT", "2222")
    settings = load_settings()
    assert (settings.port, settings.host) == (2222, "0.0.0.0")


def test_key_of_32_bytes_in_base64_is_used_as_it_is():
    assert derive_key(base64.b64encode(bytes(range(32))).decode()) == bytes(range(32))
    assert len(derive_key(SECRET)) == 32


def test_secret_may_come_from_a_file_of_its_own(tmp_path):
    file = tmp_path / "token_keys"
    file.write_text(f"one:{SECRET}\n")
    environment = {k: v for k, v in PRODUCTION.items() if k != "IQX_TOKEN_KEYS"}
    settings = load_settings({**environment, "IQX_TOKEN_KEYS_FILE": str(file)})
    assert settings.token_keys == {"one": SECRET}


def test_secret_given_twice_or_in_a_file_that_cannot_be_read_is_refused(tmp_path):
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe")
    assert refuse(
        {
            "IQX_TOKEN_KEYS": f"one:{SECRET}",
            "IQX_TOKEN_KEYS_FILE": str(tmp_path / "any"),
            "IQX_SEAL_KEYS_FILE": str(tmp_path / "none"),
            "IQX_FINGERPRINT_SECRET_FILE": str(binary),
        }
    ) == [
        "IQX_FINGERPRINT_SECRET_FILE: The file cannot be read: it is no text.",
        "IQX_SEAL_KEYS_FILE: The file cannot be read: No such file or directory.",
        "IQX_TOKEN_KEYS_FILE: Give the secret or its file, not both.",
    ]


def test_only_secrets_may_come_from_files():
    assert refuse({"IQX_PORT_FILE": "/dev/null"}) == ["IQX_PORT_FILE: Unknown field."]


@pytest.mark.parametrize(
    ("written", "pages"),
    [
        ({}, ("http://localhost:8080",)),
        (
            {"PORT": "81", "ALLOWED_ORIGINS": "http://localhost:5173"},
            (
                "http://localhost:81",
                "http://localhost:5173",
            ),
        ),
        (
            {
                "PASSKEY_DOMAIN": "iqx.example",
                "ALLOWED_ORIGINS": "https://app.iqx.example,https://eviliqx.example",
            },
            ("https://iqx.example", "https://app.iqx.example"),
        ),
        ({"PASSKEY_ORIGINS": "https://a.example"}, ("https://a.example",)),
    ],
)
def test_passkeys_are_used_on_the_domains_own_pages(written, pages):
    settings = load_settings({f"IQX_{name}": value for name, value in written.items()})
    assert settings.passkey_pages == pages


@pytest.fixture
def certificate(tmp_path):
    path = tmp_path / "ca.pem"
    path.write_text("a certificate")
    return str(path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql+aiomysql://iqx@db.example:3306/iqx"),
        ("DATABASE_URL", "mysql+aiomysql://iqx@10.0.0.5/iqx"),
        ("DATABASE_URL", "mysql+aiomysql://iqx@127.0.0.1/iqx?host=db.example"),
        ("REDIS_URL", "redis://cache.example:6379/0"),
        ("REDIS_URL", "rediss://cache.example:6379/0?ssl_cert_reqs=none"),
        ("HOST", "0.0.0.0"),
    ],
)
def test_production_refuses_lines_to_others_that_are_not_encrypted(name, value, certificate):
    fault = {"DATABASE_URL": "DATABASE_CA", "HOST": "TLS_CERTIFICATE"}.get(name, name)
    complaints = refuse({**PRODUCTION, f"IQX_{name}": value})
    assert [line.partition(":")[0] for line in complaints] == [f"IQX_{fault}"]
    assert load_settings({f"IQX_{name}": value})


def test_production_takes_encrypted_lines_and_those_of_this_machine(certificate):
    near = {
        "IQX_DATABASE_URL": "mysql+aiomysql://iqx@127.0.0.1/iqx",
        "IQX_REDIS_URL": "redis://localhost:6379/0",
    }
    far = {
        "IQX_DATABASE_URL": "mysql+aiomysql://iqx@db.example/iqx",
        "IQX_DATABASE_CA": certificate,
        "IQX_REDIS_URL": "rediss://cache.example:6379/0",
        "IQX_REDIS_CA": certificate,
        "IQX_HOST": "0.0.0.0",
    }
    own = {"IQX_TLS_CERTIFICATE": certificate, "IQX_TLS_KEY": certificate}
    for written in (near, {**far, **own}, {**far, "IQX_TRUSTED_PROXIES": "10.0.0.9"}):
        assert load_settings({**PRODUCTION, **written}).production


def test_certificate_comes_with_its_key_and_files_are_there(certificate):
    alone = refuse({"IQX_TLS_CERTIFICATE": certificate})
    absent = refuse({"IQX_DATABASE_CA": "/nowhere.pem", "IQX_REDIS_CA": "/nowhere.pem"})
    assert [line.partition(":")[0] for line in alone] == ["IQX_TLS_CERTIFICATE"]
    assert [line.partition(":")[0] for line in absent] == ["IQX_DATABASE_CA", "IQX_REDIS_CA"]


def test_store_for_files_is_given_whole_and_over_https():
    store = {
        "IQX_FILES_S3_URL": "https://s3.example", "IQX_FILES_S3_BUCKET": "proofs",
        "IQX_FILES_S3_KEY_ID": "AKID", "IQX_FILES_S3_SECRET": SECRET,
    }  # fmt: skip
    assert load_settings(PRODUCTION | store).files_s3_region == "us-east-1"
    for name in store:
        given = {each: text for each, text in store.items() if each != name}
        assert refuse(given) == [f"{name}: Give address, bucket, key and secret together."]
    plain = {**store, "IQX_FILES_S3_URL": "http://s3.example"}
    assert refuse(PRODUCTION | plain) == ["IQX_FILES_S3_URL: Production needs https."]
    for wrong in ("s3.example", "https://s3.example/path", "https://me@s3.example", "ftp://x"):
        assert len(refuse({**store, "IQX_FILES_S3_URL": wrong})) == 1
    lost = {**store, "IQX_FILES_S3_CA": "/nowhere/ca.pem"}
    assert refuse(lost) == ["IQX_FILES_S3_CA: There is no such file."]
