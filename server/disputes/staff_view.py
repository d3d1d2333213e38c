"""The whole case in one call: everything that who decides has to know, in few statements."""

from typing import Any
from uuid import UUID

import orjson

from server.core.clock import format_instant
from server.core.money import format_decimal, format_usdt
from server.disputes import rulings_queries
from server.disputes import staff_queries as queries
from server.disputes.case import get_case as get_dispute
from server.disputes.evidence import list_evidence
from server.disputes.rulings_views import show_ruling
from server.disputes.staff_access import RULING
from server.disputes.staff_cases import Case, show_case
from server.disputes.staff_context import CaseDesk
from server.disputes.staff_parts import read_chat
from server.identity.accounts import check_holder, open_details, read_accounts
from server.identity.names import check_name, find_legal_name
from server.identity.views import show_instant
from server.trades import queries as trade_queries
from server.trades.trade import Reader, TradeRow, get_trade
from server.trades.views import open_payer_name, view_shared


async def view_case(reader: Reader, desk: CaseDesk, case: Case) -> dict[str, Any]:
    """A case as who was given it sees it. The number of statements does not depend on the case."""
    trade = await get_trade(reader, case.trade_id)
    dispute = await get_dispute(reader, case.case_id)
    rulings = (await reader.execute(rulings_queries.rulings_of(case.case_id))).all()
    return {
        **await view_surroundings(reader, desk, case, trade),
        "dispute_version": dispute.version,
        "status": dispute.status.value,
        "rulings": [{**show_ruling(row), "ruler_id": str(row.ruler_id)} for row in rulings],
        "objection": await view_objection(reader, case.case_id, trade),
        "proposals": await _view_proposals(reader, case.case_id),
    }


async def view_surroundings(
    reader: Reader, desk: CaseDesk, case: Case, trade: TradeRow
) -> dict[str, Any]:
    """What belongs to every case, be it a dispute or a claim."""
    assignments = (await reader.execute(queries.assignments_of(case.case_id))).all()
    assignee = next((row.assignee for row in assignments if row.ended_at is None), None)
    records = {
        row.id: row
        for row in await reader.execute(queries.records_of((trade.buyer_id, trade.seller_id)))
    }
    return {
        **show_case(case, assignee),
        "trade": view_shared(trade),
        "payment": await _view_payment(reader, desk, trade),
        "timeline": await _view_timeline(reader, trade.id),
        "parties": {
            "buyer": _show_record(records[trade.buyer_id]),
            "seller": _show_record(records[trade.seller_id]),
        },
        "penalties": [
            _show_penalty(row, case.case_id)
            for row in await reader.execute(queries.penalties_of(records))
        ],
        "earlier_trades": await _view_earlier(reader, trade, records),
        "links": await _view_links(reader, desk, trade),
        "assignments": [_show_assignment(row) for row in assignments],
        "notes": [show_note(row) for row in await reader.execute(queries.notes_of(case.case_id))],
        "evidence": await list_evidence(reader, case.case_id),
        "chat": await read_chat(reader, desk.trades.sealer, trade.id),
    }


def _show_assignment(row: Any) -> dict[str, Any]:
    return {
        "assignee": row.assignee,
        "assigned_by": None if row.assigned_by is None else str(row.assigned_by),
        "reason": row.reason,
        "assigned_at": format_instant(row.assigned_at),
        "ended_at": show_instant(row.ended_at),
    }


async def _view_payment(reader: Reader, desk: CaseDesk, trade: TradeRow) -> dict[str, Any]:
    """Who paid by his own word, where to, and whether both names are those of the identities."""
    accounts = await read_accounts(reader, [trade.payment_account_id])
    account = accounts[trade.payment_account_id]
    sealer = desk.trades.sealer
    details = open_details(sealer, account)
    payer = None if trade.payer_name is None else open_payer_name(desk.trades, trade)
    legal_name = await find_legal_name(reader, sealer, trade.buyer_id)
    return {
        "payer_name": payer,
        "payer_check": None if payer is None else check_name(legal_name, payer).value,
        "account": details,
        "holder_check": (await check_holder(reader, sealer, account, details)).value,
    }


