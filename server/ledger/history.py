"""A user's postings, newest first, by keyset; and as CSV."""

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from server.core.clock import format_instant
from server.core.ids import first_id_at
from server.core.money import format_usdt
from server.core.refusals import Invalid
from server.http.pages import read_cursor, write_cursor
from server.ledger import queries

CHUNK = 500
SCAN_MAX = 5_000
"""A page whose filters let little through reads no more postings than this, and goes on at its
cursor."""
CSV_ROWS_MAX = 10_000
SKEW = timedelta(seconds=60)
"""How far a transfer's identifier may be from its time."""
_PLAIN_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
_FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")
CSV_HEADER = (
    "time",
    "asset",
    "account",
    "amount",
    "balance",
    "reason",
    "subject_id",
    "transfer_id",
)


class Entry(NamedTuple):
    """One posting with what its transfer says; amounts in micro-units, a credit is positive."""

    transfer_id: UUID
    asset: str
    kind: str
    amount: int
    balance_after: int
    reason: str
    subject_id: UUID | None
    created_at: datetime


class Place(NamedTuple):
    """The last entry of a page."""

    transfer_id: UUID
    kind: str


@dataclass(frozen=True, slots=True)
class Filters:
    """What to show; None shows all. The range is from `since` on, before `until`."""

    asset: str | None = None
    kind: str | None = None
    reason: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def admit(self, entry: Entry) -> bool:
        """Whether the entry is asked for."""
        return (
            self.asset in (None, entry.asset)
            and self.kind in (None, entry.kind)
            and self.reason in (None, entry.reason)
            and (self.since is None or entry.created_at >= self.since)
            and (self.until is None or entry.created_at < self.until)
        )


def write_place(place: Place) -> str:
    """The cursor of a place."""
    return write_cursor(place.transfer_id.bytes + place.kind.encode())


def read_place(cursor: str) -> Place:
    """The place of a cursor. Refuses `Invalid`."""
    raw = read_cursor(cursor)
    kind = raw[16:]
    if len(raw) <= 16 or not kind.isalpha() or not kind.isascii():
        raise Invalid(errors={"cursor": ["This is not a cursor of this list."]})
    return Place(UUID(bytes=raw[:16]), kind.decode())


async def list_entries(
    connection: AsyncConnection,
    user_id: UUID,
    filters: Filters,
    *,
    after: Place | None,
    limit: int,
    scan_max: int = SCAN_MAX,
) -> tuple[list[Entry], Place | None]:
    """A page of the user's entries, newest first, and the place to go on from; None at the end.

    At most `scan_max` postings are read, so a page may have fewer entries than `limit`, even
    none, and still not be the last.
    """
    oldest = None if filters.since is None else first_id_at(filters.since - SKEW)
    newest = None if filters.until is None else first_id_at(filters.until + SKEW)
    found: list[Entry] = []
    scanned, place = 0, after
    chunk = CHUNK if filters != Filters() else min(CHUNK, limit)
    while scanned < scan_max:
        statement = queries.list_postings(
            user_id,
            newest=newest if place is None else place.transfer_id,
            oldest=oldest,
            # Both entries of the transfer at the cursor may come again, and one more tells
            # whether there is anything after the page.
            limit=chunk + 3,
        )
        rows = [Entry(*row) for row in await connection.execute(statement)]
        fresh = [row for row in rows if place is None or _comes_after(row, place)]
        for entry in fresh:
            if len(found) == limit:
                return found, place
            place = Place(entry.transfer_id, entry.kind)
            if filters.admit(entry):
                found.append(entry)
        if len(rows) < chunk + 3:
            return found, None
        scanned += len(fresh)
    return found, place


def _comes_after(entry: Entry, place: Place) -> bool:
    return (entry.transfer_id, entry.kind) < place


async def list_entries_for_export(
    connection: AsyncConnection, user_id: UUID, filters: Filters, *, after: Place | None
) -> tuple[list[Entry], Place | None]:
    """As `list_entries`, with at most `CSV_ROWS_MAX` entries."""
    return await list_entries(
        connection, user_id, filters, after=after, limit=CSV_ROWS_MAX, scan_max=2 * CSV_ROWS_MAX
    )


def write_csv(entries: Iterable[Entry]) -> bytes:
    """The entries as CSV (RFC 4180, UTF-8) with a header line."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(CSV_HEADER)
    for entry in entries:
        cells = (
            format_instant(entry.created_at),
            entry.asset,
            entry.kind,
            format_usdt(entry.amount),
            format_usdt(entry.balance_after),
            entry.reason,
            "" if entry.subject_id is None else str(entry.subject_id),
            str(entry.transfer_id),
        )
        writer.writerow([guard_cell(cell) for cell in cells])
    return text.getvalue().encode()


def guard_cell(cell: str) -> str:
    """The cell as a spreadsheet shows it: text that it would run as a formula gets an apostrophe.

    Plain numbers stay numbers, negative ones too.
    """
    if cell.startswith(_FORMULA_STARTS) and not _PLAIN_NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell
