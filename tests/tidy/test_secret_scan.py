"""No secret lies in the tree, and the scan catches one of each kind."""

import pytest

from tests.tidy.secret_scan import ALLOWED, list_finds, list_secrets
from tests.tidy.tracked import read_texts

# In pieces, here and below, so that this file passes the scan.
HEX = "9f8b1c4e7d2a6053bb81" + "ce94f7302d5a6e1b9c04"
BASE64 = "q7Wm2xK9ZtR4vB8nYc1LhP6" + "sDf3GjU5oAe0IwTqXkM"


def test_tree_holds_no_secret():
    texts = read_texts()
    assert len(texts) > 300
    assert [str(found) for found in list_secrets(texts)] == []


@pytest.mark.parametrize(
    "planted",
    [
        "-----BEGIN " + "PRIVATE KEY-----",
        "-----BEGIN RSA " + "PRIVATE KEY-----",
        "-----BEGIN OPENSSH " + "PRIVATE KEY-----",
        f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c2VyIn0.{BASE64}",
        "AKIA" + "Q3EXRMPLTW2Z7K5B",
        "AC" + HEX[:32],
        "SK" + HEX[:32],
        "AIza" + BASE64[:35],
        "ghp_" + BASE64[:36],
        "xoxb-" + BASE64[:24],
        "sk_live_" + BASE64[:24],
        "mysql://iqx:hunter2hunter2" + "@db.internal/iqx",
    ],
)
def test_shape_of_a_secret_is_caught_in_any_file(planted):
    for path in ("docs/any.md", "package-lock.json"):
        assert list_secrets({path: f"a line\nx: {planted}\n"}), planted


@pytest.mark.parametrize(
    "line",
    [
        f'password = "{BASE64[:20]}"',
        f"SEAL_KEY: str = '{HEX}'",
        f'{{"api_key": "{HEX}"}}',
        f'settings["token_secret"] = "{BASE64[:16]}"',
        f"IQX_TOKEN_KEYS=2026a:{HEX}",
        f"#IQX_FINGERPRINT_SECRET={BASE64}",
        f'x = "{HEX}"',
        f'x = call("{BASE64}")',
    ],
)
def test_value_that_may_be_a_secret_is_caught(line):
    found = list_secrets({"server/x.py": f"first\n{line}\n"})
    assert [(find.path, find.line) for find in found] == [("server/x.py", 2)]


@pytest.mark.parametrize(
    "line",
    [
        'password = request["password"]',
        'title = "a sentence about a password, and its length"',
        'name = "test_refused_token_is_never_stored_anywhere"',
        "token_keys = settings.token_keys",
        'token_keys = f"one:{FIRST_SECRET},two:{SECOND_SECRET}"',
        "token = f\"sdk-{application['user_id']}\"",
        'IQX_DATABASE_URL="sqlite+aiosqlite:///.run/iqx.db"',
    ],
)
def test_ordinary_line_is_left_alone(line):
    assert list_secrets({"server/x.py": line}) == []


def test_report_does_not_spread_what_it_found():
    found = list_secrets({"server/x.py": f'password = "{BASE64}"'})
    assert BASE64[:20] not in str(found[0])


def test_each_allowed_value_has_a_reason_and_is_still_here():
    texts = read_texts()
    texts = {path: text for path, text in texts.items() if not path.endswith("secret_scan.py")}
    values = [found.value for path, text in texts.items() for found in list_finds(path, text)]
    for part, reason in ALLOWED.items():
        assert len(reason.split()) >= 2
        assert any(part in value for value in values), f"{part} may be dropped from ALLOWED"