async def _view_timeline(reader: Reader, trade_id: UUID) -> list[dict[str, Any]]:
    return [show_step(step) for step in await reader.execute(trade_queries.events_of(trade_id))]


def show_step(step: Any) -> dict[str, Any]:
    """A row of a trade's or a claim's history."""
    return {
        "version": step.version,
        "event": step.event,
        "actor": step.actor,
        "status": step.status_to,
        "detail": orjson.loads(step.detail),
        "created_at": format_instant(step.created_at),
    }


def _show_record(row: Any) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "username": row.username,
        "language": row.language,
        "joined_at": format_instant(row.created_at),
        "kyc_level": row.kyc_level,
        "verified": row.verified,
        "trades_completed": row.trades_completed,
        "trades_ended": row.trades_ended,
        "ladder_step": row.ladder_step,
        "frozen": row.frozen_at is not None,
    }


def _show_penalty(row: Any, case_id: UUID) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "user_id": str(row.user_id),
        "kind": row.kind,
        "reason": row.reason,
        "status": row.status,
        "of_this_case": row.dispute_id == case_id,
        "begins_at": format_instant(row.begins_at),
        "ends_at": show_instant(row.ends_at),
    }


async def _view_earlier(
    reader: Reader, trade: TradeRow, records: dict[UUID, Any]
) -> list[dict[str, Any]]:
    """Earlier trades between the two, newest first."""
    parties = (trade.buyer_id, trade.seller_id)
    less, more = sorted(parties, key=lambda each: int(records[each].trades_ended))
    rows = await reader.execute(queries.earlier_between(less, more, trade.id))
    return [
        {
            "id": str(row.id),
            "market": row.market,
            "same_sides": row.buyer_id == trade.buyer_id,
            "amount": format_usdt(row.amount),
            "fiat": format_decimal(row.fiat_minor, trade.minor_digits),
            "payment_method": row.method_id,
            "status": row.status,
            "end_reason": row.end_reason,
            "created_at": format_instant(row.created_at),
        }
        for row in rows
    ]


async def _view_links(reader: Reader, desk: CaseDesk, trade: TradeRow) -> list[str]:
    """By which signs the two parties are linked to each other."""
    found = await desk.find_linked(
        reader, frozenset({trade.buyer_id}), frozenset({trade.seller_id})
    )
    return sorted(found.get(trade.seller_id, ()))


async def view_objection(reader: Reader, case_id: UUID, trade: TradeRow) -> dict[str, Any] | None:
    """The objection in a case, as staff and both parties see it."""
    row = (await reader.execute(queries.objection_of(case_id))).first()
    if row is None:
        return None
    return {
        "by": trade.actor_of(row.user_id).value,
        "statement": row.statement,
        "evidence": orjson.loads(row.evidence),
        "created_at": format_instant(row.created_at),
    }


async def _view_proposals(reader: Reader, case_id: UUID) -> list[dict[str, Any]]:
    return [
        {
            "id": str(row.id),
            "requester_id": str(row.requester_id),
            "hash": row.hash.hex(),
            "ruling": _show_proposed(orjson.loads(row.body)),
            "expires_at": format_instant(row.expires_at),
        }
        for row in await reader.execute(queries.proposals_about(case_id, RULING))
    ]


def _show_proposed(body: dict[str, Any]) -> dict[str, Any]:
    part = body["buyer_amount"]
    return {**body, "buyer_amount": None if part is None else format_usdt(part)}


def show_note(row: Any) -> dict[str, Any]:
    """A note as colleagues see it."""
    return {
        "id": str(row.id),
        "author": row.author,
        "note": row.note,
        "created_at": format_instant(row.created_at),
    }
