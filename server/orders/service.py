"""What users do with orders: everything that changes one goes through its market's lane."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from server.core.money import PPM, fee_down, format_decimal, format_usdt
from server.core.refusals import Invalid, NotFound
from server.db import Database
from server.http.endpoint import Key, Reply
from server.matching.orders import BUY, MARKET, SELL, BookOrder
from server.matching.orders import Key as BookKey
from server.matching.outcome import Outcome
from server.orders import parsing, queries
from server.orders.accounts import NamingCall, check_methods
from server.orders.host import LaneHost
from server.orders.lane.batch import Desk
from server.orders.lane.commands import Cancel, Command, Pause, Resume
from server.orders.lane.lane import Lane
from server.orders.parsing import Rails
from server.orders.refusals import IndexStale, OrderNotOpen

ANSWER_S = 5
"""How long a caller waits for the lane."""
QUOTE_SLIP_BP = 100
"""A market order without a bound accepts a price this much worse than its quote."""
QUOTED_MICRO_MAX = 10**13


class OrderDesk:
    """What users may do with orders, through the lanes."""

    def __init__(
        self,
        database: Database,
        host: LaneHost,
        check_terms: Callable[[str], None] = lambda _terms: None,
    ) -> None:
        """`check_terms` refuses `TermsRefused` what an order's terms may not say."""
        self.database = database
        self.check_terms = check_terms
        self.host = host

    async def place_order(self, user_id: UUID, body: Mapping[str, Any], key: Key | None) -> Reply:
        """Place an order; answers with the order and the trades that it made at once."""
        self.check_terms(body["terms"])
        lane = self._open_lane(body["market"])
        with lane.accounts.call() as call:
            rails = await self._resolve_rails(lane, call, user_id, body["side"], body)
            assert lane.loaded is not None
            command = parsing.build_place(
                body,
                market=lane.loaded,
                order_id=self.database.ids.new_id(),
                user_id=user_id,
                rails=rails,
                now=lane.clock.now(),
            )
            if command.order.pricing == MARKET and command.record.worst_price_ticks is None:
                async with lane.quiet(user_id) as desk:
                    _bound(desk, command.order)
                command.record.worst_price_ticks = command.order.price_ticks
            call.require_current()
            return await self._submit(lane, command, key)

    def _open_lane(self, market: str) -> Lane:
        try:
            return self.host.find_lane(market)
        except NotFound:
            raise Invalid(errors={"market": ["There is no such market."]}) from None

    async def _resolve_rails(
        self, lane: Lane, call: NamingCall, user_id: UUID, side: str, body: Mapping[str, Any]
    ) -> Rails:
        assert lane.desk is not None
        speed_of = lane.desk.rails.speed_of
        if side == SELL:
            if not body["payment_account_ids"] or body["payment_method_ids"]:
                raise Invalid(errors={"payment_account_ids": ["A seller names payment accounts."]})
            named = body["payment_account_ids"]
            accounts = await self._resolve_accounts(lane, call, user_id, named)
            return Rails(tuple(map(str, accounts)), accounts)
        if not body["payment_method_ids"] or body["payment_account_ids"]:
            raise Invalid(errors={"payment_method_ids": ["A buyer names payment methods."]})
        check_methods(body["payment_method_ids"], speed_of, lane.desk.market)
        return Rails(tuple(body["payment_method_ids"]), {})

    async def _resolve_accounts(
        self, lane: Lane, call: NamingCall, user_id: UUID, account_ids: list[UUID]
    ) -> dict[BookKey, BookKey]:
        assert lane.desk is not None
        speed_of = lane.desk.rails.speed_of
        return await lane.accounts.resolve(self.database, call, user_id, account_ids, speed_of)

    async def take_order(
        self, user_id: UUID, order_id: UUID, body: Mapping[str, Any], key: Key | None
    ) -> Reply:
        """Trade against one chosen order."""
        lane, target = await self._find_living(order_id)
        assert lane.desk is not None
        assert lane.loaded is not None
        with lane.accounts.call() as call:
            rails = await self._resolve_take(lane, call, user_id, target, body)
            command = parsing.build_take(
                body,
                market=lane.loaded,
                target=target,
                order_id=self.database.ids.new_id(),
                user_id=user_id,
                rails=rails,
                now=lane.clock.now(),
            )
            call.require_current()
            return await self._submit(lane, command, key)

    async def _resolve_take(
        self,
        lane: Lane,
        call: NamingCall,
        user_id: UUID,
        target: BookOrder,
        body: Mapping[str, Any],
    ) -> Rails:
        assert lane.desk is not None
        speed_of = lane.desk.rails.speed_of
        if target.side == BUY:
            account_id = body["payment_account_id"]
            if account_id is None or body["payment_method_id"] is not None:
                raise Invalid(
                    errors={"payment_account_id": ["A seller names his payment account."]}
                )
            accounts = await self._resolve_accounts(lane, call, user_id, [account_id])
            return Rails(tuple(map(str, accounts)), accounts)
        method = body["payment_method_id"]
        if method is None or body["payment_account_id"] is not None:
            raise Invalid(errors={"payment_method_id": ["A buyer names a payment method."]})
        check_methods([method], speed_of, lane.desk.market)
        return Rails((method,), {})

    async def _find_living(self, order_id: UUID) -> tuple[Lane, BookOrder]:
        found = self.host.find_order(order_id)
        if found is not None:
            return found
        async with self.database.read() as connection:
            row = await queries.find_order(connection, order_id)
        if row is None:
            raise NotFound
        self.host.find_lane(row.market)
        raise OrderNotOpen

    async def _find_own(self, user_id: UUID, order_id: UUID) -> Lane:
        """The lane of the caller's own order; another's looks like none."""
        found = self.host.find_order(order_id)
        if found is not None:
            lane, order = found
            if order.user != user_id:
                raise NotFound
            return lane
        async with self.database.read() as connection:
            row = await queries.find_order(connection, order_id)
        if row is None or row.user_id != user_id:
            raise NotFound
        return self.host.find_lane(row.market)

    async def edit_order(
        self, user_id: UUID, order_id: UUID, body: Mapping[str, Any], key: Key | None
    ) -> Reply:
        """Change an order; another price or a larger amount loses its place in time."""
        lane = await self._find_own(user_id, order_id)
        assert lane.desk is not None
        assert lane.loaded is not None
        order = lane.desk.book.find_order(order_id)
        if order is None:
            raise OrderNotOpen
        record = lane.desk.records[order_id]
        if "terms" in body["given"]:
            self.check_terms(body["terms"])
        with lane.accounts.call() as call:
            rails = None
            if body["payment_account_ids"] or body["payment_method_ids"]:
                rails = await self._resolve_rails(lane, call, user_id, order.side, body)
            command = parsing.build_edit(
                body,
                market=lane.loaded,
                order=order,
                record=record,
                rails=rails,
                now=lane.clock.now(),
            )
            call.require_current()
            return await self._submit(lane, command, key)

    async def cancel_order(self, user_id: UUID, order_id: UUID, key: Key | None) -> Reply:
        """End an order; what was set aside for it returns."""
        lane = await self._find_own(user_id, order_id)
        return await self._submit(lane, Cancel(user_id=user_id, order_id=order_id), key)

    async def pause_order(self, user_id: UUID, order_id: UUID, key: Key | None) -> Reply:
        """Keep an order from matching."""
        lane = await self._find_own(user_id, order_id)
        return await self._submit(lane, Pause(user_id=user_id, order_id=order_id), key)

    async def resume_order(self, user_id: UUID, order_id: UUID, key: Key | None) -> Reply:
        """Let a paused order match again."""
        lane = await self._find_own(user_id, order_id)
        return await self._submit(lane, Resume(user_id=user_id, order_id=order_id), key)

    @staticmethod
    async def _submit(lane: Lane, command: Command, key: Key | None) -> Reply:
        command.key = key
        command.deadline = asyncio.get_running_loop().time() + ANSWER_S
        return await lane.submit(command)

    async def quote(self, user_id: UUID, body: Mapping[str, Any]) -> dict[str, Any]:
        """What an immediate order would match now; nothing is promised and nothing changes."""
        lane = self._open_lane(body["market"])
        assert lane.desk is not None
        card = lane.desk.market
        if (body["amount"] is None) == (body["fiat"] is None):
            raise Invalid(errors={"amount": ["Give either amount or fiat."]})
        check_methods(body["payment_method_ids"], lane.desk.rails.speed_of, card)
        fiat = parsing.parse_fiat(body["fiat"], card, "fiat") if body["fiat"] else None
        methods = tuple(body["payment_method_ids"])
        order = BookOrder(
            id=self.database.ids.new_id(),
            user=user_id,
            side=body["side"],
            pricing=MARKET,
            amount_micro=parsing.parse_amount(body["amount"]) if fiat is None else QUOTED_MICRO_MAX,
            methods=methods,
            price_ticks=parsing.PRICE_TICKS_MAX if body["side"] == BUY else 1,
            accounts=dict.fromkeys(methods),
            immediate=True,
            max_trades=1_000,
            fiat_left_minor=fiat,
        )
        async with lane.quiet(user_id) as desk:
            outcome = desk.book.quote(order)
            listed = _find_listed(desk, outcome)
        if outcome.refusal is not None:
            outcome = Outcome()
        return _view_quote(lane, outcome, body["side"], listed)


