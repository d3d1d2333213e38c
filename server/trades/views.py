"""Trades as JSON: what both parties may see, and what one reader may see besides.

Events carry no names of payers and no payment details; those are only fetched.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from server.core.clock import format_instant
from server.core.events import Event, room_of_trade, room_of_user
from server.core.money import fee_down, format_decimal, format_usdt
from server.identity.accounts import check_holder, open_details, read_accounts
from server.identity.names import NameCheck, check_name, find_legal_name
from server.trades import queries
from server.trades.desk import Desk
from server.trades.facts import Actor
from server.trades.lifecycle import allowed_actions
from server.trades.row import COMPLETED, DISPUTED, FINAL, Action, Row
from server.trades.trade import Reader, TradeRow


def _instant(instant: datetime | None) -> str | None:
    return None if instant is None else format_instant(instant)


def view_shared(trade: TradeRow) -> dict[str, Any]:
    """What both parties see, the same for both."""
    split = None
    if trade.split_offer_id is not None:
        assert trade.split_buyer_amount is not None
        split = {
            "id": str(trade.split_offer_id),
            "proposed_by": str(trade.split_offered_by),
            "buyer_amount": format_usdt(trade.split_buyer_amount),
            "seller_amount": format_usdt(trade.amount - trade.split_buyer_amount),
        }
    return {
        "id": str(trade.id),
        "market": trade.market,
        "maker_order_id": str(trade.maker_order_id),
        "taker_order_id": str(trade.taker_order_id),
        "buyer": trade.buyer_username,
        "seller": trade.seller_username,
        "price": format_decimal(trade.price_ticks, trade.price_digits),
        "amount": format_usdt(trade.amount),
        "fiat": format_decimal(trade.fiat_minor, trade.minor_digits),
        "currency": trade.currency,
        "payment_method": trade.method_id,
        "payment_method_name": trade.method_name,
        "payment_window_s": trade.window_s,
        "status": trade.status.value,
        "version": trade.version,
        "deadline": _instant(trade.deadline_at),
        "window_ends_at": format_instant(trade.window_ends_at),
        "dispute_opens_at": _instant(trade.facts.dispute_opens_at),
        "payer_declared": trade.payer_name is not None,
        "reference": trade.reference,
        "paid_at": _instant(trade.paid_at),
        "late": trade.late,
        "extended_by_seller": trade.extended_by_seller,
        "extended_by_buyer": trade.extended_by_buyer,
        "paid_undone": trade.paid_undone,
        "third_party_payer": trade.third_party_payer,
        "name_mismatch": trade.name_mismatch,
        "cancel_request": None
        if trade.cancel_request_id is None
        else {"id": str(trade.cancel_request_id), "reason": trade.cancel_request_reason},
        "split_offer": split,
        "dispute": None
        if trade.dispute_id is None
        else {"id": str(trade.dispute_id), "status": trade.dispute_status},
        "frozen_until": _instant(trade.frozen_until),
        "end_reason": trade.end_reason,
        "fault": trade.fault,
        "fault_contested": trade.fault_contested_at is not None,
        "created_at": format_instant(trade.created_at),
        "completed_at": _instant(trade.completed_at),
        "ended_at": _instant(trade.ended_at),
    }


def view_for(trade: TradeRow, actor: Actor, now: datetime) -> dict[str, Any]:
    """What one party sees at `now`: the shared view, his role, fee and what he may do."""
    rate = trade.buyer_fee_ppm if actor is Actor.BUYER else trade.seller_fee_ppm
    fee = fee_down(trade.amount, rate)
    total = trade.amount - fee if actor is Actor.BUYER else trade.amount + fee
    return {
        **view_shared(trade),
        "role": actor.value,
        "fee": format_usdt(fee),
        "total": format_usdt(total),
        "allowed_actions": [
            action.value
            for action in allowed_actions(trade.facts, actor, now)
            if action is not Action.OPEN_CASE
        ],
    }


async def view_details(
    reader: Reader, desk: Desk, trade: TradeRow, actor: Actor, now: datetime
) -> dict[str, Any]:
    """`view_for` with the terms and what is sealed: payment details, the payer's name.

    The buyer sees where to pay once he has named the payer, and while the trade may still need
    it. The seller sees the declared name only when a case is open or the trade has ended, so
    that the name he gives at release is the one that his bank shows him. Both are told whether
    the other one's name agrees with who he was found to be, never that name itself.
    """
    view = view_for(trade, actor, now)
    view["terms"] = trade.terms
    view["payer_name"] = view["payment_details"] = None
    view["payer_check"] = view["holder_check"] = NameCheck.UNKNOWN.value
    if trade.payer_name is not None:
        buyer_name = await find_legal_name(reader, desk.sealer, trade.buyer_id)
        view["payer_check"] = check_name(buyer_name, open_payer_name(desk, trade)).value
    if trade.payer_name is not None and (
        actor is Actor.BUYER or trade.status is DISPUTED or trade.status in FINAL
    ):
        view["payer_name"] = open_payer_name(desk, trade)
    if actor is Actor.BUYER and trade.payer_name is not None and _needs_details(trade):
        accounts = await read_accounts(reader, [trade.payment_account_id])
        account = accounts[trade.payment_account_id]
        details = view["payment_details"] = open_details(desk.sealer, account)
        view["holder_check"] = (await check_holder(reader, desk.sealer, account, details)).value
    steps = await reader.execute(queries.events_of(trade.id))
    view["history"] = [
        {
            "version": step.version,
            "event": step.event,
            "actor": step.actor,
            "status": step.status_to,
            "detail": orjson.loads(step.detail),
            "created_at": format_instant(step.created_at),
        }
        for step in steps
    ]
    return view


def _needs_details(trade: TradeRow) -> bool:
    return trade.status not in FINAL or trade.status is COMPLETED


def payer_context(trade_id: UUID) -> str:
    """What a sealed payer's name is bound to."""
    return f"trade_payer:{trade_id}"


def open_payer_name(desk: Desk, trade: TradeRow) -> str:
    """The declared payer's name; there must be one."""
    assert trade.payer_name is not None, "no payer is declared"
    return desk.sealer.open_sealed(trade.payer_name, payer_context(trade.id)).decode()


def events_of(trade: TradeRow, row: Row, now: datetime) -> list[Event]:
    """What the trade's room hears of a row, and what each party hears for himself."""
    events = [Event(room_of_trade(trade.id), row.published, view_shared(trade), trade.id)]
    for actor in (Actor.BUYER, Actor.SELLER):
        room = room_of_user(trade.user_of(actor))
        events.append(Event(room, "trade_updated", view_for(trade, actor, now), trade.id))
    return events
