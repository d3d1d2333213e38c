"""Counterparties: what a learner asks for, and what he is shown of them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson

from models.sandbox import CounterpartyStatus, Script
from server.core.clock import format_instant
from server.core.ids import first_id_at
from server.core.money import TEST_ASSET, format_usdt
from server.core.refusals import NotFound
from server.db import Unit
from server.db.idempotency import PURGE_CHUNK
from server.sandbox import queries
from server.sandbox.refusals import NotSandbox, TooManyCounterparties
from server.sandbox.scripts import show_bank
from server.trades.trade import Reader, get_trade
from server.trades.views import view_shared

KEPT = timedelta(days=30)
"""How long it is known whom a learner asked for; the trades stay as all trades do."""
ACTIVE_MAX = 5
"""Counterparties of one learner at a time."""


def context_of(counterparty_id: UUID) -> str:
    """What the sealed password of a counterparty is bound to."""
    return f"sandbox:{counterparty_id}"


def full_name_of(counterparty_id: UUID) -> str:
    """The holder of a counterparty's bank account, made up from his identifier."""
    first = ("An", "Binh", "Chi", "Dung", "Hoa", "Khanh", "Lan", "Minh")
    last = ("Bui", "Dang", "Do", "Hoang", "Le", "Ngo", "Pham", "Tran")
    digits = counterparty_id.int
    return f"{last[digits % 8]} {first[digits // 8 % 8]}"


async def ask_counterparty(unit: Unit, user_id: UUID, asked: dict[str, Any]) -> Any:
    """Ask for a counterparty; the row.

    Refuses `NotSandbox` for a market of real USDT, `NotFound` for a market or an order of one's
    own that is not there, `TooManyCounterparties`.
    """
    market = (await unit.execute(queries.asset_of_market(asked["market"]))).first()
    if market is None:
        raise NotFound
    if market.asset != TEST_ASSET:
        raise NotSandbox
    if asked["order_id"] is not None:
        order = (await unit.execute(queries.find_order(asked["order_id"]))).first()
        if order is None or order.user_id != user_id:
            raise NotFound
        if order.market != asked["market"] or order.side == asked["side"]:
            raise NotFound
    active = (await unit.execute(queries.active_of_user(user_id, ACTIVE_MAX))).all()
    if len(active) >= ACTIVE_MAX:
        raise TooManyCounterparties

    row_id = unit.ids.new_id()
    await unit.execute(
        queries.insert_counterparty(
            {
                "id": row_id,
                "user_id": user_id,
                "script": asked["script"],
                "side": asked["side"],
                "market": asked["market"],
                "method_id": asked["payment_method_id"],
                "amount": asked["amount"],
                "price": asked["price"],
                "payer_name": asked["payer_name"],
                "target_id": asked["order_id"],
                "done": "[]",
                "status": CounterpartyStatus.WAITING.value,
                "created_at": unit.now,
            }
        )
    )
    return await get_own(unit, user_id, row_id)


async def get_own(reader: Reader, user_id: UUID, counterparty_id: UUID) -> Any:
    """One of a learner's counterparties. Refuses `NotFound`."""
    row = (await reader.execute(queries.find_own(user_id, counterparty_id))).first()
    if row is None:
        raise NotFound
    return row


async def send_away(unit: Unit, user_id: UUID, counterparty_id: UUID) -> Any:
    """Let a counterparty do nothing more; the row. Refuses `NotFound`."""
    await get_own(unit, user_id, counterparty_id)
    ended = {"status": CounterpartyStatus.ENDED.value}
    await unit.execute(  # allowed: unchecked-write, he may have ended by himself
        queries.change(counterparty_id, ended)
    )
    return await get_own(unit, user_id, counterparty_id)


async def purge_counterparties(unit: Unit) -> int:
    """Forget one chunk of counterparties who were asked for long ago; how many."""
    before = first_id_at(unit.now - KEPT)
    rows = await unit.execute(queries.old_counterparties(before, PURGE_CHUNK))
    ids = [row.id for row in rows]
    if ids:
        await unit.execute(queries.delete_counterparties(ids))
    return len(ids)


async def read_bank(reader: Reader, row: Any) -> dict[str, str] | None:
    """What the learner's bank shows of what a buying counterparty paid."""
    if row.side != "buy" or row.trade_id is None:
        return None
    trade = view_shared(await get_trade(reader, row.trade_id))
    return show_bank(Script(row.script), trade, full_name_of(row.id))


def show(row: Any, bank: dict[str, str] | None) -> dict[str, Any]:
    """A counterparty as his learner sees him."""
    return {
        "id": str(row.id),
        "script": row.script,
        "side": row.side,
        "market": row.market,
        "payment_method_id": row.method_id,
        "amount": format_usdt(row.amount),
        "price": row.price,
        "username": row.username,
        "order_id": None if row.order_id is None else str(row.order_id),
        "trade_id": None if row.trade_id is None else str(row.trade_id),
        "status": row.status,
        "problem": row.problem,
        "done": orjson.loads(row.done),
        "bank": bank,
        "created_at": format_instant(row.created_at),
    }
