"""How identity's endpoints show people, tokens and pages."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from server.core.clock import format_instant
from server.core.refusals import Invalid
from server.http.endpoint import Reply
from server.http.pages import read_cursor, write_cursor


def read_id_cursor(cursor: str | None) -> UUID | None:
    """The identifier at which the page before ended. Refuses `Invalid` for a forged cursor."""
    if cursor is None:
        return None
    place = read_cursor(cursor)
    if len(place) != 16:
        raise Invalid(errors={"cursor": ["This is not a cursor of this list."]})
    return UUID(bytes=place)


def page_of(items: list[Any], rows: Sequence[Any], limit: int, *, place: str = "id") -> Reply:
    """A page of `items`, which show the first `limit` of `rows`; one row more says that there is
    another page. `place` is the column of the identifier that the list is ordered by."""
    cursor = None
    if len(rows) > limit:
        last_id: UUID = getattr(rows[limit - 1], place)
        cursor = write_cursor(last_id.bytes)
    return Reply({"items": items, "next_cursor": cursor})


def show_instant(instant: datetime | None) -> str | None:
    """An instant as the API writes it, or null."""
    return None if instant is None else format_instant(instant)


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
