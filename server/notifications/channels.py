"""The channels: each gets, in the dispatcher's transaction, what its users want to hear on it.

A channel writes rows and nothing else: what leaves the house is sent later, from a queue, by who
reads the queue. So a channel inherits the promise of the transaction, told once or not at all.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import orjson

from server.core import fault
from server.core.clock import format_instant
from server.core.events import Event, room_of_user
from server.core.ids import first_id_at
from server.db import Unit
from server.identity.hooks import Notice
from server.notifications import queries
from server.notifications.wanted import Wanted

RESTS_FOR = timedelta(hours=1)
"""How long a state that comes and goes is not told again."""
IN_APP = "in_app"


class Channel(Protocol):
    """A way to people; push, text message and mail are others of this form."""

    name: str
    """As settings name it."""

    async def deliver(self, unit: Unit, wanted: Sequence[Wanted]) -> int:
        """Write what is to be told with this transaction; how many that were."""
        ...


def tell_created(unit: Unit, notification: Mapping[str, Any], params: Mapping[str, str]) -> None:
    """Tell the user's room of a notification."""
    body = {
        "id": str(notification["id"]),
        "kind": notification["kind"],
        "created_at": format_instant(notification["created_at"]),
        "params": dict(params),
    }
    room = room_of_user(notification["user_id"])
    unit.emit(Event(room, "notification_created", body, notification["id"]))


class InApp:
    """The list that everybody has in the application."""

    name = IN_APP

    async def deliver(self, unit: Unit, wanted: Sequence[Wanted]) -> int:
        """Add rows to the lists and tell the rooms."""
        left = await _leave_resting(unit, wanted)
        fresh = await _merge(unit, left)
        if not fresh:
            return 0
        rows = [_row_of(unit.ids.new_id(), item, happened, unit.now) for item, happened in fresh]
        fault.point("notifications.before_insert")
        await unit.execute(queries.insert_notifications(), rows)
        for row, (item, _) in zip(rows, fresh, strict=True):
            tell_created(unit, row, item.params)
        return len(rows)


def _row_of(row_id: UUID, item: Wanted, happened: int, now: datetime) -> dict[str, Any]:
    return {
        "id": row_id,
        "user_id": item.user_id,
        "kind": item.kind,
        "cause_id": item.cause_id,
        "subject": item.subject,
        "subject_id": item.subject_id,
        "happened": happened,
        "params": orjson.dumps(item.params).decode(),
        "created_at": now,
        "read_at": None,
    }


async def _leave_resting(unit: Unit, wanted: Sequence[Wanted]) -> list[Wanted]:
    resting = [item for item in wanted if item.rests]
    if not resting:
        return list(wanted)
    users, kinds = {item.user_id for item in resting}, {item.kind for item in resting}
    since = first_id_at(unit.now - RESTS_FOR)
    rows = await unit.execute(queries.told_since(sorted(users), since, sorted(kinds)))
    told = {tuple(row) for row in rows}
    left: list[Wanted] = []
    for item in wanted:
        place = (item.user_id, item.kind, item.subject_id)
        if item.rests and place in told:
            continue
        if item.rests:
            told.add(place)
        left.append(item)
    return left


async def _merge(unit: Unit, wanted: Sequence[Wanted]) -> list[tuple[Wanted, int]]:
    """Count what merges where something unread stands; the rest, each with what it stands for."""
    fresh: dict[object, tuple[Wanted, int]] = {}
    for item in wanted:
        place = (item.user_id, item.kind, item.subject_id) if item.merges else item.key
        _, before = fresh.get(place, (item, 0))
        fresh[place] = (item, before + 1)
    merging = [item for item, _ in fresh.values() if item.merges]
    if not merging:
        return list(fresh.values())
    users, kinds = {item.user_id for item in merging}, {item.kind for item in merging}
    rows = await unit.execute(queries.unread_about(sorted(users), sorted(kinds)))
    for row in rows.all():
        found = fresh.pop((row.user_id, row.kind, row.subject_id), None)
        if found is not None:
            item, more = found
            params = orjson.dumps(item.params).decode()
            await unit.execute_guarded(queries.merge_into(row.id, row.happened + more, params))
    return list(fresh.values())


async def dispatch(unit: Unit, channels: Sequence[Channel], wanted: Sequence[Wanted]) -> int:
    """Tell what was not told before, to each on the channels that he wants; how many rows."""
    fresh = {item.key: item for item in wanted}
    if not fresh:
        return 0
    for key in await unit.execute(queries.told_already(sorted(fresh))):
        fresh.pop(tuple(key), None)
    users = sorted({item.user_id for item in fresh.values()})
    off = {tuple(row) for row in await unit.execute(queries.switched_off(users))}
    delivered = 0
    for channel in channels:
        items = [
            item for item in fresh.values() if (item.user_id, item.kind, channel.name) not in off
        ]
        delivered += await channel.deliver(unit, items)
    return delivered


async def keep_notice(unit: Unit, notice: Notice) -> None:
    """Put what the owner of an account is told into his list, under the identifier of its event.

    A hook of identity: it runs in the transaction of what it tells, which emits the event itself.
    """
    await unit.execute(
        queries.insert_notice(
            {
                "id": notice.id,
                "user_id": notice.user_id,
                "kind": notice.kind,
                "cause_id": notice.id,
                "subject": None,
                "subject_id": None,
                "happened": 1,
                "params": orjson.dumps(dict(notice.params)).decode(),
                "created_at": notice.created_at,
                "read_at": None,
            }
        )
    )
