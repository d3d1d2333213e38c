"""What a room's member missed, read from the outbox."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from server.db import outbox
from server.db.outbox import RoomEvent

REPLAY_MAX = 5_000
"""Events replayed at most: whoever missed more loads anew, which costs less."""
REPLAY_CHUNK = 200


@dataclass(frozen=True, slots=True)
class Replay:
    """Whether what follows `after` is kept, and the room's last number now."""

    seq: int
    reset: bool


async def look_up_replay(
    connection: AsyncConnection, room: str, after: int, *, replay_max: int = REPLAY_MAX
) -> Replay:
    """Whether the events after number `after` can be given.

    They cannot when some are no longer kept, when they are too many, or when the room has not
    come so far, as after a restored backup: then the reader must load anew.
    """
    seq = await outbox.read_room_seq(connection, room)
    if after > seq or seq - after > replay_max:
        return Replay(seq, reset=True)
    if after == seq:
        return Replay(seq, reset=False)
    first = await outbox.read_room_events(connection, room, after=after, limit=1)
    return Replay(seq, reset=not first or first[0].seq != after + 1)


async def read_missed(
    connection: AsyncConnection, room: str, after: int, *, limit: int = REPLAY_CHUNK
) -> list[RoomEvent]:
    """The next events after `after` without a gap; fewer than `limit` where one begins."""
    events = await outbox.read_room_events(connection, room, after=after, limit=limit)
    return [event for place, event in enumerate(events, after + 1) if event.seq == place]
