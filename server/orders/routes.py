"""Calls about orders, and the book of a market."""

import struct
from typing import Any
from uuid import UUID

from aiohttp import web

from server.core.money import format_decimal, format_usdt
from server.core.refusals import Conflict, Invalid, NotFound, Refusal
from server.http.endpoint import Access, Call, Reply, Routes, Subject
from server.http.pages import page_schema, read_cursor, write_cursor
from server.http.scopes import Scope
from server.matching.shelf import DepthLevel
from server.orders import batch_calls, queries
from server.orders.host import LANES, LaneHost
from server.orders.lane.loading import order_of_row, record_of_row
from server.orders.lane.records import MarketCard
from server.orders.parsing import PRICE_TICKS_MAX
from server.orders.refusals import BY_CODE, LaneBusy, LaneElsewhere, LaneLate, TermsRefused
from server.orders.requests import (
    BatchSchema,
    EditSchema,
    OrdersQuery,
    PlaceSchema,
    QuoteSchema,
    TakeSchema,
)
from server.orders.schemas import (
    AnyOrderSchema,
    BatchReplySchema,
    BookSchema,
    OrderReplySchema,
    QuoteReplySchema,
    SkipsSchema,
)
from server.orders.service import OrderDesk
from server.orders.views import view_order, view_public_order
from server.trades.rules import price_scale

ROUTES = Routes("Orders")
ORDERS = web.AppKey("orders", OrderDesk)
PLACE = struct.Struct(">QqQ")
"""A public page's end: index, sort key, priority."""
SORT_KEY_MAX = 2 * PRICE_TICKS_MAX * 1_000_000
"""Above every price in ten-thousandths of a tick, at the largest margin too."""
PRIORITY_MAX = 2**63 - 1
LANE_REFUSALS: tuple[type[Refusal], ...] = (LaneBusy, LaneElsewhere, LaneLate)
MATCH_REFUSALS = (*BY_CODE.values(), *LANE_REFUSALS)


@ROUTES.own(
    "POST",
    "/api/v1/orders",
    scope=Scope.TRADE,
    summary="Place an order; it matches at once with whatever fits.",
    body=PlaceSchema(),
    response=OrderReplySchema(),
    status=201,
    refusals=(TermsRefused, *MATCH_REFUSALS),
)
async def place_order(call: Call) -> Reply:
    """The order with the trades that it made at once."""
    return await call.app[ORDERS].place_order(call.user.user_id, call.body, call.key)


@ROUTES.own(
    "POST",
    "/api/v1/orders/batch",
    scope=Scope.TRADE,
    summary="Up to 100 commands, each done or refused by itself.",
    body=BatchSchema(),
    response=BatchReplySchema(),
    refusals=LANE_REFUSALS,
    body_bytes_max=256 * 1024,
    count_changes=batch_calls.count_commands,
)
async def run_order_batch(call: Call) -> Reply:
    """The outcome of each command, in order."""
    assert call.key is not None
    return await batch_calls.run_batch(
        call.app[ORDERS], call.user.user_id, call.body["commands"], call.key
    )


@ROUTES.read(
    "GET",
    "/api/v1/orders",
    summary="The public book of a market, or with mine=true your own orders.",
    access=Access.PUBLIC,
    query=OrdersQuery(),
    response=page_schema(AnyOrderSchema),
)
async def list_orders(call: Call) -> Reply:
    """A page of orders: one's own newest first, the public ones best price first."""
    if call.query["mine"]:
        return Reply(await _list_own(call))
    return Reply(await _list_public(call))


async def _list_own(call: Call) -> dict[str, Any]:
    asked = call.query
    if call.actor is None:
        raise Invalid(errors={"mine": ["Sign in to see your own orders."]})
    before = None
    if asked["cursor"] is not None:
        place = read_cursor(asked["cursor"])
        if len(place) != 16:
            raise Invalid(errors={"cursor": ["This is not a cursor of this list."]})
        before = UUID(bytes=place)
    async with call.database.read() as connection:
        rows = await queries.list_own(
            connection, call.actor.user_id, before=before, limit=asked["limit"] + 1,
            market=asked["market"], status=asked["status"],
        )  # fmt: skip
        cards = {row.market: await _read_card(connection, row.market) for row in rows}
    page = rows[: asked["limit"]]
    more = len(rows) > len(page)
    return {
        "items": [_view_row(row, cards[row.market], own=True) for row in page],
        "next_cursor": write_cursor(page[-1].id.bytes) if more else None,
    }


