"""The SQL of a person's programs, reports and notes, as `content_queries` does it."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from models.api_keys import ApiKey
from models.identity import Profile
from models.moderation import UserNote, UserReport
from server.privacy.content_queries import Selected


def api_keys(user_id: UUID, after: Any, limit: int) -> Selected:
    """The programs that may call in the person's name."""
    statement = (
        select(
            ApiKey.id, ApiKey.name, ApiKey.begins, ApiKey.scopes, ApiKey.networks,
            ApiKey.created_at, ApiKey.expires_at, ApiKey.used_at, ApiKey.used_from,
            ApiKey.ended_at, ApiKey.ended_reason, ApiKey.id.label("place"),
        )
        .where(ApiKey.user_id == user_id)
        .order_by(ApiKey.id)
        .limit(limit)
    )  # fmt: skip
    return statement if after is None else statement.where(ApiKey.id > after)


def reports(user_id: UUID, after: Any, limit: int) -> Selected:
    """What the person reported to the staff."""
    statement = (
        select(
            UserReport.kind, UserReport.subject_id, UserReport.reason, UserReport.sealed,
            UserReport.status, UserReport.created_at, UserReport.id.label("place"),
        )
        .where(UserReport.reporter_id == user_id)
        .order_by(UserReport.id)
        .limit(limit)
    )  # fmt: skip
    return statement if after is None else statement.where(UserReport.id > after)


def notes(user_id: UUID, after: Any, limit: int) -> Selected:
    """What the person noted about others."""
    statement = (
        select(UserNote.sealed, UserNote.written_at, Profile.username, UserNote.id.label("place"))
        .join(Profile, Profile.user_id == UserNote.subject_id)
        .where(UserNote.writer_id == user_id)
        .order_by(UserNote.id)
        .limit(limit)
    )
    return statement if after is None else statement.where(UserNote.id > after)
