"""The SQL of recoveries."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Delete, Insert, Select, Update, delete, insert, select, update

from models.factors import Passkey, RecoveryCode, TotpFactor
from models.identity import Profile
from models.kyc import KycApplication, KycStatus
from models.recovery import Recovery, RecoveryStatus
from server.db.legal_hold import is_held
from server.identity.device_queries import forget_devices_of

Selected = Select[*tuple[Any, ...]]
COLUMNS = tuple(Recovery.__table__.columns)
OPEN = RecoveryStatus.OPEN.value


def insert_recovery(values: dict[str, Any]) -> Insert:
    """A new recovery."""
    return insert(Recovery).values(**values)


def recovery(recovery_id: UUID, *, lock: bool = False) -> Selected:
    """One recovery."""
    statement = select(*COLUMNS).where(Recovery.id == recovery_id)
    return statement.with_for_update() if lock else statement


def open_of(user_id: UUID) -> Selected:
    """The open recovery of a user."""
    return select(*COLUMNS).where(Recovery.open_user_id == user_id)


def by_token(digest: bytes) -> Selected:
    """The recovery of a secret."""
    return select(*COLUMNS).where(Recovery.token_digest == digest)


def asked_since(user_id: UUID, since: datetime) -> Selected:
    """When a user asked since an instant, oldest first."""
    return (
        select(Recovery.asked_at)
        .where(Recovery.user_id == user_id, Recovery.asked_at > since)
        .order_by(Recovery.asked_at)
    )


def update_recovery(recovery_id: UUID, version: int, values: dict[str, Any]) -> Update:
    """Change a recovery at a version, which grows."""
    return (
        update(Recovery)
        .where(Recovery.id == recovery_id, Recovery.version == version)
        .values(version=version + 1, **values)
    )


def queue(status: str, after: UUID | None, limit: int) -> Selected:
    """Recoveries in a status with their users' names, oldest first."""
    statement = (
        select(*COLUMNS, Profile.username)
        .join(Profile, Profile.user_id == Recovery.user_id)
        .where(Recovery.status == status)
        .order_by(Recovery.id)
        .limit(limit)
    )
    return statement if after is None else statement.where(Recovery.id > after)


def due(now: datetime, limit: int) -> Selected:
    """Open recoveries that are over, or of which the owner is to hear again."""
    return (
        select(Recovery.id)
        .where(
            Recovery.status == OPEN,
            (Recovery.expires_at <= now) | ((Recovery.tell_at <= now) & (Recovery.ready_at > now)),
        )
        .order_by(Recovery.id)
        .limit(limit)
    )


def purgeable(closed_before: datetime, limit: int) -> Selected:
    """Recoveries that closed before an instant and keep pictures; those of held users are not."""
    return (
        select(Recovery.id)
        .where(
            Recovery.closed_at < closed_before,
            Recovery.purged_at.is_(None),
            Recovery.pictures > 0,
            ~is_held(Recovery.user_id),
        )
        .limit(limit)
    )


def proven_identity(user_id: UUID) -> Selected:
    """The last verification of a user's identity; papers run out, a face does not."""
    return (
        select(KycApplication.id, KycApplication.sealed)
        .where(
            KycApplication.user_id == user_id,
            KycApplication.level == 2,
            KycApplication.status.in_((KycStatus.APPROVED.value, KycStatus.EXPIRED.value)),
            KycApplication.purged_at.is_(None),
        )
        .order_by(KycApplication.id.desc())
        .limit(1)
    )


def forget_factors(user_id: UUID) -> list[Delete]:
    """Take away everything with which a user could show a second factor, and known devices."""
    return [
        delete(TotpFactor).where(TotpFactor.user_id == user_id),
        delete(Passkey).where(Passkey.user_id == user_id),
        delete(RecoveryCode).where(RecoveryCode.user_id == user_id),
        forget_devices_of(user_id),
    ]