async def _list_public(call: Call) -> dict[str, Any]:
    asked = call.query
    missing = {name: ["Missing."] for name in ("market", "side") if asked[name] is None}
    if missing:
        raise Invalid(errors=missing)
    after = None if asked["cursor"] is None else _read_place(asked["cursor"])
    async with call.database.read() as connection:
        market = await queries.find_market(connection, asked["market"])
        if market is None:
            raise Invalid(errors={"market": ["There is no such market."]})
        # A page continues at the index at which the first one was sorted.
        index_ticks = after.index_ticks if after else market.index_ticks or 0
        rows = await queries.list_public(
            connection, asked["market"], asked["side"], index_ticks=index_ticks, after=after,
            limit=asked["limit"] + 1, method=asked["payment_method"],
        )  # fmt: skip
    card = _card_of(market)
    page = rows[: asked["limit"]]
    cursor = None
    if len(rows) > len(page):
        last = page[-1]
        cursor = write_cursor(PLACE.pack(index_ticks, last.sort_key, last.priority))
    return {
        "items": [_view_row(row, card, own=False) for row in page],
        "next_cursor": cursor,
    }


def _read_place(cursor: str) -> queries.ListedPlace:
    """Where a public page ended; numbers that no page can have would overflow in the database."""
    written = read_cursor(cursor)
    if len(written) == PLACE.size:
        place = queries.ListedPlace(*PLACE.unpack(written))
        if (
            place.index_ticks <= PRICE_TICKS_MAX
            and abs(place.sort_key) <= SORT_KEY_MAX
            and place.priority <= PRIORITY_MAX
        ):
            return place
    raise Invalid(errors={"cursor": ["This is not a cursor of this list."]})


async def _read_card(connection: Any, market: str) -> MarketCard:
    return _card_of(await queries.find_market(connection, market))


def _card_of(market: Any) -> MarketCard:
    scale = price_scale(market.minor_digits, market.price_digits)
    return MarketCard(
        market.id, market.asset, market.currency, market.minor_digits, market.price_digits, scale
    )


def _view_row(row: Any, card: MarketCard, *, own: bool) -> dict[str, Any]:
    view = view_order if own else view_public_order
    return view(order_of_row(row), record_of_row(row), card, row.username)


@ROUTES.read(
    "GET",
    "/api/v1/orders/{id}",
    subject=Subject.PUBLIC,
    summary="One order: whole to its owner, its public part to others who know its id.",
    access=Access.PUBLIC,
    response=AnyOrderSchema(),
    refusals=(NotFound,),
)
async def get_order(call: Call) -> Reply:
    """The order."""
    async with call.database.read() as connection:
        row = await queries.find_order(connection, call.path_id())
        if row is None:
            raise NotFound
        card = await _read_card(connection, row.market)
    own = call.actor is not None and call.actor.user_id == row.user_id
    # What ends with its command was never offered to anybody: its other side knows it from the
    # trade, and shall not read there how far its owner would have gone.
    if not own and row.time_in_force == "ioc":
        raise NotFound
    return Reply(_view_row(row, card, own=own))


@ROUTES.own(
    "PATCH",
    "/api/v1/orders/{id}",
    scope=Scope.TRADE,
    subject=Subject.OWN,
    summary="Change an order; another price or a larger amount loses its place in time.",
    body=EditSchema(),
    response=OrderReplySchema(),
    refusals=(NotFound, TermsRefused, *MATCH_REFUSALS),
)
async def edit_order(call: Call) -> Reply:
    """The order as it is now."""
    return await call.app[ORDERS].edit_order(call.user.user_id, call.path_id(), call.body, call.key)


@ROUTES.own(
    "DELETE",
    "/api/v1/orders/{id}",
    scope=Scope.TRADE,
    subject=Subject.OWN,
    summary="End an order; what was set aside for it returns.",
    response=OrderReplySchema(),
    refusals=(NotFound, *MATCH_REFUSALS),
)
async def cancel_order(call: Call) -> Reply:
    """The order as it ended."""
    return await call.app[ORDERS].cancel_order(call.user.user_id, call.path_id(), call.key)


