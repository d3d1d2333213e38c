"""Cursors of lists: what a page wrote is read again, and nothing else is."""

from datetime import UTC, datetime
from types import SimpleNamespace
from uuid import UUID

import pytest

from server.core.refusals import Invalid
from server.http.pages import write_cursor
from server.identity.views import (
    bytes_of_moment,
    page_of,
    read_id_cursor,
    read_moment_cursor,
    read_word_cursor,
)

MOMENT = datetime(2026, 1, 1, 12, 30, tzinfo=UTC)
ROWS = [SimpleNamespace(id=UUID(int=n), word=f"vn-{n}", at=MOMENT) for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("read", "place", "ended_at"),
    [
        (read_id_cursor, "id", UUID(int=2)),
        (read_word_cursor, "word", "vn-2"),
        (read_moment_cursor, lambda row: bytes_of_moment(row.at, row.id), (MOMENT, UUID(int=2))),
    ],
)
def test_page_goes_on_where_the_one_before_ended(read, place, ended_at):
    page = page_of(["a", "b"], ROWS, 2, place=place).body
    assert page["items"] == ["a", "b"]
    assert read(page["next_cursor"]) == ended_at
    assert page_of(["a", "b", "c"], ROWS, 3, place=place).body["next_cursor"] is None
    assert read(None) is None


@pytest.mark.parametrize(
    ("read", "places"),
    [
        (read_id_cursor, (b"", bytes(15), bytes(17))),
        (read_word_cursor, (b"\xff", "vn-ngân".encode())),
        (read_moment_cursor, (bytes(16), bytes(23), bytes(25), b"\xff" * 24)),
    ],
)
def test_cursor_of_another_list_is_refused(read, places):
    for cursor in (*map(write_cursor, places), "not base64", "____=", "AB"):
        with pytest.raises(Invalid):
            read(cursor)
