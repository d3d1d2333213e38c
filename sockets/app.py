"""The Socket.IO application on the service's own port, at `/socket.io`."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

import structlog
from aiohttp import web
from socketio.exceptions import ConnectionRefusedError as ConnectRefused

from server.core.clock import Clock, to_micros
from server.core.events import room_of_user
from server.core.refusals import Refusal, Unavailable
from server.db import Database
from server.http.app_version import HEADER, CheckApp
from server.http.edge import client_ip, counted_address
from server.http.endpoint import Actor, Authenticator, StaffRights
from sockets.audience import TRADES_NEED, TradeReaders, read_room
from sockets.auth import authenticate, is_welcome
from sockets.fanout import FanoutManager, RedisFanoutManager
from sockets.fanout.manager import EVENTS_MISSED
from sockets.guard import GuardedServer
from sockets.handlers import Handlers
from sockets.publisher import SocketPublisher
from sockets.registry import Member, Registry
from sockets.relay import AddWords, OutboxRelay

SWEEP_S = 0.5
"""How often ended tokens are looked for, in real time."""
log = structlog.get_logger()


class PresenceListener(Protocol):
    """Hears of sockets: whoever holds one is present."""

    def open_socket(self, user_id: UUID) -> None:
        """The user has one socket more."""
        ...

    def close_socket(self, user_id: UUID) -> None:
        """The user has one socket less."""
        ...


class SessionEnds(Protocol):
    """Tells which sessions end."""

    def listen(self, listener: Callable[[UUID], None]) -> None:
        """Call `listener` with each session that ends."""
        ...


@dataclass(frozen=True, slots=True)
class SocketConfig:
    """What the settings decide; zero is no limit."""

    allowed_origins: frozenset[str] = frozenset()
    trusted_proxies: frozenset[str] = frozenset()
    redis_url: str = ""
    redis_options: Mapping[str, Any] = field(default_factory=dict)
    """What the client of Redis is told besides the URL: which certificates it trusts."""
    channel: str = "iqx"
    """The channel in Redis; processes of one service share it."""
    per_user_max: int = 10
    per_address_max: int = 100
    """Sockets without a session from one address."""
    messages_per_s: int = 20
    relay_owner: str = ""
    """The name of this process as relay; empty where another process relays."""
    relay_lease_s: float = 10


def _open_fanout(config: SocketConfig) -> FanoutManager:
    if not config.redis_url:
        return FanoutManager()
    options = dict(config.redis_options)
    return RedisFanoutManager(config.redis_url, redis_options=options, channel=config.channel)


class Sockets:
    """The sockets of this process, the publisher, and the relay if it runs here."""

    def __init__(
        self,
        config: SocketConfig,
        *,
        database: Database,
        tokens: Authenticator,
        rights: StaffRights,
        clock: Clock,
        lease_clock: Clock,
        is_dead: Callable[[str], bool],
        presence: PresenceListener,
        trades: TradeReaders,
        add_words: AddWords,
        check_app: CheckApp = lambda _version: None,
    ) -> None:
        self.config = config
        self.clock = clock
        self.tokens = tokens
        self.rights = rights
        self.presence = presence
        self.check_app = check_app
        self.trades = trades
        self.add_words = add_words
        self.manager = _open_fanout(config)
        self.server = GuardedServer(
            client_manager=self.manager,
            messages_per_s=config.messages_per_s,
            cors_allowed_origins=self._is_welcome,
            cors_credentials=False,
        )
        self.registry = Registry(
            per_user_max=config.per_user_max, per_address_max=config.per_address_max
        )
        self.publisher = SocketPublisher(self.manager, hears_all=bool(config.redis_url))
        self._database = database
        self.relay = self._open_relay(lease_clock, is_dead) if config.relay_owner else None
        self._tasks: set[asyncio.Task[None]] = set()
        handlers = Handlers(
            self.server,
            self.manager,
            self.registry,
            database=database,
            tokens=tokens,
            rights=rights,
            trades=trades,
            add_words=add_words,
            # The first look at a book is where its changes begin: before the reader fetches it.
            note_reader=self.publisher.note_depth,
        )
        self.server.on("connect", self._connect)
        self.server.on("disconnect", self._disconnect)
        for name in ("subscribe", "unsubscribe", "renew", "typing"):
            self.server.on(name, getattr(handlers, name))
        if isinstance(self.manager, RedisFanoutManager):
            self.manager.on_missed = self._tell_missed

    def _open_relay(self, lease_clock: Clock, is_dead: Callable[[str], bool]) -> OutboxRelay:
        relay = OutboxRelay(
            self._database,
            self.publisher,
            add_words=self.add_words,
            lease_clock=lease_clock,
            owner=self.config.relay_owner,
            is_dead=is_dead,
            lease_s=self.config.relay_lease_s,
        )
        self.publisher.on_wake(relay.wake)
        return relay

    async def run(self, _app: web.Application) -> AsyncIterator[None]:
        """A cleanup context: cuts ended sockets, and relays where this process is to."""
        sweeper = asyncio.create_task(self._sweep(), name="socket_sweeper")
        if self.relay is not None:
            self.relay.start()
        yield
        if self.relay is not None:
            await self.relay.stop()
        sweeper.cancel()
        with suppress(asyncio.CancelledError):
            await sweeper
        await self.publisher.close()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self.server.shutdown()
        if isinstance(self.manager, RedisFanoutManager):
            await self.manager.close()

    async def say_goodbye(self, _app: web.Application) -> None:
        """Close all transports: the service stops, clients look for another process."""
        await self.server.close_all()

    def end_session(self, session_id: UUID) -> None:
        """Cut the sockets of a session that has ended."""
        for member in self.registry.list_of_session(session_id):
            self._cut_soon(member, "session_ended")

    async def _connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        request = environ["aiohttp.request"]
        try:
            self.check_app(request.headers.get(HEADER))
            ip = client_ip(request, self.config.trusted_proxies)
            known = await authenticate(environ, auth, self.tokens, ip)
            actor: Actor | None = None
            expires_s = None
            if known is not None:
                actor, expires_s = known
            member = Member(
                sid,
                self.manager.eio_sid_from_sid(sid, "/"),
                actor,
                counted_address(ip),
                expires_s,
                ip=ip,
            )
            self.registry.add(member)
        except Refusal as refusal:
            raise ConnectRefused(refusal.title, {"code": refusal.code}) from None
        if actor is not None:
            self.presence.open_socket(actor.user_id)
            room = room_of_user(actor.user_id)
            member.rooms.add(room)
            await self.manager.enter_room(sid, "/", room)

    async def _disconnect(self, sid: str, _reason: str) -> None:
        member = self.registry.remove(sid)
        if member is not None and member.actor is not None:
            self.presence.close_socket(member.actor.user_id)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_S)
            now_s = to_micros(self.clock.now()) // 1_000_000
            for member in self.registry.take_ended(now_s):
                self._cut_soon(member, "token_expired")
            await self._end_lost_rights()

    async def _end_lost_rights(self) -> None:
        """Take staff out of rooms whose permission or case they have lost; unknown is lost."""
        members = self.registry.list_by_right()
        readers = await self._find_readers(members)
        for member in members:
            assert member.actor is not None, "only people have rights"
            person = member.actor.user_id
            try:
                held = self.rights.permissions_of(person)
            except Unavailable:
                held = frozenset()
            for room, needed in list(member.by_right.items()):
                lost = needed not in held
                if needed is TRADES_NEED:
                    lost = lost or (person, UUID(read_room(room).key)) not in readers
                if lost:
                    del member.by_right[room]
                    member.rooms.discard(room)
                    await self.manager.leave_room(member.sid, "/", room)

    async def _find_readers(self, members: list[Member]) -> set[tuple[UUID, UUID]]:
        """Who of the staff in trades' rooms still has a case about the trade."""
        pairs = {
            (member.actor.user_id, UUID(read_room(room).key))
            for member in members
            for room, needed in member.by_right.items()
            if member.actor is not None and needed is TRADES_NEED
        }
        if not pairs:
            return set()
        try:
            async with self._database.read() as connection:
                return await self.trades.find(connection, pairs)
        except Unavailable:
            return set()

    def _cut_soon(self, member: Member, code: str) -> None:
        task = asyncio.create_task(self.server.cut(member.eio_sid, code))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _tell_missed(self) -> None:
        task = asyncio.create_task(
            FanoutManager.emit(self.manager, EVENTS_MISSED, {}, namespace="/")
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _is_welcome(self, origin: str, environ: dict[str, Any]) -> bool:
        return is_welcome(origin, environ["aiohttp.request"], self.config.allowed_origins)


SOCKETS = web.AppKey("sockets", Sockets)


def attach(app: web.Application, sockets: Sockets, ends: SessionEnds) -> None:
    """Serve `sockets` in `app`; sessions that end are cut at once."""
    app[SOCKETS] = sockets
    sockets.server.attach(app)
    ends.listen(sockets.end_session)
    app.on_shutdown.append(sockets.say_goodbye)
    app.cleanup_ctx.append(sockets.run)
