"""Money is integers: micro-USDT, minor units of a fiat currency, ticks of a market.

Every division here names its rounding and who keeps the remainder (the design's section on
money). Text on the wire is a plain decimal string; nothing here touches a float.
"""

import re
from typing import NamedTuple

from iso4217 import Currency

USDT_DECIMALS = 6
REAL_ASSET = "USDT"
"""The one asset that counts to limits, records and public figures; test assets do not."""
TEST_ASSET = "USDT_TEST"
"""What the faucet gives and the sandbox trades."""
MICRO = 1_000_000
"""Micro-units in one USDT."""
AMOUNT_MICRO_MAX = 10**15
"""No amount is larger than a billion USDT; keeps every product inside 64 bits where stored."""
FIAT_MINOR_MAX = 10**17
"""No fiat sum is larger than this many minor units."""
PPM = 1_000_000
"""Fee rates are parts per million: 0.05 % is 500."""

_DECIMAL = re.compile(r"(0|[1-9][0-9]{0,17})(?:\.([0-9]{1,18}))?", re.ASCII)


class PriceScale(NamedTuple):
    """One tick of a market in minor units of its fiat currency, as the fraction num/den."""

    num: int
    den: int


class DecimalError(ValueError):
    """The text is not a plain decimal number with at most the allowed places."""


def is_currency(code: str) -> bool:
    """Whether ISO 4217 has money of this code; gold, funds and test codes are none."""
    try:
        currency = Currency(code)
    except ValueError:
        return False
    return currency.code == code and currency.exponent is not None


def minor_digits_of(currency: str) -> int:
    """Decimal places of a currency by ISO 4217."""
    assert is_currency(currency), "a currency is one of ISO 4217, in capital letters"
    return int(Currency(currency).exponent or 0)


def parse_decimal(text: str, places: int) -> int:
    """Read `text` ("12", "12.5") as an integer of 10**-places units.

    Signs, exponents, spaces, separators, leading zeros and digits beyond `places` are refused.
    """
    match = _DECIMAL.fullmatch(text)
    if match is None:
        raise DecimalError("not a plain decimal number")
    fraction = match[2] or ""
    if len(fraction) > places:
        raise DecimalError(f"more than {places} decimal places")
    unit: int = 10**places
    return int(match[1]) * unit + int(fraction.ljust(places, "0") or "0")


def format_decimal(value: int, places: int) -> str:
    """Write an integer of 10**-places units with all its places: 1500000, 6 -> "1.500000"."""
    digits = str(value)
    if places == 0:
        return digits
    if len(digits) <= places or value < 0:
        sign, digits = ("-", digits[1:]) if value < 0 else ("", digits)
        digits = sign + digits.rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}"


def format_usdt(amount_micro: int) -> str:
    """Micro-USDT as a decimal string with six places."""
    return format_decimal(amount_micro, USDT_DECIMALS)


def fiat_for_usdt_up(amount_micro: int, price_ticks: int, scale: PriceScale) -> int:
    """Minor units of fiat for an amount of USDT, rounded up: the remainder is the seller's."""
    return -(-amount_micro * price_ticks * scale.num // (MICRO * scale.den))


def usdt_for_fiat_down(fiat_minor: int, price_ticks: int, scale: PriceScale) -> int:
    """Micro-USDT for a sum of fiat, rounded down: the remainder is the seller's."""
    return fiat_minor * MICRO * scale.den // (price_ticks * scale.num)


def fee_down(amount_micro: int, rate_ppm: int) -> int:
    """A fee of `rate_ppm` parts per million, rounded down: the remainder is the payer's."""
    return amount_micro * rate_ppm // PPM
