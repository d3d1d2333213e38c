"""Messages of several people in one transaction, each with an answer or a refusal of its own."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from models.chat import Author, MessageKind
from server.chat import queries
from server.chat.messages import Addition, Draft, OpenChat, append_to_chats, lock_chats
from server.chat.parties import find_refusal, side_of
from server.chat.phrases import Findings
from server.chat.refusals import ClientIdReused
from server.chat.views import open_content, view_message
from server.core.refusals import NotFound, Refusal
from server.db import Unit
from server.identity.sealing import SealBroken, Sealer

Key = tuple[UUID, UUID, str]
"""What a message is known by: its trade, its author, and his program's name for it."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A message as its author sent it."""

    trade_id: UUID
    author_id: UUID
    client_id: str
    text: str
    found: Findings
    """What was found in the text: looked for before anything is locked."""

    @property
    def key(self) -> Key:
        """What it is known by."""
        return self.trade_id, self.author_id, self.client_id

    def draft(self, author: Author) -> Draft:
        """What is to become a message of the author."""
        return Draft(
            kind=MessageKind.TEXT,
            author=author,
            author_id=self.author_id,
            client_id=self.client_id,
            text=self.text,
            found=self.found,
        )


@dataclass(frozen=True, slots=True)
class Posted:
    """A message that was written, now or by the same call before."""

    message: dict[str, Any]
    replayed: bool


@dataclass(frozen=True, slots=True)
class Known:
    """A message that is there already."""

    message: dict[str, Any]
    text: str | None
    """As it was written; None where the words were forgotten."""
    by: Sent | None = None
    """Who had it written now; None for one from before."""


Outcome = Posted | Exception
"""A written message, or why its author gets none."""


async def write_batch(unit: Unit, sealer: Sealer, asked: Sequence[Sent]) -> list[Outcome]:
    """Write messages of parties; what became of each, in their order.

    Within a chat they are numbered as they were asked. The number of statements does not depend
    on how many there are. An outcome is `Posted` or the refusal `NotFound`, `ClientIdReused`,
    `ChatClosed`, `WriterFrozen`, `WriterBlocked`; or `SealBroken` where the same message was
    written before and does not open.
    """
    rooms = {row.id: row for row in await unit.execute(queries.rooms_of(_trades_of(asked)))}
    judged = [(one, _judge(rooms.get(one.trade_id), one.author_id, unit.now)) for one in asked]
    chats: dict[UUID, OpenChat] = {}
    allowed = [one for one, verdict in judged if isinstance(verdict, Author)]
    if allowed:
        chats = await lock_chats(unit, sealer, _trades_of(allowed))
    # After the lock: whoever wrote the same before has committed by now, and it is found.
    known = await find_known(
        unit, sealer, {one.key for one, verdict in judged if not isinstance(verdict, NotFound)}
    )
    new: dict[Key, tuple[Sent, Author]] = {}
    for one, verdict in judged:
        if isinstance(verdict, Author) and one.key not in known:
            new.setdefault(one.key, (one, verdict))
    written = await _write_new(unit, sealer, chats, list(new.values()))
    return [_answer(one, verdict, {**known, **written}) for one, verdict in judged]


async def find_known(
    unit: Unit, sealer: Sealer, keys: Collection[Key]
) -> dict[Key, Known | SealBroken]:
    """The messages that are there under some keys."""
    if not keys:
        return {}
    found: dict[Key, Known | SealBroken] = {}
    for row in await unit.execute(queries.find_by_client_ids(keys)):
        try:
            content = open_content(sealer, row)
        except SealBroken as broken:
            found[row.trade_id, row.author_id, row.client_id] = broken
            continue
        text = None if content is None else content.original or content.text
        known = Known(view_message(row, content), text)
        found[row.trade_id, row.author_id, row.client_id] = known
    return found


def _trades_of(asked: Sequence[Sent]) -> set[UUID]:
    return {one.trade_id for one in asked}


def _judge(room: Any, author_id: UUID, now: datetime) -> Author | Refusal:
    """Whose message it is, or why it may not be written."""
    if room is None:
        return NotFound()
    try:
        side = side_of(room, author_id)
    except NotFound as refusal:
        return refusal
    return find_refusal(room, side, now) or Author(side.value)


async def _write_new(
    unit: Unit,
    sealer: Sealer,
    chats: Mapping[UUID, OpenChat],
    new: Sequence[tuple[Sent, Author]],
) -> dict[Key, Known]:
    """Write messages of different keys into locked chats."""
    if not new:
        return {}
    by_chat: dict[UUID, list[tuple[Sent, Author]]] = {}
    for sent, author in new:
        by_chat.setdefault(sent.trade_id, []).append((sent, author))
    appended = await append_to_chats(
        unit,
        sealer,
        [
            Addition(chats[trade_id], [sent.draft(author) for sent, author in listed])
            for trade_id, listed in by_chat.items()
        ],
    )
    written: dict[Key, Known] = {}
    for listed, (_, messages) in zip(by_chat.values(), appended, strict=True):
        for (sent, _), message in zip(listed, messages, strict=True):
            shown = view_message(message, message.content)
            written[sent.key] = Known(shown, sent.text, by=sent)
    return written


def _answer(
    one: Sent, verdict: Author | Refusal, known: Mapping[Key, Known | SealBroken]
) -> Outcome:
    there = known.get(one.key)
    if there is None:
        assert isinstance(verdict, Refusal), "what may be written was written"
        return verdict
    return answer_known(one, there)


def answer_known(one: Sent, there: Known | SealBroken) -> Outcome:
    """What the author gets of a message that is there: it, or `ClientIdReused` for another text."""
    if isinstance(there, SealBroken):
        return there
    if there.text != one.text:
        return ClientIdReused()
    return Posted(there.message, replayed=there.by is not one)
