"""The public log of outages."""

from uuid import UUID

from server.http.endpoint import Access, Call, Reply, Routes
from server.http.pages import PageQuery, page_schema, write_cursor
from server.trades import outages, schemas
from server.trades.routes import read_place

ROUTES = Routes("Status")


@ROUTES.read(
    "GET",
    "/api/v1/outages",
    summary="Times in which the platform could not serve; open deadlines got this time back.",
    access=Access.PUBLIC,
    query=PageQuery(),
    response=page_schema(schemas.OutageSchema),
)
async def list_outages(call: Call) -> Reply:
    """The public log, newest first."""
    limit = call.query["limit"]
    async with call.database.read() as connection:
        found = await outages.list_outages(
            connection, before=read_place(call.query["cursor"]), limit=limit + 1
        )
    items = found[:limit]
    more = len(found) > limit
    return Reply(
        {"items": items, "next_cursor": write_cursor(_bytes_of(items[-1])) if more else None}
    )


def _bytes_of(item: dict[str, object]) -> bytes:
    return UUID(str(item["id"])).bytes
