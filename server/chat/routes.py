"""The chats' endpoints. A message's client id is its idempotency key."""

from server.chat import refusals, schemas
from server.chat.batch import Posted, Sent
from server.chat.desk import CHAT
from server.chat.phrases import inspect_text
from server.chat.service import (
    Page,
    mark_read,
    open_chat,
    post_as_staff,
    post_message,
    read_as_staff,
    read_page,
)
from server.core.permissions import Permission
from server.core.refusals import Invalid, NotFound
from server.db import Unit
from server.disputes.staff_access import note_refused
from server.disputes.staff_context import CASE_DESK
from server.disputes.staff_refusals import CaseNotYours, PartyToCase
from server.http.edge import EDGE
from server.http.endpoint import Call, Reply, Routes, Subject
from server.http.pages import read_cursor, write_cursor
from server.http.scopes import Scope

ROUTES = Routes("Chat")
_NUMBER_BYTES = 4


def read_place(cursor: str | None) -> int | None:
    """The number in a cursor."""
    if cursor is None:
        return None
    place = read_cursor(cursor)
    if len(place) != _NUMBER_BYTES:
        raise Invalid(errors={"cursor": ["This is not a cursor of this list."]})
    return min(int.from_bytes(place, "big"), schemas.NUMBER_MAX)


def _show_page(page: Page, limit: int) -> Reply:
    more = len(page.items) > limit
    cursor = write_cursor(page.numbers[limit - 1].to_bytes(_NUMBER_BYTES, "big")) if more else None
    return Reply(
        {
            "items": page.items[:limit],
            "next_cursor": cursor,
            "last_number": page.last_number,
            "read": page.read,
            "may_write": page.may_write,
        }
    )


def _read_sent(call: Call) -> Sent:
    text = call.body["text"]
    found = inspect_text(text)
    return Sent(call.path_id(), call.user.user_id, call.body["client_id"], text, found)


def _show_posted(posted: Posted) -> Reply:
    headers = {"Idempotency-Replayed": "true"} if posted.replayed else {}
    return Reply(posted.message, 201, headers)


@ROUTES.read(
    "GET",
    "/api/v1/trades/{id}/messages",
    subject=Subject.OWN,
    scope=Scope.READ,
    summary="The chat of one of your trades, newest message first.",
    query=schemas.MessagesQuery(),
    response=schemas.MESSAGE_PAGE,
    refusals=(NotFound,),
)
async def list_messages(call: Call) -> Reply:
    """A page of messages; the first look writes what every chat begins with."""
    desk, trade_id, asked = call.app[CHAT], call.path_id(), call.query
    place = {"below": read_place(asked["cursor"]), "above": asked["after"]}
    user_id, limit = call.user.user_id, asked["limit"]
    async with call.database.read() as connection:
        page = await read_page(connection, desk, user_id, trade_id, limit=limit + 1, **place)
    if page.last_number == 0:
        await open_chat(desk, trade_id)
        async with call.database.read() as connection:
            page = await read_page(connection, desk, user_id, trade_id, limit=limit + 1, **place)
    return _show_page(page, limit)


@ROUTES.own(
    "POST",
    "/api/v1/trades/{id}/messages",
    subject=Subject.OWN,
    scope=Scope.TRADE,
    keyed=False,
    summary="Write in the chat of one of your trades.",
    body=schemas.PostSchema(),
    response=schemas.MessageSchema(),
    status=201,
    refusals=(
        NotFound,
        refusals.ClientIdReused,
        refusals.ChatClosed,
        refusals.WriterFrozen,
        refusals.WriterBlocked,
    ),
)
async def write_message(call: Call) -> Reply:
    """The message; the same one when it was sent before."""
    desk = call.app[CHAT]
    call.app[EDGE].check_writable()
    await desk.count_message(call.user.user_id)
    return _show_posted(await post_message(desk, _read_sent(call)))


@ROUTES.write(
    "POST",
    "/api/v1/trades/{id}/messages/read",
    subject=Subject.OWN,
    scope=Scope.TRADE,
    summary="Say up to which message you have read.",
    body=schemas.ReadSchema(),
    response=schemas.ReadReplySchema(),
    refusals=(NotFound, refusals.ReadTooFar),
)
async def mark_messages_read(call: Call, unit: Unit) -> Reply:
    """How far both sides have read."""
    return Reply(await mark_read(unit, call.user.user_id, call.path_id(), call.body["number"]))


@ROUTES.read(
    "GET",
    "/api/admin/trades/{id}/messages",
    access=Permission.READ_TRADES,
    summary="The chat of a trade whose case you have, with what its parties do not see; audited.",
    query=schemas.MessagesQuery(),
    response=schemas.STAFF_MESSAGE_PAGE,
    refusals=(NotFound, CaseNotYours, PartyToCase),
)
async def list_messages_for_staff(call: Call) -> Reply:
    """A page of messages."""
    desk, trade_id, asked = call.app[CHAT], call.path_id(), call.query
    place = {"below": read_place(asked["cursor"]), "above": asked["after"]}
    staff_id, limit = call.user.user_id, asked["limit"]

    cases = call.app[CASE_DESK]

    async def work(unit: Unit) -> Page:
        return await read_as_staff(unit, desk, cases, staff_id, trade_id, limit=limit + 1, **place)

    try:
        page = await call.database.transact(work, name="list_messages_for_staff")
    except (CaseNotYours, PartyToCase) as refusal:
        await note_refused(call.database, trade_id, refusal)
        raise
    return _show_page(page, limit)


@ROUTES.own(
    "POST",
    "/api/admin/trades/{id}/messages",
    access=Permission.WORK_DISPUTES,
    keyed=False,
    summary="Write as staff in the chat of a trade about which you were given an open case.",
    body=schemas.PostSchema(),
    response=schemas.MessageSchema(),
    status=201,
    refusals=(NotFound, CaseNotYours, refusals.ClientIdReused, refusals.NoOpenCase),
)
async def write_message_as_staff(call: Call) -> Reply:
    """The message with the badge of the staff."""
    desk = call.app[CHAT]
    await desk.count_message(call.user.user_id)
    return _show_posted(await post_as_staff(desk, _read_sent(call)))
