"""How the values of payment accounts are read: each kind of field, its spelling and its check.

Every kind brings a value into one spelling, so that two ways of writing the same account are
equal, and says by a stable code what is wrong with a value that is none. Nothing here raises for
any text.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from stdnum import iban, luhn
from stdnum.br import cnpj, cpf
from stdnum.exceptions import InvalidChecksum, InvalidLength, ValidationError
from stdnum.th import pin
from stdnum.us import rtn

VALUE_CHARS_MAX = 200
SENTENCES = {
    "required": "Missing data for required field.",
    "unknown_field": "Unknown field.",
    "not_text": f"Write text of at most {VALUE_CHARS_MAX} characters.",
    "control_characters": "Control characters are not allowed.",
    "not_digits": "Write digits only.",
    "bad_phone": "Write the number with + and the country code, or as it is dialled there.",
    "wrong_country": "This number is of a country that the payment method does not reach.",
    "not_mobile": "Write the number of a mobile telephone.",
    "bad_email": "This is not an e-mail address.",
    "bad_check_digit": "A digit is wrong: the check digit does not agree with the rest.",
    "bad_length": "The number of characters is wrong.",
    "bad_form": "This does not have the form that the payment method asks for.",
    "not_offered": "Choose one of the offered values.",
}
"""What is wrong with a value, by code; the codes are part of the API and stay."""
_SPACES = re.compile(r"\s+")
_SEPARATORS = re.compile(r"[ .\-]")
_UPI = re.compile(r"[a-z0-9][a-z0-9._-]{1,99}@[a-z][a-z0-9]{1,63}", re.ASCII)
_IFSC = re.compile(r"[A-Z]{4}0[A-Z0-9]{6}", re.ASCII)
_ACCOUNT = re.compile(r"[A-Z0-9]+", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_NUBAN_WEIGHTS = (3, 7, 3, 3, 7, 3, 3, 7, 3, 3, 7, 3)


class Reading(NamedTuple):
    """A value in its one spelling, and the code of what is wrong with it."""

    value: str
    error: str | None = None


Field = Mapping[str, Any]


def read_value(field: Field, given: Any) -> Reading:
    """A value of a field (`RailFieldSchema`) as it is stored."""
    if not isinstance(given, str) or len(given) > VALUE_CHARS_MAX:
        return Reading("", "not_text")
    value = _SPACES.sub(" ", unicodedata.normalize("NFKC", given)).strip()
    if any(unicodedata.category(letter)[0] == "C" for letter in value):
        return Reading("", "control_characters")
    reading = READERS[field["kind"]](field, value)
    if reading.error is not None:
        return reading
    if not field["length_min"] <= len(reading.value) <= field["length_max"]:
        return Reading(reading.value, "bad_length")
    if field["pattern"] and not re.fullmatch(field["pattern"], reading.value, re.ASCII):
        return Reading(reading.value, "bad_form")
    return reading


def find_nuban_check(bank: str, serial: str) -> str:
    """The tenth digit of a Nigerian account number: of a bank's code and the nine others."""
    counted = zip(_NUBAN_WEIGHTS, bank + serial, strict=True)
    return str(-sum(weight * int(digit) for weight, digit in counted) % 10)


def _read_text(_field: Field, value: str) -> Reading:
    return Reading(value)


def _read_digits(_field: Field, value: str) -> Reading:
    digits = _SEPARATORS.sub("", value)
    return Reading(digits, None if digits.isascii() and digits.isdigit() else "not_digits")


def _read_account(_field: Field, value: str) -> Reading:
    """A number that may end in a letter for a check digit."""
    account = _SEPARATORS.sub("", value).upper()
    return Reading(account, None if _ACCOUNT.fullmatch(account) else "bad_form")


def _read_phone(field: Field, value: str) -> Reading:
    return _read_phone_of(field["countries"], value, mobile=field["mobile"])


