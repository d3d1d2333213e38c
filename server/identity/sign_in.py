"""Signing in: with a password, with a second factor after it, or with a passkey alone.

Who has a second factor gets no session for his password but a token of five minutes that is good
for one thing: to show the second factor. It is 32 random bytes that only this call knows of, so it
can never pass for an access token.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from models.factors import ChallengePurpose as Purpose
from server.db import Unit
from server.identity import factor_queries, queries, rules
from server.identity.context import Identity
from server.identity.countries import check_country_of
from server.identity.factor_checks import Method, Offer, Verdict, check_offer
from server.identity.passkeys import ANYBODY, ask_answer, bind, check_passkey
from server.identity.refusals import AccountIsClosed, SecondFactorRefused, WrongCredentials
from server.identity.sessions import Credentials, open_session

PENDING_LIFE = timedelta(minutes=5)
SECRET_BYTES = 32
TOKEN_CHARS_MAX = 100
PURGE_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session was opened."""

    profile: Any
    credentials: Credentials


@dataclass(frozen=True, slots=True)
class Waiting:
    """The password was right; the second factor is asked for."""

    token: str
    methods: list[str]


async def sign_in(
    identity: Identity,
    email: str,
    password: str,
    *,
    ip: str,
    device: str,
    kept: str | None = None,
) -> SignedIn | Waiting:
    """Open a session with address and password, or ask for the second factor.

    `kept` is the token that the device keeps.

    Refuses `WrongCredentials` alike, and after the same work, for a wrong password and for an
    address that nobody has; refuses `SignInsLimited`.
    """
    key = rules.key_of_email(email)
    account = key or f"malformed:{email[: rules.EMAIL_CHARS_MAX]}"
    identity.limits.take(account, ip)
    async with identity.database.read() as connection:
        known = (await connection.execute(queries.credentials_by_email(key or ""))).first()
    password_hash = known.password_hash if known is not None else None
    if not await identity.hasher.verify_password(password, password_hash) or known is None:
        raise WrongCredentials
    identity.limits.forgive(account, ip)

    async def work(unit: Unit) -> SignedIn | Waiting:
        # The password or a factor may have changed while the password was checked.
        now = (await unit.execute(queries.password_of(known.user_id))).one()
        if now.password_hash != password_hash:
            raise WrongCredentials
        if now.second_factor:
            return await _wait(identity, unit, known.user_id)
        return await _open(identity, unit, known.user_id, ip=ip, device=device, kept=kept)

    return await identity.database.transact(work, name="sign_in")


async def _open(
    identity: Identity, unit: Unit, user_id: UUID, *, ip: str, device: str, kept: str | None
) -> SignedIn:
    if (await unit.execute(queries.closure_of(user_id))).first() is not None:
        raise AccountIsClosed
    role = (await unit.execute(queries.role_of(user_id))).scalar_one()
    profile = (await unit.execute(queries.profile_of(user_id))).one()
    check_country_of(identity, profile.phone)
    credentials = await open_session(identity, unit, user_id, role, ip=ip, device=device, kept=kept)
    return SignedIn(profile, credentials)


async def _note_factor(identity: Identity, unit: Unit, user_id: UUID) -> None:
    for hook in identity.hooks.on_factor_shown:
        await hook(unit, user_id)


async def _wait(identity: Identity, unit: Unit, user_id: UUID) -> Waiting:
    secret = identity.database.random.token(SECRET_BYTES)
    token = base64.urlsafe_b64encode(secret).decode().rstrip("=")
    await unit.execute(
        factor_queries.insert_pending(digest_token(token), user_id, unit.now + PENDING_LIFE)
    )
    return Waiting(token, await list_methods(unit, user_id))


async def list_methods(unit: Unit, user_id: UUID) -> list[str]:
    """The ways in which a user can show a second factor."""
    factors = (await unit.execute(factor_queries.factors_of(user_id))).one()
    found = {
        Method.TOTP: factors.totp_confirmed_at is not None,
        Method.PASSKEY: factors.passkeys > 0,
        Method.RECOVERY_CODE: factors.recovery_codes > 0,
    }
    return [method.value for method, offered in found.items() if offered]


