"""The check of the chats' chains, in the verifier."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from server.chat import queries
from server.chat.chain import GENESIS, find_breaks
from server.chat.views import open_content
from server.identity.sealing import SealBroken
from server.monitor.breach import Breach
from server.monitor.queries import BREACHES_PER_QUESTION_MAX
from server.monitor.reader import Reader

CHATS_AT_ONCE = 200


async def check_chats(reader: Reader) -> list[Breach]:
    """I30: every message of a chat is in its place as it was written, and none is missing."""
    breaches = await (_check_all(reader) if reader.since is None else _check_new(reader))
    rows = await reader.connection.execute(
        queries.without_chat(reader.since, BREACHES_PER_QUESTION_MAX)
    )
    for row in rows:
        breaches.append(_breach(row.trade_id, row.number, "The message belongs to no chat."))
    return breaches


def _breach(trade_id: UUID, number: int, sentence: str) -> Breach:
    return Breach("I30", f"chat:{trade_id}/{number}", sentence)


async def _check_all(reader: Reader) -> list[Breach]:
    breaches: list[Breach] = []
    after: UUID | None = None
    while len(breaches) < BREACHES_PER_QUESTION_MAX:
        page = queries.chats_after(after, CHATS_AT_ONCE)
        chats = (await reader.connection.execute(page)).all()
        if not chats:
            break
        after = chats[-1].trade_id
        rows = await reader.connection.execute(
            queries.messages_of_chats([chat.trade_id for chat in chats])
        )
        by_chat: dict[UUID, list[Any]] = {}
        for row in rows:
            by_chat.setdefault(row.trade_id, []).append(row)
        for chat in chats:
            breaches += _check(
                reader, chat, by_chat.get(chat.trade_id, ()), first=1, before=GENESIS
            )
    return breaches


async def _check_new(reader: Reader) -> list[Breach]:
    """The ends of chats that messages or events since the watermark speak of.

    A chat is walked from the message before its new ones on; where none is new, the last is.
    """
    assert reader.since is not None
    connection = reader.connection
    new = await connection.execute(queries.first_numbers_since(reader.since))
    firsts = {row.trade_id: row.first for row in new}
    touched = {UUID(bytes=trade) for trade in await reader.touched_trades()}
    ids = sorted(touched | firsts.keys())
    breaches: list[Breach] = []
    for start in range(0, len(ids), CHATS_AT_ONCE):
        page = queries.chats_by_id(ids[start : start + CHATS_AT_ONCE])
        for chat in (await connection.execute(page)).all():
            known = firsts.get(chat.trade_id, chat.number)
            first = max(1, min(known - 1, chat.number))
            rows = await connection.execute(queries.messages_from(chat.trade_id, first))
            before = GENESIS if first == 1 else None
            breaches += _check(reader, chat, rows.all(), first=first, before=before)
    return breaches


def _check(
    reader: Reader, chat: Any, rows: Sequence[Any], *, first: int, before: bytes | None
) -> list[Breach]:
    head = None if chat.hash is None else bytes(chat.hash)
    found = [
        _breach(chat.trade_id, one.number, one.sentence)
        for one in find_breaks(rows, before=before, first=first, last=chat.number, head=head)
    ]
    if reader.sealer is None:
        return found
    for row in rows:
        try:
            open_content(reader.sealer, row)
        except SealBroken:
            detail = "The words are not those that were written."
            found.append(_breach(chat.trade_id, row.number, detail))
    return found