def _bound(desk: Desk, order: BookOrder) -> None:
    """Bound a market order by its quote, or by the index when nothing would match."""
    order.price_ticks = parsing.PRICE_TICKS_MAX if order.side == BUY else 1
    outcome = desk.book.quote(order)
    ticks = [fill.price_ticks for fill in outcome.fills]
    index_ticks = desk.book.state.index_ticks
    if ticks:
        price = max(ticks) if order.side == BUY else min(ticks)
    elif index_ticks is not None:
        price = index_ticks
    else:
        raise IndexStale
    # The bound never goes beyond the agreed percentage: it rounds towards the quote.
    if order.side == BUY:
        order.price_ticks = price * (10_000 + QUOTE_SLIP_BP) // 10_000
    else:
        order.price_ticks = -(-price * (10_000 - QUOTE_SLIP_BP) // 10_000)


def _find_listed(desk: Desk, outcome: Outcome) -> frozenset[BookKey]:
    """The orders that a quote may name: who asks without trading learns of no unlisted one."""
    makers = {fill.maker_id for fill in outcome.fills}
    orders = (desk.book.find_order(maker) for maker in makers)
    return frozenset(order.id for order in orders if order is not None and order.listed)


def _view_quote(
    lane: Lane, outcome: Outcome, side: str, listed: frozenset[BookKey]
) -> dict[str, Any]:
    assert lane.loaded is not None
    card = lane.loaded.card
    amount = sum(fill.amount_micro for fill in outcome.fills)
    prices = [fill.price_ticks for fill in outcome.fills]
    worst = (max(prices) if side == BUY else min(prices)) if prices else None
    assert lane.loaded.taker_fee_ppm <= PPM
    fee = sum(fee_down(fill.amount_micro, lane.loaded.taker_fee_ppm) for fill in outcome.fills)
    return {
        "amount": format_usdt(amount),
        "fiat": format_decimal(sum(f.fiat_minor for f in outcome.fills), card.minor_digits),
        "price": None if worst is None else format_decimal(worst, card.price_digits),
        "fee": format_usdt(fee),
        "trades": [
            {
                "order_id": str(fill.maker_id) if fill.maker_id in listed else None,
                "price": format_decimal(fill.price_ticks, card.price_digits),
                "amount": format_usdt(fill.amount_micro),
                "fiat": format_decimal(fill.fiat_minor, card.minor_digits),
                "payment_method": fill.method,
            }
            for fill in outcome.fills
        ],
    }