async def finish_sign_in(
    identity: Identity,
    token: str,
    offer: Offer,
    *,
    ip: str,
    device: str,
    kept: str | None = None,
) -> SignedIn:
    """Open the session that waits for the second factor.

    Refuses `SecondFactorRefused` (wrong, used, or the token has expired), `SecondFactorLocked`.
    """
    digest = digest_token(token)

    async def work(unit: Unit) -> SignedIn | Verdict:
        user_id = await find_waiting(unit, digest)
        purpose, bound = Purpose.SECOND_FACTOR, bind(digest)
        verdict = await check_offer(identity, unit, user_id, offer, purpose, bound)
        if not verdict.right:
            return verdict
        ended = await unit.execute(factor_queries.delete_pending(digest))
        if ended.rowcount != 1:
            raise SecondFactorRefused
        await _note_factor(identity, unit, user_id)
        return await _open(identity, unit, user_id, ip=ip, device=device, kept=kept)

    # The count of wrong codes is committed although the caller is refused.
    done = await identity.database.transact(work, name="finish_sign_in")
    if isinstance(done, Verdict):
        done.refuse_locked(identity.clock.now())
        raise SecondFactorRefused(done.sentence)
    return done


async def find_waiting(unit: Unit, digest: bytes) -> UUID:
    """Whose sign-in waits for its second factor. Refuses `SecondFactorRefused`."""
    row = (await unit.execute(factor_queries.pending(digest, unit.now))).first()
    if row is None:
        raise SecondFactorRefused("Sign in with your password again.")
    user_id: UUID = row.user_id
    return user_id


async def ask_passkey(identity: Identity, token: str | None) -> dict[str, Any]:
    """What a browser needs to answer with a passkey: of the waiting user, or of anybody.

    Refuses `SecondFactorRefused` for a token that has expired.
    """

    async def work(unit: Unit) -> dict[str, Any]:
        if token is None:
            return await ask_answer(identity, unit, Purpose.SIGN_IN, ANYBODY, None)
        digest = digest_token(token)
        user_id = await find_waiting(unit, digest)
        return await ask_answer(identity, unit, Purpose.SECOND_FACTOR, bind(digest), user_id)

    return await identity.database.transact(work, name="ask_passkey")


async def sign_in_by_passkey(
    identity: Identity,
    credential: Mapping[str, Any],
    *,
    ip: str,
    device: str,
    kept: str | None = None,
) -> SignedIn:
    """Open a session for who answers with a passkey; no password is asked.

    Refuses `SecondFactorRefused`.
    """

    async def work(unit: Unit) -> SignedIn | None:
        user_id = await check_passkey(identity, unit, credential, Purpose.SIGN_IN, ANYBODY)
        if user_id is None:
            return None
        await _note_factor(identity, unit, user_id)
        return await _open(identity, unit, user_id, ip=ip, device=device, kept=kept)

    done = await identity.database.transact(work, name="sign_in_by_passkey")
    if done is None:
        raise SecondFactorRefused("The passkey was not accepted.")
    return done


async def purge_pending(unit: Unit) -> int:
    """Forget one chunk of sign-ins that waited too long; how many."""
    rows = (await unit.execute(factor_queries.old_pending(unit.now, PURGE_CHUNK))).all()
    if rows:
        await unit.execute(factor_queries.delete_old_pending([row.digest for row in rows]))
    return len(rows)


async def purge_challenges(unit: Unit) -> int:
    """Forget one chunk of challenges that nobody answered; how many."""
    rows = (await unit.execute(factor_queries.old_challenges(unit.now, PURGE_CHUNK))).all()
    if rows:
        await unit.execute(factor_queries.delete_challenges([row.digest for row in rows]))
    return len(rows)


def digest_token(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).digest()
