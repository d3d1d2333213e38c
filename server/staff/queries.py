"""The SQL of roles, of who has them, and of roles taken for a short time."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Delete, Insert, Select, Update, delete, insert, select, update

from models.identity import Profile
from models.staff import (
    Elevation,
    SeededPermission,
    StaffAssignment,
    StaffRole,
    StaffRolePermission,
    StaffVersion,
)
from server.core.permissions import ADMINISTRATOR

Selected = Select[*tuple[Any, ...]]
STAFF = "staff"
ROLES_MAX = 100
ASSIGNMENTS_MAX = 20_000


def staff_version(*, lock: bool = False) -> Selected:
    """How often what staff may do has changed."""
    statement = select(StaffVersion.version).where(StaffVersion.name == STAFF)
    return statement.with_for_update() if lock else statement


def insert_version() -> Insert:
    """The first version."""
    return insert(StaffVersion).values(name=STAFF, version=1)


def grow_version() -> Update:
    """Tell every process that something has changed."""
    return (
        update(StaffVersion)
        .where(StaffVersion.name == STAFF)
        .values(version=StaffVersion.version + 1)
    )


def roles(role_id: str | None = None) -> Selected:
    """Every role, or one."""
    statement = select(StaffRole.id, StaffRole.name, StaffRole.version, StaffRole.updated_at)
    if role_id is not None:
        return statement.where(StaffRole.id == role_id)
    return statement.order_by(StaffRole.id).limit(ROLES_MAX)


def role_permissions(role_ids: Iterable[str] | None = None) -> Selected:
    """What roles hold, of every role or of some."""
    statement = select(StaffRolePermission.role_id, StaffRolePermission.permission)
    if role_ids is None:
        return statement
    return statement.where(StaffRolePermission.role_id.in_(list(role_ids)))


def insert_role(role_id: str, name: str, now: datetime) -> Insert:
    """A new role."""
    return insert(StaffRole).values(id=role_id, name=name, version=1, updated_at=now)


def change_role(role_id: str, version: int, name: str, now: datetime) -> Update:
    """Another name, and the next version, of a role that is still at `version`."""
    return (
        update(StaffRole)
        .where(StaffRole.id == role_id, StaffRole.version == version)
        .values(name=name, version=version + 1, updated_at=now)
    )


def delete_role(role_id: str) -> list[Delete]:
    """Forget a role and what it held."""
    return [
        delete(StaffRolePermission).where(StaffRolePermission.role_id == role_id),
        delete(StaffRole).where(StaffRole.id == role_id),
    ]


def delete_role_permissions(role_id: str) -> Delete:
    """Empty a role."""
    return delete(StaffRolePermission).where(StaffRolePermission.role_id == role_id)


def insert_role_permissions(
    role_id: str, permissions: Iterable[str]
) -> tuple[Insert, list[dict[str, Any]]]:
    """Fill an empty role."""
    rows = [{"role_id": role_id, "permission": each} for each in sorted(permissions)]
    return insert(StaffRolePermission), rows


def seeded_permissions() -> Selected:
    """What releases have given to built-in roles."""
    return select(SeededPermission.role_id, SeededPermission.permission)


def insert_seeded_permissions(
    rows: list[dict[str, Any]],
) -> tuple[Insert, list[dict[str, Any]]]:
    """Remember what a release gave."""
    return insert(SeededPermission), rows


def assignments(user_id: UUID | None = None) -> Selected:
    """Who has which role, of everybody or of one person."""
    statement = select(
        StaffAssignment.user_id,
        StaffAssignment.role_id,
        StaffAssignment.granted_by,
        StaffAssignment.granted_at,
    )
    if user_id is not None:
        return statement.where(StaffAssignment.user_id == user_id).order_by(StaffAssignment.role_id)
    return statement.limit(ASSIGNMENTS_MAX)


def holders_of(role_id: str) -> Selected:
    """The people who have a role."""
    return select(StaffAssignment.user_id).where(StaffAssignment.role_id == role_id)


def administrators() -> Selected:
    """The administrators."""
    return holders_of(ADMINISTRATOR)


def insert_assignment(
    user_id: UUID, role_id: str, granted_by: UUID | None, now: datetime
) -> Insert:
    """Give a role."""
    return insert(StaffAssignment).values(
        user_id=user_id, role_id=role_id, granted_by=granted_by, granted_at=now
    )


def delete_assignment(user_id: UUID, role_id: str) -> Delete:
    """Take a role."""
    return delete(StaffAssignment).where(
        StaffAssignment.user_id == user_id, StaffAssignment.role_id == role_id
    )


def people(after: UUID | None, limit: int) -> Selected:
    """People with roles, by identifier, after `after`."""
    statement = (
        select(StaffAssignment.user_id, Profile.username)
        .join(Profile, Profile.user_id == StaffAssignment.user_id)
        .group_by(StaffAssignment.user_id, Profile.username)
        .order_by(StaffAssignment.user_id)
        .limit(limit)
    )
    return statement if after is None else statement.where(StaffAssignment.user_id > after)


def assignments_of(user_ids: Iterable[UUID]) -> Selected:
    """The roles of some people."""
    return (
        select(
            StaffAssignment.user_id,
            StaffAssignment.role_id,
            StaffAssignment.granted_by,
            StaffAssignment.granted_at,
        )
        .where(StaffAssignment.user_id.in_(list(user_ids)))
        .order_by(StaffAssignment.role_id)
    )


def elevations_since(now: datetime, user_id: UUID | None = None) -> Selected:
    """Roles taken for a short time that have not ended at `now`."""
    statement = (
        select(Elevation.id, Elevation.user_id, Elevation.role_id, Elevation.ends_at)
        .where(Elevation.ends_at > now)
        .order_by(Elevation.id)
    )
    return statement if user_id is None else statement.where(Elevation.user_id == user_id)


def running_elevations(now: datetime, user_id: UUID) -> Selected:
    """What one person took that has not ended at `now`, locked."""
    return (
        select(Elevation.id, Elevation.role_id)
        .where(Elevation.user_id == user_id, Elevation.ends_at > now)
        .order_by(Elevation.id)
        .with_for_update()
    )


def insert_elevation(values: dict[str, Any]) -> Insert:
    """Take a role for a short time."""
    return insert(Elevation).values(**values)


def elevation(elevation_id: UUID) -> Selected:
    """One role taken for a short time, locked."""
    return (
        select(
            Elevation.id,
            Elevation.user_id,
            Elevation.role_id,
            Elevation.reason,
            Elevation.began_at,
            Elevation.ends_at,
            Elevation.ended_by,
        )
        .where(Elevation.id == elevation_id)
        .with_for_update()
    )


def end_elevation(elevation_id: UUID, ended_by: UUID, now: datetime) -> Update:
    """End it early."""
    return (
        update(Elevation)
        .where(Elevation.id == elevation_id, Elevation.ends_at > now)
        .values(ends_at=now, ended_by=ended_by)
    )


def list_elevations(before: UUID | None, limit: int) -> Selected:
    """Roles taken for a short time, newest first, older than `before`."""
    statement = (
        select(
            Elevation.id,
            Elevation.user_id,
            Elevation.role_id,
            Elevation.reason,
            Elevation.began_at,
            Elevation.ends_at,
            Elevation.ended_by,
        )
        .order_by(Elevation.id.desc())
        .limit(limit)
    )
    return statement if before is None else statement.where(Elevation.id < before)
