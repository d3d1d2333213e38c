"""Pure rules of identity: how names and addresses are written, compared and refused."""

import ipaddress
import re
import unicodedata
from uuid import UUID

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from server.core.refusals import Invalid
from server.identity.refusals import PasswordRefused
from server.identity.strength import measure_password

PASSWORD_CHARS_MIN = 8
PASSWORD_CHARS_MAX = 128
DIFFERENT_CHARS_MIN = 4
EMAIL_CHARS_MAX = 254
USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{2,31}", re.ASCII)
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?", re.ASCII)
REFERRAL_CODE = re.compile(r"[A-Za-z0-9_-]{3,32}", re.ASCII)

_SEEN_AS = (
    ("rn", "m"), ("vv", "w"), ("cl", "d"), ("0", "o"), ("1", "l"), ("i", "l"), ("5", "s"),
    ("3", "e"), ("4", "a"), ("7", "t"), ("8", "b"), ("9", "g"), ("2", "z"), ("6", "b"),
)  # fmt: skip
"""What letters and digits are taken for at a glance. Names are ASCII: letters of other alphabets
that look alike never get in."""
_LOOK_ALIKE = str.maketrans({"0": "o", "1": "l", "i": "l", ".": "_", "-": "_"})
RESERVED_PARTS = (
    "support", "admin", "moderator", "official", "iqx", "staff", "helpdesk", "arbitrator",
    "customercare", "customerservice",
)  # fmt: skip
"""No username holds one of these, however it is spelled: staff must not be imitated."""
RESERVED_NAMES = frozenset(
    {"system", "root", "security", "help", "me", "null", "api", "escrow", "webmaster"}
)


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def read_email(text: str) -> tuple[str, str]:
    """An address as it is written to, and the key that makes it unique.

    Refuses `Invalid` what is not an address. Case never tells two people apart.
    """
    try:
        email = validate_email(text, check_deliverability=False).normalized
    except (EmailNotValidError, UnicodeError):
        raise Invalid(errors={"email": ["This is not an e-mail address."]}) from None
    key = _fold(email)
    if len(key) > EMAIL_CHARS_MAX:
        raise Invalid(errors={"email": ["This address is too long."]})
    return email, key


def key_of_email(text: str) -> str | None:
    """The key under which an address would be found, or None for what cannot be one."""
    try:
        return read_email(text)[1]
    except Invalid:
        return None


def read_username(text: str, *, reserved_allowed: bool = False) -> tuple[str, str]:
    """A username as shown, and the key that makes it unique.

    3 to 32 ASCII letters, digits, `.`, `_`, `-`, starting with a letter or digit. Refuses
    `Invalid` other shapes and, unless `reserved_allowed` (staff), names that imitate staff. Two
    names that differ only by case, separators or look-alikes (0 o, 1 i l) have one key.
    """
    name = unicodedata.normalize("NFKC", text)
    if USERNAME.fullmatch(name) is None:
        raise Invalid(
            errors={"username": ["Use 3 to 32 letters, digits, dots, dashes or underscores."]}
        )
    if not reserved_allowed and _pretends(name):
        raise Invalid(errors={"username": ["This name is reserved."]})
    return name, key_of_username(name)


def key_of_username(text: str) -> str:
    """The key of a username; the same for names that look the same."""
    return _fold(text).translate(_LOOK_ALIKE)


def _pretends(name: str) -> bool:
    """Whether a name could be taken for one of the staff or of the service."""
    seen = _draw(name)
    return seen in set(map(_draw, RESERVED_NAMES)) or any(
        _draw(part) in seen for part in RESERVED_PARTS
    )


def _draw(name: str) -> str:
    """What a name looks like: its letters and digits, each as what it is taken for."""
    drawn = "".join(filter(str.isalnum, _fold(name)))
    for written, seen in _SEEN_AS:
        drawn = drawn.replace(written, seen)
    return drawn


def is_same_username(one: str, other: str) -> bool:
    """Whether two spellings are one name; look-alikes are not."""
    return _fold(one) == _fold(other)


def read_phone(text: str) -> str:
    """A telephone number in E.164; refuses `Invalid` what no number can be."""
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise Invalid(errors={"phone": ["Write the number with + and the country code."]})
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def key_of_phone(text: str) -> str | None:
    """The key under which a telephone number would be found, or None for what cannot be one."""
    try:
        return read_phone(text)
    except Invalid:
        return None


def is_number_of(phone: str | None, countries: frozenset[str]) -> bool:
    """Whether a number (E.164) is of one of these countries, two letters each; no number is not."""
    if phone is None or not countries:
        return False
    return phonenumbers.region_code_for_number(phonenumbers.parse(phone, None)) in countries


def check_password(password: str, *, own_words: tuple[str, ...]) -> None:
    """Refuse `PasswordRefused` a password that is too short, too long, or easily guessed: common,
    leaked, a pattern of the keyboard, or made of the user's own words.

    `own_words` are the user's own names, which are no secret.
    """
    if not PASSWORD_CHARS_MIN <= len(password) <= PASSWORD_CHARS_MAX:
        raise PasswordRefused(errors={"password": ["Use 8 to 128 characters."]})
    folded = _fold(password)
    if len(set(folded)) < DIFFERENT_CHARS_MIN:
        raise PasswordRefused(errors={"password": ["Use more different characters."]})
    strength = measure_password(folded, tuple(map(_fold, own_words)))
    if not strength.enough:
        sentences = ["This password is easily guessed.", strength.warning]
        raise PasswordRefused(
            errors={"password": [sentence for sentence in sentences if sentence]},
            score=strength.score,
        )


def order_ids(user_ids: set[UUID]) -> list[UUID]:
    """Users in the order in which their rows are locked everywhere: ascending by bytes."""
    return sorted(user_ids, key=lambda user_id: user_id.bytes)


_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)
_PRODUCT = re.compile(r"[A-Za-z0-9._-]{1,30}(/[0-9.]{1,12})?", re.ASCII)


def label_device(user_agent: str) -> str:
    """What a person recognises his device by: "Firefox on Windows", or the program's own name."""
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), None)
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), None)
    if not user_agent.startswith("Mozilla/"):
        browser = None
    if browser is not None:
        return f"{browser} on {system}" if system else browser
    product = _PRODUCT.match(user_agent)
    name = product[0] if product else "Unknown device"
    return f"{name} on {system}" if system and product else name


def mask_address(address: str) -> str:
    """An IP address without the part that tells one household from another."""
    if ":" in address:
        return ":".join(ipaddress.ip_address(address).exploded.split(":")[:3]) + ":…"
    first, _, rest = address.partition(".")
    second = rest.partition(".")[0]
    return f"{first}.{second}.…" if second else "…"
