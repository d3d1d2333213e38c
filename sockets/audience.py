"""Who may hear what: the one function that decides it, for sockets and for `GET /events`."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from server.core.permissions import Permission
from server.core.refusals import Forbidden, NotFound, Unauthenticated
from server.db import Database, Unit
from server.db.audit import Action, Origin, record_audit
from server.http.endpoint import Actor, StaffRights, holds_permission
from sockets import queries

MARKET_UPDATES = "market_updates"
"""The room of all public events; each carries the room and the number of its market."""
STAFF_QUEUES = {
    "alarms": Permission.READ_HEALTH,
    "approvals": Permission.READ_APPROVALS,
    "disputes": Permission.WORK_DISPUTES,
    "kyc": Permission.REVIEW_KYC,
    "reports": Permission.DECIDE_REPORTS,
    "tickets": Permission.WORK_TICKETS,
    "withdrawals": Permission.APPROVE_WITHDRAWALS,
}
"""The rooms of the staff, and the permission that opens each."""
TRADES_NEED = Permission.READ_TRADES
"""What opens the room of a trade to who is no party."""
ROOM_CHARS_MAX = 60
_MARKET = re.compile(r"[A-Z][A-Z0-9_]{1,11}-[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Room:
    """A room's name, taken apart."""

    name: str
    kind: str
    """`market_updates`, `market`, `user`, `trade` or `staff`."""
    key: str


def read_room(name: object) -> Room:
    """The room of a name in its one spelling; refuses `NotFound` for everything else."""
    if not isinstance(name, str) or len(name) > ROOM_CHARS_MAX:
        raise NotFound
    if name == MARKET_UPDATES:
        return Room(name, MARKET_UPDATES, "")
    kind, _, key = name.partition(":")
    if kind in ("user", "trade"):
        known = _is_id(key)
    elif kind == "market":
        known = _MARKET.fullmatch(key) is not None
    else:
        known = kind == "staff" and key in STAFF_QUEUES
    if not known:
        raise NotFound
    return Room(name, kind, key)


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


class TradeReaders(Protocol):
    """Knows who on the staff has a case about a trade."""

    async def check(self, connection: AsyncConnection, person: UUID, trade_id: UUID) -> None:
        """Refuse `Forbidden` to who has none."""
        ...

    async def note_refused(self, person: UUID, trade_id: UUID, refusal: Forbidden) -> None:
        """Keep in the audit that a person was refused."""
        ...

    async def find(
        self, connection: AsyncConnection, pairs: Collection[tuple[UUID, UUID]]
    ) -> set[tuple[UUID, UUID]]:
        """Which of these people still have a case about these trades."""
        ...


async def note_listener(database: Database, actor: Actor, room: Room) -> None:
    """Write into the audit that staff hear the room of a trade: its chat is in it."""

    async def work(unit: Unit) -> None:
        origin = Origin("user", actor.user_id)
        heard = {"room": room.name}
        await record_audit(unit, Action.CHAT_READ, "trade", room.key, after=heard, origin=origin)

    await database.transact(work, name="note_listener")


async def check_audience(
    connection: AsyncConnection,
    rights: StaffRights,
    trades: TradeReaders,
    actor: Actor | None,
    room: Room,
) -> Permission | None:
    """Let through who may hear the room; the permission by which staff may, None for all others.

    `market_updates` and markets: everyone. A user's room: that user. A trade's room: its two
    parties, and staff with `read_trades` who have a case about it. A staff queue: staff with its
    permission. Refuses `Unauthenticated` when a session might help, `Forbidden` to staff without
    a case, else `NotFound`: what is not yours does not exist.
    """
    if room.kind == MARKET_UPDATES:
        return None
    if room.kind == "market":
        if not await queries.has_market(connection, room.key):
            raise NotFound
        return None
    if actor is None:
        raise Unauthenticated
    if room.kind == "user" and room.key == str(actor.user_id):
        return None
    if room.kind == "staff" and holds_permission(rights, actor, STAFF_QUEUES[room.key]):
        return STAFF_QUEUES[room.key]
    if room.kind == "trade":
        parties = await queries.find_parties(connection, UUID(room.key))
        if actor.user_id in parties:
            return None
        if parties and holds_permission(rights, actor, TRADES_NEED):
            await trades.check(connection, actor.user_id, UUID(room.key))
            return TRADES_NEED
    raise NotFound
