"""What people do in a chat: write, read, mark as read."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from models.chat import Author, MessageKind
from server.chat import queries
from server.chat.desk import ChatDesk
from server.chat.messages import Draft, append_messages, lock_chat
from server.chat.parties import check_staff, find_refusal, side_of
from server.chat.refusals import ClientIdReused, ReadTooFar
from server.chat.views import open_content, view_for_reader, view_for_staff, view_message
from server.core import fault
from server.core.events import Event, room_of_trade
from server.core.refusals import NotFound
from server.db import Unit, is_unique_violation
from server.db.audit import Action, record_audit

Reader = AsyncConnection | Unit
"""A read connection or a unit of work."""


@dataclass(frozen=True, slots=True)
class Page:
    """Messages, newest first, with what a reader must know of the chat."""

    items: list[dict[str, Any]]
    numbers: list[int]
    last_number: int
    read: dict[str, int]
    may_write: bool


@dataclass(frozen=True, slots=True)
class Sent:
    """A message as its author sent it."""

    author_id: UUID
    client_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Posted:
    """A message that was written, now or by the same call before."""

    message: dict[str, Any]
    replayed: bool


async def find_room(reader: Reader, trade_id: UUID, user_id: UUID) -> Any:
    """What decides what a user may do in a chat. Refuses `NotFound` without such a trade."""
    room = (await reader.execute(queries.room_of(trade_id, user_id))).first()
    if room is None:
        raise NotFound
    return room


async def post_message(desk: ChatDesk, trade_id: UUID, sent: Sent) -> Posted:
    """A party writes. The same client id twice is one message; another text refuses."""

    async def work(unit: Unit) -> Posted:
        room = await find_room(unit, trade_id, sent.author_id)
        author = Author(side_of(room, sent.author_id).value)
        refusal = find_refusal(room, unit.now)
        if refusal is None:
            return await _write(unit, desk, trade_id, sent, author)
        posted = await _find_posted(unit, desk, trade_id, sent)
        if posted is None:
            raise refusal
        return posted

    return await _write_once(desk, work, "write_message", trade_id, sent)


async def post_as_staff(desk: ChatDesk, trade_id: UUID, sent: Sent) -> Posted:
    """Staff write where a case is open; readers see the badge, which nobody else gets."""

    async def work(unit: Unit) -> Posted:
        check_staff(await find_room(unit, trade_id, sent.author_id), sent.author_id)
        posted = await _write(unit, desk, trade_id, sent, Author.STAFF)
        after = {"number": posted.message["number"]}
        await record_audit(unit, Action.CHAT_WRITTEN, "trade", trade_id, after=after)
        return posted

    return await _write_once(desk, work, "write_message_as_staff", trade_id, sent)


async def _write(unit: Unit, desk: ChatDesk, trade_id: UUID, sent: Sent, author: Author) -> Posted:
    draft = Draft(
        kind=MessageKind.TEXT,
        author=author,
        author_id=sent.author_id,
        client_id=sent.client_id,
        text=sent.text,
    )
    chat = await lock_chat(unit, desk.sealer, trade_id)
    _, (message,) = await append_messages(unit, desk.sealer, chat, [draft])
    return Posted(view_message(message, message.content), replayed=False)


async def _write_once(
    desk: ChatDesk,
    work: Callable[[Unit], Awaitable[Posted]],
    name: str,
    trade_id: UUID,
    sent: Sent,
) -> Posted:
    """Write a message; where its author's client id has one already, that one.

    Few write at once, so that chats never take all connections from trades.
    """
    async with desk.writers:
        try:
            return await desk.database.transact(work, name=name)
        except IntegrityError as error:
            if not is_unique_violation(error):
                raise
    async with desk.database.read() as connection:
        posted = await _find_posted(connection, desk, trade_id, sent)
    assert posted is not None, "a message has this client id"
    return posted


async def _find_posted(reader: Reader, desk: ChatDesk, trade_id: UUID, sent: Sent) -> Posted | None:
    """The message with this client id. Refuses `ClientIdReused` for another text."""
    known = await reader.execute(
        queries.find_by_client_id(trade_id, sent.author_id, sent.client_id)
    )
    row = known.first()
    if row is None:
        return None
    content = open_content(desk.sealer, row)
    if content is None or (content.original or content.text) != sent.text:
        raise ClientIdReused
    return Posted(view_message(row, content), replayed=True)


async def open_chat(desk: ChatDesk, trade_id: UUID) -> None:
    """Write what a chat begins with, if nobody has looked into it yet."""
    async with desk.database.read() as connection:
        row = (await connection.execute(queries.marks_of(trade_id))).first()
    if row is None or row.number:
        return

    async def work(unit: Unit) -> None:
        await lock_chat(unit, desk.sealer, trade_id)

    await desk.database.transact(work, name="open_chat")


async def read_page(
    reader: Reader,
    desk: ChatDesk,
    user_id: UUID,
    trade_id: UUID,
    *,
    below: int | None,
    above: int,
    limit: int,
) -> Page:
    """A party's page of messages; one more than `limit` tells that there are older ones."""
    room = await find_room(reader, trade_id, user_id)
    side_of(room, user_id)
    marks = (await reader.execute(queries.marks_of(trade_id))).one()
    page = queries.page_for(trade_id, user_id, below=below, above=above, limit=limit)
    found = (await reader.execute(page)).all()
    return Page(
        items=[view_for_reader(row, open_content(desk.sealer, row)) for row in found],
        numbers=[row.number for row in found],
        last_number=marks.number,
        read={"buyer": marks.buyer_read, "seller": marks.seller_read},
        may_write=find_refusal(room, desk.database.clock.now()) is None,
    )


