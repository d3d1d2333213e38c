"""Cursor pages: `{items, next_cursor}` with `limit` to 100. Cursors are opaque to clients."""

import base64
import binascii
from typing import Any

from marshmallow import Schema, fields, validate

from server.core.refusals import Invalid

LIMIT_DEFAULT = 50
LIMIT_MAX = 100
CURSOR_CHARS_MAX = 200


class PageQuery(Schema):
    """What every list takes."""

    limit = fields.Integer(
        load_default=LIMIT_DEFAULT,
        validate=validate.Range(1, LIMIT_MAX),
        metadata={"description": "How many items a page has at most."},
    )
    cursor = fields.String(
        load_default=None,
        validate=validate.Length(1, CURSOR_CHARS_MAX),
        metadata={"description": "`next_cursor` of the page before."},
    )


def page_schema(item: type[Schema]) -> Schema:
    """The schema of a page of `item`."""
    name = item.__name__.removesuffix("Schema")
    members: dict[str, Any] = {
        "items": fields.List(fields.Nested(item), required=True),
        "next_cursor": fields.String(required=True, allow_none=True),
    }
    return Schema.from_dict(members, name=f"{name}PageSchema")()


def write_cursor(place: bytes) -> str:
    """The cursor of a place in a list."""
    return base64.urlsafe_b64encode(place).decode().rstrip("=")


def read_cursor(cursor: str) -> bytes:
    """The place that a cursor names. Refuses `Invalid` for what is none."""
    padded = cursor + "=" * (-len(cursor) % 4)
    try:
        place = base64.b64decode(padded, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise Invalid(errors={"cursor": ["This is not a cursor of this list."]}) from None
    if write_cursor(place) != cursor:
        raise Invalid(errors={"cursor": ["This is not a cursor of this list."]})
    return place
