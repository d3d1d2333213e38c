"""What a row of the lifecycle does to the escrow, and what the lanes must hear of it."""

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from models.ledger import AccountKind, Resolution
from server.core.clock import format_instant
from server.core.money import format_decimal, format_usdt
from server.db import Unit
from server.identity.standing import StandingRow
from server.ledger.service import lock_sheet, resolve_hold, write_sheet
from server.ledger.sheet import AccountKey
from server.trades import queries, rules
from server.trades.row import UNPAID, Escrow, Row
from server.trades.trade import TradeRow

_RESOLUTION = {
    Escrow.RETURN: Resolution.REFUNDED,
    Escrow.RELEASE: Resolution.RELEASED,
    Escrow.SPLIT: Resolution.SPLIT,
}


async def end_escrow(
    unit: Unit,
    trade: TradeRow,
    row: Row,
    *,
    buyer_part: int | None,
    standings: dict[UUID, StandingRow],
) -> None:
    """Resolve the trade's hold as `row` says and leave the lane what it has to do.

    Accounts are locked here, last. `buyer_part` (micro-USDT) belongs to a split alone.
    """
    resolution = _RESOLUTION[row.escrow]
    keys = [AccountKey(trade.seller_id, trade.asset, AccountKind.ESCROW)]
    if resolution is not Resolution.REFUNDED:
        keys.append(AccountKey(trade.buyer_id, trade.asset, AccountKind.AVAILABLE))
    sheet = await lock_sheet(unit, keys)
    parts = await resolve_hold(
        unit,
        sheet,
        trade=trade,
        resolution=resolution,
        buyer_part=buyer_part,
        release_at=await _lot_until(unit, trade, standings)
        if resolution is not Resolution.REFUNDED
        else None,
    )
    await write_sheet(unit, sheet)
    bought = 0 if resolution is Resolution.REFUNDED else (buyer_part or trade.amount)
    if bought < trade.amount:
        await _leave_return(unit, trade, trade.amount - bought, reserved=parts.given_back)
    if bought:
        await _leave_tape(unit, trade, bought)


async def _lot_until(
    unit: Unit, trade: TradeRow, standings: dict[UUID, StandingRow]
) -> datetime | None:
    """Until when the bought USDT is held: by the rail and the buyer's record before this trade.

    Trades with linked people, and too many with one, make no record that shortens the hold.
    """
    if not rules.counts_to_record(trade.asset):
        return None
    excess = (await unit.execute(queries.excess_of(trade.buyer_id))).scalar() or 0
    completed = standings[trade.buyer_id].trades_completed - excess
    return rules.hold_until(trade.reversibility, completed, unit.now)


async def leave_share(unit: Unit, trade: TradeRow, row: Row) -> None:
    """A new buyer's trade counts to the sell order's unpaid share until he has paid, and again
    when he takes that back. What ends unpaid gives its share back with its return."""
    counts = row.leads_to(trade.status) in UNPAID
    if not trade.new_buyer or counts == (trade.status in UNPAID) or row.escrow is Escrow.RETURN:
        return

    await _leave(
        unit,
        trade,
        "share",
        {
            "trade_id": str(trade.id),
            "order_id": str(trade.seller_order_id),
            "amount": trade.amount,
            "counts": counts,
        },
        cause=f"share:{trade.id}:{trade.version + 1}",
    )


async def _leave_return(unit: Unit, trade: TradeRow, amount: int, *, reserved: int) -> None:
    await _leave(
        unit,
        trade,
        "return",
        {
            "trade_id": str(trade.id),
            "maker_order_id": str(trade.maker_order_id),
            "taker_order_id": str(trade.taker_order_id),
            "seller_order_id": str(trade.seller_order_id),
            "buyer_order_id": str(trade.buyer_order_id),
            "seller_id": str(trade.seller_id),
            "amount": amount,
            "reserved": reserved,
            "unpaid": amount == trade.amount,
        },
        amount=reserved,
        user_id=trade.seller_id,
    )


async def _leave_tape(unit: Unit, trade: TradeRow, amount: int) -> None:
    await _leave(
        unit,
        trade,
        "tape",
        {
            "market": trade.market,
            "price": format_decimal(trade.price_ticks, trade.price_digits),
            "amount": format_usdt(amount),
            "taker_side": "buy" if trade.maker_side == "sell" else "sell",
            "completed_at": format_instant(unit.now),
        },
    )


async def _leave(
    unit: Unit,
    trade: TradeRow,
    kind: str,
    body: dict[str, Any],
    *,
    cause: str | None = None,
    amount: int = 0,
    user_id: UUID | None = None,
) -> None:
    await unit.execute(
        queries.insert_inbox(
            {
                "id": unit.ids.new_id(),
                "market": trade.market,
                "kind": kind,
                "cause": cause or f"{kind}:{trade.id}",
                "body": orjson.dumps(body).decode(),
                "amount": amount,
                "user_id": user_id,
                "created_at": unit.now,
                "consumed_batch": None,
            }
        )
    )
