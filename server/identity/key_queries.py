"""The SQL of API keys."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Delete, Insert, Select, Update, delete, insert, or_, select, update

from models.api_keys import ApiKey
from models.identity import Profile
from server.db.legal_hold import is_held

Selected = Select[*tuple[Any, ...]]


def insert_key(values: dict[str, Any]) -> Insert:
    """A new key."""
    return insert(ApiKey).values(**values)


def key_by_digest(digest: bytes) -> Selected:
    """What a key opens, and its owner's telephone, whose country may have been blocked since."""
    return (
        select(
            ApiKey.id,
            ApiKey.user_id,
            ApiKey.scopes,
            ApiKey.networks,
            ApiKey.expires_at,
            ApiKey.ended_at,
            Profile.phone,
        )
        .join(Profile, Profile.user_id == ApiKey.user_id)
        .where(ApiKey.digest == digest)
    )


def live_keys(user_id: UUID, now: datetime, limit: int) -> Selected:
    """A user's keys that have not ended, newest first."""
    return (
        select(
            ApiKey.id,
            ApiKey.name,
            ApiKey.begins,
            ApiKey.scopes,
            ApiKey.networks,
            ApiKey.created_at,
            ApiKey.expires_at,
            ApiKey.used_at,
            ApiKey.used_from,
        )
        .where(ApiKey.user_id == user_id, ApiKey.ended_at.is_(None), ApiKey.expires_at > now)
        .order_by(ApiKey.id.desc())
        .limit(limit)
    )


def end_key(user_id: UUID, key_id: UUID, now: datetime, reason: str) -> Update:
    """End a key of a user that has not ended."""
    return (
        update(ApiKey)
        .where(
            ApiKey.id == key_id,
            ApiKey.user_id == user_id,
            ApiKey.ended_at.is_(None),
            ApiKey.expires_at > now,
        )
        .values(ended_at=now, ended_reason=reason)
    )


def note_use(key_id: UUID, at: datetime, network: str) -> Update:
    """When and from where a key was used, unless another process has seen a later use."""
    return (
        update(ApiKey)
        .where(ApiKey.id == key_id, or_(ApiKey.used_at.is_(None), ApiKey.used_at < at))
        .values(used_at=at, used_from=network)
    )


def old_keys(before: datetime, limit: int) -> Selected:
    """Keys whose time was over before an instant; those of users under a legal hold stay."""
    return (
        select(ApiKey.id).where(ApiKey.expires_at < before, ~is_held(ApiKey.user_id)).limit(limit)
    )


def delete_keys(ids: Sequence[UUID]) -> Delete:
    """Forget keys."""
    return delete(ApiKey).where(ApiKey.id.in_(ids))
