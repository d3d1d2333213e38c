"""How cases were decided, searchable and without anything that says whose they were."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from server.core.clock import to_micros
from server.core.ids import Random, instant_of_id, make_uuid
from server.db import Unit
from server.disputes import rulings_queries as queries
from server.disputes.staff_rules import band_of
from server.trades.trade import Reader, TradeRow

WORDS_MAX = 200
"""Different words of a ruling by which it is found."""
WORD_CHARS_MIN, WORD_CHARS_MAX = 3, 40
TERMS_MAX = 8
"""What one search asks for together."""
DAY_MS = 24 * 3600 * 1000
_WORD = re.compile(r"[^\W_]+")
_PERSONAL = re.compile(
    r"\S+@\S+"  # addresses
    r"|https?://\S+|www\.\S+"
    r"|[@#]\S+"  # handles
    r"|\S*\d{3,}\S*"  # accounts, references, telephones, amounts
    r"|\d[\d .,-]{2,}\d"
)
_RANDOM_BITS = 62


def anonymise(text: str, names: Iterable[tuple[str, str]]) -> str:
    """A text without what tells of people: `names` are words and what stands in their place.

    Addresses, links, handles and every longer number go as well.
    """
    for name, role in names:
        if name:
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", role, text, flags=re.IGNORECASE)
    return _PERSONAL.sub("…", text)


def list_words(text: str) -> list[str]:
    """The words of a text by which it is found: folded, each once."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = (
        word for word in _WORD.findall(folded) if WORD_CHARS_MIN <= len(word) <= WORD_CHARS_MAX
    )
    return list(dict.fromkeys(words))


def list_terms(asked: dict[str, Any]) -> list[str]:
    """The terms of a search, the rarest kind first: words, rail, reason, band, outcome."""
    words = [f"word:{word}" for word in list_words(asked.get("words") or "")]
    facets = [
        f"{name}:{asked[name]}"
        for name in ("rail", "reason", "amount_band", "outcome")
        if asked.get(name)
    ]
    return [*words, *facets][:TERMS_MAX]


def make_id(random: Random, instant: datetime) -> UUID:
    """An identifier of a day: it sorts by it, and says nothing of the hour."""
    day_ms = to_micros(instant) // 1000 // DAY_MS * DAY_MS
    drawn = int.from_bytes(random.token(10))
    counter, tail = (drawn >> _RANDOM_BITS) & 0xFFF, drawn & ((1 << _RANDOM_BITS) - 1)
    return make_uuid((day_ms << 80) | (0x7 << 76) | (counter << 64) | (0b10 << 62) | tail)


async def keep_precedent(
    unit: Unit, random: Random, ruling: Any, trade: TradeRow, *, reason: str, payer: str | None
) -> UUID:
    """Keep how a case was decided, for those who decide like ones."""
    names = [
        (trade.buyer_username, "the buyer"),
        (trade.seller_username, "the seller"),
        *([(payer, "the payer")] if payer else []),
    ]
    text_en = anonymise(ruling.text_en, names)
    names_vi = [(name, _VIETNAMESE[role]) for name, role in names]
    text_vi = anonymise(ruling.text_vi, names_vi)
    precedent_id = make_id(random, ruling.ruled_at)
    facets = {
        "rail": trade.method_id,
        "reason": reason,
        "amount_band": band_of(ruling.amount),
        "outcome": ruling.outcome,
    }
    await unit.execute(
        queries.insert_precedent(
            {
                "id": precedent_id,
                "reason": reason,
                "method_id": trade.method_id,
                "outcome": ruling.outcome,
                "amount_band": facets["amount_band"],
                "reason_code": ruling.reason_code,
                "text_en": text_en,
                "text_vi": text_vi,
            }
        )
    )
    words = list_words(f"{text_en} {text_vi} {ruling.reason_code}")[:WORDS_MAX]
    terms = [f"{name}:{value}" for name, value in facets.items()]
    terms += [f"word:{word}" for word in words]
    await unit.execute(*queries.insert_terms(precedent_id, terms))
    return precedent_id


_VIETNAMESE = {"the buyer": "người mua", "the seller": "người bán", "the payer": "người trả tiền"}


async def search_precedents(
    reader: Reader, terms: Sequence[str], *, before: UUID | None, limit: int
) -> tuple[list[dict[str, Any]], UUID | None]:
    """A page of precedents with all of the terms, newest first, and where the next one begins.

    A page looks through at most 500 of those with the first term: it may hold few, or none,
    although there is a next one.
    """
    stretch = queries.SCANNED_MAX if len(terms) > 1 else limit + 1
    scanned = (await reader.execute(queries.find_precedents(terms, before, stretch))).all()
    wanted = max(0, len(terms) - 1)
    fitting = [row.id for row in scanned if row.terms == wanted]
    more = len(scanned) == stretch or len(fitting) > limit
    page = fitting[:limit]
    place = None
    if more and len(fitting) > limit:
        place = page[-1]
    elif more:
        place = scanned[-1].id
    if not page:
        return [], place
    rows = await reader.execute(queries.precedents(page))
    return [_show(row) for row in rows], place


def _show(row: Any) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "reason": row.reason,
        "rail": row.method_id,
        "outcome": row.outcome,
        "amount_band": row.amount_band,
        "reason_code": row.reason_code,
        "text_en": row.text_en,
        "text_vi": row.text_vi,
        "day": instant_of_id(row.id).date().isoformat(),
    }
