"""The markets and payment methods that come with the product."""

from collections import Counter

import pytest
from sqlalchemy import func, select

from models.identity import PaymentMethod
from models.markets import Market, MarketSettings
from server.core.money import is_currency
from server.markets.catalog import (
    CatalogError,
    list_markets,
    list_rails,
    read_country,
    write_catalog,
)
from server.markets.currencies import LANGUAGES_MAX, describe_currency, find_locale
from server.markets.rail_schema import LANGUAGES

CURRENCIES = ("VND", "USD", "EUR", "NGN", "INR", "IDR", "PHP", "THB", "BRL", "TRY", "KES")
NAMED = (
    "Vietcombank", "Techcombank", "MoMo", "ZaloPay", "Zelle", "Wise", "Cash App", "SEPA Instant",
    "Revolut", "OPay", "PalmPay", "Kuda", "UPI", "IMPS", "Paytm", "BCA", "GoPay", "OVO", "GCash",
    "Maya", "PromptPay", "TrueMoney", "Pix", "Papara", "FAST", "M-Pesa",
)  # fmt: skip


def test_each_currency_has_a_market_and_at_least_six_rails():
    rails = Counter(rail["currency"] for rail in list_rails())

    assert tuple(market.currency for market in list_markets()) == CURRENCIES
    assert set(rails) == set(CURRENCIES)
    assert min(rails.values()) >= 6


def test_rails_that_people_use_are_there_by_name():
    assert set(NAMED) <= {rail["name"] for rail in list_rails()}


def test_one_tick_is_at_most_a_few_hundredths_of_a_percent():
    # A tick of the dearest unit is one part in demo_ticks.
    assert all(market.demo_ticks >= 5_000 for market in list_markets())


def test_every_label_is_written_in_each_language():
    labels = [field["label"] for rail in list_rails() for field in rail["fields"]]

    assert all(set(LANGUAGES) <= set(label) for label in labels)


def test_names_of_fields_say_whose_account_it_is_everywhere():
    for rail in list_rails():
        assert [field["kind"] for field in rail["fields"]].count("name") == 1, rail["id"]


def test_slow_rails_of_banks_have_hours_and_instant_ones_have_none():
    assert all(rail["hours"] is None for rail in list_rails() if "speed" not in rail)
    assert sum(rail["hours"] is not None for rail in list_rails()) >= 8


COUNTRY = {
    "currency": "VND",
    "region": "VN",
    "rails": [
        {
            "id": "vn-one", "name": "One", "reversibility": "final",
            "fields": [{"name": "number", "use": "number"}],
        }
    ],
}  # fmt: skip
COMMON = {"number": {"kind": "digits", "label": {"en": "Number"}}}


@pytest.mark.parametrize(
    "broken",
    [
        {"currency": "VNX"},
        {"region": "Viet Nam"},
        {"hours": {"zone": "Mars/North"}, "rails": [{**COUNTRY["rails"][0], "hours": True}]},
        {"rails": [{**COUNTRY["rails"][0], "reversibility": "maybe"}]},
        {"rails": [{**COUNTRY["rails"][0], "fields": [{"name": "number", "use": "other"}]}]},
        {"rails": [{**COUNTRY["rails"][0], "fields": []}]},
        {"rails": [{**COUNTRY["rails"][0], "fields": [
            {"name": "number", "use": "number", "space": "bank:{bank}"}]}]},
        {"rails": [{**COUNTRY["rails"][0], "fields": [
            {"name": "number", "use": "number", "identifies": False}]}]},
        {"rails": [{**COUNTRY["rails"][0], "fields": [
            {"name": "number", "use": "number", "pattern": "("}]}]},
        {"rails": [{**COUNTRY["rails"][0], "fields": [
            {"name": "number", "use": "number", "kind": "choice"}]}]},
    ],
)  # fmt: skip
def test_file_that_cannot_be_used_is_refused_by_name(broken):
    assert len(read_country(COUNTRY, COMMON, "vn.toml")) == 1

    with pytest.raises(CatalogError, match=r"vn\.toml"):
        read_country({**COUNTRY, **broken}, COMMON, "vn.toml")


async def test_catalog_is_written_once_and_leaves_markets_alone(markets):
    async def write(currencies):
        async def work(unit):
            return await write_catalog(unit, currencies)

        return await markets.database.transact(work, name="test")

    first, again = await write(("USD", "KES")), await write(("USD", "KES"))

    assert first == len(list_rails()) + 2
    assert again == 0
    ids = select(Market.id).order_by(Market.id)
    # The market of the fixture is there already.
    assert await markets.fetch(ids) == [("USDT-KES",), ("USDT-USD",), ("USDT-VND",)]
    settings = select(
        MarketSettings.maker_fee_ppm, MarketSettings.taker_fee_ppm,
        MarketSettings.amount_min_micro, MarketSettings.amount_max_micro,
    ).where(MarketSettings.market == "USDT-KES")  # fmt: skip
    assert await markets.fetch(settings) == [(500, 1500, 10_000_000, 50_000_000_000)]
    counted = select(func.count()).select_from(PaymentMethod)
    assert await markets.fetch(counted) == [(len(list_rails()),)]


async def test_currency_without_a_market_is_refused_by_name(markets):
    async def work(unit):
        await write_catalog(unit, ("VND", "XAU"))

    with pytest.raises(CatalogError, match="XAU"):
        await markets.database.transact(work, name="test")


@pytest.mark.parametrize(
    ("code", "language", "name", "symbol", "digits"),
    [
        ("VND", "en", "Vietnamese Dong", "₫", 0),
        ("VND", "vi", "Đồng Việt Nam", "₫", 0),
        ("USD", "vi-VN", "Đô la Mỹ", "US$", 2),
        ("NGN", "xx", "Nigerian Naira", "NGN", 2),
    ],
)
def test_currencies_are_named_by_language(code, language, name, symbol, digits):
    card = describe_currency(code, language)

    assert (card.name, card.symbol, card.minor_digits) == (name, symbol, digits)


def test_not_all_languages_that_strangers_name_are_remembered():
    for number in range(LANGUAGES_MAX + 1):
        assert find_locale(f"xx-{number}") == "en"
    assert find_locale.cache_info().currsize <= LANGUAGES_MAX


@pytest.mark.parametrize("code", ["XAU", "XTS", "vnd", "VNX", "", "DONG"])
def test_gold_and_test_codes_are_no_money(code):
    assert not is_currency(code)
