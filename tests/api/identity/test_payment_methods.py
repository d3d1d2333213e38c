"""GET /payment-methods."""

from datetime import timedelta

import pytest
from marshmallow import ValidationError
from sqlalchemy import select

from models.identity import PaymentMethod, Speed
from server.identity.account_routes import WINDOW_S
from server.identity.rails import upsert_payment_methods
from server.trades.rules import WINDOW
from tests.api.identity.conftest import MOMO, VIETCOMBANK

PATH = "/api/v1/payment-methods"


async def test_methods_are_listed_with_fields_region_currency_and_window(api, rails):
    reply = await api.ask("GET", f"{PATH}?currency=VND")
    assert reply.status == 200
    body = await reply.json()
    assert [item["id"] for item in body["items"]] == ["vn-momo", "vn-vietcombank"]
    assert body["items"][0] == {
        "id": "vn-momo",
        "name": "MoMo",
        "currency": "VND",
        "region": "VN",
        "reversibility": "final",
        "speed": "instant",
        "payment_window_s": 900,
        "fields": [
            {
                "name": "phone",
                "label": "Phone",
                "kind": "phone",
                "required": True,
                "length_min": 1,
                "length_max": 80,
                "pattern": None,
            }
        ],
    }


async def test_methods_come_in_pages(api, rails):
    first = await (await api.ask("GET", f"{PATH}?limit=2")).json()
    assert [item["id"] for item in first["items"]] == ["eu-wise", "vn-momo"]
    second = await (await api.ask("GET", f"{PATH}?limit=2&cursor={first['next_cursor']}")).json()
    assert [item["id"] for item in second["items"]] == ["vn-vietcombank"]
    assert second["next_cursor"] is None


@pytest.mark.parametrize("query", ["?currency=vnd", "?currency=VND%27", "?cursor=_w", "?x=1"])
async def test_malformed_filter_is_refused(api, rails, query):
    assert (await api.ask("GET", PATH + query)).status == 422


async def test_methods_are_written_only_when_new_or_changed(api):
    async def write(*rows):
        async def work(unit):
            return await upsert_payment_methods(unit, rows)

        return await api.database.transact(work, name="test")

    assert await write(VIETCOMBANK, MOMO) == 2
    assert await write(VIETCOMBANK, MOMO) == 0
    assert await write(VIETCOMBANK, {**MOMO, "name": "MoMo Wallet"}) == 1
    rows = await api.read(select(PaymentMethod.name).where(PaymentMethod.id == "vn-momo"))
    assert [row.name for row in rows] == ["MoMo Wallet"]


@pytest.mark.parametrize(
    "change", [{"currency": "dong"}, {"speed": "slow"}, {"fields": []}, {"id": "VN"}, {"fee": 1}]
)
async def test_method_of_another_shape_is_a_fault(api, change):
    async def work(unit):
        return await upsert_payment_methods(unit, [{**MOMO, **change}])

    with pytest.raises(ValidationError):
        await api.database.transact(work, name="test")


def test_shown_window_is_the_one_that_trades_use():
    assert {Speed(speed): timedelta(seconds=s) for speed, s in WINDOW_S.items()} == dict(WINDOW)
