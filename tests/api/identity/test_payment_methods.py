"""GET /payment-methods."""

from datetime import timedelta

import pytest
from marshmallow import ValidationError
from sqlalchemy import select

from models.identity import PaymentMethod, Speed
from server.identity.account_routes import WINDOW_S
from server.identity.rails import upsert_payment_methods
from server.markets.catalog import list_rails, write_catalog
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
        "hours": None,
        "banks_open": True,
        "banks_change_at": None,
        "schema_version": 1,
        "fields": [
            {
                "name": "phone",
                "label": "Phone",
                "kind": "phone",
                "required": True,
                "length_min": 1,
                "length_max": 80,
                "pattern": None,
                "mask": None,
                "countries": [],
                "mobile": False,
                "prefix": "",
                "options": [],
            }
        ],
    }


async def test_methods_come_in_pages(api, rails):
    first = await (await api.ask("GET", f"{PATH}?limit=2")).json()
    assert [item["id"] for item in first["items"]] == ["eu-wise", "vn-momo"]
    second = await (await api.ask("GET", f"{PATH}?limit=2&cursor={first['next_cursor']}")).json()
    assert [item["id"] for item in second["items"]] == ["vn-vietcombank"]
    assert second["next_cursor"] is None


async def test_methods_are_filtered_by_currency_and_region(api, rails):
    async def list_ids(query):
        return [item["id"] for item in (await (await api.ask("GET", PATH + query)).json())["items"]]

    assert await list_ids("?region=DE") == ["eu-wise"]
    assert await list_ids("?region=VN") == ["vn-momo", "vn-vietcombank"]
    assert await list_ids("?region=VN&currency=EUR") == []


async def write_catalog_to(api):
    async def work(unit):
        return await write_catalog(unit, ("VND",))

    await api.database.transact(work, name="test")


async def get(api, path):
    reply = await api.ask("GET", path)
    assert reply.status == 200, await reply.text()
    return await reply.json()


async def test_form_is_drawn_from_the_schema_in_the_language_of_the_user(api):
    await write_catalog_to(api)
    english = await get(api, f"{PATH}/vn-napas")
    vietnamese = await get(api, f"{PATH}/vn-napas?language=vi-VN")
    unknown = await get(api, f"{PATH}/vn-napas?language=xx")

    labels = [[field["label"] for field in shown["fields"]] for shown in (english, vietnamese)]
    assert labels == [
        ["Bank", "Account number", "Account holder"],
        ["Ngân hàng", "Số tài khoản", "Chủ tài khoản"],
    ]
    assert unknown == english
    assert {"value": "970436", "label": "Vietcombank"} in english["fields"][0]["options"]


async def test_method_with_hours_says_whether_its_banks_are_open(api):
    await write_catalog_to(api)
    # The clock of the test begins on the first of January, a holiday.
    holiday = await get(api, f"{PATH}/vn-bank-transfer")
    api.clock.advance(hours=26)
    friday = await get(api, f"{PATH}/vn-bank-transfer")

    assert (holiday["banks_open"], holiday["banks_change_at"]) == (
        False, "2026-01-02T01:00:00.000Z",
    )  # fmt: skip
    assert (friday["banks_open"], friday["banks_change_at"]) == (
        True, "2026-01-02T09:00:00.000Z",
    )  # fmt: skip
    assert friday["hours"] == {
        "zone": "Asia/Ho_Chi_Minh", "holidays": "VN", "days": [1, 2, 3, 4, 5],
        "opens": "08:00", "closes": "16:00",
    }  # fmt: skip
    assert holiday["payment_window_s"] == friday["payment_window_s"] == 1800


async def test_every_rail_of_the_catalog_is_served_page_by_page(api):
    await write_catalog_to(api)
    seen, cursor = [], ""
    while cursor is not None:
        page = await get(api, f"{PATH}?limit=50{cursor}")
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"

    assert seen == sorted(rail["id"] for rail in list_rails())


async def test_older_version_of_the_fields_is_kept_and_shown(api):
    async def write(*rows):
        async def work(unit):
            return await upsert_payment_methods(unit, rows)

        return await api.database.transact(work, name="test")

    newer = {**MOMO["fields"][0], "label": "Telephone"}
    await write(MOMO)
    await write({**MOMO, "fields": [newer]})
    await write({**MOMO, "fields": [newer], "name": "MoMo Wallet"})

    newest = await get(api, f"{PATH}/vn-momo")
    older = await get(api, f"{PATH}/vn-momo?schema_version=1")

    assert (newest["schema_version"], newest["fields"][0]["label"]) == (2, "Telephone")
    assert (older["schema_version"], older["fields"][0]["label"]) == (1, "Phone")
    assert (await api.ask("GET", f"{PATH}/vn-momo?schema_version=3")).status == 404


@pytest.mark.parametrize("method", ["vn-none", "VN-MOMO", "%C3%A9", "x" * 41])
async def test_unknown_method_is_not_found(api, rails, method):
    assert (await api.ask("GET", f"{PATH}/{method}")).status == 404


@pytest.mark.parametrize(
    "query",
    [
        "?region=vn",
        "?language=Vietnamese",
        "?currency=vnd",
        "?currency=VND%27",
        "?cursor=_w",
        "?x=1",
    ],
)
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
