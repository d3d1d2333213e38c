"""The SQL of the least versions of our apps."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Insert, Select, Update, insert, select, update

from models.operations import AppVersion

Selected = Select[*tuple[Any, ...]]
_COLUMNS = (
    AppVersion.platform,
    AppVersion.least,
    AppVersion.message,
    AppVersion.changed_at,
    AppVersion.changed_by,
)
PLATFORMS_MAX = 10


def list_versions() -> Selected:
    """The least version of each platform that has one."""
    return select(*_COLUMNS).order_by(AppVersion.platform).limit(PLATFORMS_MAX)


def version_of(platform: str) -> Selected:
    """The least version of a platform, locked."""
    return select(*_COLUMNS).where(AppVersion.platform == platform).with_for_update()


def insert_version(platform: str, least: str, message: str, by: UUID, now: datetime) -> Insert:
    """The first least version of a platform."""
    return insert(AppVersion).values(
        platform=platform, least=least, message=message, changed_at=now, changed_by=by
    )


def change_version(platform: str, least: str, message: str, by: UUID, now: datetime) -> Update:
    """Another least version."""
    return (
        update(AppVersion)
        .where(AppVersion.platform == platform)
        .values(least=least, message=message, changed_at=now, changed_by=by)
    )
