"""How names, addresses and numbers are read."""

import pytest

from server.core.refusals import Invalid
from server.identity import rules
from server.identity.refusals import PasswordRefused


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("alice@example.com", "ALICE@EXAMPLE.COM"),
        ("straße@example.com", "STRASSE@example.com"),
        ("ａlice@example.com", "alice@example.com"),
    ],
)
def test_spellings_of_an_address_have_one_key(one, other):
    assert rules.read_email(one)[1] == rules.read_email(other)[1]


@pytest.mark.parametrize("text", ["", "a", "a@", "@b.com", "a b@c.com", "a@b.com\n", "a" * 400])
def test_what_is_no_address_is_refused(text):
    with pytest.raises(Invalid):
        rules.read_email(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [("alice", "ALICE"), ("alice", "a1ice"), ("b0b", "bob"), ("a.b.c", "a-b_c"), ("Ill", "111")],
)
def test_names_that_look_alike_have_one_key(one, other):
    assert rules.key_of_username(one) == rules.key_of_username(other)
    assert rules.read_username(one)[0] == one


@pytest.mark.parametrize(
    "text", ["user1_11", "user11_1", "u-1", "u1", "maria.lopez", "x" * 32, "corner", "clara7"]
)
def test_ordinary_names_are_accepted(text):
    text = text if len(text) > 2 else text + "x"
    assert rules.read_username(text)[0] == text


def test_numbered_names_differ():
    names = [f"user{number}" for number in range(2000)]
    assert len({rules.key_of_username(name) for name in names}) == len(names)


@pytest.mark.parametrize(
    "text",
    ["support", "SUPPORT", "5upport.iqx", "i-q-x", "adm1n", "a.d.m.i.n", "staff", "St4ff-iqx",
     "5uppor7", "rnoderator", "H3lp.Desk", "0fficial_desk", "my5t4ff", "Custorner-Care", "E5cr0w"],
)  # fmt: skip
def test_names_that_imitate_staff_are_refused(text):
    with pytest.raises(Invalid):
        rules.read_username(text)


def test_staff_may_have_reserved_names():
    assert rules.read_username("admin", reserved_allowed=True)[0] == "admin"


@pytest.mark.parametrize("text", ["ab", "_ab", "a b", "аbc", "a\u200bbc", "a/b", "a" * 33, "ab\n"])
def test_names_of_another_shape_are_refused(text):
    with pytest.raises(Invalid):
        rules.read_username(text)


@pytest.mark.parametrize("length", [8, 128])
def test_password_at_the_bounds_is_accepted(length):
    rules.check_password(("x3c5v7b!" + "correct horse " * 16)[:length], own_words=("alice",))


@pytest.mark.parametrize(
    "password",
    [
        "x3c5v7b",
        "c" + "orrect " * 19,
        "password",
        "PASSWORD1",
        "p@ssw0rd1",
        "qwertyuiop",
        "1qaz2wsx3edc",
        "iloveyou2",
        "19901231",
        "alice.lopez1",
        "abababab",
        "alice.lopez",
        "ALICE.LOPEZ",
    ],
)
def test_poor_password_is_refused(password):
    with pytest.raises(PasswordRefused):
        rules.check_password(password, own_words=("alice.lopez",))


@pytest.mark.parametrize(
    ("text", "number"),
    [("+84 912 345 678", "+84912345678"), ("+234 803 123 4567", "+2348031234567")],
)
def test_number_is_written_in_e164(text, number):
    assert rules.read_phone(text) == number


@pytest.mark.parametrize("text", ["0912345678", "+", "+1", "abc", "+84" + "9" * 20])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(Invalid):
        rules.read_phone(text)


@pytest.mark.parametrize(
    ("agent", "label"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox on Windows",
        ),
        (
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 "
                "(KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1"
            ),
            "Safari on iPhone",
        ),
        (
            (
                "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) "
                "Chrome/140.0.0.0 Mobile Safari/537.36"
            ),
            "Chrome on Android",
        ),
        (
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) AppleWebKit/537.36 (KHTML, "
                "like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0"
            ),
            "Edge on Mac",
        ),
        ("Python/3.11 aiohttp/3.14.5", "Python/3.11"),
        ("IQX/1.0 (Android 16)", "IQX/1.0 on Android"),
        ("<script>alert(1)</script>", "Unknown device"),
        ("", "Unknown device"),
    ],
)
def test_device_is_labelled_by_its_user_agent(agent, label):
    assert rules.label_device(agent) == label


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("203.0.113.7", "203.0.…"),
        ("2001:db8:85a3:8d3:1319:8a2e:370:7348", "2001:0db8:85a3:…"),
        ("::1", "0000:0000:0000:…"),
        ("", "…"),
    ],
)
def test_address_is_masked(address, masked):
    assert rules.mask_address(address) == masked
