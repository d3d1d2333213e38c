"""GET /markets and GET /markets/{market}."""

import pytest
from sqlalchemy import insert

from models.operations import Switch
from server.markets.service import NewMarket, add_market

USDT_VND = {
    "id": "USDT-VND",
    "asset": "USDT",
    "currency": "VND",
    "minor_digits": 0,
    "price_digits": 0,
    "status": "open",
    "maker_fee_ppm": 500,
    "taker_fee_ppm": 1500,
    "amount_min": "10.000000",
    "amount_max": "50000.000000",
    "band_bp": 2000,
    "index": "26000",
    "floating_on": True,
    "index_read_at": "2026-01-01T00:00:00.000Z",
}


async def add(world, *markets):
    async def work(unit):
        for market in markets:
            await add_market(unit, market)

    await world.database.transact(work, name="test")


async def test_market_is_shown_with_its_settings_and_index(fetch):
    assert await fetch("/markets/USDT-VND") == (200, USDT_VND)


async def test_market_without_an_index_has_its_floating_side_off(world, fetch):
    await add(world, NewMarket("USDT", "USD", 4))

    _, market = await fetch("/markets/USDT-USD")

    assert (market["index"], market["floating_on"], market["index_read_at"]) == (None, False, None)


async def test_markets_are_listed_by_identifier_in_pages(world, fetch):
    await add(world, NewMarket("USDT", "USD", 4), NewMarket("USDT_TEST", "VND", 0))

    status, page = await fetch("/markets?limit=2")
    _, rest = await fetch(f"/markets?limit=2&cursor={page['next_cursor']}")

    assert status == 200
    assert [market["id"] for market in page["items"]] == ["USDT-USD", "USDT-VND"]
    assert [market["id"] for market in rest["items"]] == ["USDT_TEST-VND"]
    assert rest["next_cursor"] is None


async def test_switch_shows_its_market_as_paused(world, fetch):
    async def work(unit):
        await unit.execute(
            insert(Switch).values(
                name="market:USDT-VND", active=True, reason="test", changed_at=unit.now
            )
        )

    await world.database.transact(work, name="test")

    _, market = await fetch("/markets/USDT-VND")
    assert market["status"] == "paused"


@pytest.mark.parametrize("market", ["USDT-ZZZ", "usdt-vnd", "USDT-VND%20", "A" * 200, "%E2%82%AB"])
@pytest.mark.parametrize("part", ["", "/index", "/ticker", "/trades"])
async def test_unknown_market_is_not_found(fetch, market, part):
    status, problem = await fetch(f"/markets/{market}{part}")

    assert (status, problem["code"]) == (404, "not_found")


@pytest.mark.parametrize("cursor", ["x", "%E2%82%AB", "gICA", "AAAA", "_" * 43])
@pytest.mark.parametrize("path", ["/markets/USDT-VND/index", "/markets/USDT-VND/trades"])
async def test_forged_cursor_is_invalid(fetch, path, cursor):
    status, problem = await fetch(f"{path}?cursor={cursor}")

    assert (status, problem["code"]) == (422, "invalid")


async def test_currencies_of_the_markets_are_named_by_language(world, fetch):
    await add(world, NewMarket("USDT", "USD", 4), NewMarket("USDT_TEST", "USD", 4))

    status, shown = await fetch("/currencies?language=vi")

    assert status == 200
    assert shown["items"] == [
        {"code": "USD", "number": 840, "minor_digits": 2, "name": "Đô la Mỹ", "symbol": "US$"},
        {"code": "VND", "number": 704, "minor_digits": 0, "name": "Đồng Việt Nam", "symbol": "₫"},
    ]
