"""The history: pages by keyset, filters, running balances, CSV."""

import csv
import io
from datetime import timedelta

import pytest

from server.core.refusals import Invalid
from server.ledger.history import (
    CSV_HEADER,
    Filters,
    guard_cell,
    list_entries,
    read_place,
    write_csv,
    write_place,
)
from server.ledger.sheet import AccountKey


def key(user_id, kind="available", asset="USDT"):
    return AccountKey(user_id, asset, kind)


async def read_page(world, user_id, filters=None, *, after=None, limit=50, **options):
    async with world.database.read() as connection:
        return await list_entries(
            connection, user_id, filters or Filters(), after=after, limit=limit, **options
        )


async def read_all(world, user_id, filters=None, *, limit):
    entries, after = [], None
    for _ in range(100):
        page, after = await read_page(world, user_id, filters, after=after, limit=limit)
        assert len(page) <= limit
        entries += page
        if after is None:
            return entries
    raise AssertionError("the pages do not end")


async def make_history(world, count=7):
    """A credit of 100, then `count` steps of 1 to reserved, a second apart."""
    user_id = await world.add_user(available=100)
    for _ in range(count):
        world.pass_time(seconds=1)
        await world.move(1, key(user_id), key(user_id, "reserved"), reason="order_reserved")
    return user_id


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
async def test_pages_of_any_size_show_everything_once_newest_first(world, limit):
    user_id = await make_history(world)

    entries = await read_all(world, user_id, limit=limit)

    assert len(entries) == 15
    assert len({(entry.transfer_id, entry.kind) for entry in entries}) == 15
    assert [entry.created_at for entry in entries] == sorted(
        (entry.created_at for entry in entries), reverse=True
    )


async def test_last_full_page_has_no_cursor(world):
    user_id = await make_history(world, count=2)

    page, after = await read_page(world, user_id, limit=5)

    assert len(page) == 5
    assert after is None


async def test_running_balance_follows_the_amounts(world):
    user_id = await make_history(world)

    entries = await read_all(world, user_id, Filters(kind="available"), limit=3)

    assert [entry.balance_after for entry in entries] == [93, 94, 95, 96, 97, 98, 99, 100]
    assert [entry.amount for entry in entries] == [-1] * 7 + [100]


async def test_nobody_sees_the_history_of_another(world):
    await make_history(world)
    stranger = await world.add_user(available=1)

    entries = await read_all(world, stranger, limit=10)

    assert [entry.amount for entry in entries] == [1]


async def test_filters_narrow_by_asset_kind_and_reason(world):
    user_id = await make_history(world, count=3)
    await world.move(5, "suspense", key(user_id, asset="USDT_TEST"), reason="dev_faucet")

    by_asset = await read_all(world, user_id, Filters(asset="USDT_TEST"), limit=10)
    by_kind = await read_all(world, user_id, Filters(kind="reserved"), limit=2)
    by_reason = await read_all(world, user_id, Filters(reason="dev_faucet"), limit=10)

    assert [entry.amount for entry in by_asset] == [5]
    assert [entry.amount for entry in by_kind] == [1, 1, 1]
    assert by_reason == by_asset


async def test_time_range_includes_its_start_and_not_its_end(world):
    user_id = await make_history(world)
    now = world.clock.now()
    filters = Filters(
        kind="reserved", since=now - timedelta(seconds=3), until=now - timedelta(seconds=1)
    )

    entries = await read_all(world, user_id, filters, limit=10)

    assert [entry.created_at for entry in entries] == [
        now - timedelta(seconds=2),
        now - timedelta(seconds=3),
    ]


async def test_rare_filter_reads_a_bounded_number_of_postings_and_goes_on(world):
    user_id = await make_history(world, count=7)
    filters = Filters(reason="test")
    found, after, pages = [], None, 0
    while pages == 0 or after is not None:
        page, after = await read_page(world, user_id, filters, after=after, limit=1, scan_max=1)
        found += page
        pages += 1

    assert [entry.amount for entry in found] == [100]
    assert pages <= 15


async def test_cursor_survives_the_wire(world):
    user_id = await make_history(world)
    _, after = await read_page(world, user_id, limit=3)

    assert read_place(write_place(after)) == after


@pytest.mark.parametrize("cursor", ["x", "AAAA", "!" * 20, "AAAAAAAAAAAAAAAAAAAAAA", "é" * 30])
def test_foreign_cursor_is_refused(cursor):
    with pytest.raises(Invalid):
        read_place(cursor)


async def test_csv_has_a_header_and_a_line_an_entry(world):
    user_id = await make_history(world, count=1)
    entries = await read_all(world, user_id, limit=10)

    rows = list(csv.reader(io.StringIO(write_csv(entries).decode())))

    assert tuple(rows[0]) == CSV_HEADER
    assert [row[1:6] for row in rows[1:]] == [
        ["USDT", "reserved", "0.000001", "0.000001", "order_reserved"],
        ["USDT", "available", "-0.000001", "0.000099", "order_reserved"],
        ["USDT", "available", "0.000100", "0.000100", "test"],
    ]


@pytest.mark.parametrize("cell", ["=1+1", "+A1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1", "-"])
def test_cell_that_a_spreadsheet_would_run_gets_an_apostrophe(cell):
    assert guard_cell(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-1.500000", "12", "", "trade_released", "a=b"])
def test_plain_cell_stays_as_it_is(cell):
    assert guard_cell(cell) == cell
