"""The settings of price APIs."""

import pytest

from server.markets.price_apis import PRICE_APIS
from server.settings import SettingsError, load_settings
from tests.unit.markets.test_feed import SECRETS

PRODUCTION = {**SECRETS, "IQX_ENV": "production"}


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"IQX_PRICE_SOURCES": "kraken,okx"}, "IQX_PRICE_SOURCES: Name at least 3"),
        ({"IQX_PRICE_SOURCES": "kraken,okx,okx"}, "IQX_PRICE_SOURCES: Name at least 3"),
        ({"IQX_PRICE_SOURCES": "kraken,okx,nasdaq"}, "There is no price API nasdaq."),
        (
            {"IQX_PRICE_SOURCES": "kraken,okx,exchangerate_host"},
            "IQX_PRICE_KEYS: exchangerate_host answers nobody without a key.",
        ),
        ({"IQX_PRICE_KEYS": "kraken"}, "IQX_PRICE_KEYS: Write name=value"),
        ({"IQX_PRICE_KEYS": "nasdaq=1"}, "IQX_PRICE_KEYS: There is no price API nasdaq."),
        ({"IQX_PRICE_URLS": "kraken=ftp://a"}, "IQX_PRICE_URLS: Write addresses that begin"),
        ({"IQX_PRICE_URLS": "kraken=https://"}, "IQX_PRICE_URLS: Write addresses that begin"),
        ({"IQX_PRICE_URLS": "kraken=https://a:x"}, "IQX_PRICE_URLS: Write addresses that begin"),
        (
            {**PRODUCTION, "IQX_PRICE_URLS": "kraken=http://a"},
            "IQX_PRICE_URLS: Write addresses that begin with https://.",
        ),
        ({"IQX_PRICE_INTERVAL_S": "61"}, "IQX_PRICE_INTERVAL_S"),
    ],
)
def test_wrong_price_settings_are_refused_by_name(environment, sentence):
    with pytest.raises(SettingsError, match=sentence):
        load_settings(environment)


def test_production_reads_every_api_that_needs_no_key():
    sources = load_settings(PRODUCTION).price_sources

    assert len(sources) >= 5
    assert set(PRICE_APIS) - set(sources) == {"exchangerate_host"}
    assert load_settings({}).price_sources == ()


def test_key_and_address_of_an_api_are_read():
    settings = load_settings(
        {
            "IQX_PRICE_SOURCES": "kraken,okx,exchangerate_host",
            "IQX_PRICE_KEYS": "exchangerate_host=a=b",
            "IQX_PRICE_URLS": "kraken=http://127.0.0.1:1, okx=https://okx.example",
        }
    )

    assert settings.price_keys == {"exchangerate_host": "a=b"}
    assert settings.price_urls == {"kraken": "http://127.0.0.1:1", "okx": "https://okx.example"}
