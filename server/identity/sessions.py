"""Sessions and their refresh tokens.

The rule of rotation: a refresh token is used once and then has exactly one successor. Who shows
the used token again within ten seconds, before that successor was itself used, gets the same
successor (two tabs, a lost answer). Everybody else who shows a used token makes the whole family
end, because one of the two who had it is a thief, and the user is told. A family therefore never
has two living chains. Only digests are stored; the successor is stored under a mask that the
predecessor alone takes off, and forgotten when it is used.
"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from server.core.refusals import NotFound
from server.db import Unit
from server.db.audit import Action, record_audit
from server.http.endpoint import Actor
from server.identity import queries
from server.identity.context import Identity
from server.identity.countries import check_country_of
from server.identity.devices import digest_device, note_device
from server.identity.hooks import Seen
from server.identity.key_ends import end_keys
from server.identity.notices import tell_owner
from server.identity.refusals import RefreshRefused
from server.identity.rules import label_device

SECRET_BYTES = 32
TOLERATED = timedelta(seconds=10)
"""How long after its use the direct predecessor is still answered."""
PURGE_CHUNK = 1000
REVOCATIONS_KEPT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a client holds after signing in or refreshing."""

    actor: Actor
    refresh_token: str
    device_token: str | None = None
    """What the device keeps and shows at its next sign-in."""


async def open_session(
    identity: Identity, unit: Unit, user_id: UUID, role: str, *, ip: str, device: str,
    kept: str | None = None, first: bool = False,
) -> Credentials:  # fmt: skip
    """Sign a user in on a device: a session and the first refresh token of its family.

    `kept` is the token that the device shows, `first` the sign-in that opens the account.
    """
    session_id, now = unit.ids.new_id(), unit.now
    policy = identity.policy
    await unit.execute(
        queries.insert_session(
            {
                "id": session_id,
                "user_id": user_id,
                "device": device,
                "ip": ip,
                "created_at": now,
                "expires_at": now + policy.session_life,
            }
        )
    )
    await unit.execute(queries.insert_session_state(session_id, now, now + policy.session_idle))
    secret = identity.database.random.token(SECRET_BYTES)
    await unit.execute(queries.insert_refresh_token(_digest(secret), session_id, 0, now))
    device_token = await note_device(
        identity, unit, user_id, session_id, token=kept, agent=device, first=first
    )
    tokens = [token for token in (kept, device_token) if token is not None]
    seen = Seen(user_id, ip=ip, devices=tuple(map(digest_device, dict.fromkeys(tokens))))
    for hook in identity.hooks.on_seen:
        await hook(unit, seen)
    return Credentials(Actor(user_id, session_id, role), _write_secret(secret), device_token)


async def refresh_session(identity: Identity, refresh_token: str) -> Credentials:
    """The successor of a refresh token. A reuse ends the session.

    Refuses `RefreshRefused`, and `CountryBlocked` a user with a number of a blocked country.
    """
    secret = _read_secret(refresh_token)
    if secret is None:
        raise RefreshRefused

    async def work(unit: Unit) -> Credentials | None:
        return await _rotate(identity, unit, secret)

    # The end of a family must be committed although the caller is refused.
    credentials = await identity.database.transact(work, name="refresh_session")
    if credentials is None:
        raise RefreshRefused
    return credentials


async def _rotate(identity: Identity, unit: Unit, secret: bytes) -> Credentials | None:
    digest = _digest(secret)
    known = (await unit.execute(queries.refresh_token(digest))).first()
    if known is None:
        return None
    session_id = known.session_id
    state = (await unit.execute(queries.lock_session(session_id))).one()
    # Read again: another refresh may have used the token while this one waited for the lock.
    token = (await unit.execute(queries.refresh_token(digest))).one()
    session = (await unit.execute(queries.session_row(session_id))).one()
    now = unit.now
    if state.ended_at is not None or state.idle_until <= now or session.expires_at <= now:
        return None

    if token.used_at is None:
        successor = await _use(identity, unit, secret, token)
    else:
        repeated = await _find_tolerated(unit, secret, token)
        if repeated is None:
            await _end_family(identity, unit, session_id, session)
            return None
        successor = repeated
    profile = (await unit.execute(queries.profile_of(session.user_id))).one()
    check_country_of(identity, profile.phone)
    role = (await unit.execute(queries.role_of(session.user_id))).scalar_one()
    return Credentials(Actor(session.user_id, session_id, role), _write_secret(successor))


