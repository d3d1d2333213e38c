"""Canned texts: written in English and Vietnamese, with places that a case fills."""

from collections.abc import Mapping
from string import Formatter
from typing import Any
from uuid import UUID

from server.core.money import format_decimal, format_usdt
from server.core.refusals import Invalid, NotFound
from server.db import Unit
from server.db.audit import Action, record_audit
from server.disputes import staff_queries as queries
from server.disputes.staff_refusals import TextChanged
from server.identity.views import show_instant
from server.trades.trade import Reader, TradeRow

PLACES = ("buyer", "seller", "amount", "fiat", "currency", "rail", "trade")
"""What a text may leave open."""


def find_fault(text: str) -> str | None:
    """What is wrong with the places of a text; None for nothing."""
    try:
        parsed = list(Formatter().parse(text))
    except ValueError:
        return "A brace is open, or closed, that is not."
    for _, name, spec, conversion in parsed:
        if name is not None and (name not in PLACES or spec or conversion):
            return f"Known places: {', '.join(f'{{{place}}}' for place in PLACES)}."
    return None


def fill_text(text: str, values: Mapping[str, str]) -> str:
    """The text with its places filled; what fills them is never read as a text again."""
    return "".join(
        before + ("" if name is None else values[name])
        for before, name, _, _ in Formatter().parse(text)
    )


def values_of(trade: TradeRow) -> dict[str, str]:
    """What a trade puts in the places of a text."""
    return {
        "buyer": trade.buyer_username,
        "seller": trade.seller_username,
        "amount": format_usdt(trade.amount),
        "fiat": format_decimal(trade.fiat_minor, trade.minor_digits),
        "currency": trade.currency,
        "rail": trade.method_name,
        "trade": str(trade.id),
    }


async def write_text(
    unit: Unit,
    author_id: UUID,
    name: str,
    *,
    version: int,
    text_en: str,
    text_vi: str,
    retired: bool,
) -> Any:
    """Write the version after `version` of a text; 0 writes a new one.

    Refuses `Invalid` for unknown places, `TextChanged` when `version` is not the newest.
    """
    faults = {
        field: [fault]
        for field, text in (("text_en", text_en), ("text_vi", text_vi))
        if (fault := find_fault(text)) is not None
    }
    if faults:
        raise Invalid(errors=faults)
    newest = (await unit.execute(queries.newest_version(name))).scalar_one_or_none() or 0
    if newest != version:
        raise TextChanged

    row = {
        "name": name, "version": version + 1, "text_en": text_en, "text_vi": text_vi,
        "retired": retired, "author_id": author_id, "created_at": unit.now,
    }  # fmt: skip
    await unit.execute(queries.insert_text(row))
    after = {"version": version + 1, "retired": retired}
    await record_audit(unit, Action.DISPUTE_TEXT_WRITTEN, "canned_text", name, after=after)
    return (await unit.execute(queries.texts(name))).one()


async def list_texts(reader: Reader) -> list[dict[str, Any]]:
    """The newest version of every text that is offered."""
    return [show_text(row) for row in await reader.execute(queries.texts()) if not row.retired]


async def fill_for(reader: Reader, name: str, trade: TradeRow) -> dict[str, str]:
    """A text filled for a case, in every language. Refuses `NotFound`."""
    row = (await reader.execute(queries.texts(name))).first()
    if row is None or row.retired:
        raise NotFound
    values = values_of(trade)
    return {
        "name": row.name,
        "text_en": fill_text(row.text_en, values),
        "text_vi": fill_text(row.text_vi, values),
    }


def show_text(row: Any) -> dict[str, Any]:
    """A text as staff see it."""
    return {
        "name": row.name,
        "version": row.version,
        "text_en": row.text_en,
        "text_vi": row.text_vi,
        "retired": row.retired,
        "author_id": str(row.author_id),
        "created_at": show_instant(row.created_at),
    }
