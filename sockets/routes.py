"""`GET /events`: what a socket's `subscribe` replays, over HTTP."""

from uuid import UUID

import orjson
from marshmallow import Schema, fields, validate

from server.core.permissions import Permission
from server.core.refusals import Forbidden, Invalid, NotFound, Unauthenticated
from server.disputes.staff_refusals import CaseNotYours, PartyToCase
from server.http.endpoint import STAFF_RIGHTS, Access, Call, Reply, Routes
from server.http.pages import PageQuery, read_cursor, write_cursor
from sockets.app import SOCKETS, Sockets
from sockets.audience import (
    MARKET_UPDATES,
    ROOM_CHARS_MAX,
    TRADES_NEED,
    Room,
    check_audience,
    note_listener,
    read_room,
)
from sockets.events import EnvelopeSchema
from sockets.replay import look_up_replay, read_missed

SEQ_MAX = 2**63 - 1
ROUTES = Routes("events")


class EventsQuery(PageQuery):
    """Which events of which room."""

    room = fields.String(required=True, validate=validate.Length(1, ROOM_CHARS_MAX))
    after = fields.Integer(
        load_default=0,
        validate=validate.Range(0, SEQ_MAX),
        metadata={"description": "The last number that you have. A cursor goes before it."},
    )


class EventsPageSchema(Schema):
    """A page of events."""

    items = fields.List(fields.Nested(EnvelopeSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
    seq = fields.Integer(
        required=True, metadata={"description": "The last number that was given in the room."}
    )
    reset = fields.Boolean(
        required=True,
        metadata={"description": "What follows `after` is not kept: load anew, go on from `seq`."},
    )


@ROUTES.read(
    "GET",
    "/api/v1/events",
    summary="The numbered events of a room after a number, as its sockets got them.",
    access=Access.PUBLIC,
    query=EventsQuery(),
    response=EventsPageSchema(),
    refusals=(NotFound, Unauthenticated, Invalid, CaseNotYours, PartyToCase),
)
async def list_events(call: Call) -> Reply:
    """The next events in order, under the rights of `subscribe`."""
    room = read_room(call.query["room"])
    if room.kind == MARKET_UPDATES:
        raise Invalid(errors={"room": ["Its events are numbered by market: ask for each market."]})
    after, limit = call.query["after"], call.query["limit"]
    if call.query["cursor"] is not None:
        after = _read_seq(call.query["cursor"])
    sockets = call.app[SOCKETS]
    try:
        needed = await _admit(call, sockets, room)
    except Forbidden as refusal:
        await sockets.trades.note_refused(call.user.user_id, UUID(room.key), refusal)
        raise
    async with call.database.read() as connection:
        replay = await look_up_replay(connection, room.name, after, replay_max=SEQ_MAX)
        events = []
        if not replay.reset:
            events = await read_missed(connection, room.name, after, limit=limit)
    told = await sockets.add_words(events)
    if needed is TRADES_NEED:
        await note_listener(call.database, call.user, room)
    last = events[-1].seq if events else after
    is_last = replay.reset or last >= replay.seq
    return Reply(
        {
            "items": [
                {
                    "room": event.room,
                    "seq": event.seq,
                    "event": event.name,
                    "data": orjson.loads(event.body),
                }
                for event in told
            ],
            "next_cursor": None if is_last else write_cursor(last.to_bytes(8, "big")),
            "seq": replay.seq if replay.reset else max(replay.seq, last),
            "reset": replay.reset,
        }
    )


async def _admit(call: Call, sockets: Sockets, room: Room) -> Permission | None:
    async with call.database.read() as connection:
        rights = call.app[STAFF_RIGHTS]
        return await check_audience(connection, rights, sockets.trades, call.actor, room)


def _read_seq(cursor: str) -> int:
    place = read_cursor(cursor)
    seq = int.from_bytes(place, "big")
    if len(place) != 8 or seq > SEQ_MAX:
        raise Invalid(errors={"cursor": ["This is not a cursor of this list."]})
    return seq
