"""The connected sockets of this process: whose they are, their rooms, and when they end."""

import heapq
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from server.core.permissions import Permission
from server.core.refusals import RateLimited, Refusal
from server.http.endpoint import Actor

ROOMS_MAX = 50
"""Rooms that one socket may be in."""


class TooManySockets(RateLimited):
    """A user, or an address without a session, has as many sockets as it may."""

    code = "too_many_sockets"
    title = "Too many connections are open."


class TooManyRooms(Refusal):
    """A socket is in as many rooms as it may."""

    code = "too_many_rooms"
    title = "Leave a room before you enter another one."


@dataclass(slots=True)
class Member:
    """One connected socket."""

    sid: str
    eio_sid: str
    actor: Actor | None
    address: str
    expires_s: int | None
    """The second of the epoch at which its token ends; None without a session."""
    rooms: set[str] = field(default_factory=set)
    by_right: dict[str, Permission] = field(default_factory=dict)
    """The rooms that it is in as staff, and by which permission."""
    typed_s: dict[str, float] = field(default_factory=dict)
    """When it last said in a room that its user is writing, on the loop's clock."""
    ip: str = ""
    """Its whole address, where `address` may be the network that is counted."""


class Registry:
    """Finds sockets by what may end them."""

    def __init__(self, *, per_user_max: int, per_address_max: int) -> None:
        """`per_address_max` counts sockets without a session; zero is no limit, for both."""
        self._per_user_max = per_user_max
        self._per_address_max = per_address_max
        self._members: dict[str, Member] = {}
        self._by_session: dict[UUID, set[str]] = {}
        self._counts: Counter[UUID | str] = Counter()
        self._ends: list[tuple[int, str]] = []

    def __len__(self) -> int:
        return len(self._members)

    def add(self, member: Member) -> None:
        """Take a new socket; refuses `TooManySockets`."""
        actor = member.actor
        owner = member.address if actor is None else actor.user_id
        bound = self._per_address_max if actor is None else self._per_user_max
        if bound and self._counts[owner] >= bound:
            raise TooManySockets
        self._counts[owner] += 1
        self._members[member.sid] = member
        if actor is not None:
            self._by_session.setdefault(actor.session_id, set()).add(member.sid)
            self._note_end(member)

    def renew(self, member: Member, expires_s: int) -> None:
        """Let a socket live to the end of a newer token of its session."""
        member.expires_s = expires_s
        self._note_end(member)

    def find(self, sid: str) -> Member | None:
        """The socket, if it is still connected."""
        return self._members.get(sid)

    def remove(self, sid: str) -> Member | None:
        """Forget a socket."""
        member = self._members.pop(sid, None)
        if member is None:
            return None
        actor = member.actor
        owner = member.address if actor is None else actor.user_id
        self._counts[owner] -= 1
        if self._counts[owner] == 0:
            del self._counts[owner]
        if actor is not None:
            of_session = self._by_session[actor.session_id]
            of_session.discard(sid)
            if not of_session:
                del self._by_session[actor.session_id]
        return member

    def list_of_session(self, session_id: UUID) -> list[Member]:
        """The sockets of a session."""
        return [self._members[sid] for sid in sorted(self._by_session.get(session_id, ()))]

    def list_by_right(self) -> list[Member]:
        """The sockets that are in some room as staff."""
        return [member for member in self._members.values() if member.by_right]

    def take_ended(self, now_s: int) -> Iterator[Member]:
        """The sockets whose token has ended, each once."""
        while self._ends and self._ends[0][0] <= now_s:
            _, sid = heapq.heappop(self._ends)
            member = self._members.get(sid)
            if member is not None and member.expires_s is not None and member.expires_s <= now_s:
                yield member

    def _note_end(self, member: Member) -> None:
        assert member.expires_s is not None
        heapq.heappush(self._ends, (member.expires_s, member.sid))
