"""Markets, and where the price index comes from."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from marshmallow import Schema, fields, validate

from server.markets.median import SOURCES_MIN
from server.markets.price_apis import PRICE_APIS
from server.settings.kinds import Names, Pairs, declare_setting

KEYLESS_APIS = tuple(name for name, api in PRICE_APIS.items() if not api.key_query)


class PriceSettings(Schema):
    """Markets, and where the price index comes from."""

    markets = declare_setting(
        Names(),
        ("VND", "USD", "EUR", "NGN", "INR", "IDR", "PHP", "THB", "BRL", "TRY", "KES"),
        "currencies whose markets `iqx migrate` adds, comma-separated; none is ever removed",
    )
    price_sources = declare_setting(
        Names(),
        None,
        "price APIs that the index is made of, at least three; none in development, where prices "
        f"are made up, all but those that need a key in production: {', '.join(PRICE_APIS)}",
    )
    price_urls = declare_setting(
        Pairs(), {}, "where price APIs are, if not at their own address: name=https://..., ..."
    )
    price_keys = declare_setting(
        Pairs(), {}, "keys that price APIs gave us: coingecko=KEY,exchangerate_host=KEY"
    )
    price_interval_s = declare_setting(
        fields.Integer(validate=validate.Range(5, 60)),
        15,
        "seconds between readings of the price APIs; a price older than 120 s counts no more",
    )
    price_timeout_s = declare_setting(
        fields.Integer(validate=validate.Range(1, 30)),
        5,
        "seconds after which a price API that does not answer is left out",
    )


def find_wrong_sources(values: Mapping[str, Any]) -> dict[str, list[str]]:
    """What is wrong with the price APIs; production sends no key over an open line."""
    problems: dict[str, list[str]] = {}
    sources = values["price_sources"]
    without_key = [name for name in sources if name not in (*KEYLESS_APIS, *values["price_keys"])]
    if sources and len(set(sources)) < SOURCES_MIN:
        problems["price_sources"] = [f"Name at least {SOURCES_MIN} different ones."]
    if without_key:
        problems["price_keys"] = [f"{', '.join(without_key)} answers nobody without a key."]
    urls = values["price_urls"].values()
    schemes = ("https://",) if values["env"] == "production" else ("https://", "http://")
    if not all(url.startswith(schemes) and _has_host(url) for url in urls):
        problems["price_urls"] = [f"Write addresses that begin with {' or '.join(schemes)}."]
    for name in ("price_sources", "price_urls", "price_keys"):
        unknown = sorted(set(values[name]) - set(PRICE_APIS))
        if unknown:
            problems[name] = [f"There is no price API {', '.join(unknown)}."]
    return problems


def _has_host(url: str) -> bool:
    try:
        return bool(urlsplit(url).hostname) and urlsplit(url).port != 0
    except ValueError:
        return False
