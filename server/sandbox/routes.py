"""The endpoints of the sandbox, served with the development helpers."""

from functools import partial

from server.core.refusals import Invalid, NotFound
from server.db import Unit
from server.http.endpoint import Call, Reply, Routes, Subject
from server.http.pages import PageQuery
from server.identity.views import read_page
from server.sandbox import counterparties, queries, refusals, schemas
from server.sandbox.warp import warp_trade
from server.trades.desk import DESK
from server.trades.routes import caller_of
from server.trades.rules import NAME_CHARS_MIN
from server.trades.schemas import TradeSchema
from server.trades.views import view_for

ROUTES = Routes("Sandbox")


@ROUTES.write(
    "POST",
    "/api/v1/sandbox/counterparties",
    summary="Ask for somebody made up who trades USDT_TEST with you as his script says.",
    body=schemas.AskCounterpartySchema(),
    response=schemas.CounterpartySchema(),
    status=201,
    refusals=(NotFound, refusals.NotSandbox, refusals.TooManyCounterparties),
)
async def ask_counterparty(call: Call, unit: Unit) -> Reply:
    """The counterparty; his order comes a moment later."""
    asked = call.body
    if asked["side"] == "sell" and len(asked["payer_name"]) < NAME_CHARS_MIN:
        raise Invalid(errors={"payer_name": ["Say whose name his bank shows."]})
    row = await counterparties.ask_counterparty(unit, call.user.user_id, asked)
    return Reply(counterparties.show(row, None), 201)


@ROUTES.read(
    "GET",
    "/api/v1/sandbox/counterparties",
    summary="Your counterparties, newest first.",
    query=PageQuery(),
    response=schemas.COUNTERPARTY_PAGE,
)
async def list_counterparties(call: Call) -> Reply:
    """A page, without what the bank shows."""
    ask = partial(queries.page_of_user, call.user.user_id)
    return await read_page(call, ask, partial(counterparties.show, bank=None))


@ROUTES.read(
    "GET",
    "/api/v1/sandbox/counterparties/{id}",
    subject=Subject.OWN,
    summary="One of your counterparties, and what your bank shows of his payment.",
    response=schemas.CounterpartySchema(),
    refusals=(NotFound,),
)
async def get_counterparty(call: Call) -> Reply:
    """The counterparty."""
    async with call.database.read() as connection:
        row = await counterparties.get_own(connection, call.user.user_id, call.path_id())
        bank = await counterparties.read_bank(connection, row)
    return Reply(counterparties.show(row, bank))


@ROUTES.write(
    "DELETE",
    "/api/v1/sandbox/counterparties/{id}",
    subject=Subject.OWN,
    summary="Send a counterparty away: he does nothing more.",
    response=schemas.CounterpartySchema(),
    refusals=(NotFound,),
)
async def send_counterparty_away(call: Call, unit: Unit) -> Reply:
    """The counterparty."""
    row = await counterparties.send_away(unit, call.user.user_id, call.path_id())
    return Reply(counterparties.show(row, None))


@ROUTES.write(
    "POST",
    "/api/v1/sandbox/trades/{id}/warp",
    subject=Subject.OWN,
    summary="Let time pass for one of your trades of USDT_TEST; no other clock moves.",
    body=schemas.WarpSchema(),
    response=TradeSchema(),
    refusals=(NotFound, refusals.NotSandbox, refusals.NothingRuns),
)
async def warp_sandbox_trade(call: Call, unit: Unit) -> Reply:
    """The trade as its clocks leave it."""
    caller, seconds = caller_of(call), call.body["seconds"]
    trade = await warp_trade(unit, call.app[DESK], caller, call.path_id(), seconds)
    return Reply(view_for(trade, trade.actor_of(call.user.user_id), unit.now))
