"""What a currency is called and how it is written, by ISO 4217 and by the languages of people."""

from functools import lru_cache
from typing import NamedTuple

from babel import Locale, UnknownLocaleError
from babel.numbers import get_currency_name, get_currency_symbol
from iso4217 import Currency

from server.core.money import minor_digits_of

FALLBACK = "en"
LANGUAGES_MAX = 1_000
"""Anybody may name any language: not all that were ever named are remembered."""


class CurrencyCard(NamedTuple):
    """A currency in a language."""

    code: str
    number: int
    """Its number in ISO 4217."""
    minor_digits: int
    name: str
    symbol: str


@lru_cache(maxsize=LANGUAGES_MAX)
def find_locale(language: str) -> str:
    """The language if its names are known, else English; `vi-VN` is `vi`."""
    try:
        return str(Locale.parse(language.partition("-")[0]))
    except (UnknownLocaleError, ValueError):
        return FALLBACK


def describe_currency(code: str, language: str) -> CurrencyCard:
    """A currency of ISO 4217 as a language names it."""
    locale = find_locale(language)
    return CurrencyCard(
        code,
        int(Currency(code).number),
        minor_digits_of(code),
        get_currency_name(code, locale=locale),
        get_currency_symbol(code, locale=locale),
    )
