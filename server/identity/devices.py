"""Devices: a sign-in on a new one is told to the owner, and releases nothing for a while.

A device is who keeps the token that a sign-in gave it; without one every sign-in is on a new
device. The device on which the account was opened is known at once.
"""

import base64
import hashlib
from datetime import timedelta
from uuid import UUID

from server.core.refusals import Refusal
from server.db import Unit
from server.identity import device_queries as queries
from server.identity.context import Identity
from server.identity.notices import tell_owner
from server.identity.rules import label_device

SECRET_BYTES = 32
DEVICES_KEPT = timedelta(days=180)
"""Since the last sign-in on it; who comes back later comes on a new device."""
WARNINGS_KEPT = timedelta(days=30)
PURGE_CHUNK = 1000


class DeviceUnknown(Refusal):
    """The session is on a device that is too new to let money go."""

    code = "device_unknown"
    status = 403
    title = "You signed in on a device that is new to your account. It may release a day later."


async def note_device(
    identity: Identity, unit: Unit, user_id: UUID, session_id: UUID, *, token: str | None,
    agent: str, first: bool,
) -> str | None:  # fmt: skip
    """Remember on which device a session is opened; the token that the device keeps.

    `first` is the sign-in that opens the account. None where the settings watch no devices.
    """
    hold, now = identity.policy.device_hold, unit.now
    if hold <= timedelta(0):
        return None
    seen = None
    if token is not None:
        seen = (await unit.execute(queries.device_of(user_id, digest_device(token)))).first()
    if seen is not None and token is not None:
        await unit.execute_guarded(queries.see_device(seen.id, now))
        known_at, kept = seen.known_at, token
    else:
        known_at = now if first else now + hold
        secret = identity.database.random.token(SECRET_BYTES)
        kept = base64.urlsafe_b64encode(secret).decode().rstrip("=")
        await unit.execute(
            queries.insert_device(
                {
                    "id": unit.ids.new_id(),
                    "user_id": user_id,
                    "digest": digest_device(kept),
                    "known_at": known_at,
                    "seen_at": now,
                }
            )
        )
        if not first:
            device = label_device(agent)
            await tell_owner(unit, identity.hooks, user_id, "new_device", device=device)
    if known_at > now:
        await unit.execute(queries.insert_hold(session_id, known_at))
    return kept


async def check_device(unit: Unit, session_id: UUID) -> None:
    """Refuse `DeviceUnknown` to a session on a device that is too new."""
    held = (await unit.execute(queries.hold_of(session_id, unit.now))).first()
    if held is not None:
        left_s = int((held.until - unit.now).total_seconds())
        raise DeviceUnknown(retry_after_s=max(1, left_s))


async def purge_devices(unit: Unit) -> int:
    """Forget one chunk of what no release asks for; how many rows."""
    now = unit.now
    devices = (await unit.execute(queries.old_devices(now - DEVICES_KEPT, PURGE_CHUNK))).all()
    if devices:
        await unit.execute(queries.delete_devices([row.id for row in devices]))
    holds = (await unit.execute(queries.old_holds(now, PURGE_CHUNK))).all()
    if holds:
        await unit.execute(queries.delete_holds([row.session_id for row in holds]))
    warnings = (await unit.execute(queries.old_warnings(now - WARNINGS_KEPT, PURGE_CHUNK))).all()
    if warnings:
        await unit.execute(queries.delete_warnings([row.trade_id for row in warnings]))
    return max(len(devices), len(holds), len(warnings))


def digest_device(token: str) -> bytes:
    """By what a device is known."""
    return hashlib.sha256(token.encode()).digest()
