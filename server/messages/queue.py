"""The queue of messages: filled in the transaction of their cause, emptied by `send_due`.

A message is claimed before it is handed to a server and ended after. A process that dies in
between leaves a claim that runs out: the message goes again, under the same identifier. So none is
lost, and one goes twice only when its sender died between the two.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import structlog

from models.messages import Channel, MessageStatus
from server.core.ids import first_id_at
from server.db import Database, Unit, assert_outside_transaction
from server.identity.sealing import Sealer
from server.messages import queries
from server.messages.ports import Letter, NotSentError, Sender, UndeliverableError
from server.messages.texts import Text

CLAIM = timedelta(seconds=60)
"""Far longer than a sender may take."""
PAUSES_S = (5, 15, 60, 300, 900, 3600)
"""Seconds until the next try; the last one repeats until the message expires."""
BATCH_MAX = 50
AT_ONCE_MAX = 5
KEPT = timedelta(days=30)
"""How long it is known that something was sent."""
PURGE_CHUNK = 1000
log = structlog.get_logger()


def context_of(message_id: UUID) -> str:
    """What a message's content is bound to."""
    return f"message:{message_id}"


async def queue_message(
    unit: Unit, sealer: Sealer, channel: Channel, to: str, text: Text, *, life: timedelta
) -> UUID:
    """Let a message be sent once this unit is committed, unless `life` passes first."""
    message_id, now = unit.ids.new_id(), unit.now
    content = orjson.dumps({"to": to, "subject": text.subject, "body": text.body})
    await unit.execute(
        queries.insert_message(
            {
                "id": message_id,
                "channel": channel.value,
                "status": queries.WAITING,
                "sealed": sealer.seal(content, context_of(message_id)),
                "tries": 0,
                "due_at": now,
                "expires_at": now + life,
            }
        )
    )
    return message_id


@dataclass(frozen=True, slots=True)
class Post:
    """What sends the queue."""

    database: Database
    sealer: Sealer
    senders: Mapping[Channel, Sender]


async def send_due(post: Post) -> int:
    """Send what is due, one batch; how many messages a server took."""
    async with post.database.read() as connection:
        now = post.database.clock.now()
        rows = (await connection.execute(queries.due_messages(now, BATCH_MAX))).all()
    gate = asyncio.Semaphore(AT_ONCE_MAX)

    async def send_one(row: Any) -> bool:
        async with gate:
            return await _send(post, row)

    done = await asyncio.gather(*map(send_one, rows), return_exceptions=True)
    for outcome in done:
        if isinstance(outcome, BaseException):
            raise outcome
    return sum(outcome is True for outcome in done)


async def _send(post: Post, row: Any) -> bool:
    now = post.database.clock.now()
    if row.expires_at <= now:
        await _end(post, row, MessageStatus.EXPIRED)
        return False
    if not await _claim(post, row):
        return False
    content = orjson.loads(post.sealer.open_sealed(bytes(row.sealed), context_of(row.id)))
    sender = post.senders.get(Channel(row.channel))
    if sender is None:
        await _put_back(post, row, "nothing sends such messages here")
        return False
    assert_outside_transaction()
    try:
        await sender.send(Letter(row.id, content["to"], content["subject"], content["body"]))
    except UndeliverableError:
        await _end(post, row, MessageStatus.REFUSED)
        return False
    except NotSentError as problem:
        await _put_back(post, row, problem.reason)
        return False
    await _end(post, row, MessageStatus.SENT)
    return True


async def _claim(post: Post, row: Any) -> bool:
    async def work(unit: Unit) -> bool:
        claimed = await unit.execute(
            queries.claim_message(row.id, row.tries, unit.now + CLAIM),
        )
        return claimed.rowcount == 1

    return await post.database.transact(work, name="claim_message")


async def _end(post: Post, row: Any, status: MessageStatus) -> None:
    async def work(unit: Unit) -> bool:
        ended = await unit.execute(queries.end_message(row.id, status, unit.now))
        return ended.rowcount == 1

    if await post.database.transact(work, name="end_message"):
        log.info(
            "message_ended", message_id=str(row.id), channel=row.channel, status=status.value
        )  # fmt: skip


async def _put_back(post: Post, row: Any, reason: str) -> None:
    pause_s = PAUSES_S[min(row.tries, len(PAUSES_S) - 1)]

    async def work(unit: Unit) -> int:
        due_at = unit.now + timedelta(seconds=pause_s)
        # Another process has it by now if this one was slower than its claim.
        put = await unit.execute(queries.put_back(row.id, row.tries + 1, due_at))
        return put.rowcount

    await post.database.transact(work, name="put_message_back")
    log.warning("message_not_sent", message_id=str(row.id), channel=row.channel, reason=reason)


async def purge_messages(unit: Unit) -> int:
    """Forget one chunk of messages that ended long ago; how many."""
    before = first_id_at(unit.now - KEPT)
    rows = (await unit.execute(queries.old_messages(before, PURGE_CHUNK))).all()
    if rows:
        await unit.execute(queries.delete_messages([row.id for row in rows]))
    return len(rows)
