"""A user's own list: what he reads, marks as read, and switches off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson

from server.core.clock import format_instant
from server.core.ids import first_id_at
from server.core.refusals import NotFound
from server.db import Unit
from server.db.idempotency import PURGE_CHUNK
from server.identity.views import show_instant
from server.notifications import queries
from server.notifications.channels import IN_APP
from server.notifications.kinds import KINDS
from server.notifications.refusals import NotificationFixed
from server.notifications.rendering import render

KEPT = timedelta(days=90)
"""How long a notification is kept, read or not."""
UNREAD_SHOWN_MAX = 100
"""Counted no further: a badge says "99+"."""
READ_AT_ONCE_MAX = 1000
CHANNELS = (IN_APP,)
"""The channels that settings name."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A kind on a channel, and whether the user wants it there."""

    kind: str
    channel: str
    enabled: bool


def show(row: Any, language: str, now: Any) -> dict[str, Any]:
    """A notification in its reader's words."""
    params = orjson.loads(row.params)
    text = render(row.kind, language, {**params, "count": str(row.happened)}, now)
    kind = KINDS.get(row.kind)
    return {
        "id": str(row.id),
        "kind": row.kind,
        "topic": None if kind is None else kind.topic.value,
        "title": text.subject,
        "text": text.body,
        "params": params,
        "count": row.happened,
        "subject": row.subject,
        "subject_id": None if row.subject_id is None else str(row.subject_id),
        "created_at": format_instant(row.created_at),
        "read_at": show_instant(row.read_at),
    }


async def count_unread(reader: queries.Reader, user_id: UUID) -> int:
    """How many a user has not read, counted to `UNREAD_SHOWN_MAX`."""
    return int((await reader.execute(queries.count_unread(user_id, UNREAD_SHOWN_MAX))).scalar_one())


async def read_language(reader: queries.Reader, user_id: UUID) -> str:
    """The language that a user reads."""
    return str((await reader.execute(queries.language_of(user_id))).scalar_one())


async def read_one(unit: Unit, user_id: UUID, notification_id: UUID) -> Any:
    """Note that a user has read one of his; the row. Refuses `NotFound`."""
    await unit.execute(  # allowed: unchecked-write, it may be read already
        queries.mark_read(user_id, [notification_id], unit.now)
    )
    row = (await unit.execute(queries.find_own(user_id, notification_id))).first()
    if row is None:
        raise NotFound
    return row


async def read_through(unit: Unit, user_id: UUID, through: UUID) -> int:
    """Note that a user has read all up to one, at most `READ_AT_ONCE_MAX`; how many are left."""
    rows = await unit.execute(queries.unread_through(user_id, through, READ_AT_ONCE_MAX))
    ids = [row.id for row in rows]
    if ids:
        await unit.execute(  # allowed: unchecked-write, another device may have read some
            queries.mark_read(user_id, ids, unit.now)
        )
    return await count_unread(unit, user_id)


async def list_settings(reader: queries.Reader, user_id: UUID) -> list[dict[str, Any]]:
    """Every kind on every channel, with the user's wish."""
    chosen = {
        (row.kind, row.channel): row.enabled
        for row in await reader.execute(queries.settings_of(user_id))
    }
    return [
        {
            "kind": kind.name,
            "topic": kind.topic.value,
            "channel": channel,
            "enabled": kind.fixed or bool(chosen.get((kind.name, channel), True)),
            "fixed": kind.fixed,
        }
        for kind in KINDS.values()
        for channel in CHANNELS
    ]


async def change_settings(unit: Unit, user_id: UUID, wishes: Sequence[Wish]) -> None:
    """Write some wishes; the last one about a kind counts. Refuses `NotificationFixed`."""
    for wish in wishes:
        if KINDS[wish.kind].fixed and not wish.enabled:
            raise NotificationFixed(kind=wish.kind)

    last = {(wish.kind, wish.channel): wish.enabled for wish in wishes}
    await unit.execute(queries.forget_settings(user_id, sorted(last)))
    rows = [
        {
            "user_id": user_id, "kind": kind, "channel": channel, "enabled": enabled,
            "updated_at": unit.now,
        }
        for (kind, channel), enabled in last.items()
    ]  # fmt: skip
    await unit.execute(queries.insert_settings(), rows)


async def purge_notifications(unit: Unit) -> int:
    """Forget one chunk of notifications whose time is over; how many. Legal holds keep them."""
    before = first_id_at(unit.now - KEPT)
    rows = await unit.execute(queries.old_notifications(before, PURGE_CHUNK))
    ids = [row.id for row in rows]
    if ids:
        await unit.execute(queries.delete_notifications(ids))
    return len(ids)
