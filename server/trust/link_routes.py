"""The staff's endpoints of links between accounts."""

from functools import partial
from typing import Any

import orjson
from marshmallow import Schema, fields, validate

from models.links import LinkStatus
from server.core.clock import format_instant
from server.core.permissions import Permission
from server.core.refusals import NotFound
from server.db import Unit
from server.http.endpoint import Call, Reply, Routes
from server.http.pages import PageQuery, page_schema
from server.identity.context import IDENTITY
from server.identity.step_up import STAFF, use_request_proof
from server.identity.views import read_page, show_instant
from server.trust import link_queries as queries
from server.trust import links, refusals

ROUTES = Routes("Links")
_STATUS = validate.OneOf([each.value for each in LinkStatus])


class LinkQuery(PageQuery):
    """Which links."""

    status = fields.String(load_default=None, validate=_STATUS)


class LinkReasonSchema(Schema):
    """What gave a link points, or took some."""

    signal = fields.String(required=True)
    points = fields.Integer(required=True)
    crowd = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "How many accounts share it; null for what is not shared."},
    )


class LinkedAccountSchema(Schema):
    """One of the two."""

    user_id = fields.String(required=True)
    username = fields.String(required=True)


class AccountLinkSchema(Schema):
    """Two accounts that have much in common."""

    id = fields.String(required=True)
    users = fields.List(fields.Nested(LinkedAccountSchema), required=True)
    score = fields.Integer(required=True)
    reasons = fields.List(fields.Nested(LinkReasonSchema), required=True)
    status = fields.String(required=True, validate=_STATUS)
    created_at = fields.String(required=True, metadata={"format": "date-time"})
    updated_at = fields.String(required=True, metadata={"format": "date-time"})
    decided_by = fields.String(required=True, allow_none=True)
    decided_at = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})
    note = fields.String(required=True, allow_none=True)


class AccountLinksSchema(Schema):
    """The links of a user."""

    items = fields.List(fields.Nested(AccountLinkSchema), required=True)


class LinkDecisionSchema(Schema):
    """What the staff found."""

    confirmed = fields.Boolean(
        required=True,
        truthy={True},
        falsy={False},
        metadata={"description": "Whether the two accounts are one person's."},
    )
    note = fields.String(required=True, validate=validate.Length(3, 500))


LINK_PAGE = page_schema(AccountLinkSchema)


def show_link(row: Any) -> dict[str, Any]:
    """A link as the staff reads it: what agrees, never its value."""
    return {
        "id": str(row.id),
        "users": [
            {"user_id": str(row.low_id), "username": row.low_username},
            {"user_id": str(row.high_id), "username": row.high_username},
        ],
        "score": row.score,
        "reasons": orjson.loads(row.reasons),
        "status": row.status,
        "created_at": format_instant(row.created_at),
        "updated_at": format_instant(row.updated_at),
        "decided_by": None if row.decided_by is None else str(row.decided_by),
        "decided_at": show_instant(row.decided_at),
        "note": row.note,
    }


@ROUTES.read(
    "GET",
    "/api/admin/links",
    summary="Accounts that are thought to be one person's, newest first, with the reasons.",
    access=Permission.REVIEW_LINKS,
    query=LinkQuery(),
    response=LINK_PAGE,
)
async def list_links(call: Call) -> Reply:
    """A page of links."""
    return await read_page(call, partial(queries.links, call.query["status"]), show_link)


@ROUTES.read(
    "GET",
    "/api/admin/users/{id}/links",
    summary="With whom a user shares what, the strongest link first.",
    access=Permission.REVIEW_LINKS,
    response=AccountLinksSchema(),
)
async def list_links_of_user(call: Call) -> Reply:
    """The links of a user, a hundred at most."""
    async with call.database.read() as connection:
        statement = queries.links_of(call.path_id(), links.LINKS_SHOWN_MAX)
        rows = (await connection.execute(statement)).all()
    return Reply({"items": [show_link(row) for row in rows]})


@ROUTES.write(
    "POST",
    "/api/admin/links/{id}/decision",
    summary="Say whether two accounts are one person's; that stays until it is decided anew.",
    access=Permission.REVIEW_LINKS,
    body=LinkDecisionSchema(),
    response=AccountLinkSchema(),
    refusals=(NotFound, refusals.OwnLink),
    step_up=True,
)
async def decide_link(call: Call, unit: Unit) -> Reply:
    """The link as it is then."""
    link_id = call.path_id()
    await links.get_link(unit, link_id)
    await use_request_proof(unit, call, STAFF)
    await links.decide_link(
        unit, call.app[IDENTITY].hooks, link_id, by=call.user.user_id, **call.body
    )
    return Reply(show_link(await links.get_link(unit, link_id)))
