"""The parties' view of their cases, the buyer's way out, and the public log of outages."""

from uuid import UUID

from server.core.refusals import NotFound, StepUpRequired
from server.db import Unit
from server.http.endpoint import Access, Call, Reply, Routes, Subject
from server.http.pages import PageQuery, page_schema, write_cursor
from server.trades import disputes, outages, queries, refusals, schemas
from server.trades.clocks import apply_due_rows
from server.trades.desk import DESK
from server.trades.routes import caller_of, read_place
from server.trades.trade import get_trade, list_trades
from server.trades.views import view_for

ROUTES = Routes("Disputes")
OUTAGES = Routes("Status")


@ROUTES.read(
    "GET",
    "/api/v1/disputes",
    summary="Your cases, newest trade first.",
    query=PageQuery(),
    response=page_schema(schemas.DisputeSchema),
)
async def list_own_disputes(call: Call) -> Reply:
    """A page of the caller's cases."""
    user_id, limit = call.user.user_id, call.query["limit"]
    async with call.database.read() as connection:
        rows = await connection.execute(
            queries.page_of_disputes(
                user_id, before=read_place(call.query["cursor"]), limit=limit + 1
            )
        )
        found = [row.trade_id for row in rows]
        trades = {trade.id: trade for trade in await list_trades(connection, found[:limit])}
        cases = await connection.execute(queries.read_disputes(list(trades)))
        by_trade = {case.trade_id: case for case in cases}
    items = [
        disputes.view_dispute(by_trade[trade_id], trade, trade.actor_of(user_id))
        for trade_id, trade in trades.items()
    ]
    more = len(found) > limit
    return Reply(
        {"items": items, "next_cursor": write_cursor(found[limit - 1].bytes) if more else None}
    )


@ROUTES.read(
    "GET",
    "/api/v1/disputes/{id}",
    subject=Subject.OWN,
    summary="One of your cases.",
    response=schemas.DisputeSchema(),
    refusals=(NotFound,),
)
async def get_own_dispute(call: Call) -> Reply:
    """The case as its caller sees it."""
    async with call.database.read() as connection:
        trade_id = await disputes.find_trade_of(connection, call.path_id())
        trade = await get_trade(connection, trade_id)
        actor = trade.actor_of(call.user.user_id)
        case = (await connection.execute(queries.read_disputes([trade_id]))).one()
    return Reply(disputes.view_dispute(case, trade, actor))


@ROUTES.write(
    "POST",
    "/api/v1/disputes/{id}/concede",
    subject=Subject.OWN,
    summary="Give the case up as the buyer; the escrow goes back. Needs a step-up for the trade.",
    response=schemas.TradeSchema(),
    refusals=(NotFound, StepUpRequired, refusals.WrongTradeStatus, refusals.OtherSidesPart),
    step_up=True,
)
async def concede(call: Call, unit: Unit) -> Reply:
    """The buyer concedes."""
    desk = call.app[DESK]
    async with call.database.read() as connection:
        trade_id = await disputes.find_trade_of(connection, call.path_id())
    await apply_due_rows(desk, trade_id)
    trade = await disputes.concede(unit, desk, caller_of(call), call.path_id())
    return Reply(view_for(trade, trade.actor_of(call.user.user_id), unit.now))


@OUTAGES.read(
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
