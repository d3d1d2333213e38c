"""The endpoints of the lists of people that one keeps."""

from datetime import datetime
from functools import partial
from typing import Any

from server.core.clock import format_instant
from server.core.refusals import NotFound
from server.db import Unit
from server.http.endpoint import Call, Reply, Routes
from server.http.pages import PageQuery
from server.identity import list_queries, lists, schemas
from server.identity.context import IDENTITY
from server.identity.refusals import (
    BlockOfOneself,
    TooManyBlocks,
    TooManyTrusted,
    TrustOfBlocked,
    TrustOfOneself,
)
from server.identity.views import read_page

ROUTES = Routes("Identity")


def _show(username: str, created_at: datetime) -> dict[str, Any]:
    return {"username": username, "created_at": format_instant(created_at)}


async def _read_page(call: Call, table: list_queries.PeopleTable) -> Reply:
    return await read_page(
        call,
        partial(list_queries.people_of, table, call.user.user_id),
        lambda row: _show(row.username, row.created_at),
        place="other_id",
    )


@ROUTES.read(
    "GET",
    "/api/v1/me/blocks",
    summary="Whom one does not trade with.",
    query=PageQuery(),
    response=schemas.BLOCK_PAGE,
)
async def list_blocks(call: Call) -> Reply:
    """A page of blocks."""
    return await _read_page(call, list_queries.BLOCKED)


@ROUTES.write(
    "POST",
    "/api/v1/me/blocks",
    summary="Never be matched with a user; he is not told.",
    body=schemas.NewBlockSchema(),
    response=schemas.BlockSchema(),
    status=201,
    refusals=(NotFound, BlockOfOneself, TooManyBlocks),
)
async def create_block(call: Call, unit: Unit) -> Reply:
    """A block."""
    blocked = await lists.block_user(
        call.app[IDENTITY], unit, call.user.user_id, call.body["username"]
    )
    return Reply(_show(*blocked), 201)


@ROUTES.write(
    "DELETE",
    "/api/v1/me/blocks/{username}",
    summary="Take a block back.",
    response=None,
    status=204,
    refusals=(NotFound,),
)
async def delete_block(call: Call, unit: Unit) -> Reply:
    """The end of a block."""
    await lists.unblock_user(call.app[IDENTITY], unit, call.user.user_id, call.path["username"])
    return Reply(None, 204)


@ROUTES.read(
    "GET",
    "/api/v1/me/trusted",
    summary="Whom one trusts.",
    query=PageQuery(),
    response=schemas.TRUSTED_PAGE,
)
async def list_trusted(call: Call) -> Reply:
    """A page of the people whom one trusts."""
    return await _read_page(call, list_queries.TRUSTED)


@ROUTES.write(
    "POST",
    "/api/v1/me/trusted",
    summary="Remember that one trusts a user; he is not told.",
    body=schemas.NewTrustedSchema(),
    response=schemas.TrustedSchema(),
    status=201,
    refusals=(NotFound, TrustOfOneself, TrustOfBlocked, TooManyTrusted),
)
async def create_trusted(call: Call, unit: Unit) -> Reply:
    """Who is trusted, and since when."""
    trusted = await lists.trust_user(unit, call.user.user_id, call.body["username"])
    return Reply(_show(*trusted), 201)


@ROUTES.write(
    "DELETE",
    "/api/v1/me/trusted/{username}",
    summary="Trust a user no more; he is not told.",
    response=None,
    status=204,
    refusals=(NotFound,),
)
async def delete_trusted(call: Call, unit: Unit) -> Reply:
    """The end of trust."""
    await lists.distrust_user(unit, call.user.user_id, call.path["username"])
    return Reply(None, 204)
