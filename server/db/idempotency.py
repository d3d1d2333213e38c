"""Replies kept with the effect that they answer, so that a repetition gets the same one."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.operations import IdempotencyKey
from server.core.refusals import KeyReused
from server.db.database import Unit
from server.db.legal_hold import is_held

KEPT = timedelta(days=7)
PURGE_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class StoredReply:
    """Status and body of a reply, exactly as it was sent."""

    status: int
    body: bytes


def hash_request(method: str, path: str, body: Any) -> bytes:
    """SHA-256 over method, path and the canonical JSON of the body (sorted keys, no spaces).

    Of a body that is bytes, its own digest stands in the place of the JSON.
    """
    if isinstance(body, bytes):
        body = hashlib.sha256(body).hexdigest()
    canonical = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(f"{method}\n{path}\n".encode() + canonical).digest()


async def find_reply(
    connection: AsyncConnection, user_id: UUID, key: str, request_hash: bytes
) -> StoredReply | None:
    """The reply stored under the user's key. Refuses `KeyReused` for another request."""
    found = (
        await connection.execute(
            select(IdempotencyKey.request_hash, IdempotencyKey.status, IdempotencyKey.body).where(
                IdempotencyKey.user_id == user_id, IdempotencyKey.key == key.encode()
            )
        )
    ).first()
    if found is None:
        return None
    if bytes(found.request_hash) != request_hash:
        raise KeyReused
    return StoredReply(int(found.status), bytes(found.body))


async def refuse_reused(
    connection: AsyncConnection, user_id: UUID, keys: Iterable[str], request_hash: bytes
) -> None:
    """Refuse `KeyReused` when one of the user's keys has the reply of another request."""
    found = await connection.execute(
        select(IdempotencyKey.request_hash).where(
            IdempotencyKey.user_id == user_id,
            IdempotencyKey.key.in_([key.encode() for key in keys]),
        )
    )
    if any(bytes(stored) != request_hash for stored in found.scalars()):
        raise KeyReused


async def store_reply(
    unit: Unit, user_id: UUID, key: str, request_hash: bytes, reply: StoredReply
) -> None:
    """Keep a reply with its effect; the same key a second time breaks the unit's transaction."""
    await unit.execute(
        insert(IdempotencyKey).values(
            user_id=user_id,
            key=key.encode(),
            request_hash=request_hash,
            status=reply.status,
            body=reply.body,
            created_at=unit.now,
        )
    )


async def purge_replies(unit: Unit, *, before: datetime) -> int:
    """Forget at most one chunk of replies older than `before`; returns how many.

    Those of users under a legal hold stay.
    """
    keys = (
        await unit.execute(
            select(IdempotencyKey.user_id, IdempotencyKey.key)
            .where(IdempotencyKey.created_at < before, ~is_held(IdempotencyKey.user_id))
            .limit(PURGE_CHUNK)
        )
    ).all()
    for row in keys:
        await unit.execute(
            delete(IdempotencyKey).where(
                IdempotencyKey.user_id == row.user_id, IdempotencyKey.key == row.key
            )
        )
    return len(keys)
