"""Puts the words into messages that are told, at the last moment.

What people write stands in one place, sealed. The outbox has everything else of a message; who
sends its events, live or anew, asks here for the words. A message that was forgotten meanwhile is
told as forgotten.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
import structlog

from server.chat import queries
from server.chat.views import open_content
from server.db import Database
from server.db.outbox import RoomEvent
from server.identity.sealing import SealBroken, Sealer

MESSAGE_CREATED = "message_created"
log = structlog.get_logger()


async def add_words(
    database: Database, sealer: Sealer, events: Sequence[RoomEvent]
) -> list[RoomEvent]:
    """The events, those of messages with what people wrote."""
    bodies: dict[int, dict[str, Any]] = {}
    for place, event in enumerate(events):
        if event.name == MESSAGE_CREATED:
            body = orjson.loads(event.body)
            if "text" not in body:
                bodies[place] = body
    told = list(events)
    if not bodies:
        return told
    ids = [UUID(body["id"]) for body in bodies.values()]
    async with database.read() as connection:
        rows = {row.id: row for row in await connection.execute(queries.words_of(ids))}
    for place, body in bodies.items():
        row = rows.get(UUID(body["id"]))
        body["text"] = None if row is None else _open(sealer, row)
        body["forgotten"] = row is None or row.sealed is None
        body["masked"] = body["masked"] and not body["forgotten"]
        told[place] = events[place]._replace(body=orjson.dumps(body).decode())
    return told


def _open(sealer: Sealer, row: Any) -> str | None:
    """The words; None where they are forgotten, or not those that were written."""
    try:
        content = open_content(sealer, row)
    except SealBroken:
        # The others of the room must not wait for it; the verifier finds it too.
        log.exception("message_not_told", message_id=str(row.id))
        return None
    return None if content is None else content.text
