"""GET /transactions."""

import csv
import io

import pytest


async def credit(api, *amounts, name="alice"):
    for amount in amounts:
        api.clock.advance(seconds=1)
        reply = await api.post("/api/v1/dev/credit", {"amount": amount}, name)
        assert reply.status == 201


async def test_pages_follow_the_cursor_to_the_end(api):
    await credit(api, "1", "2", "3", "4", "5")
    amounts, cursor = [], ""
    for _ in range(3):
        page = await (await api.get(f"/api/v1/transactions?limit=2{cursor}")).json()
        amounts += [item["amount"] for item in page["items"]]
        cursor = f"&cursor={page['next_cursor']}"

    assert amounts == ["5.000000", "4.000000", "3.000000", "2.000000", "1.000000"]
    assert page["next_cursor"] is None


async def test_entry_tells_amount_running_balance_reason_and_time(api):
    await credit(api, "1", "2.5")

    page = await (await api.get("/api/v1/transactions?limit=1")).json()

    entry = page["items"][0]
    entry.pop("transfer_id")
    assert entry == {
        "asset": "USDT",
        "kind": "available",
        "amount": "2.500000",
        "balance_after": "3.500000",
        "reason": "dev_credit",
        "subject_id": None,
        "created_at": "2026-01-01T00:00:02.000Z",
    }


async def test_filters_narrow_the_list(api):
    await credit(api, "1", "2", "3")
    await api.post("/api/v1/dev/faucet", {"amount": "9"})

    async def amounts(query):
        page = await (await api.get(f"/api/v1/transactions?{query}")).json()
        return [item["amount"] for item in page["items"]]

    assert await amounts("asset=USDT_TEST") == ["9.000000"]
    assert await amounts("reason=dev_faucet") == ["9.000000"]
    assert await amounts("kind=escrow") == []
    assert await amounts("since=2026-01-01T00:00:03Z&asset=USDT") == ["3.000000"]
    assert await amounts("until=2026-01-01T01:00:02%2B01:00") == ["1.000000"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("cursor=zzz", "cursor"),
        ("asset=BTC", "asset"),
        ("kind=savings", "kind"),
        ("reason=luck", "reason"),
        ("since=yesterday", "since"),
        ("since=2026-01-01T00:00:00", "since"),
        ("until=0001-01-01T00:00:00Z", "until"),
        ("until=9999-12-31T23:59:59-14:00", "until"),
        ("format=xml", "format"),
        ("offset=5", "offset"),
    ],
)
async def test_query_that_makes_no_sense_is_refused_by_field(api, query, field):
    reply = await api.get(f"/api/v1/transactions?{query}")

    assert reply.status == 422
    assert list((await reply.json())["errors"]) == [field]


@pytest.mark.parametrize(
    ("query", "accept"), [("?format=csv", "*/*"), ("", "text/csv"), ("", "text/csv;q=0.9, */*")]
)
async def test_csv_is_given_by_format_or_accept(api, query, accept):
    await credit(api, "1", "2")

    reply = await api.get(f"/api/v1/transactions{query}", Accept=accept)

    assert reply.content_type == "text/csv"
    rows = list(csv.reader(io.StringIO(await reply.text())))
    assert rows[0][:4] == ["time", "asset", "account", "amount"]
    assert [row[3] for row in rows[1:]] == ["2.000000", "1.000000"]
    assert "X-Next-Cursor" not in reply.headers


async def test_format_json_wins_over_accept(api):
    reply = await api.get("/api/v1/transactions?format=json", Accept="text/csv")

    assert reply.content_type == "application/json"


async def test_nobody_sees_the_entries_of_another(api):
    await api.add_user("bob")
    await credit(api, "1")

    page = await (await api.get("/api/v1/transactions", "bob")).json()

    assert page == {"items": [], "next_cursor": None}
