"""Decimal text and rounding: nothing is lost, and the remainder is whose it should be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.money import (
    MICRO,
    DecimalError,
    PriceScale,
    fee_down,
    fiat_for_usdt_up,
    format_decimal,
    minor_digits_of,
    parse_decimal,
    usdt_for_fiat_down,
)
from server.trades.rules import price_scale

VND = PriceScale(1, 1)
USD_FINE = PriceScale(1, 100)
"""Prices with four digits of a currency with two."""


@pytest.mark.parametrize(
    "text",
    ["", " 1", "1 ", "+1", "-1", "-0", "01", "1.", ".5", "1e3", "1,5", "0x10", "NaN", "Infinity",
     "٣", "1_000", "1.0000000", "1" * 19],
)  # fmt: skip
def test_what_is_no_plain_decimal_is_refused(text):
    with pytest.raises(DecimalError):
        parse_decimal(text, 6)


@given(st.integers(0, 10**15), st.integers(0, 6))
def test_writing_and_reading_gives_the_same_number(value, places):
    assert parse_decimal(format_decimal(value, places), places) == value


@given(st.integers(1, 10**13), st.integers(1, 10**9), st.sampled_from([VND, USD_FINE]))
def test_fiat_for_usdt_is_rounded_up_for_the_seller(amount, price, scale):
    fiat = fiat_for_usdt_up(amount, price, scale)

    exact_numerator, exact_denominator = amount * price * scale.num, MICRO * scale.den
    assert fiat * exact_denominator >= exact_numerator
    assert (fiat - 1) * exact_denominator < exact_numerator


@given(st.integers(1, 10**13), st.integers(1, 10**9), st.sampled_from([VND, USD_FINE]))
def test_usdt_for_fiat_is_rounded_down_for_the_seller(fiat, price, scale):
    amount = usdt_for_fiat_down(fiat, price, scale)

    numerator, denominator = fiat * MICRO * scale.den, price * scale.num
    assert amount * denominator <= numerator < (amount + 1) * denominator


@given(st.integers(1, 10**12), st.integers(1, 10**12), st.integers(0, 10_000))
def test_fees_of_parts_never_exceed_the_fee_of_the_whole(part, rest, rate):
    assert fee_down(part, rate) + fee_down(rest, rate) <= fee_down(part + rest, rate)


@pytest.mark.parametrize(
    ("currency", "digits"),
    [("VND", 0), ("JPY", 0), ("UGX", 0), ("USD", 2), ("NGN", 2), ("IDR", 2), ("KES", 2),
     ("PKR", 2), ("KWD", 3), ("TND", 3), ("IQD", 3), ("CLF", 4)],
)  # fmt: skip
def test_fiat_has_the_decimals_of_iso_4217(currency, digits):
    assert minor_digits_of(currency) == digits


@pytest.mark.parametrize("currency", ["usd", "US", "USDT", "", "U1D"])
def test_what_is_no_currency_has_no_decimals(currency):
    with pytest.raises(AssertionError):
        minor_digits_of(currency)


@pytest.mark.parametrize(
    ("price_text", "price_digits", "currency", "fiat"),
    [("25.5", 2, "USD", 2_550), ("1.0049", 4, "USD", 101), ("26000", 0, "VND", 26_000)],
)
def test_price_is_ticks_that_may_be_finer_than_the_minor_unit(
    price_text, price_digits, currency, fiat
):
    ticks = parse_decimal(price_text, price_digits)
    scale = price_scale(minor_digits_of(currency), price_digits)

    assert fiat_for_usdt_up(MICRO, ticks, scale) == fiat
    with pytest.raises(DecimalError):
        parse_decimal(f"{price_text}{'.' if '.' not in price_text else ''}00001", price_digits)


@pytest.mark.parametrize(
    ("amount", "rate", "fee"),
    [(100, 290_000, 29), (MICRO, 290_000, 290_000), (10**14 - 1, 1_000_000, 10**14 - 1),
     (1_999, 500, 0), (2_000, 500, 1), (10**15 - 1, 999_999, 999_998_999_999_999)],
)  # fmt: skip
def test_fee_is_exact_and_rounded_down(amount, rate, fee):
    assert fee_down(amount, rate) == fee


@given(st.integers(0, 10**15), st.integers(0, 10**6))
def test_fee_is_the_floor_of_the_exact_fraction(amount, rate):
    fee = fee_down(amount, rate)

    assert fee * 10**6 <= amount * rate < (fee + 1) * 10**6