async def _use(identity: Identity, unit: Unit, secret: bytes, token: Any) -> bytes:
    successor = identity.database.random.token(SECRET_BYTES)
    session_id, now = token.session_id, unit.now
    await unit.execute_guarded(
        queries.use_refresh_token(_digest(secret), now, _mask(secret, successor))
    )
    await unit.execute(
        queries.insert_refresh_token(_digest(successor), session_id, token.generation + 1, now)
    )
    await unit.execute(queries.forget_successors(session_id, token.generation - 1))
    await unit.execute_guarded(
        queries.use_session(session_id, now, now + identity.policy.session_idle)
    )
    return successor


async def _find_tolerated(unit: Unit, secret: bytes, token: Any) -> bytes | None:
    if token.successor is None or unit.now >= token.used_at + TOLERATED:
        return None
    successor = _mask(secret, token.successor)
    follower = (await unit.execute(queries.refresh_token(_digest(successor)))).one()
    return successor if follower.used_at is None else None


async def _end_family(identity: Identity, unit: Unit, session_id: UUID, session: Any) -> None:
    await end_session(identity, unit, session_id, "refresh_reused")
    await record_audit(unit, Action.SESSION_ENDED, "session", session_id, reason="refresh_reused")
    await tell_owner(
        unit,
        identity.hooks,
        session.user_id,
        "session_ended_for_safety",
        session_id=str(session_id),
        device=label_device(session.device),
    )


async def end_session(identity: Identity, unit: Unit, session_id: UUID, reason: str) -> bool:
    """End a session and refuse its access tokens everywhere; False when it had ended before."""
    now = unit.now
    ended = await unit.execute(queries.end_session(session_id, now, reason))
    if ended.rowcount == 0:
        return False
    await unit.execute(queries.insert_revocation(unit.ids.new_id(), session_id, now))
    unit.after_commit(lambda: identity.revocations.add(session_id, now))
    return True


async def end_sessions(
    identity: Identity, unit: Unit, user_id: UUID, reason: str, *, spared: UUID | None = None,
    with_keys: bool = True,
) -> int:  # fmt: skip
    """End every session of a user but `spared`: a ban, a changed password, another role.

    His API keys end with them unless he only signs out elsewhere. Answers how many sessions ended.
    """
    if with_keys:
        await end_keys(identity, unit, user_id, reason)
    rows = (await unit.execute(queries.live_session_ids(user_id))).all()
    ended = 0
    others = (row.id for row in rows if row.id != spared)
    for session_id in sorted(others, key=lambda each: each.bytes):
        ended += await end_session(identity, unit, session_id, reason)
    return ended


async def end_session_of_token(identity: Identity, unit: Unit, refresh_token: str) -> None:
    """Log out by the refresh token, for who has no valid access token left; unknown ones pass."""
    secret = _read_secret(refresh_token)
    if secret is None:
        return
    token = (await unit.execute(queries.refresh_token(_digest(secret)))).first()
    if token is not None:
        await end_session(identity, unit, token.session_id, "logout")


async def end_own_session(identity: Identity, unit: Unit, user_id: UUID, session_id: UUID) -> None:
    """End one of the user's sessions. Refuses `NotFound`: unknown, ended, somebody else's."""
    found = (await unit.execute(queries.live_session(user_id, session_id, unit.now))).first()
    if found is None:
        raise NotFound
    if not await end_session(identity, unit, session_id, "ended_by_user"):
        raise NotFound
    await record_audit(
        unit, Action.SESSION_ENDED, "session", session_id, reason="ended_by_user"
    )  # fmt: skip


async def purge_revocations(unit: Unit) -> int:
    """Forget one chunk of revocations that no token can outlive; how many."""
    before = unit.now - REVOCATIONS_KEPT
    rows = (await unit.execute(queries.old_revocations(before, PURGE_CHUNK))).all()
    if rows:
        await unit.execute(queries.delete_revocations([row.id for row in rows]))
    return len(rows)


def _digest(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()


def _mask(secret: bytes, other: bytes) -> bytes:
    """`other` under, or from under, a mask that only the holder of `secret` can make."""
    pad = hmac.digest(secret, b"successor", "sha256")
    return bytes(one ^ two for one, two in zip(pad, other, strict=True))


def _write_secret(secret: bytes) -> str:
    return base64.urlsafe_b64encode(secret).decode().rstrip("=")


def _read_secret(text: str) -> bytes | None:
    try:
        secret = base64.b64decode(text + "=", altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return secret if len(secret) == SECRET_BYTES and _write_secret(secret) == text else None
