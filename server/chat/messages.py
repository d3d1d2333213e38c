"""Writes messages into chats: numbered, sealed, chained and told, with the chats' rows locked.

Order of locks: a chat's row comes after the trade's and everything that the trade's units lock.
Who only writes messages locks nothing but chats, several in the order of their trades.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from models.chat import Author, MessageKind
from server.chat import queries
from server.chat.chain import (
    GENESIS,
    SALT_BYTES,
    Content,
    digest_content,
    hash_message,
    list_chained,
)
from server.chat.phrases import Findings, inspect_text
from server.chat.views import context_of, view_message, withhold_words
from server.core import fault
from server.core.events import Event, room_of_trade
from server.core.refusals import NotFound
from server.db import Unit
from server.identity.sealing import Sealer

OPENED = "opened"
"""The first message of every chat."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What is to become a message."""

    kind: MessageKind
    author: Author
    author_id: UUID | None = None
    client_id: str | None = None
    text: str | None = None
    found: Findings | None = None
    """What was found in the text, if somebody has looked already."""
    event: str | None = None
    params: Mapping[str, Any] | None = None
    attachment_id: UUID | None = None
    written_at: datetime | None = None
    """None is now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A message as it was written; see `models.chat.ChatMessage`."""

    trade_id: UUID
    number: int
    id: UUID
    kind: str
    author: str
    author_id: UUID | None
    client_id: str | None
    event: str | None
    params: str | None
    digest: bytes | None
    attachment_id: UUID | None
    banners: str
    created_at: datetime
    content: Content | None


@dataclass(frozen=True, slots=True)
class OpenChat:
    """A chat whose row is locked."""

    trade_id: UUID
    number: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Addition:
    """What is to be written at the end of one locked chat."""

    chat: OpenChat
    drafts: Sequence[Draft]


async def lock_chat(unit: Unit, sealer: Sealer, trade_id: UUID) -> OpenChat:
    """Lock a chat to add to it; see `lock_chats`. Refuses `NotFound`."""
    chats = await lock_chats(unit, sealer, [trade_id])
    if trade_id not in chats:
        raise NotFound
    return chats[trade_id]


async def lock_chats(
    unit: Unit, sealer: Sealer, trade_ids: Collection[UUID]
) -> dict[UUID, OpenChat]:
    """Lock the chats of some trades to add to them, in the order of the trades.

    The first to do so writes what every chat begins with: that the trade was opened, and the
    maker's automatic reply, both as of the match.
    """
    rows = (await unit.execute(queries.lock_chats(trade_ids))).all()
    chats = {
        row.trade_id: OpenChat(row.trade_id, row.number, bytes(row.hash))
        for row in rows
        if row.number
    }
    new = [row for row in rows if not row.number]
    if new:
        greeting = [row.trade_id for row in new if row.greeting]
        people = {}
        if greeting:
            people = {row.id: row for row in await unit.execute(queries.people_of(greeting))}
        begun = [
            Addition(
                OpenChat(row.trade_id, 0, GENESIS), _draft_beginning(row, people.get(row.trade_id))
            )
            for row in new
        ]
        for chat, _ in await append_to_chats(unit, sealer, begun):
            chats[chat.trade_id] = chat
    return chats


def _draft_beginning(chat: Any, trade: Any) -> list[Draft]:
    """What a chat begins with; `trade` says whose greeting it is, where there is one."""
    opened = Draft(
        kind=MessageKind.SYSTEM,
        author=Author.SYSTEM,
        event=OPENED,
        params={"actor": "system"},
        written_at=chat.created_at,
    )
    if trade is None:
        return [opened]
    sells = trade.maker_side == "sell"
    greeting = Draft(
        kind=MessageKind.AUTO_REPLY,
        author=Author.SELLER if sells else Author.BUYER,
        author_id=trade.seller_id if sells else trade.buyer_id,
        text=chat.greeting,
        written_at=chat.created_at,
    )
    return [opened, greeting]


async def append_messages(
    unit: Unit, sealer: Sealer, chat: OpenChat, drafts: Sequence[Draft]
) -> tuple[OpenChat, list[Written]]:
    """Write messages at the end of a locked chat and tell its room; the chat as it is then."""
    (appended,) = await append_to_chats(unit, sealer, [Addition(chat, drafts)])
    return appended


