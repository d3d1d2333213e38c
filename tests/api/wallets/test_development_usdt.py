"""POST /dev/faucet and POST /dev/credit."""

import pytest
from sqlalchemy import select

from models.ledger import PlatformPosting
from server.settings import SettingsError, load_settings
from server.wiring import list_endpoints

PATHS = ("/api/v1/dev/faucet", "/api/v1/dev/credit")


@pytest.mark.parametrize(("path", "asset"), [(PATHS[0], "USDT_TEST"), (PATHS[1], "USDT")])
async def test_amount_arrives_in_the_available_account(api, path, asset):
    reply = await api.post(path, {"amount": "12.345678"})

    assert reply.status == 201
    body = await reply.json()
    assert (body["asset"], body["available"], body["locked"]) == (asset, "12.345678", "0.000000")


async def test_amounts_are_booked_against_their_platform_accounts(api):
    await api.post("/api/v1/dev/faucet", {"amount": "2"})
    await api.post("/api/v1/dev/credit", {"amount": "3"})

    async with api.database.read() as connection:
        rows = await connection.execute(
            select(PlatformPosting.account, PlatformPosting.asset, PlatformPosting.amount).order_by(
                PlatformPosting.account
            )
        )
    assert [tuple(row) for row in rows] == [
        ("custody:dev", "USDT", -3_000_000),
        ("suspense", "USDT_TEST", -2_000_000),
    ]


async def test_same_key_gives_once(api):
    first = await api.post(PATHS[1], {"amount": "5"}, key="once")
    again = await api.post(PATHS[1], {"amount": "5"}, key="once")

    assert await first.read() == await again.read()
    wallet = await (await api.get("/api/v1/wallet")).json()
    assert wallet["items"][0]["available"] == "5.000000"


@pytest.mark.parametrize(
    "amount", ["0", "-1", "1e3", "1.0000001", "01", "", " 1", "1000000.000001", 5, None, 1.5, "NaN"]
)
async def test_amount_that_is_none_is_refused(api, amount):
    reply = await api.post(PATHS[1], {"amount": amount})

    assert reply.status == 422
    assert list((await reply.json())["errors"]) == ["amount"]


def test_development_settings_serve_both():
    paths = {endpoint.path for endpoint in list_endpoints(load_settings({}))}

    assert paths.issuperset(PATHS)


def test_without_development_helpers_neither_is_served():
    settings = load_settings({"IQX_DEVELOPMENT_HELPERS": "false"})

    assert not {endpoint.path for endpoint in list_endpoints(settings)}.intersection(PATHS)


def test_production_settings_refuse_development_helpers():
    with pytest.raises(SettingsError, match="IQX_DEVELOPMENT_HELPERS"):
        load_settings({"IQX_ENV": "production", "IQX_DEVELOPMENT_HELPERS": "true"})
