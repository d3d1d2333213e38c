"""What people do in a chat: write, read, mark as read."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from models.chat import Author
from server.chat import queries
from server.chat.batch import Posted, Sent, answer_known, find_known
from server.chat.desk import ChatDesk
from server.chat.messages import append_messages, lock_chat
from server.chat.parties import check_staff, find_refusal, side_of
from server.chat.refusals import ReadTooFar
from server.chat.views import open_content, view_for_reader, view_for_staff, view_message
from server.core import fault
from server.core.events import Event, room_of_trade
from server.core.refusals import NotFound
from server.db import Unit
from server.db.audit import Action, record_audit
from server.disputes.staff_access import check_trade_reader, check_trade_worker, note_refused
from server.disputes.staff_context import CaseDesk
from server.disputes.staff_refusals import CaseNotYours

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


async def find_room(reader: Reader, trade_id: UUID) -> Any:
    """What decides who may do what in a chat. Refuses `NotFound` without such a trade."""
    room = (await reader.execute(queries.rooms_of([trade_id]))).first()
    if room is None:
        raise NotFound
    return room


async def post_message(desk: ChatDesk, sent: Sent) -> Posted:
    """A party writes. The same client id twice is one message; another text refuses."""
    return await desk.writer.submit(sent)


async def post_as_staff(desk: ChatDesk, sent: Sent) -> Posted:
    """Staff write in the case they were given; readers see the badge, which nobody else gets.

    Refuses `NotFound`, `NoOpenCase`, `CaseNotYours`, `ClientIdReused`.
    """

    async def work(unit: Unit) -> Posted:
        check_staff(await find_room(unit, sent.trade_id), sent.author_id)
        await check_trade_worker(unit, sent.author_id, sent.trade_id)
        chat = await lock_chat(unit, desk.sealer, sent.trade_id)
        known = await find_known(unit, desk.sealer, [sent.key])
        if known:
            outcome = answer_known(sent, known[sent.key])
            if isinstance(outcome, Exception):
                raise outcome
            return outcome
        _, (message,) = await append_messages(unit, desk.sealer, chat, [sent.draft(Author.STAFF)])
        after = {"number": message.number}
        await record_audit(unit, Action.CHAT_WRITTEN, "trade", sent.trade_id, after=after)
        return Posted(view_message(message, message.content), replayed=False)

    try:
        return await desk.database.transact(work, name="write_message_as_staff")
    except CaseNotYours as refusal:
        await note_refused(desk.database, sent.trade_id, refusal)
        raise


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
    room = await find_room(reader, trade_id)
    side = side_of(room, user_id)
    marks = (await reader.execute(queries.marks_of(trade_id))).one()
    page = queries.page_for(trade_id, user_id, below=below, above=above, limit=limit)
    found = (await reader.execute(page)).all()
    return Page(
        items=[view_for_reader(row, open_content(desk.sealer, row)) for row in found],
        numbers=[row.number for row in found],
        last_number=marks.number,
        read={"buyer": marks.buyer_read, "seller": marks.seller_read},
        may_write=find_refusal(room, side, desk.database.clock.now()) is None,
    )


async def read_as_staff(
    unit: Unit,
    desk: ChatDesk,
    cases: CaseDesk,
    staff_id: UUID,
    trade_id: UUID,
    *,
    below: int | None,
    above: int,
    limit: int,
) -> Page:
    """A page of messages for staff, with what is masked for the parties; the reading is audited.

    Refuses `NotFound`, `CaseNotYours`, `PartyToCase`; see `check_trade_reader`.
    """
    taken = await check_trade_reader(unit, cases, staff_id, trade_id)
    room = await find_room(unit, trade_id)
    await lock_chat(unit, desk.sealer, trade_id)
    marks = (await unit.execute(queries.marks_of(trade_id))).one()
    rows = await unit.execute(queries.page_of(trade_id, below=below, above=above, limit=limit))
    found = rows.all()
    numbers = [row.number for row in found]
    shown: dict[str, Any] = {"first": min(numbers, default=0), "last": max(numbers, default=0)}
    if taken is not None:
        shown["elevation"] = str(taken)
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
    side = side_of(await find_room(unit, trade_id), user_id)
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
    side_of(await find_room(reader, row.trade_id), user_id)
    return row