async def read_as_staff(
    unit: Unit,
    desk: ChatDesk,
    staff_id: UUID,
    trade_id: UUID,
    *,
    below: int | None,
    above: int,
    limit: int,
) -> Page:
    """A page of messages for staff, with what is masked for the parties; the reading is audited.

    Refuses `NotFound` for a trade that the reader is a party of: he reads it as such.
    """
    room = await find_room(unit, trade_id, staff_id)
    if staff_id in (room.buyer_id, room.seller_id):
        raise NotFound
    await lock_chat(unit, desk.sealer, trade_id)
    marks = (await unit.execute(queries.marks_of(trade_id))).one()
    rows = await unit.execute(queries.page_of(trade_id, below=below, above=above, limit=limit))
    found = rows.all()
    numbers = [row.number for row in found]
    shown = {"first": min(numbers, default=0), "last": max(numbers, default=0)}
    await record_audit(unit, Action.CHAT_READ, "trade", trade_id, after=shown)
    return Page(
        items=[view_for_staff(row, open_content(desk.sealer, row)) for row in found],
        numbers=numbers,
        last_number=marks.number,
        read={"buyer": marks.buyer_read, "seller": marks.seller_read},
        may_write=bool(room.has_case),
    )


async def mark_read(unit: Unit, user_id: UUID, trade_id: UUID, number: int) -> dict[str, Any]:
    """A party has read the messages up to `number`; a mark never moves back.

    Refuses `ReadTooFar` beyond the last message.
    """
    side = side_of(await find_room(unit, trade_id, user_id), user_id)
    marks = (await unit.execute(queries.marks_of(trade_id, lock=True))).one()
    if number > marks.number:
        raise ReadTooFar(errors={"number": ["There is no message with this number yet."]})
    read = {"buyer": marks.buyer_read, "seller": marks.seller_read}
    if number > read[side.value]:
        await unit.execute_guarded(queries.mark_read(trade_id, side, number))
        read[side.value] = number
        body = {"trade_id": str(trade_id), "reader": side.value, "number": number}
        fault.point("chat.before_read")
        unit.emit(Event(room_of_trade(trade_id), "message_read", body, trade_id))
    return {"trade_id": str(trade_id), "read": read}


async def find_message(reader: Reader, user_id: UUID, message_id: UUID) -> Any:
    """The row of a message by its identifier, for who is a party of its trade.

    Refuses `NotFound` for everybody else. For reports of a message; see `models.chat.ChatMessage`.
    """
    row = (await reader.execute(queries.find_message(message_id))).first()
    if row is None:
        raise NotFound
    side_of(await find_room(reader, row.trade_id, user_id), user_id)
    return row
