"""What clients may ask: `subscribe`, `unsubscribe`, `renew`, `typing`."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from server.core.events import room_of_market
from server.core.refusals import Forbidden, Invalid, NotFound, Refusal, Unauthenticated
from server.db import Database, outbox
from server.http.endpoint import Authenticator, StaffRights
from sockets import queries
from sockets.audience import (
    MARKET_UPDATES,
    TRADES_NEED,
    Room,
    TradeReaders,
    check_audience,
    note_listener,
    read_room,
)
from sockets.auth import read_token
from sockets.fanout import FanoutManager
from sockets.fanout.wire import Event
from sockets.guard import GuardedServer
from sockets.publisher import make_envelope
from sockets.registry import ROOMS_MAX, Member, Registry, TooManyRooms
from sockets.relay import AddWords
from sockets.replay import look_up_replay, read_missed

SEQ_MAX = 2**63 - 1
MARKETS_MAX = 200
TAPPED_MAX = 10_000
"""Live events held back while a replay runs; beyond it the reader loads anew."""
TYPING_EVERY_S = 2.0
"""How often one socket may say in a room that its user is writing; more is left out."""
log = structlog.get_logger()


class Handlers:
    """The answers of one process."""

    def __init__(
        self,
        server: GuardedServer,
        fanout: FanoutManager,
        registry: Registry,
        *,
        database: Database,
        tokens: Authenticator,
        rights: StaffRights,
        trades: TradeReaders,
        add_words: AddWords,
        note_reader: Callable[[str], None],
    ) -> None:
        """`note_reader` is called with each market that has one reader more."""
        self._server = server
        self._fanout = fanout
        self._registry = registry
        self._database = database
        self._tokens = tokens
        self._rights = rights
        self._trades = trades
        self._add_words = add_words
        self._note_reader = note_reader

    async def subscribe(self, sid: str, *asked: Any) -> dict[str, Any]:
        """`{room, after}`: enter a room, after what was missed since number `after` was sent.

        Answers `{"status": "ok", "seq"}`; or `{"status": "reset", "seq"}` when that cannot be
        told any more, and the reader loads anew: he is in the room and hears all above `seq`.
        In `market_updates`, `after` and `seq` are numbers by market.
        """
        return await self._answer(sid, asked, {"room", "after"}, self._subscribe)

    async def unsubscribe(self, sid: str, *asked: Any) -> dict[str, Any]:
        """`{room}`: leave a room; `{"status": "ok"}`."""
        return await self._answer(sid, asked, {"room"}, self._unsubscribe)

    async def renew(self, sid: str, *asked: Any) -> dict[str, Any]:
        """`{token}`: live to the end of a newer access token of the same user."""
        return await self._answer(sid, asked, {"token"}, self._renew)

    async def typing(self, sid: str, *asked: Any) -> dict[str, Any]:
        """`{room}`: a party of the trade is writing; `{"status": "ok"}`. Nothing of it is kept."""
        return await self._answer(sid, asked, {"room"}, self._typing)

    async def _answer(self, sid: str, asked: Any, names: set[str], answer: Any) -> dict[str, Any]:
        try:
            member = self._find_member(sid)
            reply: dict[str, Any] = await answer(member, _read_asked(asked, names))
        except Refusal as refusal:
            return {"status": "refused", "code": refusal.code, "title": refusal.title}
        except Exception:  # the edge: one failed message must not end the connection
            log.exception("socket_fault")
            return {"status": "refused", "code": "fault", "title": "Something went wrong."}
        return reply

    def _find_member(self, sid: str) -> Member:
        member = self._registry.find(sid)
        if member is None:
            raise Unauthenticated
        return member

    async def _unsubscribe(self, member: Member, asked: dict[str, Any]) -> dict[str, Any]:
        room = read_room(asked.get("room"))
        member.rooms.discard(room.name)
        member.by_right.pop(room.name, None)
        member.typed_s.pop(room.name, None)
        await self._fanout.leave_room(member.sid, "/", room.name)
        return {"status": "ok"}

    async def _renew(self, member: Member, asked: dict[str, Any]) -> dict[str, Any]:
        actor, expires_s = await read_token(asked, self._tokens, member.ip)
        if member.actor is None or actor != member.actor:
            raise Unauthenticated
        self._registry.renew(member, expires_s)
        return {"status": "ok"}

    async def _typing(self, member: Member, asked: dict[str, Any]) -> dict[str, Any]:
        room = read_room(asked.get("room"))
        if room.kind != "trade" or room.name not in member.rooms or room.name in member.by_right:
            raise NotFound
        now_s = asyncio.get_running_loop().time()
        if now_s - member.typed_s.get(room.name, -TYPING_EVERY_S) < TYPING_EVERY_S:
            return {"status": "ok"}
        member.typed_s[room.name] = now_s
        async with self._database.read() as connection:
            buyer_id, _ = await queries.find_parties(connection, UUID(room.key))
        assert member.actor is not None, "only people are in a trade's room"
        author = "buyer" if member.actor.user_id == buyer_id else "seller"
        body = {"trade_id": room.key, "author": author}
        envelope = {"room": room.name, "seq": None, "event": "typing", "data": body}
        await self._fanout.emit_batches([(room.name, [("typing", envelope)])])
        return {"status": "ok"}

    async def _subscribe(self, member: Member, asked: dict[str, Any]) -> dict[str, Any]:
        room = read_room(asked.get("room"))
        after = asked.get("after")
        numbers = _read_markets(after) if room.kind == MARKET_UPDATES else _read_number(room, after)
        if room.name not in member.rooms and len(member.rooms) >= ROOMS_MAX:
            raise TooManyRooms
        # From here on the room's events are held back, until all before them were replayed.
        # Without suspension in between, none is sent past both the tap and the room.
        held: list[Event] = []
        self._fanout.open_tap(room.name, held)
        member.rooms.discard(room.name)
        member.by_right.pop(room.name, None)
        await self._fanout.leave_room(member.sid, "/", room.name)
        try:
            async with self._database.read() as connection:
                needed = await check_audience(
                    connection, self._rights, self._trades, member.actor, room
                )
                reset, seqs = await self._look_up(connection, room, numbers)
            if needed is TRADES_NEED:
                assert member.actor is not None, "only people have rights"
                await note_listener(self._database, member.actor, room)
            last = dict(seqs) if reset else {**seqs, **numbers}
            missed = [] if reset or after is None else list(numbers)
            if not await self._replay(member, missed, last):
                return {"status": "refused", "code": "too_far_behind", "title": "Read faster."}
        except Forbidden as refusal:
            assert member.actor is not None, "only people have rights"
            await self._trades.note_refused(member.actor.user_id, UUID(room.key), refusal)
            raise
        finally:
            self._fanout.close_tap(room.name, held)
        # No suspension from here to the room: the replayed, the held back and the live events
        # follow each other.
        fresh = [event for event in held if _is_fresh(event, last)]
        if len(fresh) > TAPPED_MAX:
            reset, fresh = True, []
        if self._registry.find(member.sid) is not member:
            raise Unauthenticated
        member.rooms.add(room.name)
        if needed is not None:
            member.by_right[room.name] = needed
        await self._fanout.enter_room(member.sid, "/", room.name)
        await self._send(member, fresh)
        for _, envelope in fresh:
            if envelope["seq"] is not None:
                last[envelope["room"]] = envelope["seq"]
        for name in last:
            if name.startswith(outbox.MARKET_ROOMS):
                self._note_reader(name.removeprefix(outbox.MARKET_ROOMS))
        return {"status": "reset" if reset else "ok", "seq": _write_seq(room, last)}

    async def _look_up(
        self, connection: AsyncConnection, room: Room, numbers: Mapping[str, int]
    ) -> tuple[bool, dict[str, int]]:
        """Whether the reader must load anew, and the last number of each numbered room."""
        if room.kind == MARKET_UPDATES:
            of_markets = await outbox.read_market_seqs(connection)
            seqs = {room_of_market(market): seq for market, seq in of_markets.items()}
            if not numbers.keys() <= seqs.keys():
                # Each name costs a question, so only those of markets are asked for.
                raise NotFound
        else:
            seqs = {room.name: await outbox.read_room_seq(connection, room.name)}
        for name, after in numbers.items():
            replay = await look_up_replay(connection, name, after)
            if replay.reset:
                return True, seqs
        return False, seqs

    async def _replay(self, member: Member, rooms: list[str], last: dict[str, int]) -> bool:
        """Send what was missed and move `last` on; False if the client does not read.

        No connection is held while a client is waited for.
        """
        for name in rooms:
            while True:
                if not await self._server.wait_until_read(member.eio_sid):
                    await self._server.cut(member.eio_sid, "too_far_behind")
                    return False
                async with self._database.read() as connection:
                    events = await read_missed(connection, name, last[name])
                if not events:
                    break
                told = await self._add_words(events)
                await self._send(member, [(event.name, make_envelope(event)) for event in told])
                last[name] = events[-1].seq
        return True

    async def _send(self, member: Member, events: list[Event]) -> None:
        if events:
            await FanoutManager.emit_batches(self._fanout, [(member.sid, events)])


def _read_asked(asked: tuple[Any, ...], names: set[str]) -> dict[str, Any]:
    if len(asked) == 1 and isinstance(asked[0], dict) and asked[0].keys() <= names:
        return asked[0]
    raise Invalid("Send one object with the fields that this message has.")


def _read_number(room: Room, after: Any) -> dict[str, int]:
    if after is None:
        return {}
    if type(after) is not int or not 0 <= after <= SEQ_MAX:
        raise Invalid("`after` is the last number that you have of the room.")
    return {room.name: after}


def _read_markets(after: Any) -> dict[str, int]:
    if after is None:
        return {}
    if not isinstance(after, dict) or len(after) > MARKETS_MAX:
        raise Invalid("`after` has the last number that you have of each market.")
    numbers: dict[str, int] = {}
    for market, number in after.items():
        numbers |= _read_number(read_room(room_of_market(market)), number)
    return numbers


def _is_fresh(event: Event, last: Mapping[str, int]) -> bool:
    envelope = event[1]
    return envelope["seq"] is None or envelope["seq"] > last.get(envelope["room"], 0)


def _write_seq(room: Room, last: Mapping[str, int]) -> Any:
    if room.kind == MARKET_UPDATES:
        return {name.removeprefix(outbox.MARKET_ROOMS): seq for name, seq in last.items()}
    return last[room.name]
