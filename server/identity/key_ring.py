"""Who shows an API key: found by its keyed digest, remembered for some minutes.

A key that was ended is refused at once here and within a second everywhere, because its end goes
through the feed of ended sessions. A key that is not known costs one reading of the database, and
an address may cause few of them.
"""

import asyncio
import ipaddress
import re
import zlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError

from server.core.clock import to_micros
from server.core.ids import Random
from server.core.refusals import Unauthenticated
from server.db import Database, DatabaseBusy, DatabaseDown, Unit
from server.http.edge import counted_address
from server.http.endpoint import Actor
from server.http.rate import RateLimiter
from server.http.scopes import Scope
from server.identity import key_queries as queries
from server.identity.revocations import Revocations
from server.identity.rules import is_number_of, mask_address
from server.identity.sealing import fingerprint
from server.identity.tokens import AccessTokens

PREFIX = "iqx_"
SECRET_BYTES = 30
SECRET_CHARS = 41
CHECK_CHARS = 6
SHOWN_CHARS = 8
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
KEY = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{SECRET_CHARS + CHECK_CHARS}}}", re.ASCII)
KNOWN_FOR = timedelta(minutes=5)
"""How long a key is not looked up again; shorter than an ended session is remembered."""
KNOWN_MAX = 10_000
LOOKUPS_PER_S = 5
"""Keys not known here that one address may show; more would be guesses."""
NOTED_EVERY = timedelta(minutes=5)
"""How exactly the last use of a key is known."""
FLUSH_S = 5.0
"""Seconds of real time between two writings of last uses."""
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
log = structlog.get_logger()


def make_key(random: Random) -> str:
    """A new key: a prefix and a checksum by which programs that look for lost secrets find it,
    and 240 random bits."""
    number, digits = int.from_bytes(random.token(SECRET_BYTES)), []
    for _ in range(SECRET_CHARS):
        number, digit = divmod(number, len(DIGITS))
        digits.append(DIGITS[digit])
    head = PREFIX + "".join(digits)
    return head + _checksum(head)


def is_key(text: str) -> bool:
    """Whether a text has the form and the checksum of a key."""
    return KEY.fullmatch(text) is not None and text.endswith(_checksum(text[:-CHECK_CHARS]))


def _checksum(head: str) -> str:
    number, digits = zlib.crc32(head.encode()), ""
    for _ in range(CHECK_CHARS):
        number, digit = divmod(number, len(DIGITS))
        digits += DIGITS[digit]
    return digits


def digest_key(secret: bytes, text: str) -> bytes:
    """By what a key is found."""
    return fingerprint(secret, "api_key", text)


@dataclass(frozen=True, slots=True)
class _Known:
    actor: Actor
    expires_at: datetime
    networks: tuple[Network, ...]
    read_at: datetime


class KeyRing:
    """The keys that were shown to this process lately."""

    def __init__(
        self,
        database: Database,
        revocations: Revocations,
        secret: bytes,
        blocked_countries: frozenset[str] = frozenset(),
    ) -> None:
        self._database = database
        self._clock = database.clock
        self._revocations = revocations
        self._secret = secret
        self._blocked_countries = blocked_countries
        self._lookups = RateLimiter(database.clock)
        self._known: OrderedDict[bytes, _Known] = OrderedDict()
        self._places: dict[UUID, bytes] = {}
        self._used: dict[UUID, tuple[datetime, str]] = {}
        self._noted: dict[UUID, datetime] = {}
        revocations.listen(self._forget_key)

    async def identify(self, text: str, ip: str) -> tuple[Actor, int]:
        """Who shows a key from an address, and the second of the epoch at which it ends.

        Refuses `Unauthenticated` for every key that does not count, whatever the reason, and
        `RateLimited` when the address shows too many that are not known here.
        """
        if not is_key(text):
            raise Unauthenticated
        digest = digest_key(self._secret, text)
        now = self._clock.now()
        known = self._known.get(digest)
        if known is None or known.read_at + KNOWN_FOR <= now:
            self._lookups.take(counted_address(ip), LOOKUPS_PER_S)
            known = await self._look_up(digest, now)
        # No suspension from here on: what ends meanwhile is refused or cut.
        if known.expires_at <= now or known.actor.session_id in self._revocations:
            raise Unauthenticated
        if known.networks and not _is_within(ip, known.networks):
            raise Unauthenticated
        self._note_use(known.actor.session_id, now, ip)
        return known.actor, to_micros(known.expires_at) // 1_000_000

    async def _look_up(self, digest: bytes, now: datetime) -> _Known:
        self._forget(digest)
        async with self._database.read() as connection:
            row = (await connection.execute(queries.key_by_digest(digest))).first()
        if row is None or row.ended_at is not None:
            raise Unauthenticated
        if is_number_of(row.phone, self._blocked_countries):
            raise Unauthenticated
        scopes = frozenset(Scope(name) for name in row.scopes.split())
        known = _Known(
            # Staff are staff where they sign in, and nowhere else.
            Actor(row.user_id, row.id, "user", scopes),
            row.expires_at,
            tuple(ipaddress.ip_network(network) for network in row.networks.split()),
            now,
        )
        self._known[digest] = known
        self._places[row.id] = digest
        if len(self._known) > KNOWN_MAX:
            self._forget(next(iter(self._known)))
        return known

    def _forget(self, digest: bytes) -> None:
        known = self._known.pop(digest, None)
        if known is not None:
            del self._places[known.actor.session_id]

    def _forget_key(self, key_id: UUID) -> None:
        digest = self._places.get(key_id)
        if digest is not None:
            self._forget(digest)

    def _note_use(self, key_id: UUID, now: datetime, ip: str) -> None:
        noted = self._noted.get(key_id)
        if noted is None or now - noted >= NOTED_EVERY:
            self._noted[key_id] = now
            self._used[key_id] = (now, mask_address(ip))

    async def flush(self) -> int:
        """Write the last uses that were not written; how many."""
        used, self._used = self._used, {}
        now = self._clock.now()
        for key_id in [one for one, at in self._noted.items() if now - at >= NOTED_EVERY]:
            del self._noted[key_id]
        if not used:
            return 0

        async def work(unit: Unit) -> int:
            written = 0
            for key_id in sorted(used, key=lambda one: one.bytes):
                at, network = used[key_id]
                noted = await unit.execute(queries.note_use(key_id, at, network))
                written += noted.rowcount
            return written

        return await self._database.transact(work, name="note_key_uses")

    async def follow(self) -> None:
        """Write last uses until cancelled."""
        while True:
            await asyncio.sleep(FLUSH_S)
            try:
                await self.flush()
            except (DatabaseDown, DatabaseBusy, DBAPIError) as error:
                log.warning("key_uses_not_written", code=error.code)


def _is_within(ip: str, networks: tuple[Network, ...]) -> bool:
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return any(address in network for network in networks)


class Bearers:
    """The one entrance: who shows what in `Authorization`, or on a socket."""

    def __init__(self, tokens: AccessTokens, ring: KeyRing) -> None:
        self._tokens = tokens
        self._ring = ring

    async def identify(self, token: str, ip: str) -> tuple[Actor, int]:
        """The actor of an access token or an API key; see `Authenticator`."""
        if token.startswith(PREFIX):
            return await self._ring.identify(token, ip)
        return self._tokens.authenticate_until(token)
