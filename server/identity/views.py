"""How identity's endpoints show people, tokens and pages."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Executable

from server.core.clock import format_instant, from_micros, to_micros
from server.core.refusals import Invalid
from server.http.endpoint import Call, Reply
from server.http.pages import read_cursor, write_cursor

ID_BYTES, INSTANT_BYTES = 16, 8
Place = Callable[[Any], bytes]
"""What a cursor after a row says."""


def _bad_cursor() -> Invalid:
    return Invalid(errors={"cursor": ["This is not a cursor of this list."]})


def read_id_cursor(cursor: str | None) -> UUID | None:
    """The identifier at which the page before ended. Refuses `Invalid` for a forged cursor."""
    if cursor is None:
        return None
    place = read_cursor(cursor)
    if len(place) != ID_BYTES:
        raise _bad_cursor()
    return UUID(bytes=place)


def read_word_cursor(cursor: str | None) -> str | None:
    """The ASCII word at which the page before ended. Refuses `Invalid` for a forged cursor."""
    if cursor is None:
        return None
    try:
        return read_cursor(cursor).decode("ascii")
    except UnicodeDecodeError:
        raise _bad_cursor() from None


def read_moment_cursor(cursor: str | None) -> tuple[datetime, UUID] | None:
    """The instant and identifier at which the page before ended. Refuses `Invalid` for a forged
    cursor."""
    if cursor is None:
        return None
    place = read_cursor(cursor)
    if len(place) != INSTANT_BYTES + ID_BYTES:
        raise _bad_cursor()
    try:
        instant = from_micros(int.from_bytes(place[:INSTANT_BYTES]))
    except OverflowError:
        raise _bad_cursor() from None
    return instant, UUID(bytes=place[INSTANT_BYTES:])


def bytes_of_moment(instant: datetime, identifier: UUID) -> bytes:
    """The place of a row in a list that is ordered by an instant, then by identifier."""
    return to_micros(instant).to_bytes(INSTANT_BYTES) + identifier.bytes


def page_of(
    items: list[Any], rows: Sequence[Any], limit: int, *, place: str | Place = "id"
) -> Reply:
    """A page of `items`, which show the first `limit` of `rows`; one row more says that there is
    another page. `place` is the column of the identifier or the word that the list is ordered by,
    or makes the place of a row."""
    cursor = None
    if len(rows) > limit:
        cursor = write_cursor(_bytes_of(rows[limit - 1], place))
    return Reply({"items": items, "next_cursor": cursor})


def _bytes_of(row: Any, place: str | Place) -> bytes:
    if not isinstance(place, str):
        return place(row)
    value: UUID | str = getattr(row, place)
    return value.bytes if isinstance(value, UUID) else value.encode("ascii")


async def read_page(
    call: Call,
    ask: Callable[[UUID | None, int], Executable],
    show: Callable[[Any], dict[str, Any]],
    *,
    place: str = "id",
) -> Reply:
    """A page of a list that one statement reads: `ask` makes it of where the page before ended and
    how many rows to read, `show` writes a row."""
    limit, ended_at = call.query["limit"], read_id_cursor(call.query["cursor"])
    async with call.database.read() as connection:
        rows = (await connection.execute(ask(ended_at, limit + 1))).all()
    return page_of([show(row) for row in rows[:limit]], rows, limit, place=place)


def show_instant(instant: datetime | None) -> str | None:
    """An instant as the API writes it, or null."""
    return None if instant is None else format_instant(instant)


def show_claim(row: Any) -> dict[str, Any]:
    """Who has taken something of a queue for himself, and until when."""
    return {
        "claimed_by": None if row.claimed_by is None else str(row.claimed_by),
        "claimed_until": show_instant(row.claimed_until),
    }


def show_user(row: Any) -> dict[str, Any]:
    """A user as he sees himself."""
    return {
        "id": str(row.user_id),
        "username": row.username,
        "email": row.email,
        "email_verified": row.email_verified_at is not None,
        "phone": row.phone,
        "phone_verified": row.phone_key is not None,
        "language": row.language,
        "role": row.role,
        "kyc_level": row.kyc_level,
        "verified": row.verified,
        "second_factor": row.second_factor,
        "money_locked_until": show_instant(row.money_locked_until),
        "created_at": format_instant(row.created_at),
    }