@ROUTES.own(
    "POST",
    "/api/v1/orders/{id}/pause",
    scope=Scope.TRADE,
    subject=Subject.OWN,
    summary="Keep an order from matching.",
    response=OrderReplySchema(),
    refusals=(NotFound, *MATCH_REFUSALS),
)
async def pause_order(call: Call) -> Reply:
    """The order, paused."""
    return await call.app[ORDERS].pause_order(call.user.user_id, call.path_id(), call.key)


@ROUTES.own(
    "POST",
    "/api/v1/orders/{id}/resume",
    scope=Scope.TRADE,
    subject=Subject.OWN,
    summary="Let a paused order match again; it keeps its place in time.",
    response=OrderReplySchema(),
    refusals=(NotFound, *MATCH_REFUSALS),
)
async def resume_order(call: Call) -> Reply:
    """The order, open again."""
    return await call.app[ORDERS].resume_order(call.user.user_id, call.path_id(), call.key)


@ROUTES.own(
    "POST",
    "/api/v1/orders/{id}/take",
    scope=Scope.TRADE,
    subject=Subject.PUBLIC,
    summary="Trade against one chosen order, for exactly what you ask.",
    body=TakeSchema(),
    response=OrderReplySchema(),
    status=201,
    refusals=(NotFound, *MATCH_REFUSALS),
)
async def take_order(call: Call) -> Reply:
    """The taker's own order with the trade."""
    return await call.app[ORDERS].take_order(call.user.user_id, call.path_id(), call.body, call.key)


@ROUTES.read(
    "GET",
    "/api/v1/orders/{id}/skips",
    scope=Scope.READ,
    subject=Subject.OWN,
    summary="Why candidates and your order did not come together: counts of reasons.",
    response=SkipsSchema(),
    refusals=(NotFound,),
)
async def list_order_skips(call: Call) -> Reply:
    """The counts, most frequent first."""
    order_id = call.path_id()
    async with call.database.read() as connection:
        row = await queries.find_order(connection, order_id)
        if row is None or row.user_id != call.user.user_id:
            raise NotFound
        counts = await queries.list_skips(connection, order_id)
    found = call.app[LANES].find_order(order_id)
    if found is not None:
        lane, order = found
        assert lane.desk is not None
        counts = lane.desk.book.list_skips(order)
    items = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return Reply({"items": [{"reason": reason, "count": count} for reason, count in items]})


@ROUTES.read(
    "POST",
    "/api/v1/quote",
    scope=Scope.READ,
    summary="What an order would match now, at what price and fee; nothing is promised.",
    body=QuoteSchema(),
    response=QuoteReplySchema(),
    refusals=(*LANE_REFUSALS, Conflict),
)
async def quote_order(call: Call) -> Reply:
    """The trades that would be made."""
    return Reply(await call.app[ORDERS].quote(call.user.user_id, call.body))


@ROUTES.read(
    "GET",
    "/api/v1/markets/{market}/book",
    subject=Subject.PUBLIC,
    summary="The depth of a market by level, public orders that match by themselves.",
    access=Access.PUBLIC,
    response=BookSchema(),
    refusals=(NotFound, LaneElsewhere),
)
async def get_book(call: Call) -> Reply:
    """The best levels of both sides, fixed prices and margins apart."""
    return Reply(await read_book(call.app[LANES], call.path["market"]))


async def read_book(lanes: LaneHost, market: str) -> dict[str, Any]:
    """A market's book by level; refuses `NotFound` and `LaneElsewhere`."""
    lane = lanes.find_lane(market)
    async with lane.quiet() as desk:
        depth = lane.read_depth()
    return {
        "market": lane.market,
        "number": depth.number,
        "seq": depth.seq,
        "bids": [view_level(level, desk.market) for level in depth.bids],
        "asks": [view_level(level, desk.market) for level in depth.asks],
    }


def view_level(level: DepthLevel, market: MarketCard) -> dict[str, Any]:
    """A level as the API shows it."""
    return {
        "price": None
        if level.price_ticks is None
        else format_decimal(level.price_ticks, market.price_digits),
        "margin_bp": level.margin_bp,
        "amount": format_usdt(level.amount_micro),
        "orders": level.order_count,
    }
