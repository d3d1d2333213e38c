"""Sums as the service computes them, for clients in other languages to compare with.

`python -m tests.contract.vectors > contract/money-vectors.json` writes them anew.
"""

import json
import random
import sys
from typing import Any

from server.core.money import (
    PPM,
    DecimalError,
    PriceScale,
    fee_down,
    fiat_for_usdt_up,
    format_decimal,
    parse_decimal,
    usdt_for_fiat_down,
)

MARKETS = {"VND": (0, 0), "USD": (2, 4), "KES": (2, 2), "IDR": (2, 0)}
"""Decimal places of the money and of a price."""
TEXTS = (
    "0", "1", "0.1", "0.000001", "0.0000001", "12.50", "012", "1.", ".5", "+1", "-1", "-0",
    "1e6", "1E400", " 1", "1 ", "1,5", "1_000", "٣", "0x10", "NaN", "Infinity", "", ".",
    "999999999999999999", "1000000000000000000", "1.0000000", "00", "1.5.5",
)  # fmt: skip


def scale_of(minor_digits: int, price_digits: int) -> PriceScale:
    """One tick in minor units."""
    if minor_digits >= price_digits:
        return PriceScale(10 ** (minor_digits - price_digits), 1)
    return PriceScale(1, 10 ** (price_digits - minor_digits))


def read(text: str, places: int) -> str | None:
    """The integer that a text is, in words of the wire; None where it is refused."""
    try:
        return str(parse_decimal(text, places))
    except DecimalError:
        return None


def make_vectors(seed: int = 1) -> dict[str, Any]:
    """Cases of every function, the same for the same seed."""
    chance = random.Random(seed)
    trades = []
    for currency, (minor_digits, price_digits) in MARKETS.items():
        scale = scale_of(minor_digits, price_digits)
        for _ in range(25):
            amount = chance.randrange(1, 10 ** chance.randrange(1, 13))
            ticks = chance.randrange(1, 10 ** chance.randrange(2, 9))
            fiat = chance.randrange(1, 10 ** chance.randrange(2, 12))
            rate = chance.choice((0, 500, 1_500, PPM))
            trades.append(
                {
                    "currency": currency,
                    "minor_digits": minor_digits,
                    "price_digits": price_digits,
                    "amount": format_decimal(amount, 6),
                    "price": format_decimal(ticks, price_digits),
                    "fiat_for_amount": format_decimal(
                        fiat_for_usdt_up(amount, ticks, scale), minor_digits
                    ),
                    "fiat": format_decimal(fiat, minor_digits),
                    "amount_for_fiat": format_decimal(usdt_for_fiat_down(fiat, ticks, scale), 6),
                    "rate_ppm": rate,
                    "fee": format_decimal(fee_down(amount, rate), 6),
                }
            )
    texts = [
        {"text": text, "places": places, "value": read(text, places)}
        for text in TEXTS
        for places in (0, 2, 6)
    ]
    return {"texts": texts, "trades": trades}


def write_vectors() -> str:
    """The file's content."""
    return json.dumps(make_vectors(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(write_vectors())
