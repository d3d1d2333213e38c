"""Writes a notification in a person's language: amounts of his locale, the time that is left."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from babel import Locale, UnknownLocaleError
from babel.numbers import format_currency, format_decimal

from server.messages.texts import LANGUAGE_DEFAULT, OTHER_NOTICE, Text, fill_text
from server.notifications.case_texts import CASE_REASONS
from server.notifications.kinds import KINDS, Kind, Param
from server.notifications.order_texts import ORDER_REASONS

LEFT: Mapping[str, tuple[str, str, str]] = {
    "en": ("The time is over", "{minutes} min left", "{hours} h {minutes} min left"),
    "vi": ("Đã hết giờ", "Còn {minutes} phút", "Còn {hours} giờ {minutes} phút"),
}
"""Over, minutes, hours and minutes."""
WORDS = {**CASE_REASONS, **ORDER_REASONS}
"""What codes mean, where people read them; other codes are shown as they are."""
PATTERN = "#,##0.######"
"""All digits that a micro-unit can have, and no zeros that say nothing."""


def find_locale(language: str) -> Locale:
    """The locale of a language that we speak, else English."""
    base = language.partition("-")[0]
    if base not in LEFT:
        return Locale(LANGUAGE_DEFAULT)
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale(base)


def write_usdt(amount: str, asset: str, locale: Locale) -> str:
    """An exact decimal of USDT with its unit."""
    return f"{format_decimal(Decimal(amount), format=PATTERN, locale=locale)} {asset}"


def write_fiat(amount: str, currency: str, locale: Locale) -> str:
    """An exact decimal of a currency, as people there write it."""
    return format_currency(Decimal(amount), currency, locale=locale, decimal_quantization=False)


def write_time_left(until: datetime, now: datetime, language: str) -> str:
    """How long there is until a deadline, in whole minutes that are surely left."""
    over, short, long = LEFT.get(language, LEFT[LANGUAGE_DEFAULT])
    minutes = (until - now) // timedelta(minutes=1)
    if until <= now:
        return over
    if minutes < 60:
        return short.format(minutes=minutes)
    return long.format(hours=minutes // 60, minutes=minutes % 60)


def render(name: str, language: str, params: Mapping[str, str], now: datetime) -> Text:
    """Title and text of a notification as read at `now`.

    `params` are strings; a kind that is known no more, or parameters of an older release, are
    answered with a sentence that is always true.
    """
    kind = KINDS.get(name)
    if kind is None or not kind.params.keys() <= _known(params):
        return fill_text(OTHER_NOTICE, language)
    locale = find_locale(language)
    written = {place: _write(kind, place, params, locale, now) for place in kind.params}
    return fill_text(kind.said, locale.language, **written)


def _known(params: Mapping[str, str]) -> set[str]:
    known = set(params)
    if "deadline" in known:
        known.add("time_left")
    if "reason" in known:
        known.add("reason_words")
    return known


def _write(kind: Kind, place: str, params: Mapping[str, str], locale: Locale, now: datetime) -> str:
    writers: Mapping[Param, Callable[[], str]] = {
        Param.USDT: lambda: write_usdt(
            params[place], params["market"].rpartition("-")[0] or "USDT", locale
        ),
        Param.FIAT: lambda: write_fiat(params[place], params["currency"], locale),
        Param.DEADLINE: lambda: write_time_left(
            datetime.fromisoformat(params["deadline"]), now, locale.language
        ),
        Param.REASON: lambda: _write_reason(params["reason"], locale.language),
        Param.COUNT: lambda: params[place],
        Param.TEXT: lambda: params[place],
    }
    return writers[kind.params[place]]()


def _write_reason(reason: str, language: str) -> str:
    return WORDS.get(reason, {}).get(language, reason.replace("_", " "))
