"""The SQL of names that were looked for in lists, and of what was found."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Delete, Insert, Select, Update, delete, insert, or_, select, update

from models.identity import Profile
from models.kyc import KycApplication, KycStatus
from models.screening import NameScreening, ScreeningHit

Selected = Select[*tuple[Any, ...]]
COUNTING = (KycStatus.COLLECTING.value, KycStatus.PENDING.value, KycStatus.APPROVED.value)
"""Applications whose name counts, or may soon."""
COLUMNS = tuple(ScreeningHit.__table__.columns)


def due(version: str, before: datetime, after: UUID | None, limit: int) -> Selected:
    """Applications that were never looked for, not in this list, or not since an instant."""
    statement = (
        select(*KycApplication.__table__.columns)
        .outerjoin(NameScreening, NameScreening.application_id == KycApplication.id)
        .where(
            KycApplication.status.in_(COUNTING),
            KycApplication.sealed.is_not(None),
            or_(
                NameScreening.application_id.is_(None),
                NameScreening.list_version != version,
                NameScreening.screened_at <= before,
            ),
        )
        .order_by(KycApplication.id)
        .limit(limit)
    )
    return statement if after is None else statement.where(KycApplication.id > after)


def screening_of(application_id: UUID) -> Selected:
    """When an application's name was looked for."""
    return select(NameScreening.list_version, NameScreening.screened_at).where(
        NameScreening.application_id == application_id
    )


def insert_screening(application_id: UUID, version: str, now: datetime) -> Insert:
    """A name was looked for the first time."""
    return insert(NameScreening).values(
        application_id=application_id, list_version=version, screened_at=now
    )


def update_screening(application_id: UUID, version: str, now: datetime) -> Update:
    """A name was looked for again."""
    return (
        update(NameScreening)
        .where(NameScreening.application_id == application_id)
        .values(list_version=version, screened_at=now)
    )


def delete_screening(application_id: UUID) -> Delete:
    """Forget that a name was looked for."""
    return delete(NameScreening).where(NameScreening.application_id == application_id)


def erase_hits(application_id: UUID) -> Update:
    """Forget who was found in an application's name; that it was decided, and how, stays."""
    return (
        update(ScreeningHit)
        .where(ScreeningHit.application_id == application_id)
        .values(sealed=None)
    )


def known_digests(application_id: UUID) -> Selected:
    """The entries that were found for an application."""
    return select(ScreeningHit.digest).where(ScreeningHit.application_id == application_id)


def insert_hit(values: dict[str, Any]) -> Insert:
    """An entry was found."""
    return insert(ScreeningHit).values(**values)


def statuses_of(application_id: UUID) -> Selected:
    """What became of the hits of an application."""
    return select(ScreeningHit.status).where(ScreeningHit.application_id == application_id)


def hit(hit_id: UUID) -> Selected:
    """One hit with the name of its user's account."""
    return (
        select(*COLUMNS, Profile.username)
        .join(Profile, Profile.user_id == ScreeningHit.user_id)
        .where(ScreeningHit.id == hit_id)
    )


def lock_hit(hit_id: UUID) -> Selected:
    """Lock one hit."""
    return select(*COLUMNS).where(ScreeningHit.id == hit_id).with_for_update()


def queue(status: str, after: UUID | None, limit: int) -> Selected:
    """Hits in a status, oldest first."""
    statement = (
        select(*COLUMNS, Profile.username)
        .join(Profile, Profile.user_id == ScreeningHit.user_id)
        .where(ScreeningHit.status == status)
        .order_by(ScreeningHit.id)
        .limit(limit)
    )
    return statement if after is None else statement.where(ScreeningHit.id > after)


def update_hit(hit_id: UUID, version: int, values: dict[str, Any]) -> Update:
    """Change a hit at a version, which grows."""
    return (
        update(ScreeningHit)
        .where(ScreeningHit.id == hit_id, ScreeningHit.version == version)
        .values(version=version + 1, **values)
    )