def _read_phone_of(countries: list[str], value: str, *, mobile: bool) -> Reading:
    """A number in E.164; one without a country code is of the first country."""
    try:
        number = phonenumbers.parse(value, countries[0] if countries else None)
    except phonenumbers.NumberParseException:
        return Reading(value, "bad_phone")
    if number.extension or not phonenumbers.is_valid_number(number):
        return Reading(value, "bad_phone")
    if countries and phonenumbers.region_code_for_number(number) not in countries:
        return Reading(value, "wrong_country")
    kinds = phonenumbers.PhoneNumberType
    if mobile and phonenumbers.number_type(number) not in (
        kinds.MOBILE, kinds.FIXED_LINE_OR_MOBILE,
    ):  # fmt: skip
        return Reading(value, "not_mobile")
    return Reading(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _read_email(_field: Field, value: str) -> Reading:
    try:
        address = validate_email(value, check_deliverability=False).normalized
    except (EmailNotValidError, UnicodeError):
        return Reading(value, "bad_email")
    return Reading(address.casefold())


def _check(validate: Callable[[str], str], value: str) -> Reading:
    """What a library says of a number."""
    if not value.isascii():
        return Reading(value, "bad_form")
    try:
        return Reading(validate(value))
    except InvalidChecksum:
        return Reading(value, "bad_check_digit")
    except InvalidLength:
        return Reading(value, "bad_length")
    except ValidationError:
        return Reading(value, "bad_form")


def _read_iban(field: Field, value: str) -> Reading:
    written = _SEPARATORS.sub("", value).upper()
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{8,30}", written, re.ASCII):
        return Reading(written, "bad_form")
    reading = _check(iban.validate, written)
    if reading.error is None and field["countries"] and written[:2] not in field["countries"]:
        return Reading(written, "wrong_country")
    return reading


def _read_card(field: Field, value: str) -> Reading:
    digits = _read_digits(field, value)
    return digits if digits.error else _check(luhn.validate, digits.value)


def _read_routing(field: Field, value: str) -> Reading:
    digits = _read_digits(field, value)
    return digits if digits.error else _check(rtn.validate, digits.value)


def _read_cpf(field: Field, value: str) -> Reading:
    digits = _read_digits(field, value)
    return digits if digits.error else _check(cpf.validate, digits.value)


def _read_nuban(field: Field, value: str) -> Reading:
    """A Nigerian account number, whose last digit counts the bank's code in."""
    digits = _read_digits(field, value)
    if digits.error is not None or len(digits.value) != 10:
        return Reading(digits.value, digits.error or "bad_length")
    check = find_nuban_check(field["bank"], digits.value[:9])
    return digits if check == digits.value[9] else Reading(digits.value, "bad_check_digit")


def _read_ifsc(_field: Field, value: str) -> Reading:
    code = value.replace(" ", "").upper()
    return Reading(code, None if _IFSC.fullmatch(code) else "bad_form")


def _read_upi(_field: Field, value: str) -> Reading:
    address = value.replace(" ", "").casefold()
    return Reading(address, None if _UPI.fullmatch(address) else "bad_form")


def _read_pix(_field: Field, value: str) -> Reading:
    """A key of Pix: an e-mail, a telephone with +55, a CPF, a CNPJ or a random key."""
    if "@" in value:
        return _read_email(_field, value)
    if value.startswith("+"):
        return _read_phone_of(["BR"], value, mobile=False)
    if _UUID.fullmatch(value.casefold()):
        return Reading(str(UUID(value)))
    bare = re.sub(r"[ .\-/]", "", value).upper()
    if len(bare) == 11:
        return _check(cpf.validate, bare)
    if len(bare) == 14:
        return _check(cnpj.validate, bare)
    return Reading(value, "bad_form")


def _read_promptpay(field: Field, value: str) -> Reading:
    """A Thai telephone (as E.164), citizen or tax number of 13 digits, or wallet of 15."""
    if value.startswith("+"):
        return _read_phone_of(["TH"], value, mobile=True)
    digits = _read_digits(field, value)
    if digits.error is not None:
        return digits
    if len(digits.value) == 13:
        return _check(pin.validate, digits.value)
    if len(digits.value) == 15:
        return digits
    return _read_phone_of(["TH"], digits.value, mobile=True)


def _read_handle(field: Field, value: str) -> Reading:
    """A name at a service, in small letters and with its sign in front."""
    prefix = field["prefix"]
    handle = prefix + value.replace(" ", "").casefold().removeprefix(prefix)
    return Reading(handle, None if handle.isascii() else "bad_form")


def _read_choice(field: Field, value: str) -> Reading:
    offered = {option["value"] for option in field["options"]}
    return Reading(value, None if value in offered else "not_offered")


READERS: dict[str, Callable[[Field, str], Reading]] = {
    "text": _read_text,
    "name": _read_text,
    "digits": _read_digits,
    "account": _read_account,
    "phone": _read_phone,
    "email": _read_email,
    "iban": _read_iban,
    "card": _read_card,
    "routing": _read_routing,
    "nuban": _read_nuban,
    "cpf": _read_cpf,
    "ifsc": _read_ifsc,
    "upi": _read_upi,
    "pix": _read_pix,
    "promptpay": _read_promptpay,
    "handle": _read_handle,
    "choice": _read_choice,
}
"""How each kind of field is read."""
