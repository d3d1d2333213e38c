"""The SQL of devices and of sessions that may not release yet."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Delete, Insert, Select, Update, delete, insert, select, update

from models.devices import Device, DeviceHold, DeviceWarning
from server.db.legal_hold import is_held

Selected = Select[*tuple[Any, ...]]


def device_of(user_id: UUID, digest: bytes) -> Selected:
    """One device of a user."""
    return select(Device.id, Device.known_at).where(
        Device.user_id == user_id, Device.digest == digest
    )


def is_known(user_id: UUID, digest: bytes, now: datetime) -> Selected:
    """A row when a device of a user is no longer new."""
    return select(Device.id).where(
        Device.user_id == user_id, Device.digest == digest, Device.known_at <= now
    )


def insert_device(values: dict[str, Any]) -> Insert:
    """A device that was not seen before."""
    return insert(Device).values(**values)


def see_device(device_id: UUID, now: datetime) -> Update:
    """A sign-in on a device."""
    return update(Device).where(Device.id == device_id).values(seen_at=now)


def insert_hold(session_id: UUID, until: datetime) -> Insert:
    """A session that releases nothing before `until`."""
    return insert(DeviceHold).values(session_id=session_id, until=until)


def hold_of(session_id: UUID, now: datetime) -> Selected:
    """The hold of a session, while it lasts."""
    return select(DeviceHold.until).where(
        DeviceHold.session_id == session_id, DeviceHold.until > now
    )


def warning_of(trade_id: UUID) -> Selected:
    """Whether the buyer of a trade was told."""
    return select(DeviceWarning.told_at).where(DeviceWarning.trade_id == trade_id)


def insert_warning(trade_id: UUID, now: datetime) -> Insert:
    """The buyer of a trade is told now."""
    return insert(DeviceWarning).values(trade_id=trade_id, told_at=now)


def old_devices(before: datetime, limit: int) -> Selected:
    """Devices that nobody signed in on since; those of users under a legal hold stay."""
    return select(Device.id).where(Device.seen_at < before, ~is_held(Device.user_id)).limit(limit)


def forget_devices_of(user_id: UUID) -> Delete:
    """Know none of a user's devices any more."""
    return delete(Device).where(Device.user_id == user_id)


def delete_devices(ids: Sequence[UUID]) -> Delete:
    """Forget devices."""
    return delete(Device).where(Device.id.in_(ids))


def old_holds(before: datetime, limit: int) -> Selected:
    """Holds that ended before an instant."""
    return select(DeviceHold.session_id).where(DeviceHold.until < before).limit(limit)


def delete_holds(ids: Sequence[UUID]) -> Delete:
    """Forget holds."""
    return delete(DeviceHold).where(DeviceHold.session_id.in_(ids))


def old_warnings(before: datetime, limit: int) -> Selected:
    """Warnings from before an instant."""
    return select(DeviceWarning.trade_id).where(DeviceWarning.told_at < before).limit(limit)


def delete_warnings(ids: Sequence[UUID]) -> Delete:
    """Forget warnings."""
    return delete(DeviceWarning).where(DeviceWarning.trade_id.in_(ids))