async def append_to_chats(
    unit: Unit, sealer: Sealer, additions: Sequence[Addition]
) -> list[tuple[OpenChat, list[Written]]]:
    """Write messages at the ends of different locked chats and tell their rooms.

    The chats as they are then, each with its messages, in the order of `additions`.
    """
    assert additions, "nothing is to be written"
    assert all(one.drafts for one in additions), "nothing is to be written"
    rows: list[dict[str, Any]] = []
    appended: list[tuple[OpenChat, list[Written]]] = []
    for one in additions:
        number, digest = one.chat.number, one.chat.hash
        messages = []
        for draft in one.drafts:
            number += 1
            message = _write(unit, sealer, one.chat.trade_id, number, draft)
            digest = hash_message(digest, list_chained(message))
            messages.append(message)
            rows.append(_row_of(sealer, message, digest))
        appended.append((OpenChat(one.chat.trade_id, number, digest), messages))
    fault.point("chat.before_messages")
    await unit.execute(*queries.insert_messages(rows))
    moves = [
        queries.Move(after.trade_id, one.chat.number, after.number, after.hash)
        for one, (after, _) in zip(additions, appended, strict=True)
    ]
    moved = await unit.execute(*queries.move_chats(unit.dialect, moves))
    assert moved.rowcount == len(moves), "a locked chat has moved"
    fault.point("chat.before_events")
    for chat, messages in appended:
        for message in messages:
            body = withhold_words(view_message(message, message.content))
            unit.emit(Event(room_of_trade(chat.trade_id), "message_created", body, message.id))
    return appended


def _write(unit: Unit, sealer: Sealer, trade_id: UUID, number: int, draft: Draft) -> Written:
    content, banners = None, ""
    if draft.text is not None:
        found = draft.found or inspect_text(draft.text)
        salt = sealer.make_salt(SALT_BYTES).hex()
        masked = found.mask(draft.text)
        original = None if masked == draft.text else draft.text
        content = Content(salt, masked, original)
        banners = ",".join(found.banners)
    params = None
    if draft.params is not None:
        params = orjson.dumps(dict(draft.params), option=orjson.OPT_SORT_KEYS).decode()
    return Written(
        trade_id=trade_id,
        number=number,
        id=unit.ids.new_id(),
        kind=draft.kind.value,
        author=draft.author.value,
        author_id=draft.author_id,
        client_id=draft.client_id,
        event=draft.event,
        params=params,
        digest=None if content is None else digest_content(content),
        attachment_id=draft.attachment_id,
        banners=banners,
        created_at=draft.written_at or unit.now,
        content=content,
    )


def _row_of(sealer: Sealer, message: Written, digest: bytes) -> dict[str, Any]:
    content = message.content
    sealed = None
    if content is not None:
        written = {"salt": content.salt, "text": content.text, "original": content.original}
        sealed = sealer.seal(orjson.dumps(written), context_of(message.id))
    return {
        "trade_id": message.trade_id,
        "number": message.number,
        "id": message.id,
        "kind": message.kind,
        "author": message.author,
        "author_id": message.author_id,
        "client_id": message.client_id,
        "event": message.event,
        "params": message.params,
        "sealed": sealed,
        "digest": message.digest,
        "attachment_id": message.attachment_id,
        "banners": message.banners,
        "hash": digest,
        "created_at": message.created_at,
    }


async def write_system_message(
    unit: Unit, sealer: Sealer, trade_id: UUID, *, event: str, params: Mapping[str, Any]
) -> None:
    """Say in a trade's chat what happened, as a code with what belongs to it; clients word it.

    `params` holds codes, amounts and times, JSON-ready; never words of people.
    """
    chat = await lock_chat(unit, sealer, trade_id)
    draft = Draft(kind=MessageKind.SYSTEM, author=Author.SYSTEM, event=event, params=params)
    await append_messages(unit, sealer, chat, [draft])


async def write_attachment_message(
    unit: Unit,
    sealer: Sealer,
    trade_id: UUID,
    *,
    author: Author,
    author_id: UUID,
    attachment_id: UUID,
    params: Mapping[str, Any],
    client_id: str | None = None,
) -> dict[str, Any]:
    """Put a file into a trade's chat, in the unit that stores it; the message as readers see it.

    Whether `author_id` may write there, and whether the file was there before, is for the caller
    to check. `params` says what the file is (type and size), without words of people.
    """
    chat = await lock_chat(unit, sealer, trade_id)
    draft = Draft(
        kind=MessageKind.ATTACHMENT,
        author=author,
        author_id=author_id,
        client_id=client_id,
        attachment_id=attachment_id,
        params=params,
    )
    _, (message,) = await append_messages(unit, sealer, chat, [draft])
    return view_message(message, None)
